/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which cases a caller may know of (docs/KEEPER.md, "Who may know of a case").  Whatever they may not is the
 * same "not found" as what is not there.
 */
#pragma once

#include "appliance/index/case_store.h"
#include "appliance/index/search.h"
#include "appliance/keeper/core/act.h"

/* May the caller list this case: within their scope (own, organ, organs below) and clearances? */
SR_CHECKED enum sr_status sr_case_view_may_know(struct sr_act *act, struct sr_txn *txn,
                                                const struct sr_case_record *record, bool *out,
                                                struct sr_err *err);

/* Did the caller handle this case: by user, or by full name within their organ? */
bool sr_case_view_handled(const struct sr_caller *caller, const struct sr_case_record *record);

/*
 * A case by number or id, if the caller may know of it: NotFound otherwise.  The record lies in the map until
 * the transaction ends.
 */
SR_CHECKED enum sr_status sr_case_view_find(struct sr_act *act, struct sr_txn *txn, const char *reference,
                                            struct sr_case_record *out, struct sr_err *err);

/* The caller's scopes for a search: the case lies within one of @list, and where there are any within one of
 * @within too.  They borrow from the act.  Of an auditor and a pass they are none. */
struct sr_case_scopes {
	struct sr_scope list[2];
	size_t count;
	struct sr_scope within[1];
	size_t within_count;
};
void sr_case_view_scopes(const struct sr_act *act, struct sr_case_scopes *out);

/* Is @organ the caller's, or below it in the tree of organs? */
SR_CHECKED enum sr_status sr_case_view_is_below(struct sr_txn *txn, const char *above, struct sr_bytes organ,
                                                bool *out, struct sr_err *err);
