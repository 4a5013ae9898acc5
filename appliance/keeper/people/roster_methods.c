/* SPDX-License-Identifier: Apache-2.0 */
/* ImportRoster: many people proposed at once, all rows or none. */
#include "appliance/keeper/people/methods.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/people/proposal.h"
#include "appliance/keeper/people/roster.h"
#include "appliance/keeper/state/state.h"

struct roster {
	json_t *rows;
	struct sr_proposal *list; /* one a row */
	size_t count;
	char digest[SR_DIGEST_HEX];
};

static void roster_dispose(struct roster *roster)
{
	for (size_t i = 0; roster->list && i < roster->count; i++)
		json_decref(roster->list[i].fields);
	free(roster->list);
	json_decref(roster->rows);
}

static long long line_of(const struct roster *roster, size_t index)
{
	return json_integer_value(json_object_get(json_array_get(roster->rows, index), "line"));
}

/* What does not depend on the state: names, roles, and the logins of this machine. */
static enum sr_status take_rows(struct sr_act *act, struct roster *roster, struct sr_err *err)
{
	roster->count = json_array_size(roster->rows);
	roster->list = calloc(roster->count, sizeof(*roster->list));
	if (!roster->list)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a roster");
	for (size_t i = 0; i < roster->count; i++) {
		const json_t *row = json_object_get(json_array_get(roster->rows, i), "row");
		struct sr_proposal *proposal = &roster->list[i];

		enum sr_status status = sr_proposal_take_new(act->keeper, row, proposal, err);
		if (status == SR_OK)
			status = sr_json_set(proposal->fields, "roster", json_string(roster->digest), err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "line %lld: ", line_of(roster, i));
	}
	return SR_OK;
}

static enum sr_status check_rows(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct roster *roster = act->work;
	uint64_t pending;

	SR_TRY(sr_state_pending(txn, &pending, err));
	if (pending + roster->count > SR_PROPOSALS_MAX)
		return sr_act_refuse(act, "Limit", err, "with these more than %u proposals would wait",
		                     SR_PROPOSALS_MAX);
	for (size_t i = 0; i < roster->count; i++) {
		enum sr_status status = sr_proposal_check(act, txn, &roster->list[i], err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "line %lld: ", line_of(roster, i));
	}
	return SR_OK;
}

static enum sr_status put_rows(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct roster *roster = act->work;

	for (size_t i = 0; i < roster->count; i++)
		SR_TRY(sr_proposal_put(act, txn, &roster->list[i], err));
	return SR_OK;
}

static enum sr_status reply(struct sr_act *act, const struct roster *roster, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < roster->count; i++) {
		json_t *item = NULL;

		SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:s}", "proposal", roster->list[i].id, "user",
		                    roster->list[i].user));
		SR_TRY(sr_json_append(list, item, err));
	}
	return sr_act_reply(act, err, "{s:O,s:s}", "proposals", list, "roster", roster->digest);
}

static enum sr_status import_roster(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(roster_dispose) struct roster roster = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
	struct sr_digest digest;

	SR_TRY(sr_act_file(act, "csv", SR_ROSTER_BYTES, &file, err));
	SR_TRY(sr_digest_of(file.data, file.size, &digest, err));
	sr_digest_to_hex(&digest, roster.digest);
	SR_TRY(sr_roster_read(sr_buf_bytes(&file), &roster.rows, err));
	SR_TRY(take_rows(act, &roster, err));
	sr_act_set_work(act, &roster);
	SR_TRY(sr_act_write(act, check_rows, put_rows, err));
	return reply(act, &roster, err);
}

static const struct sr_method methods[] = {
	/* Without csv: the file's descriptor. */
	{ "ImportRoster", "csv:prose?", SR_BY(ADMIN), SR_DOOR_PEOPLE, SR_METHOD_SLOW, import_roster },
};
const struct sr_method_family sr_roster_methods = { methods, SR_COUNT(methods) };
