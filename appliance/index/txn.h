/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions of the database: what is written together, what is seen together.  One thread at a time per
 * transaction.  Keys are 1 to SR_KEY_BYTES bytes in memcmp order, so numbers in keys are big-endian.
 * Values that are handed out lie in the map: read-only, until the transaction ends (a write transaction:
 * until its next change).
 */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/index/env.h"

#define SR_KEY_BYTES 511u /* LMDB's bound */

struct sr_txn;

/*
 * A snapshot for reading.  Keep it for a second at most: pages that it sees are not used again meanwhile, and
 * the map can't grow.  A thread has at most one transaction at a time.
 */
SR_CHECKED enum sr_status sr_txn_read(struct sr_env *env, struct sr_txn **out, struct sr_err *err);

/* Let go of the snapshot and take the newest; every value and walk from before is gone.  After a failure
 * only sr_txn_abort is left. */
SR_CHECKED enum sr_status sr_txn_renew(struct sr_txn *txn, struct sr_err *err);

/*
 * The one write transaction; waits for the one before.  Enlarges the map first when it is nearly full.
 * SR_BUSY when it can't, because readers stay.
 */
SR_CHECKED enum sr_status sr_txn_write(struct sr_env *env, struct sr_txn **out, struct sr_err *err);

/*
 * Make everything durable; *txn is gone in every case.  After SR_BUSY (the map was full) nothing of it
 * happened, and the same work done again in a new transaction succeeds.  After SR_IO (disk full, device
 * error) nothing happened either as far as the disk can be believed: stop, and start anew from what it holds.
 */
SR_CHECKED enum sr_status sr_txn_commit(struct sr_txn **txn, struct sr_err *err);
void sr_txn_abort(struct sr_txn *txn); /* ends a reading or undoes a writing; NULL is allowed */
static inline void sr_txn_abortp(struct sr_txn **txn)
{
	sr_txn_abort(*txn);
	*txn = NULL;
}

/*
 * Run @work in a write transaction and commit; when the map was full, once more in a larger one, so @work
 * must set outside things only on its last success.  Its failure aborts and is passed on.
 */
SR_CHECKED enum sr_status
sr_txn_run(struct sr_env *env, enum sr_status (*work)(void *context, struct sr_txn *txn, struct sr_err *err),
           void *context, struct sr_err *err);

/* The value of a key that must be there; SR_NOT_FOUND. */
SR_CHECKED enum sr_status sr_txn_get(struct sr_txn *txn, enum sr_db db, struct sr_bytes key,
                                     struct sr_bytes *value, struct sr_err *err);
/* The same where absence is no failure: *found says. */
SR_CHECKED enum sr_status sr_txn_look(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, bool *found,
                                      struct sr_bytes *value, struct sr_err *err);

/* SR_BUSY when the map is full: abort, and do the work again in a new transaction. */
SR_CHECKED enum sr_status sr_txn_put(struct sr_txn *txn, enum sr_db db, struct sr_bytes key,
                                     struct sr_bytes value, struct sr_err *err);
/* Only where the key is new; SR_EXISTS. */
SR_CHECKED enum sr_status sr_txn_put_new(struct sr_txn *txn, enum sr_db db, struct sr_bytes key,
                                         struct sr_bytes value, struct sr_err *err);
/* SR_NOT_FOUND when it is not there. */
SR_CHECKED enum sr_status sr_txn_del(struct sr_txn *txn, enum sr_db db, struct sr_bytes key,
                                     struct sr_err *err);
/* Every key of the database. */
SR_CHECKED enum sr_status sr_txn_clear(struct sr_txn *txn, enum sr_db db, struct sr_err *err);
SR_CHECKED enum sr_status sr_txn_count(struct sr_txn *txn, enum sr_db db, uint64_t *out, struct sr_err *err);

/* What sr_env_attach gave the environment, or NULL. */
void *sr_txn_attached(const struct sr_txn *txn);

/* --- the index as a whole ----------------------------------------------------------------------- */

/*
 * Empty every derived database; the index then counts as unfinished until sr_index_finish, also after a
 * crash.
 */
SR_CHECKED enum sr_status sr_index_drop(struct sr_txn *txn, struct sr_err *err);
/* The rebuild is complete. */
SR_CHECKED enum sr_status sr_index_finish(struct sr_txn *txn, struct sr_err *err);
/* False while a rebuild is unfinished, or when another version of Strongroom made the index: rebuild it. */
SR_CHECKED enum sr_status sr_index_is_current(struct sr_txn *txn, bool *out, struct sr_err *err);

/*
 * Every key and value of every derived database in a fixed order, so that two indexes can be compared by
 * what the caller hashes.
 */
SR_CHECKED enum sr_status sr_index_each(struct sr_txn *txn,
                                        enum sr_status (*each)(void *context, const char *db,
                                                               struct sr_bytes key, struct sr_bytes value,
                                                               struct sr_err *err),
                                        void *context, struct sr_err *err);
