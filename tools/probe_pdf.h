/* SPDX-License-Identifier: Apache-2.0 */
/* How many pages a PDF document has, by poppler; part of strongroom-probe, inside its sandbox. */
#pragma once

#include <stdbool.h>

struct sr_probe_reply; /* appliance/casefile/probe_wire.h */

/*
 * Before the sandbox closes: what poppler reads from the disk once for all documents (its tables of
 * encodings) and keeps.  False: poppler does not work.
 */
bool sr_probe_pdf_init(void);

/*
 * reply->pages, or SR_PROBE_ENCRYPTED where it opens with a password alone; neither: poppler cannot read it.
 * @fd is taken.  The process ends after this: what poppler holds is released by that.
 */
void sr_probe_pdf_look(int fd, struct sr_probe_reply *reply);
