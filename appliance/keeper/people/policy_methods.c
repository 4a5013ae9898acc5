/* SPDX-License-Identifier: Apache-2.0 */
/* The approval table: ShowPolicy, ProposePolicy, ConfirmPolicy. */
#include "appliance/keeper/people/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/state/approval.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

#define PROPOSED_MAX 20u

/* What a command finds. */
struct policy {
	json_t *current;  /* the record of the table that holds */
	json_t *proposed; /* records of those that wait */
	const json_t *table;
	char digest[SR_DIGEST_HEX]; /* of the table in question */
};

static void policy_dispose(struct policy *policy)
{
	json_decref(policy->current);
	json_decref(policy->proposed);
}

static enum sr_status look(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct policy *policy = act->work;

	policy_dispose(policy);
	policy->current = NULL;
	policy->proposed = json_array();
	SR_TRY(sr_record_get(txn, SR_DB_POLICY, SR_STATE_POLICY, "approval table", &policy->current, err));
	return sr_record_list(txn, SR_DB_POLICY, SR_STATE_PROPOSED, policy->proposed, err);
}

static enum sr_status show_policy(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(policy_dispose) struct policy policy = { 0 };

	sr_act_set_work(act, &policy);
	SR_TRY(sr_act_read(act, look, err));
	return sr_act_reply(act, err, "{s:O,s:O,s:O}", "policy", json_object_get(policy.current, "policy"),
	                    "table", json_object_get(policy.current, "table"), "proposed", policy.proposed);
}

/* --- ProposePolicy --------------------------------------------------------------------------------- */

static const json_t *waiting(const struct policy *policy, const char *digest)
{
	size_t index;
	json_t *record;

	json_array_foreach(policy->proposed, index, record)
		if (strcmp(sr_json_text(record, "policy"), digest) == 0)
			return record;
	return NULL;
}

static enum sr_status check_propose(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct policy *policy = act->work;

	SR_TRY(look(act, txn, err));
	if (strcmp(sr_json_text(policy->current, "policy"), policy->digest) == 0)
		return sr_act_refuse(act, "Exists", err, "this is the approval table that holds already");
	if (waiting(policy, policy->digest))
		return sr_act_refuse(act, "Exists", err, "this approval table is proposed already");
	if (json_array_size(policy->proposed) >= PROPOSED_MAX)
		return sr_act_refuse(act, "Limit", err, "%u approval tables wait already", PROPOSED_MAX);
	return SR_OK;
}

static enum sr_status put_proposed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct policy *policy = act->work;

	return sr_act_record(act, txn, "policy.proposed",
	                     json_pack("{s:s,s:O,s:s}", "policy", policy->digest, "table", policy->table,
	                               "previous", sr_json_text(policy->current, "policy")),
	                     NULL, err);
}

static enum sr_status propose_policy(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(policy_dispose) struct policy policy = { .table = sr_act_value(act, "table") };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_digest digest;

	SR_TRY(sr_approval_check_table(policy.table, err));
	SR_TRY(sr_json_write(policy.table, &text, err));
	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, policy.digest);
	sr_act_set_work(act, &policy);
	SR_TRY(sr_act_write(act, check_propose, put_proposed, err));
	return sr_act_reply(act, err, "{s:s}", "policy", policy.digest);
}

/* --- ConfirmPolicy --------------------------------------------------------------------------------- */

static enum sr_status choose(struct sr_act *act, struct policy *policy, const json_t **out,
                             struct sr_err *err)
{
	const char *digest = sr_act_text(act, "policy");

	if (digest)
		*out = waiting(policy, digest);
	else if (json_array_size(policy->proposed) > 1)
		return sr_act_refuse(act, "Invalid", err,
		                     "%zu approval tables wait; name one by its digest (policy show)",
		                     json_array_size(policy->proposed));
	else
		*out = json_array_get(policy->proposed, 0);
	if (!*out)
		return sr_act_refuse(act, "NotFound", err, "no such approval table is proposed");
	return SR_OK;
}

static enum sr_status check_confirm(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct policy *policy = act->work;
	const json_t *chosen = NULL;

	SR_TRY(look(act, txn, err));
	SR_TRY(choose(act, policy, &chosen, err));
	const char *by = sr_json_text(chosen, "by");
	if (by && strcmp(by, act->caller.user) == 0)
		return sr_act_refuse(act, "OwnProposal", err,
		                     "you proposed this table yourself; somebody else must confirm it");
	if (by && sr_state_require_role(txn, by, "admin", err) != SR_OK)
		return sr_act_refuse(act, "Denied", err, "%s, who proposed this, is administrator no more",
		                     by);
	snprintf(policy->digest, sizeof(policy->digest), "%s", sr_json_text(chosen, "policy"));
	return SR_OK;
}

static enum sr_status put_changed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct policy *policy = act->work;

	return sr_act_record(act, txn, "policy.changed",
	                     json_pack("{s:s,s:s}", "policy", policy->digest, "previous",
	                               sr_json_text(policy->current, "policy")),
	                     NULL, err);
}

static enum sr_status confirm_policy(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(policy_dispose) struct policy policy = { 0 };

	sr_act_set_work(act, &policy);
	SR_TRY(sr_act_write(act, check_confirm, put_changed, err));
	return sr_act_reply(act, err, "{s:s}", "policy", policy.digest);
}

static const struct sr_method methods[] = {
	{ "ShowPolicy", "", SR_BY_STAFF, SR_DOOR_PEOPLE, 0, show_policy },
	{ "ProposePolicy", "table:object", SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, propose_policy },
	{ "ConfirmPolicy", "policy:text?", SR_BY(OFFICIAL), SR_DOOR_PEOPLE, 0, confirm_policy },
};
const struct sr_method_family sr_policy_methods = { methods, SR_COUNT(methods) };
