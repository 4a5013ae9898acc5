/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Back-off of passwords: failures of a user's name and an address together, so that nobody can keep another
 * out from elsewhere.  Bounded memory; names and addresses are kept as digests.  One thread at a time.
 * docs/KEEPER.md, "Back-off".
 *
 * @now_ns is any clock that only goes forward (CLOCK_BOOTTIME); a step back counts as no time at all.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_BACKOFF_FREE 5               /* failures in SR_BACKOFF_WINDOW_S that cost nothing */
#define SR_BACKOFF_WINDOW_S 60          /* seconds */
#define SR_BACKOFF_SLOW 20              /* failures at any pace that cost nothing */
#define SR_BACKOFF_WAIT_S 60            /* the first wait; each further one is twice as long */
#define SR_BACKOFF_WAIT_MAX_S 900       /* seconds */
#define SR_BACKOFF_FORGET_S 3600        /* without a failure, after which a pair begins anew */
#define SR_BACKOFF_PAIRS 4096           /* remembered in all */
#define SR_BACKOFF_PAIRS_OF_ADDRESS 256 /* remembered of one address */

struct sr_backoff;

SR_CHECKED enum sr_status sr_backoff_new(struct sr_backoff **out, struct sr_err *err);
void sr_backoff_free(struct sr_backoff *backoff); /* NULL is allowed */
static inline void sr_backoff_freep(struct sr_backoff **backoff)
{
	sr_backoff_free(*backoff);
	*backoff = NULL;
}

/* One attempt: who it says it is (known or not: all the same) and where it comes from ("uid:1000" is fine).
 */
struct sr_backoff_pair {
	const char *user;
	const char *address; /* IPv6 counts by its first 64 bits, IPv4 within IPv6 as IPv4 */
};

/*
 * May a password be tried now?  SR_OK counts the attempt as a failure at once, so that many in flight gain
 * nothing; it is settled by one of the two calls below, or stays a failure.  SR_BUSY: not before *wait_s
 * seconds; nothing is counted, so asking does not lengthen the wait.
 */
SR_CHECKED enum sr_status sr_backoff_begin(struct sr_backoff *backoff, const struct sr_backoff_pair *pair,
                                           int64_t now_ns, int64_t *wait_s, struct sr_err *err);

/* The password was right: the pair begins anew. */
SR_CHECKED enum sr_status sr_backoff_succeeded(struct sr_backoff *backoff, const struct sr_backoff_pair *pair,
                                               struct sr_err *err);

/* The password was never looked at (no worker was free): take the latest attempt back. */
SR_CHECKED enum sr_status sr_backoff_cancel(struct sr_backoff *backoff, const struct sr_backoff_pair *pair,
                                            struct sr_err *err);

/* Pairs remembered; for status and tests. */
size_t sr_backoff_count(const struct sr_backoff *backoff);

/* The bytes that stand for an address, in @ip or the text itself: whoever has an IPv6 network has 2^64
 * addresses. */
struct sr_bytes sr_backoff_address(const char *address, uint8_t ip[16]);
