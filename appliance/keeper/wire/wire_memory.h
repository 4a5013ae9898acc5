/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is wiped before it goes back to the heap.  Passwords, tokens and payload keys travel in
 * frames, so every buffer of the wire is of this kind, and JSON too once sr_wire_memory_wipe_json was called.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* @size bytes (at least 1), not zeroed. */
SR_CHECKED enum sr_status sr_wire_memory_new(size_t size, uint8_t **out, struct sr_err *err);
void sr_wire_memory_free(uint8_t *data, size_t size); /* NULL is allowed */

/*
 * From now on jansson wipes whatever it frees, parser buffers included.  For the whole process: call it
 * first thing in main, before any JSON value and any thread exists.
 */
void sr_wire_memory_wipe_json(void);
