/* SPDX-License-Identifier: Apache-2.0 */
/* Reading under a grant, and who reads now. */
#include "appliance/keeper/reading/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/index/case_store.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/reading/reading_close.h"
#include "appliance/keeper/reading/reading_describe.h"
#include "appliance/keeper/reading/reading_export.h"
#include "appliance/keeper/reading/reading_fixity.h"
#include "appliance/keeper/reading/reading_open.h"
#include "appliance/keeper/requests/request_words.h"
#include "appliance/keeper/state/state.h"

/* --- LiveAccess ------------------------------------------------------------------------------------ */

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

/* Copies, since what the index knows of them is read outside of the table's lock. */
static enum sr_status copy_access(void *context, const struct sr_live_access *access, struct sr_err *err)
{
	json_t *list = context;
	json_t *one = NULL;
	char since[SR_TIME_TEXT];

	sr_time_format_utc(access->since_ns, since);
	SR_TRY(SR_JSON_PACK(&one, err, "{s:I,s:s,s:s,s:s,s:n,s:i,s:n,s:s,s:s,s:o,s:o,s:o,s:o}", "opened",
	                    (json_int_t)access->opened, "grant", access->grant, "reader", access->user,
	                    "case", access->case_id, "number", "member", (int)access->member, "title",
	                    "channel", access->channel, "since", since, "address",
	                    access->has_uid ? json_null() : text_or_null(access->address), "uid",
	                    access->has_uid ? json_integer(access->uid) : json_null(), "pid",
	                    access->pid > 0 ? json_integer(access->pid) : json_null(), "program",
	                    text_or_null(access->program)));
	return sr_json_append(list, one, err);
}

/* Who reads and by whose leave: "reader_name" (null: by a pass), "approved_by_names". */
static enum sr_status add_people(struct sr_txn *txn, json_t *one, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *names = json_array();
	json_t *name = NULL, *user;
	size_t index;

	enum sr_status status = sr_state_grant(txn, sr_json_text(one, "grant"), &grant, err);
	if (status != SR_OK)
		return status == SR_DENIED ? SR_OK : status;
	json_array_foreach(json_object_get(grant, "approved_by"), index, user) {
		SR_TRY(sr_name_of(txn, json_string_value(user), &name, err));
		SR_TRY(sr_json_append(names, name, err));
	}
	SR_TRY(sr_json_set(one, "approved_by_names", SR_MOVE(names), err));
	if (!sr_json_text(grant, "reader"))
		return sr_json_set(one, "reader_name", json_null(), err);
	SR_TRY(sr_name_of(txn, sr_json_text(grant, "reader"), &name, err));
	return sr_json_set(one, "reader_name", name, err);
}

/*
 * An official sees the readings of the cases that they may know of, with their number, and the title of what
 * is read where their clearances allow; auditor and security administrator see all of them by id, for they
 * see no case.
 */
static enum sr_status complete(struct sr_act *act, struct sr_txn *txn, json_t *one, bool *shown,
                               struct sr_err *err)
{
	const char *id = sr_json_text(one, "case");
	const int64_t member = json_integer_value(json_object_get(one, "member"));
	struct sr_case_record record;
	struct sr_member_row row;
	struct sr_case_part part;
	struct sr_case_id case_id;

	SR_TRY(add_people(txn, one, err));
	*shown = !sr_act_is(act, SR_BY(OFFICIAL));
	if (*shown || !sr_case_id_parse(id, &case_id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &case_id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_case_view_may_know(act, txn, &record, shown, err));
	if (!*shown)
		return SR_OK;
	SR_TRY(sr_json_set(one, "number", json_stringn((const char *)record.number.data, record.number.size),
	                   err));
	status = sr_case_store_member(txn, &case_id, (uint32_t)member, &part, &row, err);
	if (status == SR_NOT_FOUND || (status == SR_OK && (row.classes & ~act->caller.clearances)))
		return SR_OK;
	SR_TRY(status);
	return sr_json_set(one, "title", json_stringn((const char *)row.title.data, row.title.size), err);
}

static enum sr_status complete_all(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const json_t *all = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	size_t index;
	json_t *one;

	json_array_foreach(all, index, one) {
		bool shown;

		SR_TRY(complete(act, txn, one, &shown, err));
		if (shown)
			SR_TRY(sr_json_append(list, json_incref(one), err));
	}
	return sr_act_reply(act, err, "{s:o}", "live", SR_MOVE(list));
}

static enum sr_status live_access(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *all = json_array();

	SR_TRY(sr_live_each(act->keeper->reading->live, copy_access, all, err));
	sr_act_set_work(act, all);
	return sr_act_read(act, complete_all, err);
}

/* --- the table ------------------------------------------------------------------------------------- */

#define BY_EXPORTERS (SR_BY_READERS & ~SR_BY(OFFICIAL))

static const struct sr_method methods[] = {
	{ "DescribeGrant", "grant:text", SR_BY_READERS, SR_DOOR_ALL, 0, sr_run_describe_grant },
	{ "OpenMember", "grant:text case:text member:count channel:text", SR_BY_READERS, SR_DOOR_ALL, 0,
	  sr_run_open_member },
	{ "CloseMember", "opened:count bytes:count ranges:any why:text?", 0, SR_DOOR_ALL,
	  SR_METHOD_STRANGERS | SR_METHOD_URGENT, sr_run_close_member },
	{ "CheckMember", "opened:count", SR_BY_READERS, SR_DOOR_ALL, SR_METHOD_AT_ONCE, sr_run_check_member },
	{ "LiveAccess", "", SR_BY(OFFICIAL) | SR_BY(AUDITOR) | SR_BY(SECURITY_ADMIN), SR_DOOR_PEOPLE, 0,
	  live_access },
	{ "ExportGrant", "grant:text form:text to:text?", BY_EXPORTERS, SR_DOOR_PEOPLE, 0,
	  sr_run_export_grant },
	{ "FinishExport", "export:text members:count bytes:count digest:text", BY_EXPORTERS, SR_DOOR_PEOPLE,
	  0, sr_run_finish_export },
	{ "ReportFixity", "case:text part:count member:count chunk:count what:text", 0, SR_DOOR_ALL,
	  SR_METHOD_STRANGERS | SR_METHOD_SLOW, sr_run_report_fixity },
};
const struct sr_method_family sr_reading_methods = { methods, SR_COUNT(methods) };
