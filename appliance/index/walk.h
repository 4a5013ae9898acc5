/* SPDX-License-Identifier: Apache-2.0 */
/* Walking over a range of keys, up or down.  Lives within its transaction, in the same thread. */
#pragma once

#include "appliance/index/txn.h"

struct sr_walk;

enum sr_direction {
	SR_UP,
	SR_DOWN,
};

/* Keys with from <= key < to; an empty @from or @to (size 0) leaves that side open. */
struct sr_range {
	struct sr_bytes from; /* copied */
	struct sr_bytes to;   /* copied */
};

SR_CHECKED enum sr_status sr_walk_open(struct sr_txn *txn, enum sr_db db, const struct sr_range *range,
                                       enum sr_direction direction, struct sr_walk **out, struct sr_err *err);
/* All keys that begin with @prefix. */
SR_CHECKED enum sr_status sr_walk_open_prefix(struct sr_txn *txn, enum sr_db db, struct sr_bytes prefix,
                                              enum sr_direction direction, struct sr_walk **out,
                                              struct sr_err *err);
void sr_walk_close(struct sr_walk *walk); /* before the transaction ends; NULL is allowed */
static inline void sr_walk_closep(struct sr_walk **walk)
{
	sr_walk_close(*walk);
	*walk = NULL;
}

/* Begin again with another range. */
SR_CHECKED enum sr_status sr_walk_restart(struct sr_walk *walk, const struct sr_range *range,
                                          struct sr_err *err);

/*
 * The next key and value: *more says whether there was one.  In a write transaction the entry that was just
 * handed out may be deleted by sr_walk_del; any other change of the database ends the walk.
 */
SR_CHECKED enum sr_status sr_walk_next(struct sr_walk *walk, bool *more, struct sr_bytes *key,
                                       struct sr_bytes *value, struct sr_err *err);
SR_CHECKED enum sr_status sr_walk_del(struct sr_walk *walk, struct sr_err *err);
