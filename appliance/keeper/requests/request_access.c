/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/request_access.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

struct deputies {
	struct sr_txn *txn;
	const char *deputy, *organ;
	char day[SR_TIME_TEXT];
	json_t *officials;
};

static enum sr_status add_official(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct deputies *deputies = context;
	const char *official = sr_json_text(record, "official");
	const char *from = sr_json_text(record, "from");
	const char *until = sr_json_text(record, "until");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	(void)key;
	if (!is(sr_json_text(record, "deputy"), deputies->deputy) || !official || !from || !until ||
	    strcmp(from, deputies->day) > 0 || strcmp(deputies->day, until) > 0 ||
	    sr_scope_lists(deputies->officials, official))
		return SR_OK;
	SR_TRY(sr_state_user(deputies->txn, official, &person, err));
	if (json_is_true(json_object_get(person, "disabled")) ||
	    !is(sr_json_text(person, "role"), "official") ||
	    !is(sr_json_text(person, "organ"), deputies->organ))
		return SR_OK;
	return sr_json_append(deputies->officials, json_string(official), err);
}

enum sr_status sr_deputy_for(struct sr_act *act, struct sr_txn *txn, const char *organ, json_t **out,
                             struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *officials = json_array();
	struct deputies deputies = {
		.txn = txn, .deputy = act->caller.user, .organ = organ, .officials = officials
	};

	sr_date_format(sr_date_of_time(sr_keeper_now_ns(act->keeper)), deputies.day);
	SR_TRY(sr_record_each(txn, SR_DB_DELEGATES, "", add_official, &deputies, err));
	*out = SR_MOVE(officials);
	return SR_OK;
}

enum sr_status sr_request_case(struct sr_txn *txn, const char *id, struct sr_case_record *out, bool *found,
                               struct sr_err *err)
{
	struct sr_case_id key;
	enum sr_status status = SR_NOT_FOUND;

	if (sr_case_id_parse(id, &key))
		status = sr_case_store_get(txn, &key, out, err);
	*found = status == SR_OK;
	return status == SR_NOT_FOUND ? SR_OK : status;
}

enum sr_status sr_cases_within(struct sr_act *act, struct sr_txn *txn, const json_t *cases, bool *out,
                               struct sr_err *err)
{
	size_t index;
	json_t *value;

	*out = true;
	json_array_foreach(cases, index, value) {
		struct sr_case_record record;
		bool found;

		SR_TRY(sr_request_case(txn, json_string_value(value), &record, &found, err));
		if (found && (record.classes & ~act->caller.clearances)) {
			*out = false;
			return SR_OK;
		}
	}
	return SR_OK;
}

enum sr_status sr_request_may_decide(struct sr_act *act, struct sr_txn *txn, const json_t *request, bool *out,
                                     struct sr_err *err)
{
	const char *organ = sr_json_text(request, "organ");

	*out = sr_act_is(act, SR_BY(OFFICIAL)) && is(organ, act->caller.organ);
	if (!*out && organ && sr_act_is(act, SR_BY_READERS) && !act->caller.pass) {
		SR_CLEANUP(sr_json_decrefp) json_t *officials = NULL;

		SR_TRY(sr_deputy_for(act, txn, organ, &officials, err));
		*out = json_array_size(officials) > 0;
	}
	return *out ? sr_cases_within(act, txn, json_object_get(request, "cases"), out, err) : SR_OK;
}

enum sr_status sr_request_may_see(struct sr_act *act, struct sr_txn *txn, const json_t *request, bool *out,
                                  struct sr_err *err)
{
	const char *user = act->caller.user;

	*out = !act->caller.pass &&
	       (sr_act_is(act, SR_BY(AUDITOR)) || is(sr_json_text(request, "filed_by"), user) ||
	        is(sr_json_text(request, "reader"), user));
	return *out ? SR_OK : sr_request_may_decide(act, txn, request, out, err);
}

enum sr_status sr_request_find(struct sr_act *act, struct sr_txn *txn, const char *request, json_t **out,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	bool may = false;

	if (strlen(request) < SR_RECORD_KEY && request[0] == 'R')
		SR_TRY(sr_record_look(txn, SR_DB_REQUESTS, request, &record, err));
	if (record)
		SR_TRY(sr_request_may_see(act, txn, record, &may, err));
	if (!may)
		return sr_act_not_found(act, "request", request, err);
	*out = SR_MOVE(record);
	return SR_OK;
}

enum sr_status sr_request_handled(struct sr_act *act, struct sr_txn *txn, const json_t *cases, json_t **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *handled = json_array();
	size_t index;
	json_t *value;

	json_array_foreach(cases, index, value) {
		struct sr_case_record record;
		bool found;

		SR_TRY(sr_request_case(txn, json_string_value(value), &record, &found, err));
		if (found && sr_case_view_handled(&act->caller, &record))
			SR_TRY(sr_json_append(handled, json_incref(value), err));
	}
	*out = SR_MOVE(handled);
	return SR_OK;
}
