/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: may this reader open this member now?  The one place that answers; the keeper asks before an
 * opening, and the log's state machine asks again of every access that was logged.
 */
#pragma once

#include "appliance/index/txn.h"
#include "appliance/keeper/state/record_cache.h"

struct sr_gate_question {
	const char *grant;
	const char *reader; /* user, or NULL where a pass reads */
	const char *pass;   /* or NULL */
	const char *case_id;
	uint64_t member;     /* number in the case */
	const char *channel; /* "fs", "web", "copy" */
	int64_t now_ns;      /* ledger time */
};

/*
 * SR_OK and the grant (the caller releases *out; may be NULL) when a live grant covers reader, case, member
 * and channel.  SR_DENIED otherwise: the text says which of them for the log; whoever asked is told no more
 * than that it is not granted.
 */
SR_CHECKED enum sr_status sr_gate_ask(struct sr_txn *txn, const struct sr_gate_question *question,
                                      struct sr_shared_record **out, struct sr_err *err);
