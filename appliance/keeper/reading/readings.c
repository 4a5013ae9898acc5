/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/readings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/index/case_store.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

#define ROWS_DEFAULT 500
#define ROWS_MAX 2000
#define SCAN_NS (SR_SECOND_NS / 2) /* on one snapshot: then a page ends, perhaps empty */

struct search {
	int64_t from_ns, to_ns; /* entries with from <= time < to */
	uint64_t next;          /* entry to go on with */
	uint64_t limit;
	bool over;
	json_t *rows;
	json_t *open; /* rows that wait for their closing, by the number of the opening */
};

enum sr_status sr_readings_first_at(struct sr_txn *txn, int64_t time_ns, uint64_t *out, struct sr_err *err)
{
	uint64_t low = 0, high;

	SR_TRY(sr_journal_size(txn, &high, err));
	while (low < high) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
		uint64_t middle = low + (high - low) / 2;

		SR_TRY(sr_journal_entry(txn, middle, &bytes, err));
		SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
		if (entry.time_ns < time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	*out = low;
	return SR_OK;
}

static enum sr_status set_bytes(json_t *row, const char *key, struct sr_bytes text, struct sr_err *err)
{
	return sr_json_set(row, key, json_stringn((const char *)text.data, text.size), err);
}

/* The case, if the caller may know of it; an auditor sees the reading without the case's own words. */
static enum sr_status add_case(struct sr_act *act, struct sr_txn *txn, const char *id, json_t *row, bool *may,
                               struct sr_err *err)
{
	bool auditor = sr_act_is(act, SR_BY(AUDITOR));
	struct sr_case_record record;
	struct sr_case_id case_id;

	*may = auditor;
	if (!id || !sr_case_id_parse(id, &case_id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &case_id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	if (!auditor)
		SR_TRY(sr_case_view_may_know(act, txn, &record, may, err));
	if (!*may)
		return SR_OK;
	SR_TRY(set_bytes(row, "number", record.number, err));
	return auditor ? SR_OK : set_bytes(row, "title", record.title, err);
}

static enum sr_status add_member(struct sr_txn *txn, const struct sr_entry *entry, json_t *row,
                                 struct sr_err *err)
{
	const char *id = sr_json_text(entry->root, "case");
	json_int_t number = json_integer_value(json_object_get(entry->root, "member"));
	struct sr_case_part part;
	struct sr_member_row member;
	struct sr_case_id case_id;

	if (!id || !sr_case_id_parse(id, &case_id) || number < 1 || number > UINT32_MAX)
		return SR_OK;
	enum sr_status status = sr_case_store_member(txn, &case_id, (uint32_t)number, &part, &member, err);
	if (status == SR_NOT_FOUND || status == SR_INVALID)
		return SR_OK;
	SR_TRY(status);
	return set_bytes(row, "member_title", member.title, err);
}

static enum sr_status add_person(struct sr_txn *txn, const struct sr_entry *entry, json_t *row,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	const char *user = sr_json_text(entry->actor, "user");
	const char *organ = sr_json_text(entry->actor, "organ");

	if (!user)
		user = sr_json_text(entry->actor, "pass");
	if (user)
		SR_TRY(sr_json_set(row, "reader", json_string(user), err));
	if (organ) {
		SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;

		SR_TRY(sr_json_set(row, "organ", json_string(organ), err));
		SR_TRY(sr_record_look(txn, SR_DB_ORGANS, organ, &known, err));
		const char *called = sr_json_text(known, "name");
		if (called)
			SR_TRY(sr_json_set(row, "organ_name", json_string(called), err));
	}
	if (user)
		SR_TRY(sr_state_user(txn, user, &person, err));
	const char *name = sr_json_text(person, "full_name");
	return name ? sr_json_set(row, "full_name", json_string(name), err) : SR_OK;
}

static enum sr_status copy_keys(const json_t *from, const char *const *keys, json_t *row, struct sr_err *err)
{
	for (size_t i = 0; keys[i]; i++) {
		json_t *value = json_object_get(from, keys[i]);

		if (value)
			SR_TRY(sr_json_set(row, keys[i], json_incref(value), err));
	}
	return SR_OK;
}

/* What the officials are called, and when the last of them decided. */
static enum sr_status add_approval(struct sr_txn *txn, const json_t *request, json_t *row, struct sr_err *err)
{
	const json_t *decisions = json_object_get(request, "decisions");
	const json_t *last = json_array_get(decisions, json_array_size(decisions) - 1);
	const char *at = sr_json_text(last, "time");
	json_t *names = json_array();
	size_t index;
	json_t *official;

	SR_TRY(sr_json_set(row, "approved_by_names", names, err));
	if (at)
		SR_TRY(sr_json_set(row, "approved_at", json_string(at), err));
	json_array_foreach(json_object_get(row, "approved_by"), index, official) {
		SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

		SR_TRY(sr_state_user(txn, json_string_value(official), &person, err));
		const char *name = sr_json_text(person, "full_name");
		SR_TRY(sr_json_append(names, json_string(name ? name : json_string_value(official)), err));
	}
	return SR_OK;
}

static enum sr_status add_request(struct sr_txn *txn, const struct sr_entry *entry, json_t *row,
                                  struct sr_err *err)
{
	static const char *const keys[] = { "purpose", "reason", "on_behalf", "papers", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	const char *id = sr_json_text(entry->root, "request");

	if (id)
		SR_TRY(sr_record_look(txn, SR_DB_REQUESTS, id, &request, err));
	SR_TRY(copy_keys(request, keys, row, err));
	return add_approval(txn, request, row, err);
}

static enum sr_status add_opened(struct sr_act *act, struct sr_txn *txn, const struct sr_entry *entry,
                                 struct sr_err *err)
{
	static const char *const keys[] = { "seq",  "time",   "request", "grant",   "approved_by", "case",
		                            "part", "member", "channel", "address", "uid",         NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_object();
	struct search *search = act->work;
	char seq[24];
	bool may;

	SR_TRY(add_case(act, txn, sr_json_text(entry->root, "case"), row, &may, err));
	if (!may)
		return SR_OK;
	SR_TRY(copy_keys(entry->root, keys, row, err));
	SR_TRY(add_person(txn, entry, row, err));
	SR_TRY(add_request(txn, entry, row, err));
	if (!sr_act_is(act, SR_BY(AUDITOR)))
		SR_TRY(add_member(txn, entry, row, err));
	snprintf(seq, sizeof(seq), "%" PRIu64, entry->seq);
	SR_TRY(sr_json_append(search->rows, json_incref(row), err));
	return sr_json_set(search->open, seq, json_incref(row), err);
}

static enum sr_status add_closed(struct search *search, const struct sr_entry *entry, struct sr_err *err)
{
	static const char *const keys[] = { "bytes", "lost", NULL };
	char seq[24];

	snprintf(seq, sizeof(seq), "%" PRIu64,
	         (uint64_t)json_integer_value(json_object_get(entry->root, "opened")));
	json_t *row = json_object_get(search->open, seq);
	if (!row)
		return SR_OK;
	SR_TRY(copy_keys(entry->root, keys, row, err));
	SR_TRY(sr_json_set(row, "closed", json_string(sr_json_text(entry->root, "time")), err));
	json_object_del(search->open, seq);
	return SR_OK;
}

/* One entry; false in *on when the page is at its end before it. */
static enum sr_status take(struct sr_act *act, struct sr_txn *txn, bool *on, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	struct search *search = act->work;

	SR_TRY(sr_journal_entry(txn, search->next, &bytes, err));
	SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
	bool within = entry.time_ns < search->to_ns;
	*on = within && json_array_size(search->rows) < search->limit;
	search->over = !within;
	if (!*on)
		return SR_OK;
	search->next++;
	if (strcmp(entry.type, "access.opened") == 0)
		return add_opened(act, txn, &entry, err);
	return strcmp(entry.type, "access.closed") == 0 ? add_closed(search, &entry, err) : SR_OK;
}

/* Behind the page: the closings of its rows, until none is missing. */
static enum sr_status find_closings(struct search *search, struct sr_txn *txn, int64_t until_ns,
                                    struct sr_err *err)
{
	uint64_t size;

	SR_TRY(sr_journal_size(txn, &size, err));
	for (uint64_t seq = search->next; seq < size && json_object_size(search->open) > 0; seq++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

		if (sr_keeper_boot_ns() > until_ns)
			return SR_OK;
		SR_TRY(sr_journal_entry(txn, seq, &bytes, err));
		if (!memmem(bytes.data, bytes.size, "\"access.closed\"", 15))
			continue;
		SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
		if (strcmp(entry.type, "access.closed") == 0)
			SR_TRY(add_closed(search, &entry, err));
	}
	return SR_OK;
}

static enum sr_status fill(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	int64_t until_ns = sr_keeper_boot_ns() + SCAN_NS;
	struct search *search = act->work;
	bool on = true;
	uint64_t size;

	if (search->next == 0)
		SR_TRY(sr_readings_first_at(txn, search->from_ns, &search->next, err));
	SR_TRY(sr_journal_size(txn, &size, err));
	while (on && search->next < size && sr_keeper_boot_ns() < until_ns)
		SR_TRY(take(act, txn, &on, err));
	search->over = search->over || search->next >= size;
	return find_closings(search, txn, until_ns + SCAN_NS, err);
}

static enum sr_status read_days(struct sr_act *act, struct search *search, struct sr_err *err)
{
	int64_t from, to;

	if (!sr_date_parse(sr_act_text(act, "from"), &from))
		return sr_act_refuse(act, "Invalid", err, "/from: must be a day such as 2026-01-01");
	if (!sr_date_parse(sr_act_text(act, "to"), &to) || to < from)
		return sr_act_refuse(act, "Invalid", err, "/to: must be a day, and not before /from");
	search->from_ns = sr_time_of_date(from);
	search->to_ns = sr_time_of_date(to + 1);
	return SR_OK;
}

enum sr_status sr_run_readings(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *open = json_object();
	int64_t limit = sr_act_count(act, "limit", ROWS_DEFAULT);
	struct search search = { .next = (uint64_t)sr_act_count(act, "after", 0),
		                 .limit = (uint64_t)(limit > ROWS_MAX ? ROWS_MAX : limit),
		                 .rows = rows,
		                 .open = open };

	if (!rows || !open || limit == 0)
		return sr_act_refuse(act, "Invalid", err, "/limit: must be 1 to %d", ROWS_MAX);
	SR_TRY(read_days(act, &search, err));
	sr_act_set_work(act, &search);
	SR_TRY(sr_act_read(act, fill, err));
	SR_TRY(sr_act_reply(act, err, "{s:O,s:n}", "rows", rows, "next"));
	return search.over ? SR_OK
	                   : sr_json_set(act->answer, "next", json_integer((json_int_t)search.next), err);
}
