/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/drafts/draft_view.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/casefile/timeline.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/register/register_view.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/register_row.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

#define TOLERANCE_S 60 /* as the packs' rules of coverage have it: shorter gaps are none */

enum sr_status sr_draft_view_description(const struct sr_keeper *keeper, const char *draft, json_t **out,
                                         struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };
	char path[SR_LABEL_BYTES + 16];

	*out = NULL;
	snprintf(path, sizeof(path), "%.*s/case.json", SR_LABEL_BYTES, draft);
	enum sr_status status =
		sr_fd_read_file(keeper->staging_fd, path, SR_LIMIT_CASE_JSON_BYTES, &text, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	return sr_json_parse(text.data, text.size, SR_LIMIT_CASE_JSON_BYTES, out, err);
}

/* --- the deadline ----------------------------------------------------------------------------------- */

/* The two days of the description that count, as a row of the register. */
static enum sr_status due_of_description(const json_t *description, bool *known, int64_t *due,
                                         struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;
	const char *ended = sr_json_text(json_object_get(description, "execution"), "ended_on");
	const char *closed = sr_json_text(json_object_get(description, "dates"), "closed");

	SR_TRY(SR_JSON_PACK(&row, err, "{s:s?,s:s?}", "execution_ended", ended, "closed", closed));
	*known = sr_register_due(row, due);
	return SR_OK;
}

static enum sr_status due_of(struct sr_txn *txn, const json_t *record, const json_t *description, bool *known,
                             int64_t *due, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *registered = NULL;
	const char *organ = sr_json_text(record, "organ");
	const char *number = sr_json_text(description, "number");

	SR_TRY(due_of_description(description, known, due, err));
	if (!number)
		number = sr_json_text(record, "number");
	if (*known || !organ || !number || strlen(number) > SR_REGISTER_NUMBER_BYTES)
		return SR_OK;
	SR_TRY(sr_register_look(txn, organ, number, &registered, err));
	*known = sr_register_due(json_object_get(registered, "row"), due);
	return SR_OK;
}

/* --- names ------------------------------------------------------------------------------------------ */

static enum sr_status add_names(struct sr_txn *txn, const json_t *record, json_t *item, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *organ = NULL;
	const char *user = sr_json_text(record, "handler");
	const char *code = sr_json_text(record, "organ");

	if (user)
		SR_TRY(sr_state_user(txn, user, &person, err));
	if (code)
		SR_TRY(sr_record_look(txn, SR_DB_ORGANS, code, &organ, err));
	const char *name = sr_json_text(person, "full_name");
	const char *organ_name = sr_json_text(organ, "name");
	SR_TRY(sr_json_set(item, "handler_name", name ? json_string(name) : json_null(), err));
	return sr_json_set(item, "organ_name", organ_name ? json_string(organ_name) : json_null(), err);
}

enum sr_status sr_draft_view_add(struct sr_act *act, struct sr_txn *txn, const json_t *record,
                                 const json_t *description, json_t *item, struct sr_err *err)
{
	const char *title = sr_json_text(description, "title");
	const size_t listed = json_array_size(json_object_get(description, "members"));
	const bool mine = sr_scope_lists(json_object_get(record, "prepared"), act->caller.user);
	const int64_t today = sr_date_of_time(sr_keeper_now_ns(act->keeper));
	char text[SR_TIME_TEXT] = "";
	int64_t due = 0;
	bool known = false;

	SR_TRY(due_of(txn, record, description, &known, &due, err));
	if (known)
		sr_date_format(due, text);
	SR_TRY(sr_json_set(item, "title", title ? json_string(title) : json_null(), err));
	SR_TRY(sr_json_set(item, "due", known ? json_string(text) : json_null(), err));
	SR_TRY(sr_json_set(item, "days", known ? json_integer(due - today) : json_null(), err));
	SR_TRY(sr_json_set(item, "listed", json_integer((json_int_t)listed), err));
	SR_TRY(sr_json_set(item, "mine", json_boolean(mine), err));
	return add_names(txn, record, item, err);
}

/* --- timelines -------------------------------------------------------------------------------------- */

static enum sr_status timeline_of(const struct sr_case *description, size_t act, json_t **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_timeline_dispose) struct sr_timeline timeline = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *item = NULL;
	char place[SR_PLACE_BYTES], full_path[SR_PLACE_BYTES];

	enum sr_status status =
		sr_timeline_make(description, act, TOLERANCE_S, &timeline, place, full_path, err);
	if (status == SR_NOT_FOUND)
		return SR_JSON_PACK(out, err, "{s:I,s:s}", "act", (json_int_t)act, "missing", place);
	SR_TRY(status);
	SR_TRY(sr_timeline_to_json(&timeline, description, &item, err));
	SR_TRY(sr_json_set(item, "act", json_integer((json_int_t)act), err));
	*out = SR_MOVE(item);
	return SR_OK;
}

enum sr_status sr_draft_view_timelines(const struct sr_case *description, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	const json_t *acts = json_object_get(description->root, "acts");

	for (size_t i = 0; i < json_array_size(acts); i++) {
		json_t *one = NULL;

		if (!json_is_object(json_array_get(acts, i)))
			continue;
		SR_TRY(timeline_of(description, i, &one, err));
		SR_TRY(sr_json_append(list, one, err));
	}
	*out = SR_MOVE(list);
	return SR_OK;
}
