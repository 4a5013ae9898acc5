/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what a frame's JSON would cost before it is whole, piece by piece as it arrives: nesting, objects
 * and lists, values.  It judges limits alone; whether the text is JSON is the parser's matter.  Not
 * thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* A zeroed struct is the beginning of a frame. */
struct sr_frame_scan {
	uint32_t depth;
	uint32_t values; /* an upper bound of the values in valid JSON */
	uint32_t containers;
	bool quoted;  /* inside a string */
	bool escaped; /* behind its backslash */
};

/* SR_LIMIT beyond SR_LIMIT_JSON_DEPTH, SR_LIMIT_FRAME_CONTAINERS or SR_LIMIT_FRAME_VALUES. */
SR_CHECKED enum sr_status sr_frame_scan_add(struct sr_frame_scan *scan, const uint8_t *text, size_t size,
                                            struct sr_err *err);

/* Bytes that the parsed tree takes at most, without its texts. */
size_t sr_frame_scan_weight(const struct sr_frame_scan *scan);
