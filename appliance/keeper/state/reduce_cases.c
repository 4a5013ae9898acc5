/* SPDX-License-Identifier: Apache-2.0 */
/* What was sealed, what is held back from disposal, and what is proposed for it. */
#include "appliance/keeper/state/reduce_cases.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/reduce_kinds.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

void sr_retention_key(const char *prefix, const char *id, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "%s%.200s", prefix, id);
}

/* --- cases ----------------------------------------------------------------------------------------- */

enum sr_status sr_logged_case(struct sr_txn *txn, const char *case_id, json_t **out, struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	sr_retention_key("c/", case_id, key);
	return sr_record_look(txn, SR_DB_HOLDS, key, out, err);
}

/* The case is kept as long as its longest part: without a day, for good. */
static enum sr_status keep_longer(const struct sr_event *event, json_t *record, struct sr_err *err)
{
	const char *until = sr_event_text(event, "retained_until");
	const char *before = sr_json_text(record, "retained_until");

	if (!until)
		json_object_del(record, "retained_until");
	else if (before && strcmp(before, until) < 0)
		return sr_json_set(record, "retained_until", json_string(until), err);
	return SR_OK;
}

/* A later part may be classified higher: the case then counts as both. */
static enum sr_status add_part(const struct sr_event *event, json_t *record, struct sr_err *err)
{
	json_t *words = json_object_get(record, "classification");
	size_t index;
	json_t *word;

	json_array_foreach(json_object_get(event->entry->root, "classification"), index, word)
		if (!sr_scope_lists(words, json_string_value(word)))
			SR_TRY(sr_json_append(words, json_incref(word), err));
	return SR_OK;
}

enum sr_status sr_reduce_case_sealed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "organ", "number", "retained_until", NULL };
	const char *id = sr_event_text(event, "case");
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(sr_logged_case(event->txn, id, &record, err));
	if (!record) {
		SR_TRY(SR_JSON_PACK(&record, err, "{s:[]}", "classification"));
		SR_TRY(sr_event_copy(event, keys, record, err));
	}
	SR_TRY(keep_longer(event, record, err));
	SR_TRY(add_part(event, record, err));
	sr_retention_key("c/", id, key);
	return sr_record_put(event->txn, SR_DB_HOLDS, key, record, err);
}

/* An official decides about the cases of their own organ. */
static enum sr_status check_case(const struct sr_event *event, const char *case_id, const char *role,
                                 json_t **out, struct sr_err *err)
{
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_state_require_role(event->txn, by ? by : "", role, err));
	SR_TRY(sr_state_active_user(event->txn, by, &person, err));
	SR_TRY(sr_logged_case(event->txn, case_id, &record, err));
	if (!record)
		return sr_fail(err, SR_DENIED, "the log knows no case %s", case_id);
	if (strcmp(sr_json_text(record, "organ"), sr_json_text(person, "organ")) != 0)
		return sr_fail(err, SR_DENIED, "the case %s is another organ's", case_id);
	if (out)
		*out = SR_MOVE(record);
	return SR_OK;
}

/* --- holds ----------------------------------------------------------------------------------------- */

static void hold_of_case_key(const char *case_id, const char *hold, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "b/%.64s/%.100s", case_id, hold);
}

static enum sr_status gather_hold(void *context, const char *key, json_t *record, struct sr_err *err)
{
	(void)key;
	return sr_json_append(context, json_incref(record), err);
}

enum sr_status sr_holds_of(struct sr_txn *txn, const char *case_id, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	char prefix[SR_RECORD_KEY];

	hold_of_case_key(case_id, "", prefix);
	SR_TRY(sr_record_each(txn, SR_DB_HOLDS, prefix, gather_hold, list, err));
	*out = SR_MOVE(list);
	return SR_OK;
}

enum sr_status sr_reduce_hold_placed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "hold", "case", "reason", NULL };
	const char *id = sr_event_text(event, "hold");
	const char *case_id = sr_event_text(event, "case");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY], since[SR_TIME_TEXT];

	SR_TRY(check_case(event, case_id, "official", NULL, err));
	sr_retention_key("h/", id, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_HOLDS, key, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the hold %s is there already", id);
	sr_time_format_utc(event->entry->time_ns, since);
	SR_TRY(SR_JSON_PACK(&record, err, "{s:s,s:s}", "placed_by", sr_event_user(event), "since", since));
	SR_TRY(sr_event_copy(event, keys, record, err));
	SR_TRY(sr_record_put(event->txn, SR_DB_HOLDS, key, record, err));
	hold_of_case_key(case_id, id, key);
	return sr_record_put(event->txn, SR_DB_HOLDS, key, record, err);
}

enum sr_status sr_reduce_hold_released(const struct sr_event *event, struct sr_err *err)
{
	const char *id = sr_event_text(event, "hold");
	const char *case_id = sr_event_text(event, "case");
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(check_case(event, case_id, "official", NULL, err));
	sr_retention_key("h/", id, key);
	SR_TRY(sr_record_get(event->txn, SR_DB_HOLDS, key, "hold", &record, err));
	if (strcmp(sr_json_text(record, "case"), case_id) != 0)
		return sr_fail(err, SR_DENIED, "the hold %s is another case's", id);
	SR_TRY(sr_record_drop(event->txn, SR_DB_HOLDS, key, err));
	hold_of_case_key(case_id, id, key);
	return sr_record_drop(event->txn, SR_DB_HOLDS, key, err);
}

/* --- disposals ------------------------------------------------------------------------------------- */

static enum sr_status check_not_held(struct sr_txn *txn, const char *case_id, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *holds = NULL;

	SR_TRY(sr_holds_of(txn, case_id, &holds, err));
	if (json_array_size(holds) > 0)
		return sr_fail(err, SR_DENIED, "the case %s is held", case_id);
	return SR_OK;
}

/* Its retention is over, nothing holds it, and it waits in no other list. */
static enum sr_status check_disposable(const struct sr_event *event, const char *case_id, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *waits = NULL;
	char key[SR_RECORD_KEY];
	int64_t until;

	SR_TRY(check_case(event, case_id, "archivist", &record, err));
	const char *retained = sr_json_text(record, "retained_until");
	if (!retained || !sr_date_parse(retained, &until) || sr_date_of_time(event->entry->time_ns) <= until)
		return sr_fail(err, SR_DENIED, "the retention of case %s has not ended", case_id);
	SR_TRY(check_not_held(event->txn, case_id, err));
	sr_retention_key("y/", case_id, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_HOLDS, key, &waits, err));
	if (waits)
		return sr_fail(err, SR_DENIED, "the case %s is proposed for disposal already", case_id);
	return SR_OK;
}

enum sr_status sr_reduce_disposal_proposed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "disposal", "cases", "list", "reason", NULL };
	const char *id = sr_event_text(event, "disposal");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *mark = NULL;
	char key[SR_RECORD_KEY];
	size_t index;
	json_t *value;

	SR_TRY(SR_JSON_PACK(&mark, err, "{s:s}", "disposal", id));
	json_array_foreach(json_object_get(event->entry->root, "cases"), index, value) {
		SR_TRY(check_disposable(event, json_string_value(value), err));
		sr_retention_key("y/", json_string_value(value), key);
		SR_TRY(sr_record_put(event->txn, SR_DB_HOLDS, key, mark, err));
	}
	sr_retention_key("x/", id, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_HOLDS, key, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the disposal %s is there already", id);
	SR_TRY(SR_JSON_PACK(&record, err, "{s:s,s:s}", "state", "proposed", "proposed_by",
	                    sr_event_user(event)));
	SR_TRY(sr_event_copy(event, keys, record, err));
	return sr_record_put(event->txn, SR_DB_HOLDS, key, record, err);
}

enum sr_status sr_reduce_disposal_approved(const struct sr_event *event, struct sr_err *err)
{
	const char *id = sr_event_text(event, "disposal");
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];
	size_t index;
	json_t *value;

	sr_retention_key("x/", id, key);
	SR_TRY(sr_record_get(event->txn, SR_DB_HOLDS, key, "disposal", &record, err));
	if (strcmp(sr_json_text(record, "state"), "proposed") != 0)
		return sr_fail(err, SR_DENIED, "the disposal %s is approved already", id);
	if (strcmp(sr_json_text(record, "list"), sr_event_text(event, "list")) != 0)
		return sr_fail(err, SR_DENIED, "the approval is of another list");
	json_array_foreach(json_object_get(record, "cases"), index, value) {
		SR_TRY(check_case(event, json_string_value(value), "official", NULL, err));
		SR_TRY(check_not_held(event->txn, json_string_value(value), err));
	}
	SR_TRY(sr_json_set(record, "state", json_string("approved"), err));
	SR_TRY(sr_json_set(record, "approved_by", json_string(sr_event_user(event)), err));
	return sr_record_put(event->txn, SR_DB_HOLDS, key, record, err);
}
