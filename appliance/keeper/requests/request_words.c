/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/request_words.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_requests.h"
#include "appliance/keeper/state/state.h"

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* --- names ------------------------------------------------------------------------------------------ */

enum sr_status sr_name_of(struct sr_txn *txn, const char *user, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_user(txn, user, &person, err));
	const char *name = sr_json_text(person, "full_name");
	*out = json_string(name ? name : user);
	return *out ? SR_OK : sr_fail(err, SR_NO_MEMORY, "no memory for a name");
}

/* The name of whom @from names under @key becomes @name of @row; null where it names nobody. */
static enum sr_status add_name(struct sr_txn *txn, const json_t *from, const char *key, json_t *row,
                               const char *name, struct sr_err *err)
{
	const char *user = sr_json_text(from, key);
	json_t *called = NULL;

	if (user)
		SR_TRY(sr_name_of(txn, user, &called, err));
	return sr_json_set(row, name, called ? called : json_null(), err);
}

enum sr_status sr_request_add_names(struct sr_txn *txn, const json_t *request, json_t *row,
                                    struct sr_err *err)
{
	json_t *decision;
	size_t index;

	SR_TRY(add_name(txn, request, "filed_by", row, "filed_by_name", err));
	SR_TRY(add_name(txn, request, "reader", row, "reader_name", err));
	json_array_foreach(json_object_get(row, "decisions"), index, decision) {
		SR_TRY(add_name(txn, decision, "official", decision, "official_name", err));
		SR_TRY(add_name(txn, decision, "for", decision, "for_name", err));
	}
	return SR_OK;
}

/* --- what an official needs before deciding --------------------------------------------------------- */

static bool decided_by(const json_t *request, const char *user)
{
	json_t *decision;
	size_t index;

	json_array_foreach(json_object_get(request, "decisions"), index, decision)
		if (is(sr_json_text(decision, "official"), user) || is(sr_json_text(decision, "for"), user))
			return true;
	return false;
}

static enum sr_status add_officials(struct sr_act *act, struct sr_txn *txn, const json_t *request,
                                    json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *users = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	const char *organ = sr_json_text(request, "organ");
	json_t *user;
	size_t index;

	if (organ && !sr_act_is(act, SR_BY(OFFICIAL)))
		SR_TRY(sr_deputy_for(act, txn, organ, &users, err));
	json_array_foreach(users, index, user) {
		SR_CLEANUP(sr_json_decrefp) json_t *name = NULL;
		json_t *one = NULL;

		SR_TRY(sr_name_of(txn, json_string_value(user), &name, err));
		SR_TRY(SR_JSON_PACK(&one, err, "{s:O,s:O}", "user", user, "name", name));
		SR_TRY(sr_json_append(list, one, err));
	}
	return sr_json_set(row, "deputy_for", SR_MOVE(list), err);
}

static enum sr_status add_reader(struct sr_txn *txn, const json_t *request, json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	const char *reader = sr_json_text(request, "reader");

	if (reader)
		SR_TRY(sr_state_user(txn, reader, &person, err));
	json_t *clearances = json_object_get(person, "clearances");
	return sr_json_set(row, "clearances", clearances ? json_incref(clearances) : json_array(), err);
}

enum sr_status sr_request_add_needs(struct sr_act *act, struct sr_txn *txn, const json_t *request,
                                    bool decides, json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *policy = NULL;
	const char *user = act->caller.user, *paper;
	json_t *handled = NULL;
	unsigned officials;

	SR_TRY(sr_record_get(txn, SR_DB_POLICY, "current", "approval table", &policy, err));
	SR_TRY(sr_request_needs(txn, request, json_object_get(policy, "table"), &officials, &paper, err));
	SR_TRY(sr_json_set(row, "approvals", json_integer(officials), err));
	SR_TRY(sr_request_handled(act, txn, json_object_get(request, "cases"), &handled, err));
	SR_TRY(sr_json_set(row, "handled", handled, err));
	SR_TRY(sr_json_set(row, "decides", json_boolean(decides), err));
	if (!decides)
		return SR_OK;
	bool own = is(sr_json_text(request, "filed_by"), user) || is(sr_json_text(request, "reader"), user);
	SR_TRY(sr_json_set(row, "own", json_boolean(own), err));
	SR_TRY(sr_json_set(row, "decided", json_boolean(decided_by(request, user)), err));
	SR_TRY(add_officials(act, txn, request, row, err));
	return add_reader(txn, request, row, err);
}
