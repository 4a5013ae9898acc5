/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reader_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/casefile/calendar.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/readings.h"
#include "appliance/keeper/state/journal.h"

#define HOUR_NS (3600 * SR_SECOND_NS)
#define SNAPSHOT_NS (SR_SECOND_NS / 2) /* on one snapshot at most */
#define TIMES_USUAL 3

struct watch {
	struct sr_act *act;
	const json_t *holidays;
	int64_t today, first; /* days; the first that counts for the median */
	uint64_t next;        /* entry to go on with */
	bool begun, over;
	json_t *counts;  /* reader: day as text: openings */
	json_t *outside; /* the same, of those out of hours */
	json_t *known;   /* case: whether the caller may know of it */
};

static void watch_dispose(struct watch *watch)
{
	json_decref(watch->counts);
	json_decref(watch->outside);
	json_decref(watch->known);
}

/* --- counting ---------------------------------------------------------------------------------------- */

static enum sr_status raise(json_t *readers, const char *reader, int64_t day, struct sr_err *err)
{
	json_t *days = json_object_get(readers, reader);
	char key[24];

	if (!days) {
		days = json_object();
		SR_TRY(sr_json_set(readers, reader, days, err));
	}
	snprintf(key, sizeof(key), "%" PRId64, day);
	return sr_json_set(days, key, json_integer(json_integer_value(json_object_get(days, key)) + 1), err);
}

static bool is_outside_hours(const struct watch *watch, int64_t time_ns, int64_t day)
{
	int64_t begin = sr_time_of_date(day) + SR_WATCH_DAY_BEGINS_H * HOUR_NS;
	int64_t end = sr_time_of_date(day) + SR_WATCH_DAY_ENDS_H * HOUR_NS;
	bool working = true;

	if (time_ns < begin || time_ns >= end)
		return true;
	return sr_calendar_is_working_day(watch->holidays, day, &working) && !working;
}

static enum sr_status may_count(struct watch *watch, struct sr_txn *txn, const char *case_id, bool *out,
                                struct sr_err *err)
{
	const json_t *known = case_id ? json_object_get(watch->known, case_id) : NULL;
	struct sr_case_record record;
	struct sr_case_id id;

	*out = sr_act_is(watch->act, SR_BY(AUDITOR)) || json_is_true(known);
	if (*out || known || !case_id || !sr_case_id_parse(case_id, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &id, &record, err);
	if (status != SR_NOT_FOUND) {
		SR_TRY(status);
		SR_TRY(sr_case_view_may_know(watch->act, txn, &record, out, err));
	}
	return sr_json_set(watch->known, case_id, json_boolean(*out), err);
}

static enum sr_status take_opening(struct watch *watch, struct sr_txn *txn, const struct sr_entry *entry,
                                   struct sr_err *err)
{
	const char *reader = sr_json_text(entry->actor, "user");
	int64_t day = sr_date_of_time(entry->time_ns);
	bool may;

	if (!reader)
		reader = sr_json_text(entry->actor, "pass");
	SR_TRY(may_count(watch, txn, sr_json_text(entry->root, "case"), &may, err));
	if (!reader || !may)
		return SR_OK;
	if (day > watch->today - SR_WATCH_DAYS && is_outside_hours(watch, entry->time_ns, day))
		SR_TRY(raise(watch->outside, reader, day, err));
	return raise(watch->counts, reader, day, err);
}

static enum sr_status take_some(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	int64_t until_ns = sr_keeper_boot_ns() + SNAPSHOT_NS;
	struct watch *watch = act->work;
	uint64_t size;

	if (!watch->begun)
		SR_TRY(sr_readings_first_at(txn, sr_time_of_date(watch->first), &watch->next, err));
	watch->begun = true;
	SR_TRY(sr_journal_size(txn, &size, err));
	for (; watch->next < size && sr_keeper_boot_ns() < until_ns; watch->next++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

		SR_TRY(sr_journal_entry(txn, watch->next, &bytes, err));
		if (!memmem(bytes.data, bytes.size, "\"access.opened\"", 15))
			continue;
		SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
		if (strcmp(entry.type, "access.opened") == 0)
			SR_TRY(take_opening(watch, txn, &entry, err));
	}
	watch->over = watch->next >= size;
	return SR_OK;
}

/* --- judging ----------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	const json_int_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The median of the openings a day on the days of reading before @day; false where there are too few. */
static bool usual_before(const json_t *days, int64_t day, double *out)
{
	json_int_t list[SR_WATCH_USUAL_DAYS];
	size_t count = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)days, key, value) {
		int64_t of = strtoll(key, NULL, 10);

		if (of < day && of >= day - SR_WATCH_USUAL_DAYS && count < SR_COUNT(list))
			list[count++] = json_integer_value(value);
	}
	if (count < SR_WATCH_USUAL_LEAST)
		return false;
	qsort(list, count, sizeof(*list), by_size);
	const size_t middle = count / 2;
	*out = count % 2 ? (double)list[middle] : (double)(list[middle - 1] + list[middle]) / 2;
	return true;
}

static json_int_t openings_on(const json_t *days, int64_t day)
{
	char key[24];

	snprintf(key, sizeof(key), "%" PRId64, day);
	return json_integer_value(json_object_get(days, key));
}

static enum sr_status judge_day(const struct watch *watch, const char *reader, const json_t *days,
                                int64_t day, json_t *list, struct sr_err *err)
{
	json_int_t count = openings_on(days, day);
	json_int_t outside = openings_on(json_object_get(watch->outside, reader), day);
	double usual;
	json_t *one = NULL;

	if (outside > 0) {
		SR_TRY(SR_JSON_PACK(&one, err, "{s:s,s:s,s:I,s:I}", "code", "reader_outside_hours", "reader",
		                    reader, "day", (json_int_t)day, "count", outside));
		SR_TRY(sr_json_append(list, one, err));
	}
	if (count < SR_WATCH_OPENINGS_LEAST || !usual_before(days, day, &usual) ||
	    (double)count <= TIMES_USUAL * usual)
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&one, err, "{s:s,s:s,s:I,s:I,s:f}", "code", "reader_above_usual", "reader",
	                    reader, "day", (json_int_t)day, "count", count, "usual", usual));
	return sr_json_append(list, one, err);
}

enum sr_status sr_reader_watch(struct sr_act *act, const json_t *holidays, int64_t now_ns, json_t **out,
                               struct sr_err *err)
{
	SR_CLEANUP(watch_dispose)
	struct watch watch = { .act = act,
		               .holidays = holidays,
		               .today = sr_date_of_time(now_ns),
		               .counts = json_object(),
		               .outside = json_object(),
		               .known = json_object() };
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	void *before = act->work;
	const char *reader;
	json_t *days;

	watch.first = watch.today - SR_WATCH_DAYS - SR_WATCH_USUAL_DAYS;
	while (!watch.over) {
		if (sr_act_is_abandoned(act))
			return sr_fail(err, SR_BUSY, "nobody waits for the answer any more");
		sr_act_set_work(act, &watch);
		enum sr_status status = sr_act_read(act, take_some, err);
		sr_act_set_work(act, before);
		SR_TRY(status);
	}
	json_object_foreach(watch.counts, reader, days)
		for (int64_t day = watch.today - SR_WATCH_DAYS + 1; day <= watch.today; day++)
			SR_TRY(judge_day(&watch, reader, days, day, list, err));
	*out = SR_MOVE(list);
	return SR_OK;
}
