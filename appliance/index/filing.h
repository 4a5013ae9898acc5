/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filing search terms: a seal leaves them in a list, and short batches behind it bring them into the
 * postings, so that no seal holds up the writer.  A mark says how far it is; a crash loses nothing and
 * repeats nothing that matters.
 */
#pragma once

#include "appliance/index/gather.h"
#include "appliance/index/txn.h"

#define SR_FILING_BATCH_NS 5000000ll /* of one batch, in the middle of openings */

/*
 * Hand over one part's packed terms: into @gather, or NULL to the list of waiting ones.  Either way they
 * count as arrived; whoever gathers flushes before the commit.
 */
SR_CHECKED enum sr_status sr_filing_add(struct sr_txn *txn, uint64_t ordinal, struct sr_bytes terms,
                                        struct sr_gather *gather, struct sr_err *err);

/*
 * File waiting terms for about @budget_ns (at least one term), the commit not counted.
 * *more says whether some are left.
 */
SR_CHECKED enum sr_status sr_filing_batch(struct sr_txn *txn, int64_t budget_ns, bool *more,
                                          struct sr_err *err);

/* End of a rebuild: write what @gather holds, and mark everything that arrived as filed. */
SR_CHECKED enum sr_status sr_filing_flush(struct sr_txn *txn, struct sr_gather *gather, struct sr_err *err);

struct sr_filing_state {
	uint64_t arrived;    /* parts whose terms were handed over */
	uint64_t indexed_to; /* parts whose terms are all filed, in order of arrival */
};
SR_CHECKED enum sr_status sr_filing_state(struct sr_txn *txn, struct sr_filing_state *out,
                                          struct sr_err *err);
