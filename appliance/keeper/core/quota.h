/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often an address may do what needs no session, in an hour.  An IPv6 address counts by its first 64
 * bits, as in backoff.h.  Bounded: of more addresses than there is room for, the one that began longest ago
 * is forgotten.  One thread at a time; the time is CLOCK_BOOTTIME.
 */
#pragma once

#include <stdint.h>

#include "appliance/base/err.h"

struct sr_quota;

struct sr_quota_limits {
	unsigned of_address; /* an hour; an hour begins with its first use */
	unsigned in_all;     /* an hour; 0: unlimited */
	unsigned addresses;  /* that are remembered */
};

SR_CHECKED enum sr_status sr_quota_new(const struct sr_quota_limits *limits, struct sr_quota **out,
                                       struct sr_err *err);
void sr_quota_free(struct sr_quota *quota); /* NULL is allowed */

/* Count one use: SR_BUSY, and nothing is counted, when it is one too many. */
SR_CHECKED enum sr_status sr_quota_use(struct sr_quota *quota, const char *address, int64_t now_ns,
                                       struct sr_err *err);
