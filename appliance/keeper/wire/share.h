/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each uid takes of the wire: connections, memory, descriptors.  One user's flood ends at that user's
 * share; root and the owner have no share and a reserve of their own.  Not thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "appliance/base/err.h"

struct sr_share_limits {
	size_t connections;      /* of all */
	size_t reserve;          /* of these only for the privileged */
	size_t user_connections; /* of one uid */
	size_t bytes, user_bytes;
	size_t descriptors, user_descriptors;
};

/* The documented limits (docs/LIMITS.md). */
struct sr_share_limits sr_share_limits_usual(void);

struct sr_shares;
struct sr_share; /* of one uid; lives while it has connections */

SR_CHECKED enum sr_status sr_shares_new(const struct sr_share_limits *limits, const uid_t *privileged,
                                        size_t privileged_count, struct sr_shares **out, struct sr_err *err);
void sr_shares_free(struct sr_shares *shares); /* NULL is allowed */

/* One more connection of @uid; SR_BUSY when it has its share or the machine has its fill. */
SR_CHECKED enum sr_status sr_share_enter(struct sr_shares *shares, uid_t uid, struct sr_share **out,
                                         struct sr_err *err);
/* What one connection holds of the wire. */
struct sr_holding {
	size_t bytes;
	size_t descriptors;
};

/* The connection is gone; @held is what was last charged to it. */
void sr_share_leave(struct sr_shares *shares, struct sr_share *share, const struct sr_holding *held);

/*
 * The connection holds @now instead of *@held, which becomes @now.  SR_BUSY when that is too much: it is
 * charged all the same, for it is there until the caller closes the connection.
 */
SR_CHECKED enum sr_status sr_share_charge(struct sr_shares *shares, struct sr_share *share,
                                          struct sr_holding *held, struct sr_holding now, struct sr_err *err);
