/* SPDX-License-Identifier: Apache-2.0 */
/* The register's rows, and drafts from opened to sealed. */
#include "appliance/keeper/state/reduce_kinds.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/register_row.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

enum sr_status sr_reduce_register_recorded(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "number", "organ", "row", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();
	char key[SR_RECORD_KEY];

	SR_TRY(sr_register_key(sr_event_text(event, "organ"), sr_event_text(event, "number"), key, err));
	SR_TRY(sr_event_copy(event, keys, record, err));
	return sr_record_put(event->txn, SR_DB_REGISTER, key, record, err);
}

/* --- drafts ---------------------------------------------------------------------------------------- */

static enum sr_status get_draft(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	return sr_record_get(event->txn, SR_DB_DRAFTS, sr_event_text(event, "draft"), "draft", out, err);
}

/* The draft in its new state, touched now. */
static enum sr_status put_draft(const struct sr_event *event, json_t *draft, const char *state,
                                struct sr_err *err)
{
	char now[SR_TIME_TEXT];

	sr_time_format_utc_us(event->entry->time_ns, now);
	SR_TRY(sr_json_set(draft, "touched", json_string(now), err));
	SR_TRY(sr_json_set(draft, "state", json_string(state), err));
	return sr_record_put(event->txn, SR_DB_DRAFTS, sr_event_text(event, "draft"), draft, err);
}

/* Whoever had a hand in it can't be the one who receives it. */
static enum sr_status note_preparer(const struct sr_event *event, json_t *draft, struct sr_err *err)
{
	json_t *prepared = json_object_get(draft, "prepared");
	const char *user = sr_event_user(event);

	if (!user)
		return sr_fail(err, SR_DENIED, "a draft is changed by a user");
	if (sr_scope_lists(prepared, user))
		return SR_OK;
	return sr_json_append(prepared, json_string(user), err);
}

static enum sr_status require_state(const json_t *draft, bool submitted, struct sr_err *err)
{
	const char *state = sr_json_text(draft, "state");
	bool is_open = strcmp(state, "open") == 0 || strcmp(state, "returned") == 0;

	if (submitted ? strcmp(state, "submitted") == 0 : is_open)
		return SR_OK;
	return sr_fail(err, SR_DENIED, "the draft is %s", state);
}

static enum sr_status require_receiver(const struct sr_event *event, const json_t *draft, struct sr_err *err)
{
	const char *user = sr_event_user(event);

	SR_TRY(require_state(draft, true, err));
	if (!user || sr_scope_lists(json_object_get(draft, "prepared"), user))
		return sr_fail(err, SR_DENIED, "who prepared a draft does not receive it");
	return SR_OK;
}

enum sr_status sr_reduce_draft_opened(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "draft", "organ", "handler", "number", "part_of", NULL };
	const char *id = sr_event_text(event, "draft");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;
	char now[SR_TIME_TEXT];

	SR_TRY(sr_record_look(event->txn, SR_DB_DRAFTS, id, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the draft %s is there already", id);
	sr_time_format_utc_us(event->entry->time_ns, now);
	SR_TRY(SR_JSON_PACK(&draft, err, "{s:s,s:[]}", "opened", now, "prepared"));
	SR_TRY(sr_event_copy(event, keys, draft, err));
	SR_TRY(note_preparer(event, draft, err));
	return put_draft(event, draft, "open", err);
}

enum sr_status sr_reduce_draft_changed(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;

	SR_TRY(get_draft(event, &draft, err));
	SR_TRY(require_state(draft, false, err));
	SR_TRY(note_preparer(event, draft, err));
	return put_draft(event, draft, sr_json_text(draft, "state"), err);
}

/* Looking changes nothing: whoever looks had no hand in it. */
enum sr_status sr_reduce_draft_viewed(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;

	SR_TRY(get_draft(event, &draft, err));
	if (require_state(draft, false, err) == SR_OK)
		return SR_OK;
	return require_state(draft, true, err);
}

/* With blockers or unanswered findings it stays where it is: what was wrong is written down all the same. */
enum sr_status sr_reduce_draft_submitted(const struct sr_event *event, struct sr_err *err)
{
	static const char *const first_keys[] = { "findings", "rulebook", NULL };
	const json_t *root = event->entry->root;
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;
	bool ready = json_integer_value(json_object_get(root, "blockers")) == 0 &&
	             json_integer_value(json_object_get(root, "unanswered")) == 0;

	SR_TRY(get_draft(event, &draft, err));
	SR_TRY(require_state(draft, false, err));
	SR_TRY(note_preparer(event, draft, err));
	if (!json_object_get(draft, "first")) {
		json_t *first = json_object();

		SR_TRY(sr_json_set(draft, "first", first, err));
		SR_TRY(sr_event_copy(event, first_keys, first, err));
	}
	SR_TRY(sr_json_set(draft, "digest", json_incref(json_object_get(root, "digest")), err));
	return put_draft(event, draft, ready ? "submitted" : sr_json_text(draft, "state"), err);
}

enum sr_status sr_reduce_draft_returned(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;

	SR_TRY(get_draft(event, &draft, err));
	SR_TRY(require_receiver(event, draft, err));
	SR_TRY(sr_json_set(draft, "reason", json_string(sr_event_text(event, "reason")), err));
	return put_draft(event, draft, "returned", err);
}

enum sr_status sr_reduce_draft_dropped(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;

	SR_TRY(get_draft(event, &draft, err));
	if (require_state(draft, false, err) != SR_OK && require_state(draft, true, err) != SR_OK)
		return SR_DENIED;
	return put_draft(event, draft, "dropped", err);
}

/* A case.sealed that names a draft is its end; the figures look up here what its first submission lacked. */
enum sr_status sr_reduce_draft_sealed(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;

	if (!sr_event_text(event, "draft"))
		return SR_OK;
	SR_TRY(get_draft(event, &draft, err));
	/* Adopted at a start after a crash, the entry is the appliance's own: the receiver was checked
	 * before. */
	if (sr_event_user(event))
		SR_TRY(require_receiver(event, draft, err));
	else
		SR_TRY(require_state(draft, true, err));
	SR_TRY(sr_json_set(draft, "case", json_string(sr_event_text(event, "case")), err));
	return put_draft(event, draft, "sealed", err);
}
