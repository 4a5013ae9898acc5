/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/reduce.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_kinds.h"

/* Types that are not here are told and change no record of this state. */
static const struct {
	const char *type;
	sr_reducer *reduce;
} reducers[] = {
	{ "ledger.opened", sr_reduce_ledger_opened },
	{ "organ.added", sr_reduce_organ_added },
	{ "user.proposed", sr_reduce_user_proposed },
	{ "user.confirmed", sr_reduce_user_confirmed },
	{ "user.dropped", sr_reduce_user_dropped },
	{ "user.changed", sr_reduce_user_changed },
	{ "user.disabled", sr_reduce_user_disabled },
	{ "authority.delegated", sr_reduce_delegated },
	{ "authority.ended", sr_reduce_delegation_ended },
	{ "policy.proposed", sr_reduce_policy_proposed },
	{ "policy.changed", sr_reduce_policy_changed },
	{ "rulebook.changed", sr_reduce_rulebook_changed },
	{ "key.changed", sr_reduce_key_changed },
	{ "application.filed", sr_reduce_application_filed },
	{ "pass.issued", sr_reduce_pass_issued },
	{ "pass.used", sr_reduce_pass_used },
	{ "case.sealed", sr_reduce_case_sealed },
	{ "case.imported", sr_reduce_case_sealed },
	{ "request.filed", sr_reduce_request_filed },
	{ "request.filed", sr_reduce_application_taken },
	{ "request.scope", sr_reduce_request_scope },
	{ "request.decided", sr_reduce_request_decided },
	{ "request.withdrawn", sr_reduce_request_withdrawn },
	{ "grant.revoked", sr_reduce_grant_revoked },
	{ "grant.returned", sr_reduce_grant_returned },
	{ "escort.began", sr_reduce_escort_began },
	{ "escort.ended", sr_reduce_escort_ended },
	{ "access.opened", sr_reduce_access_opened },
	{ "access.closed", sr_reduce_access_closed },
	{ "hold.placed", sr_reduce_hold_placed },
	{ "hold.released", sr_reduce_hold_released },
	{ "disposal.proposed", sr_reduce_disposal_proposed },
	{ "disposal.approved", sr_reduce_disposal_approved },
	{ "register.recorded", sr_reduce_register_recorded },
	{ "draft.opened", sr_reduce_draft_opened },
	{ "draft.changed", sr_reduce_draft_changed },
	{ "draft.viewed", sr_reduce_draft_viewed },
	{ "draft.submitted", sr_reduce_draft_submitted },
	{ "draft.returned", sr_reduce_draft_returned },
	{ "draft.dropped", sr_reduce_draft_dropped },
	{ "case.sealed", sr_reduce_draft_sealed },
	{ "review.seeded", sr_reduce_review_seeded },
	{ "review.drawn", sr_reduce_review_drawn },
	{ "review.recorded", sr_reduce_review_recorded },
	{ "review.finding", sr_reduce_review_finding },
	{ "review.mended", sr_reduce_review_mended },
	{ "review.closed", sr_reduce_review_closed },
	{ "review.reopened", sr_reduce_review_reopened },
	{ "backup.made", sr_reduce_backup_made },
	{ "checkpoint.witnessed", sr_reduce_checkpoint_witnessed },
	{ "fixity.passed", sr_reduce_fixity },
	{ "fixity.failed", sr_reduce_fixity },
};

const char *sr_event_text(const struct sr_event *event, const char *key)
{
	return sr_json_text(event->entry->root, key);
}

const char *sr_event_user(const struct sr_event *event)
{
	return sr_json_text(event->entry->actor, "user");
}

enum sr_status sr_event_copy(const struct sr_event *event, const char *const *keys, json_t *record,
                             struct sr_err *err)
{
	for (size_t i = 0; keys[i]; i++) {
		json_t *value = json_object_get(event->entry->root, keys[i]);

		if (value && json_object_set(record, keys[i], value) < 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a record");
	}
	return SR_OK;
}

enum sr_status sr_reduce(struct sr_txn *txn, const struct sr_entry *entry, struct sr_bytes bytes,
                         struct sr_err *err)
{
	const struct sr_event event = { .txn = txn, .entry = entry, .bytes = bytes };

	for (size_t i = 0; i < SR_COUNT(reducers); i++) {
		if (strcmp(reducers[i].type, entry->type) != 0)
			continue;
		enum sr_status status = reducers[i].reduce(&event, err);
		if (status == SR_NOT_FOUND) /* what an entry speaks of must be there: a rule like any other */
			status = SR_DENIED;
		SR_TRY(status);
	}
	return sr_counter_take(txn, entry, err);
}

enum sr_status sr_record_planned(struct sr_txn *txn, struct sr_entry_plan *plan, int64_t now_ns,
                                 uint64_t *seq, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

	SR_TRY(sr_journal_append_planned(txn, plan, now_ns, &bytes, &entry, err));
	SR_TRY(sr_reduce(txn, &entry, sr_buf_bytes(&bytes), err));
	if (seq)
		*seq = entry.seq;
	return SR_OK;
}

enum sr_status sr_record_event(struct sr_txn *txn, const struct sr_entry_draft *draft, int64_t now_ns,
                               uint64_t *seq, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_plan_dispose) struct sr_entry_plan plan = { 0 };

	SR_TRY(sr_entry_plan(draft, &plan, err));
	return sr_record_planned(txn, &plan, now_ns, seq, err);
}

/* What is put by the reducers, and by nobody else. */
static const struct sr_reduced reduced[] = {
	{ SR_DB_PEOPLE, "" },
	{ SR_DB_ORGANS, "" },
	{ SR_DB_DELEGATES, "" },
	{ SR_DB_POLICY, "" },
	{ SR_DB_REQUESTS, "" },
	{ SR_DB_GRANTS, "" },
	{ SR_DB_HOLDS, "" },
	{ SR_DB_META, SR_COUNTER_PREFIX },
	{ SR_DB_FIXITY, "" },
	{ SR_DB_REGISTER, "" },
	{ SR_DB_DRAFTS, "" },
	{ SR_DB_REVIEWS, "" },
	{ SR_DB_META, SR_LAST_PREFIX },
};

const struct sr_reduced *sr_reduced_at(size_t index)
{
	return index < SR_COUNT(reduced) ? &reduced[index] : NULL;
}

enum sr_status sr_reduce_reset(struct sr_txn *txn, struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(reduced); i++)
		SR_TRY(sr_record_drop_below(txn, reduced[i].db, reduced[i].prefix, err));
	return SR_OK;
}
