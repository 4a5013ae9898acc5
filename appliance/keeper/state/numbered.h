/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in the order of their numbers (counter.h).  Keys are texts, in whose order R100000 stands between
 * R10000 and R10001; nobody who reads a list wants that.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/index/txn.h"

struct sr_numbered {
	enum sr_db db;
	const char *prefix; /* of the keys, the number's letter last: "R", "g/G", "r/zhang/G" */
	const char *after;  /* an id: only what has a lower number than it; NULL: all */
	/* Each record, the newest first; *enough ends the walk.  @key is not terminated. */
	enum sr_status (*each)(void *context, struct sr_bytes key, struct sr_bytes value, bool *enough,
	                       struct sr_err *err);
	void *context;
};

SR_CHECKED enum sr_status sr_numbered_down(struct sr_txn *txn, const struct sr_numbered *walk,
                                           struct sr_err *err);

/* Put the objects of @rows into the order of the ids that they have under @key, the oldest first. */
SR_CHECKED enum sr_status sr_numbered_sort(json_t *rows, const char *key, struct sr_err *err);
