/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log in the database: entries, the Merkle tree over them, and what is read from both.  An entry is put
 * in the same transaction as the state that it explains, so both happen or neither (docs/LEDGER.md,
 * "Durability").  No state of its own: thread class is the transaction's.
 */
#pragma once

#include "appliance/index/txn.h"
#include "appliance/ledger/checkpoint.h"
#include "appliance/ledger/entry.h"
#include "appliance/ledger/merkle.h"
#include "appliance/ledger/publish.h"

/* Entries in the log: the next one's sequence number. */
SR_CHECKED enum sr_status sr_journal_size(struct sr_txn *txn, uint64_t *out, struct sr_err *err);

/*
 * Append one entry with its leaf and the nodes that it completes; a write transaction.  Its time is @now_ns,
 * or the last entry's where that is later: the log never goes backwards.  *seq may be NULL.  SR_INVALID and
 * SR_LIMIT as sr_entry_encode, before anything is put; any other failure is the storage's: abort.
 */
SR_CHECKED enum sr_status sr_journal_append(struct sr_txn *txn, const struct sr_entry_draft *draft,
                                            int64_t now_ns, uint64_t *seq, struct sr_err *err);

/* The same for an entry that was planned before; @bytes (empty before) and @entry are what was put: the
 * caller disposes of @entry after SR_OK. */
SR_CHECKED enum sr_status sr_journal_append_planned(struct sr_txn *txn, struct sr_entry_plan *plan,
                                                    int64_t now_ns, struct sr_buf *bytes,
                                                    struct sr_entry *entry, struct sr_err *err);

/* Append an entry that was made before, byte for byte; its number must be the next one (SR_TAMPERED). */
SR_CHECKED enum sr_status sr_journal_append_entry(struct sr_txn *txn, const struct sr_entry *entry,
                                                  struct sr_bytes bytes, struct sr_err *err);

/* Forget every entry and the tree: a new epoch begins in this transaction. */
SR_CHECKED enum sr_status sr_journal_clear(struct sr_txn *txn, struct sr_err *err);

/* Append the bytes of entry @seq to @out; SR_NOT_FOUND beyond the end. */
SR_CHECKED enum sr_status sr_journal_entry(struct sr_txn *txn, uint64_t seq, struct sr_buf *out,
                                           struct sr_err *err);

/* Time of the last entry; INT64_MIN for an empty log. */
SR_CHECKED enum sr_status sr_journal_last_ns(struct sr_txn *txn, int64_t *out, struct sr_err *err);

/* The tree as a store of hashes (for reading: an entry brings its own) and the entries as a source, both over
 * @txn (borrowed). */
struct sr_merkle_store sr_journal_store(struct sr_txn *txn);
struct sr_entry_source sr_journal_source(struct sr_txn *txn);

/* How far a verification has come: { 0 } and last_ns INT64_MIN at the beginning. */
struct sr_journal_walk {
	uint64_t next; /* entries before it are good */
	int64_t last_ns;
};

/* Called with every good entry in order; @bytes are its own and lie in the map. */
typedef enum sr_status sr_journal_each(void *context, const struct sr_entry *entry, struct sr_bytes bytes,
                                       struct sr_err *err);

/*
 * Recompute leaves and nodes of the next @most entries and compare with what is stored; decode each entry and
 * compare sequence number and order of times; then call @each (may be NULL).  On SR_TAMPERED walk->next is
 * the first entry that is wrong and err->text says why; a failure of @each but SR_NO_MEMORY, SR_IO and
 * SR_BUSY counts as one.  Between two calls the transaction may be renewed.
 */
SR_CHECKED enum sr_status sr_journal_verify_some(struct sr_txn *txn, struct sr_journal_walk *walk,
                                                 uint64_t most, sr_journal_each *each, void *context,
                                                 struct sr_err *err);

/* The same for the whole log.  *size and *root are what the entries give; on SR_TAMPERED *first_wrong is the
 * first entry that is wrong. */
SR_CHECKED enum sr_status sr_journal_verify(struct sr_txn *txn, sr_journal_each *each, void *context,
                                            uint64_t *size, struct sr_digest *root, uint64_t *first_wrong,
                                            struct sr_err *err);

/*
 * Append the receipt of entry @seq against the checkpoint that is published in @dir_fd.  SR_NOT_FOUND when
 * there is no such entry, SR_BUSY when it is not published yet (try again within a second).
 */
SR_CHECKED enum sr_status sr_journal_receipt(struct sr_txn *txn, int dir_fd, const char *verifier,
                                             uint64_t seq, struct sr_buf *out, struct sr_err *err);
