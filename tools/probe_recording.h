/* SPDX-License-Identifier: Apache-2.0 */
/* How long a recording lasts and when it began, by libavformat; part of strongroom-probe, inside its sandbox.
 */
#pragma once

#include <stdint.h>

struct sr_probe_reply; /* appliance/casefile/probe_wire.h */

void sr_probe_recording_init(void);

/* Flags, length and creation time of the file @fd of @size bytes.  The process ends after this. */
void sr_probe_recording_look(int fd, int64_t size, struct sr_probe_reply *reply);
