/* SPDX-License-Identifier: Apache-2.0 */
/* The register of matters: ImportRegister, AddRegisterRow, ListRegister, ReconcileRegister. */
#include "appliance/keeper/register/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/cases/case_each.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/register/register_view.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/register_row.h"

#define ROWS_A_BATCH 100
#define PAGE 100
#define PAGE_MAX 1000

/* --- putting rows ---------------------------------------------------------------------------------- */

struct import {
	json_t *rows; /* of sr_register_read */
	char digest[SR_DIGEST_HEX];
	size_t first, end; /* the batch */
	size_t recorded;   /* of the batch */
};

static void import_dispose(struct import *import)
{
	json_decref(import->rows);
}

static const char *organ_of(const struct sr_act *act, const json_t *row)
{
	const char *organ = sr_json_text(row, "organ");

	return organ ? organ : act->caller.organ;
}

/* A row may be put by who would see it, both as it was and as it will be. */
static enum sr_status check_one(struct sr_act *act, struct sr_txn *txn, const json_t *row, struct sr_err *err)
{
	const char *number = sr_json_text(row, "number");
	const char *organ = organ_of(act, row);
	SR_CLEANUP(sr_json_decrefp) json_t *before = NULL;
	bool may;

	SR_TRY(sr_register_may_see(act, txn, organ, row, &may, err));
	if (may)
		SR_TRY(sr_register_look(txn, organ, number, &before, err));
	if (before)
		SR_TRY(sr_register_may_see(act, txn, organ, json_object_get(before, "row"), &may, err));
	if (!may)
		return sr_act_refuse(
			act, "NotYourRole", err,
			"the row of %s (%s) is not yours to put: a handler's name their officer, "
			"an archivist's are of their organ or those below it",
			number, organ);
	return SR_OK;
}

static enum sr_status check_batch(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct import *import = act->work;

	for (size_t i = import->first; i < import->end; i++) {
		const json_t *item = json_array_get(import->rows, i);
		enum sr_status status = check_one(act, txn, json_object_get(item, "row"), err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "line %lld: ",
			                  (long long)json_integer_value(json_object_get(item, "line")));
	}
	return SR_OK;
}

static enum sr_status put_one(struct sr_act *act, struct sr_txn *txn, const json_t *item, struct sr_err *err)
{
	struct import *import = act->work;
	const json_t *row = json_object_get(item, "row");
	const char *number = sr_json_text(row, "number");
	const char *organ = organ_of(act, row);
	SR_CLEANUP(sr_json_decrefp) json_t *before = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(sr_register_look(txn, organ, number, &before, err));
	if (before && json_equal(json_object_get(before, "row"), row))
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:O}", "number", number, "organ", organ, "row", row));
	if (import->digest[0]) {
		SR_TRY(sr_json_set(fields, "file", json_string(import->digest), err));
		SR_TRY(sr_json_set(fields, "line", json_incref(json_object_get(item, "line")), err));
	}
	SR_TRY(sr_act_record(act, txn, "register.recorded", SR_MOVE(fields), NULL, err));
	import->recorded++;
	return SR_OK;
}

static enum sr_status put_batch(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct import *import = act->work;

	import->recorded = 0;
	for (size_t i = import->first; i < import->end; i++)
		SR_TRY(put_one(act, txn, json_array_get(import->rows, i), err));
	return SR_OK;
}

/* Everything is checked before anything is put; batches, so that no opening waits long. */
static enum sr_status put_rows(struct sr_act *act, struct import *import, struct sr_err *err)
{
	size_t count = json_array_size(import->rows);
	size_t recorded = 0;

	sr_act_set_work(act, import);
	import->end = count;
	SR_TRY(sr_act_read(act, check_batch, err));
	for (import->first = 0; import->first < count; import->first = import->end) {
		import->end = import->first + ROWS_A_BATCH < count ? import->first + ROWS_A_BATCH : count;
		SR_TRY(sr_act_write(act, check_batch, put_batch, err));
		recorded += import->recorded;
	}
	return sr_act_reply(act, err, "{s:I,s:I,s:I}", "rows", (json_int_t)count, "recorded",
	                    (json_int_t)recorded, "unchanged", (json_int_t)(count - recorded));
}

static enum sr_status import_register(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(import_dispose) struct import import = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
	struct sr_digest digest;

	SR_TRY(sr_act_file(act, "csv", SR_REGISTER_BYTES, &file, err));
	SR_TRY(sr_digest_of(file.data, file.size, &digest, err));
	sr_digest_to_hex(&digest, import.digest);
	SR_TRY(sr_register_read(sr_buf_bytes(&file), &import.rows, err));
	return put_rows(act, &import, err);
}

static enum sr_status add_row(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(import_dispose) struct import import = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_deep_copy(sr_act_value(act, "row"));

	if (!row)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a row");
	SR_TRY(sr_register_row_check(row, err));
	SR_TRY(SR_JSON_PACK(&import.rows, err, "[{s:i,s:O}]", "line", 1, "row", row));
	return put_rows(act, &import, err);
}

/* --- ListRegister ---------------------------------------------------------------------------------- */

struct list {
	struct sr_act *act;
	const char *organ, *after;
	int64_t year, limit; /* 0: any year */
	json_t *rows;
	int64_t total;
	char next[SR_RECORD_KEY];
};

static bool is_of_year(const json_t *row, int64_t wanted)
{
	int year, month, day;
	int64_t days;

	if (wanted == 0)
		return true;
	if (!sr_register_day(row, "started", &days) && !sr_register_day(row, "decided", &days) &&
	    !sr_register_day(row, "closed", &days))
		return false;
	sr_date_split(days, &year, &month, &day);
	return year == wanted;
}

static enum sr_status list_one(void *context, struct sr_txn *txn, const json_t *record, struct sr_err *err)
{
	struct list *list = context;
	const char *organ = sr_json_text(record, "organ");
	const char *number = sr_json_text(record, "number");
	SR_CLEANUP(sr_json_decrefp) json_t *item = NULL;
	char key[SR_RECORD_KEY], id[SR_UUID_TEXT];
	struct sr_case_record sealed;
	bool found;

	if ((list->organ && strcmp(list->organ, organ) != 0) ||
	    !is_of_year(json_object_get(record, "row"), list->year))
		return SR_OK;
	list->total++;
	SR_TRY(sr_register_key(organ, number, key, err));
	if (list->after && strcmp(key, list->after) <= 0)
		return SR_OK;
	if ((int64_t)json_array_size(list->rows) == list->limit) {
		if (!list->next[0]) {
			const json_t *last = json_array_get(list->rows, json_array_size(list->rows) - 1);

			return sr_register_key(sr_json_text(last, "organ"), sr_json_text(last, "number"),
			                       list->next, err);
		}
		return SR_OK;
	}
	SR_TRY(sr_register_case(list->act, txn, record, &found, &sealed, err));
	if (found)
		sr_case_id_format(&sealed.id, id);
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:s,s:s?,s:O}", "organ", organ, "number", number, "case",
	                    found ? id : NULL, "row", json_object_get(record, "row")));
	return sr_json_append(list->rows, SR_MOVE(item), err);
}

static enum sr_status list_rows(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_register_each(act, txn, list_one, act->work, err);
}

static enum sr_status list_register(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	struct list list = {
		.act = act,
		.organ = sr_act_text(act, "organ"),
		.after = sr_act_text(act, "after"),
		.year = sr_act_count(act, "year", 0),
		.limit = sr_act_count(act, "limit", PAGE),
		.rows = rows,
	};

	if (list.limit < 1 || list.limit > PAGE_MAX)
		return sr_fail(err, SR_INVALID, "/limit: from 1 to %d", PAGE_MAX);
	sr_act_set_work(act, &list);
	SR_TRY(sr_act_read(act, list_rows, err));
	return sr_act_reply(act, err, "{s:O,s:I,s:s?}", "rows", rows, "total", (json_int_t)list.total, "next",
	                    list.next[0] ? list.next : NULL);
}

/* --- ReconcileRegister ------------------------------------------------------------------------------ */

struct reconciling {
	struct sr_act *act;
	int64_t today;
	json_t *unsealed, *unregistered;
	int64_t rows, matched, overdue;
};

static enum sr_status note_unsealed(struct reconciling *reconciling, const json_t *record, struct sr_err *err)
{
	const json_t *row = json_object_get(record, "row");
	SR_CLEANUP(sr_json_decrefp) json_t *item = NULL;
	char text[SR_TIME_TEXT];
	int64_t due = 0;
	bool known = sr_register_due(row, &due);
	bool overdue = known && due < reconciling->today;

	if (known)
		sr_date_format(due, text);
	reconciling->overdue += overdue;
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:s,s:s?,s:s?,s:b,s:o}", "number",
	                    sr_json_text(record, "number"), "organ", sr_json_text(record, "organ"), "title",
	                    sr_json_text(row, "title"), "due", known ? text : NULL, "overdue", overdue,
	                    "days", known ? json_integer(due - reconciling->today) : json_null()));
	return sr_json_append(reconciling->unsealed, SR_MOVE(item), err);
}

static enum sr_status reconcile_row(void *context, struct sr_txn *txn, const json_t *record,
                                    struct sr_err *err)
{
	struct reconciling *reconciling = context;
	struct sr_case_record sealed;
	bool found;

	reconciling->rows++;
	SR_TRY(sr_register_case(reconciling->act, txn, record, &found, &sealed, err));
	if (!found)
		return note_unsealed(reconciling, record, err);
	reconciling->matched++;
	return SR_OK;
}

static enum sr_status reconcile_rows(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_register_each(act, txn, reconcile_row, act->work, err);
}

static enum sr_status reconcile_case(void *context, struct sr_txn *txn, const struct sr_case_record *record,
                                     struct sr_err *err)
{
	struct reconciling *reconciling = context;
	SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *item = NULL;
	char organ[SR_LABEL_BYTES], number[SR_CASE_NAME_BYTES + 1], id[SR_UUID_TEXT];

	snprintf(organ, sizeof(organ), "%.*s", (int)record->organ.size, (const char *)record->organ.data);
	snprintf(number, sizeof(number), "%.*s", (int)record->number.size, (const char *)record->number.data);
	if (record->number.size <= SR_REGISTER_NUMBER_BYTES)
		SR_TRY(sr_register_look(txn, organ, number, &row, err));
	if (row)
		return SR_OK;
	sr_case_id_format(&record->id, id);
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:s,s:s,s:s%}", "case", id, "number", number, "organ", organ,
	                    "title", (const char *)record->title.data, record->title.size));
	return sr_json_append(reconciling->unregistered, SR_MOVE(item), err);
}

static enum sr_status reconcile_register(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *unsealed = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *unregistered = json_array();
	struct reconciling reconciling = {
		.act = act,
		.today = sr_date_of_time(sr_keeper_now_ns(act->keeper)),
		.unsealed = unsealed,
		.unregistered = unregistered,
	};

	sr_act_set_work(act, &reconciling);
	SR_TRY(sr_act_read(act, reconcile_rows, err));
	SR_TRY(sr_case_each(act, false, reconcile_case, &reconciling, err));
	return sr_act_reply(act, err, "{s:I,s:I,s:I,s:O,s:O}", "rows", (json_int_t)reconciling.rows,
	                    "matched", (json_int_t)reconciling.matched, "overdue",
	                    (json_int_t)reconciling.overdue, "unsealed", unsealed, "unregistered",
	                    unregistered);
}

#define WRITERS (SR_BY(HANDLER) | SR_BY(ARCHIVIST))
#define READERS (WRITERS | SR_BY(SUPERVISOR))

static const struct sr_method methods[] = {
	{ "ImportRegister", "csv:prose?", WRITERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, import_register },
	{ "AddRegisterRow", "row:object", WRITERS, SR_DOOR_PEOPLE, 0, add_row },
	{ "ListRegister", "organ:text? year:count? limit:count? after:text?", READERS, SR_DOOR_PEOPLE, 0,
	  list_register },
	{ "ReconcileRegister", "", READERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, reconcile_register },
};
const struct sr_method_family sr_register_methods = { methods, SR_COUNT(methods) };
