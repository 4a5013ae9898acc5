/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bytes of a member were handed out: at most 64 ranges, in order and apart.  Where there would be more,
 * the two with the smallest gap between them become one, so the ranges may name more than was given, never
 * less.  One thread at a time.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_RANGES_MAX 64

struct sr_range {
	uint64_t first, last; /* both included */
};

/* Zeroed is none. */
struct sr_ranges {
	size_t count;
	struct sr_range list[SR_RANGES_MAX + 1]; /* one more while one is added */
};

/* @last is not below @first. */
void sr_ranges_add(struct sr_ranges *ranges, uint64_t first, uint64_t last);

/* [[first,last],…]; the caller owns *out. */
SR_CHECKED enum sr_status sr_ranges_to_json(const struct sr_ranges *ranges, json_t **out, struct sr_err *err);
/*
 * Untrusted: any order, overlaps, at most 4,096.  SR_INVALID when it is no list of pairs, a pair is the wrong
 * way round, or one reaches beyond @bytes.
 */
SR_CHECKED enum sr_status sr_ranges_from_json(const json_t *json, uint64_t bytes, struct sr_ranges *out,
                                              struct sr_err *err);
