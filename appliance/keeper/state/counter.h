/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of requests, grants and so on: a letter and at least five digits ("R00001"); a grant's has a
 * random end besides ("G00001-7kq2v9"), so that nobody guesses one.  The log's entries move the counters on,
 * so a rebuild gives the same.
 */
#pragma once

#include "appliance/index/txn.h"
#include "appliance/keeper/state/label.h"
#include "appliance/ledger/entry.h"

/* The next id of @letter; not taken until an entry carries it. */
SR_CHECKED enum sr_status sr_counter_next(struct sr_txn *txn, char letter, char out[SR_LABEL_BYTES],
                                          struct sr_err *err);
/* The same for a grant, with its random end. */
SR_CHECKED enum sr_status sr_counter_next_grant(struct sr_txn *txn, char out[SR_LABEL_BYTES],
                                                struct sr_err *err);

/* For the reducer: the entry's own new id, if it has one, is taken. */
SR_CHECKED enum sr_status sr_counter_take(struct sr_txn *txn, const struct sr_entry *entry,
                                          struct sr_err *err);
/* Where they lie in SR_DB_META: reduce.c empties it. */
#define SR_COUNTER_PREFIX "n/"
