/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state machine of the log: what each entry does to the state, and what must hold before it may
 * (docs/LEDGER.md, "What can be rebuilt from entries alone").  The keeper, a rebuild and `ledger verify` all
 * use this one function, so that the state is always what the entries say.
 *
 * Records (all JSON, by text key):
 *   people     u/USER  p/PROPOSAL  w/USER/PROPOSAL (waits)  l/UID (whose Unix login it is)
 *              m/archivist (there was one)  m/pending (how many wait)  k/PASS  b/APPLICATION
 *   organs     CODE
 *   delegates  DELEGATION
 *   policy     current  proposed/DIGEST
 *   requests   REQUEST
 *   grants     g/GRANT  r/READER/GRANT  a/OPENED (an open access)
 *   holds      HOLD
 *   register   ORGAN/NUMBER
 *   drafts     DRAFT
 *   reviews    v/REVIEW  c/REVIEW/CASE
 *   meta       n/LETTER (counters)  last/backup (what backup.made said last, and when)
 *   fixity     ARCHIVE (its last check)
 */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/index/txn.h"
#include "appliance/ledger/entry.h"

/*
 * Apply one entry in a write transaction.  @bytes are the entry's own (the digest of a request is made of
 * them).  SR_DENIED, with the rule, when the state does not allow it: an access without a live grant, a
 * decision of one's own request …  Nothing is put then.
 */
SR_CHECKED enum sr_status sr_reduce(struct sr_txn *txn, const struct sr_entry *entry, struct sr_bytes bytes,
                                    struct sr_err *err);

/* Append an entry and apply it: what every change of state goes through.  SR_DENIED as above, before anything
 * is put but the entry itself: abort then. */
SR_CHECKED enum sr_status sr_record_event(struct sr_txn *txn, const struct sr_entry_draft *draft,
                                          int64_t now_ns, uint64_t *seq, struct sr_err *err);

/* The same for an entry that was planned before the transaction; its reducer leaves the entry as it is. */
SR_CHECKED enum sr_status sr_record_planned(struct sr_txn *txn, struct sr_entry_plan *plan, int64_t now_ns,
                                            uint64_t *seq, struct sr_err *err);

/* Drop every record that sr_reduce makes: the beginning of a rebuild. */
SR_CHECKED enum sr_status sr_reduce_reset(struct sr_txn *txn, struct sr_err *err);

#define SR_LAST_PREFIX "last/"
#define SR_LAST_BACKUP SR_LAST_PREFIX "backup"
#define SR_LAST_WITNESSED SR_LAST_PREFIX "witnessed"

/* The records that sr_reduce makes: those of @db whose keys begin with @prefix.  NULL behind the last. */
struct sr_reduced {
	enum sr_db db;
	const char *prefix;
};
const struct sr_reduced *sr_reduced_at(size_t index);
