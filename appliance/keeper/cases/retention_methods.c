/* SPDX-License-Identifier: Apache-2.0 */
/* Holds (暂缓处置) and disposal lists (销毁清册): PlaceHold, ReleaseHold, ListHolds, ProposeDisposal,
 * ApproveDisposal, ListDisposals. */
#include "appliance/keeper/cases/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/numbered.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_cases.h"

#define CASES_MAX 1000u /* of one disposal list: it is one entry */

/* What a command of this file found out. */
struct retention {
	char id[SR_LABEL_BYTES]; /* of the hold or disposal */
	char case_id[SR_UUID_TEXT];
	char list[SR_DIGEST_HEX];
	json_t *rows; /* of an answer */
	json_t *cases;
};

static void retention_dispose(struct retention *r)
{
	json_decref(r->rows);
	json_decref(r->cases);
}

static enum sr_status take_case(struct sr_act *act, struct sr_txn *txn, const char *reference,
                                struct sr_case_record *record, char id[SR_UUID_TEXT], struct sr_err *err)
{
	SR_TRY(sr_case_view_find(act, txn, reference, record, err));
	sr_case_id_format(&record->id, id);
	return SR_OK;
}

/* --- holds ----------------------------------------------------------------------------------------- */

static enum sr_status check_placed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct retention *r = act->work;
	struct sr_case_record record;

	return take_case(act, txn, sr_act_text(act, "case"), &record, r->case_id, err);
}

static enum sr_status put_hold(struct sr_act *act, struct sr_txn *txn, const char *type, struct sr_err *err)
{
	const struct retention *r = act->work;

	return sr_act_record(act, txn, type,
	                     json_pack("{s:s,s:s,s:s}", "hold", r->id, "case", r->case_id, "reason",
	                               sr_act_text(act, "reason")),
	                     NULL, err);
}

static enum sr_status put_placed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct retention *r = act->work;

	SR_TRY(sr_counter_next(txn, 'H', r->id, err));
	return put_hold(act, txn, "hold.placed", err);
}

static enum sr_status place_hold(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(retention_dispose) struct retention r = { 0 };

	sr_act_set_work(act, &r);
	SR_TRY(sr_act_write(act, check_placed, put_placed, err));
	return sr_act_reply(act, err, "{s:s,s:s}", "hold", r.id, "case", r.case_id);
}

/* The hold that is named, or the case's only one. */
static enum sr_status check_released(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const char *named = sr_act_text(act, "hold");
	struct retention *r = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *holds = NULL;
	struct sr_case_record record;
	size_t index;
	json_t *hold;

	SR_TRY(take_case(act, txn, sr_act_text(act, "case"), &record, r->case_id, err));
	SR_TRY(sr_holds_of(txn, r->case_id, &holds, err));
	if (!named && json_array_size(holds) > 1)
		return sr_fail(err, SR_INVALID, "/hold: the case has %zu holds; say which of them",
		               json_array_size(holds));
	json_array_foreach(holds, index, hold) {
		const char *id = sr_json_text(hold, "hold");

		if (named && strcmp(named, id) != 0)
			continue;
		sr_label_copy(r->id, id);
		return SR_OK;
	}
	return sr_act_refuse(act, "NotFound", err, "the case has no %s%s", named ? "hold " : "hold",
	                     named ? named : "");
}

static enum sr_status put_released(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return put_hold(act, txn, "hold.released", err);
}

static enum sr_status release_hold(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(retention_dispose) struct retention r = { 0 };

	sr_act_set_work(act, &r);
	SR_TRY(sr_act_write(act, check_released, put_released, err));
	return sr_act_reply(act, err, "{s:s,s:s}", "hold", r.id, "case", r.case_id);
}

/* Is the case one that the caller may know of?  Its number and title then go into @row. */
static enum sr_status add_case(struct sr_act *act, struct sr_txn *txn, const char *id, json_t *row, bool *may,
                               struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id key;
	char day[SR_TIME_TEXT];

	*may = false;
	enum sr_status status = SR_NOT_FOUND;
	if (sr_case_id_parse(id, &key))
		status = sr_case_store_get(txn, &key, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_case_view_may_know(act, txn, &record, may, err));
	SR_TRY(sr_json_set(row, "case", json_string(id), err));
	SR_TRY(sr_json_set(row, "number", json_stringn((const char *)record.number.data, record.number.size),
	                   err));
	SR_TRY(sr_json_set(row, "title", json_stringn((const char *)record.title.data, record.title.size),
	                   err));
	if (record.retention_end_day == SR_NO_DAY)
		return sr_json_set(row, "retained_until", json_null(), err);
	sr_date_format(record.retention_end_day, day);
	return sr_json_set(row, "retained_until", json_string(day), err);
}

static enum sr_status list_holds_of(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct retention *r = act->work;
	const char *reference = sr_act_text(act, "case");
	SR_CLEANUP(sr_json_decrefp) json_t *all = json_array();
	struct sr_case_record record;
	size_t index;
	json_t *hold;
	bool may;

	if (reference)
		SR_TRY(take_case(act, txn, reference, &record, r->case_id, err));
	SR_TRY(sr_record_list(txn, SR_DB_HOLDS, "h/", all, err));
	json_array_foreach(all, index, hold) {
		if (reference && strcmp(sr_json_text(hold, "case"), r->case_id) != 0)
			continue;
		SR_TRY(add_case(act, txn, sr_json_text(hold, "case"), hold, &may, err));
		if (may)
			SR_TRY(sr_json_append(r->rows, json_incref(hold), err));
	}
	return SR_OK;
}

static enum sr_status list_holds(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(retention_dispose) struct retention r = { .rows = json_array() };

	sr_act_set_work(act, &r);
	SR_TRY(sr_act_read(act, list_holds_of, err));
	SR_TRY(sr_numbered_sort(r.rows, "hold", err));
	return sr_act_reply(act, err, "{s:O}", "holds", r.rows);
}

/* --- disposals ------------------------------------------------------------------------------------- */

static enum sr_status require_not_held(struct sr_act *act, struct sr_txn *txn, const char *id,
                                       const char *name, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *holds = NULL;

	SR_TRY(sr_holds_of(txn, id, &holds, err));
	if (json_array_size(holds) > 0)
		return sr_act_refuse(act, "Held", err, "the case %s is held (暂缓处置): %s", name,
		                     sr_json_text(json_array_get(holds, 0), "reason"));
	return SR_OK;
}

static enum sr_status require_over(struct sr_act *act, const struct sr_case_record *record,
                                   const char *reference, struct sr_err *err)
{
	int64_t today = sr_date_of_time(sr_keeper_now_ns(act->keeper));
	char day[SR_TIME_TEXT];

	if (record->retention_end_day == SR_NO_DAY)
		return sr_fail(err, SR_INVALID, "/cases: %s is kept permanently", reference);
	sr_date_format(record->retention_end_day, day);
	if (today <= record->retention_end_day)
		return sr_fail(err, SR_INVALID, "/cases: %s is to be kept until %s", reference, day);
	return SR_OK;
}

static enum sr_status require_free(struct sr_txn *txn, const char *id, const char *reference,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *waits = NULL;
	char key[SR_RECORD_KEY];

	sr_retention_key("y/", id, key);
	SR_TRY(sr_record_look(txn, SR_DB_HOLDS, key, &waits, err));
	if (waits)
		return sr_fail(err, SR_INVALID, "/cases: %s is in the disposal list %s already", reference,
		               sr_json_text(waits, "disposal"));
	return SR_OK;
}

/* The list's digest (docs/LEDGER.md): a line "ID NUMBER" a case. */
static enum sr_status add_line(struct sr_buf *list, const char *id, const struct sr_case_record *record,
                               struct sr_err *err)
{
	return sr_buf_printf(list, err, "%s %.*s\n", id, (int)record->number.size,
	                     (const char *)record->number.data);
}

static enum sr_status finish_list(const struct sr_buf *list, char out[SR_DIGEST_HEX], struct sr_err *err)
{
	struct sr_digest digest;

	SR_TRY(sr_digest_of(list->data, list->size, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}

static enum sr_status check_proposed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const json_t *given = sr_act_value(act, "cases");
	struct retention *r = act->work;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf list = { 0 };
	size_t index;
	json_t *value;

	json_array_clear(r->cases);
	if (json_array_size(given) == 0 || json_array_size(given) > CASES_MAX)
		return sr_fail(err, SR_INVALID, "/cases: must be 1 to %u", CASES_MAX);
	json_array_foreach(given, index, value) {
		const char *reference = json_string_value(value);
		struct sr_case_record record;

		SR_TRY(take_case(act, txn, reference, &record, r->case_id, err));
		for (size_t i = 0; i < json_array_size(r->cases); i++)
			if (strcmp(json_string_value(json_array_get(r->cases, i)), r->case_id) == 0)
				return sr_fail(err, SR_INVALID, "/cases: %s is there twice", reference);
		SR_TRY(require_not_held(act, txn, r->case_id, reference, err));
		SR_TRY(require_over(act, &record, reference, err));
		SR_TRY(require_free(txn, r->case_id, reference, err));
		SR_TRY(add_line(&list, r->case_id, &record, err));
		SR_TRY(sr_json_append(r->cases, json_string(r->case_id), err));
	}
	return finish_list(&list, r->list, err);
}

static enum sr_status put_proposed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct retention *r = act->work;

	SR_TRY(sr_counter_next(txn, 'X', r->id, err));
	return sr_act_record(act, txn, "disposal.proposed",
	                     json_pack("{s:s,s:O,s:s,s:s}", "disposal", r->id, "cases", r->cases, "list",
	                               r->list, "reason", sr_act_text(act, "reason")),
	                     NULL, err);
}

static enum sr_status propose_disposal(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(retention_dispose) struct retention r = { .cases = json_array() };

	sr_act_set_work(act, &r);
	SR_TRY(sr_act_write(act, check_proposed, put_proposed, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:O}", "disposal", r.id, "list", r.list, "cases", r.cases);
}

/* The disposal that is named, or the one that the named case waits in. */
static enum sr_status take_disposal(struct sr_act *act, struct sr_txn *txn, struct retention *r, json_t **out,
                                    struct sr_err *err)
{
	const char *named = sr_act_text(act, "disposal");
	const char *reference = sr_act_text(act, "case");
	SR_CLEANUP(sr_json_decrefp) json_t *waits = NULL;
	struct sr_case_record record;
	char key[SR_RECORD_KEY];

	if (!named == !reference)
		return sr_fail(err, SR_INVALID, "/disposal: name the list or a case in it");
	if (reference) {
		SR_TRY(take_case(act, txn, reference, &record, r->case_id, err));
		sr_retention_key("y/", r->case_id, key);
		SR_TRY(sr_record_look(txn, SR_DB_HOLDS, key, &waits, err));
		named = sr_json_text(waits, "disposal");
		if (!named)
			return sr_act_refuse(act, "NotFound", err, "%s is proposed for disposal by nobody",
			                     reference);
	}
	sr_retention_key("x/", named, key);
	SR_TRY(sr_record_look(txn, SR_DB_HOLDS, key, out, err));
	if (!*out || !sr_label_is_valid(named))
		return sr_act_not_found(act, "disposal list", named, err);
	sr_label_copy(r->id, named);
	return SR_OK;
}

static enum sr_status check_approved(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct retention *r = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *disposal = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf list = { 0 };
	size_t index;
	json_t *value;

	SR_TRY(take_disposal(act, txn, r, &disposal, err));
	json_array_foreach(json_object_get(disposal, "cases"), index, value) {
		struct sr_case_record record;

		if (sr_case_view_find(act, txn, json_string_value(value), &record, err) != SR_OK)
			return sr_act_not_found(act, "disposal list", r->id, err);
		SR_TRY(add_line(&list, json_string_value(value), &record, err));
	}
	if (strcmp(sr_json_text(disposal, "state"), "proposed") != 0)
		return sr_act_refuse(act, "AlreadyDecided", err,
		                     "the list %s is approved already; this version keeps the archives: "
		                     "carrying a disposal out is not part of it",
		                     r->id);
	json_array_foreach(json_object_get(disposal, "cases"), index, value)
		SR_TRY(require_not_held(act, txn, json_string_value(value), json_string_value(value), err));
	SR_TRY(finish_list(&list, r->list, err));
	if (strcmp(r->list, sr_json_text(disposal, "list")) != 0)
		return sr_act_refuse(act, "RequestChanged", err,
		                     "the cases of %s are others than those on the list; propose it anew",
		                     r->id);
	return SR_OK;
}

static enum sr_status put_approved(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct retention *r = act->work;

	return sr_act_record(act, txn, "disposal.approved",
	                     json_pack("{s:s,s:s}", "disposal", r->id, "list", r->list), NULL, err);
}

static enum sr_status approve_disposal(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(retention_dispose) struct retention r = { 0 };

	sr_act_set_work(act, &r);
	SR_TRY(sr_act_write(act, check_approved, put_approved, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s}", "disposal", r.id, "list", r.list, "state", "approved");
}

/* A list is shown to whoever may know of all its cases. */
static enum sr_status add_list(struct sr_act *act, struct sr_txn *txn, json_t *disposal, json_t *rows,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	size_t index;
	json_t *value;

	json_array_foreach(json_object_get(disposal, "cases"), index, value) {
		json_t *row = json_object();
		bool may;

		SR_TRY(sr_json_append(cases, row, err));
		SR_TRY(add_case(act, txn, json_string_value(value), row, &may, err));
		if (!may)
			return SR_OK;
	}
	SR_TRY(sr_json_set(disposal, "catalogue", SR_MOVE(cases), err));
	return sr_json_append(rows, json_incref(disposal), err);
}

static enum sr_status list_disposals_of(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct retention *r = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *all = json_array();
	size_t index;
	json_t *disposal;

	SR_TRY(sr_record_list(txn, SR_DB_HOLDS, "x/", all, err));
	json_array_foreach(all, index, disposal)
		SR_TRY(add_list(act, txn, disposal, r->rows, err));
	return SR_OK;
}

static enum sr_status list_disposals(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(retention_dispose) struct retention r = { .rows = json_array() };

	sr_act_set_work(act, &r);
	SR_TRY(sr_act_read(act, list_disposals_of, err));
	SR_TRY(sr_numbered_sort(r.rows, "disposal", err));
	return sr_act_reply(act, err, "{s:O}", "disposals", r.rows);
}

#define SR_BY_RETENTION (SR_BY(OFFICIAL) | SR_BY(ARCHIVIST) | SR_BY(SUPERVISOR))

static const struct sr_method methods[] = {
	{ "PlaceHold", "case:text reason:prose", SR_BY(OFFICIAL), SR_DOOR_PEOPLE, 0, place_hold },
	{ "ReleaseHold", "case:text hold:text? reason:prose", SR_BY(OFFICIAL), SR_DOOR_PEOPLE, 0,
	  release_hold },
	{ "ListHolds", "case:text?", SR_BY_RETENTION, SR_DOOR_PEOPLE, 0, list_holds },
	{ "ProposeDisposal", "cases:texts reason:prose", SR_BY(ARCHIVIST), SR_DOOR_PEOPLE, 0,
	  propose_disposal },
	{ "ApproveDisposal", "disposal:text? case:text?", SR_BY(OFFICIAL), SR_DOOR_PEOPLE, 0,
	  approve_disposal },
	{ "ListDisposals", "", SR_BY_RETENTION, SR_DOOR_PEOPLE, 0, list_disposals },
};
const struct sr_method_family sr_retention_methods = { methods, SR_COUNT(methods) };
