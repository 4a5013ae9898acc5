/* SPDX-License-Identifier: Apache-2.0 */
/* The reducers by family; private to reduce.c, which has the table. */
#pragma once

#include "appliance/keeper/state/reduce.h"

struct sr_event {
	struct sr_txn *txn;
	const struct sr_entry *entry;
	struct sr_bytes bytes;
};

typedef enum sr_status sr_reducer(const struct sr_event *event, struct sr_err *err);

/* A text of the entry, or NULL. */
const char *sr_event_text(const struct sr_event *event, const char *key);
/* The actor's user, or NULL: the appliance itself or a pass. */
const char *sr_event_user(const struct sr_event *event);
/* Copy the entry's fields named in @keys (NULL behind the last), as far as they are there, into @record. */
SR_CHECKED enum sr_status sr_event_copy(const struct sr_event *event, const char *const *keys, json_t *record,
                                        struct sr_err *err);

sr_reducer sr_reduce_ledger_opened, sr_reduce_organ_added;
sr_reducer sr_reduce_user_proposed, sr_reduce_user_confirmed, sr_reduce_user_dropped;
sr_reducer sr_reduce_user_changed, sr_reduce_user_disabled;
sr_reducer sr_reduce_pass_issued, sr_reduce_pass_used;
sr_reducer sr_reduce_application_filed, sr_reduce_application_taken;
sr_reducer sr_reduce_delegated, sr_reduce_delegation_ended;
sr_reducer sr_reduce_policy_proposed, sr_reduce_policy_changed;
sr_reducer sr_reduce_rulebook_changed, sr_reduce_key_changed;
sr_reducer sr_reduce_request_filed, sr_reduce_request_scope, sr_reduce_request_decided,
	sr_reduce_request_withdrawn;
sr_reducer sr_reduce_grant_revoked, sr_reduce_grant_returned;
sr_reducer sr_reduce_escort_began, sr_reduce_escort_ended;
sr_reducer sr_reduce_access_opened, sr_reduce_access_closed;
sr_reducer sr_reduce_case_sealed;
sr_reducer sr_reduce_hold_placed, sr_reduce_hold_released;
sr_reducer sr_reduce_disposal_proposed, sr_reduce_disposal_approved;
sr_reducer sr_reduce_register_recorded;
sr_reducer sr_reduce_draft_opened, sr_reduce_draft_changed, sr_reduce_draft_viewed, sr_reduce_draft_submitted,
	sr_reduce_draft_returned, sr_reduce_draft_dropped, sr_reduce_draft_sealed;
sr_reducer sr_reduce_backup_made, sr_reduce_checkpoint_witnessed;
sr_reducer sr_reduce_fixity;
sr_reducer sr_reduce_review_seeded, sr_reduce_review_drawn, sr_reduce_review_recorded;
sr_reducer sr_reduce_review_finding, sr_reduce_review_mended, sr_reduce_review_closed,
	sr_reduce_review_reopened;
