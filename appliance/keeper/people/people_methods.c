/* SPDX-License-Identifier: Apache-2.0 */
/* People come in by two: ProposeUser, ChangeUser, ResetPassword, DisableUser, ConfirmUser, DropProposal. */
#include "appliance/keeper/people/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/people/delegation.h"
#include "appliance/keeper/people/new_password.h"
#include "appliance/keeper/people/proposal.h"
#include "appliance/keeper/requests/grant_end.h"
#include "appliance/keeper/state/person.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

/* --- proposing ------------------------------------------------------------------------------------- */

static void proposal_dispose(struct sr_proposal *proposal)
{
	json_decref(proposal->fields);
	sr_wipe(proposal, sizeof(*proposal));
}

static enum sr_status check_proposal(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_proposal_check(act, txn, act->work, err);
}

static enum sr_status put_proposal(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_proposal_put(act, txn, act->work, err);
}

/* Before a password is hashed: what cannot be is refused without the work. */
static enum sr_status propose(struct sr_act *act, struct sr_proposal *proposal, const char *password,
                              struct sr_err *err)
{
	sr_act_set_work(act, proposal);
	SR_TRY(sr_act_read(act, check_proposal, err));
	if (password)
		SR_TRY(sr_new_password_hash(act->keeper, proposal->user, password, proposal->hash, err));
	return sr_act_write(act, check_proposal, put_proposal, err);
}

static enum sr_status begin(struct sr_act *act, const char *action, struct sr_proposal *proposal,
                            struct sr_err *err)
{
	proposal->action = action;
	proposal->user = sr_act_text(act, "user");
	proposal->fields = json_object();
	return sr_proposal_take_fields(act->parameters, proposal, err);
}

static enum sr_status reply(struct sr_act *act, const struct sr_proposal *proposal, struct sr_err *err)
{
	return sr_act_reply(act, err, "{s:s,s:s,s:s}", "proposal", proposal->id, "user", proposal->user,
	                    "action", proposal->action);
}

static enum sr_status propose_user(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(proposal_dispose) struct sr_proposal proposal = { 0 };

	SR_TRY(sr_proposal_take_new(act->keeper, act->parameters, &proposal, err));
	SR_TRY(propose(act, &proposal, sr_act_text(act, "password"), err));
	return reply(act, &proposal, err);
}

static enum sr_status change_user(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(proposal_dispose) struct sr_proposal proposal = { 0 };

	SR_TRY(begin(act, "change", &proposal, err));
	if (json_object_size(proposal.fields) == 0)
		return sr_fail(err, SR_INVALID, "say what shall change");
	SR_TRY(propose(act, &proposal, NULL, err));
	return reply(act, &proposal, err);
}

static enum sr_status reset_password(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(proposal_dispose) struct sr_proposal proposal = { 0 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *made = NULL;
	const char *password = sr_act_text(act, "password");
	char random[SR_PASSWORD_RANDOM_BYTES + 1] = "";

	SR_TRY(begin(act, "reset-password", &proposal, err));
	if (!password) {
		SR_TRY(sr_password_make_random(&made, err));
		memcpy(random, made->data, made->size);
	}
	enum sr_status status = propose(act, &proposal, password ? password : random, err);
	if (status == SR_OK)
		status = reply(act, &proposal, err);
	if (status == SR_OK && !password)
		status = sr_json_set(act->answer, "password", json_string(random), err);
	sr_wipe(random, sizeof(random));
	return status;
}

static enum sr_status disable_user(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(proposal_dispose) struct sr_proposal proposal = { 0 };
	const char *reason = sr_act_text(act, "reason");

	SR_TRY(begin(act, "disable", &proposal, err));
	if (reason)
		SR_TRY(sr_json_set(proposal.fields, "reason", json_string(reason), err));
	SR_TRY(propose(act, &proposal, NULL, err));
	return reply(act, &proposal, err);
}

/* --- confirming ------------------------------------------------------------------------------------ */

struct confirming {
	const char *user;
	char id[SR_LABEL_BYTES]; /* "" until it is known */
	json_t *proposal;        /* as of the last look */
	json_t *login;           /* as the machine knows it now; NULL without one */
};

static void confirming_dispose(struct confirming *c)
{
	json_decref(c->proposal);
	json_decref(c->login);
}

static enum sr_status look(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct confirming *c = act->work;
	const char *id = c->id[0] ? c->id : sr_act_text(act, "proposal");
	json_t *found = NULL;

	SR_TRY(sr_proposal_find(act, txn, c->user, id, &found, err));
	json_decref(c->proposal);
	c->proposal = found;
	sr_label_copy(c->id, sr_json_text(found, "proposal"));
	return SR_OK;
}

/* The Unix login is still the one that was proposed: a uid may have become somebody else's meanwhile. */
static enum sr_status check_same_login(struct sr_act *act, struct confirming *c, struct sr_err *err)
{
	const json_t *proposed = json_object_get(c->proposal, "login");
	const char *name = sr_json_text(proposed, "name");

	if (!name)
		return SR_OK;
	json_decref(SR_MOVE(c->login));
	enum sr_status status = sr_person_login(name, &c->login, err);
	if (status == SR_INVALID || (status == SR_OK && !json_equal(proposed, c->login)))
		return sr_act_refuse(
			act, "Invalid", err,
			"the Unix login %.60s is not the one that was proposed any more; drop the "
			"proposal and make it anew",
			name);
	return status;
}

static enum sr_status check_confirm(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct confirming *c = act->work;

	SR_TRY(look(act, txn, err));
	const char *by = sr_json_text(c->proposal, "by");
	const char *action = sr_json_text(c->proposal, "action");
	if (by && strcmp(by, act->caller.user) == 0)
		return sr_act_refuse(act, "OwnProposal", err,
		                     "you proposed this yourself; somebody else must confirm it");
	if (by && sr_state_require_role(txn, by, "admin", err) != SR_OK)
		return sr_act_refuse(act, "Denied", err,
		                     "%s, who proposed this, is administrator no more; drop the proposal",
		                     by);
	const char *role = sr_json_text(c->proposal, "role");
	if (role || strcmp(action, "disable") == 0)
		SR_TRY(sr_proposal_check_last(act, txn, c->user, role, err));
	return sr_proposal_check_login(act, txn, c->user, json_object_get(c->proposal, "login"), err);
}

/* The password that came with the proposal is the user's now. */
static enum sr_status take_password(const struct confirming *c, struct sr_txn *txn, struct sr_err *err)
{
	char hash[SR_PASSWORD_HASH_TEXT];

	SR_TRY(sr_proposal_hash(txn, c->id, hash, err));
	enum sr_status status = hash[0] ? sr_people_put_hash(txn, c->user, hash, err) : SR_OK;
	sr_wipe(hash, sizeof(hash));
	SR_TRY(status);
	return sr_proposal_forget_hash(txn, c->id, err);
}

static enum sr_status apply_disable(struct sr_act *act, struct sr_txn *txn, const struct confirming *c,
                                    struct sr_err *err)
{
	const char *reason = sr_json_text(c->proposal, "reason");

	SR_TRY(sr_act_record(
		act, txn, "user.disabled",
		json_pack("{s:s,s:s,s:s*}", "user", c->user, "proposal", c->id, "reason", reason), NULL,
		err));
	return sr_people_put_hash(txn, c->user, "", err);
}

static enum sr_status apply_confirm(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct confirming *c = act->work;
	const bool disables = strcmp(sr_json_text(c->proposal, "action"), "disable") == 0;

	if (disables)
		SR_TRY(sr_proposal_forget_hashes(txn, c->user, err));
	if (disables || sr_json_text(c->proposal, "role") || sr_json_text(c->proposal, "organ"))
		SR_TRY(sr_delegations_end_of(act, txn, c->user, disables ? "disabled" : "role", err));
	SR_TRY(sr_act_record(act, txn, "user.confirmed",
	                     json_pack("{s:s,s:s}", "proposal", c->id, "user", c->user), NULL, err));
	return disables ? apply_disable(act, txn, c, err) : take_password(c, txn, err);
}

/* The sessions that were opened as somebody who the user is not any more. */
static void end_sessions(struct sr_act *act, const struct confirming *c)
{
	const char *action = sr_json_text(c->proposal, "action");
	const json_t *removed = json_object_get(c->proposal, "removed");
	bool login = sr_scope_lists(removed, "login") || json_object_get(c->proposal, "login");
	bool place = json_object_get(c->proposal, "role") || json_object_get(c->proposal, "organ");

	if (strcmp(action, "disable") == 0) {
		sr_people_end_sessions(act->keeper, c->user, NULL, SR_SESSION_END_DISABLED);
		sr_grants_ended_of_user(act->keeper, c->user, "disabled");
	} else if (strcmp(action, "reset-password") == 0) {
		sr_people_end_sessions(act->keeper, c->user, NULL, SR_SESSION_END_PASSWORD);
	} else if (login || place) {
		sr_people_end_sessions(act->keeper, c->user, NULL, SR_SESSION_END_ROLE);
	}
}

static enum sr_status confirm_user(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(confirming_dispose) struct confirming c = { .user = sr_act_text(act, "user") };

	sr_act_set_work(act, &c);
	SR_TRY(sr_act_read(act, look, err));
	SR_TRY(check_same_login(act, &c, err));
	SR_TRY(sr_act_write(act, check_confirm, apply_confirm, err));
	if (strcmp(sr_json_text(c.proposal, "action"), "disable") == 0)
		sr_grants_ended_of_user(act->keeper, c.user, "disabled");
	end_sessions(act, &c);
	return sr_act_reply(act, err, "{s:s,s:s,s:s}", "user", c.user, "action",
	                    sr_json_text(c.proposal, "action"), "proposal", c.id);
}

/* --- dropping -------------------------------------------------------------------------------------- */

static enum sr_status apply_drop(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct confirming *c = act->work;

	SR_TRY(sr_act_record(act, txn, "user.dropped",
	                     json_pack("{s:s,s:s,s:s*}", "proposal", c->id, "user", c->user, "reason",
	                               sr_act_text(act, "reason")),
	                     NULL, err));
	return sr_proposal_forget_hash(txn, c->id, err);
}

static enum sr_status drop_proposal(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(confirming_dispose) struct confirming c = { .user = sr_act_text(act, "user") };

	sr_act_set_work(act, &c);
	SR_TRY(sr_act_write(act, look, apply_drop, err));
	return sr_act_reply(act, err, "{s:s,s:s}", "user", c.user, "proposal", c.id);
}

static const struct sr_method methods[] = {
	{ "ProposeUser",
	  "user:text role:text organ:text? full_name:text? clearances:texts? login:text? password:text?",
	  SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, propose_user },
	{ "ChangeUser",
	  "user:text role:text? organ:text? full_name:text? clearances:texts? login:text? removed:texts?",
	  SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, change_user },
	{ "ResetPassword", "user:text password:text?", SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, reset_password },
	{ "DisableUser", "user:text reason:prose?", SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, disable_user },
	{ "ConfirmUser", "user:text proposal:text?", SR_BY(SECURITY_ADMIN), SR_DOOR_PEOPLE, SR_METHOD_URGENT,
	  confirm_user },
	{ "DropProposal", "user:text proposal:text? reason:prose?", SR_BY(ADMIN) | SR_BY(SECURITY_ADMIN),
	  SR_DOOR_PEOPLE, 0, drop_proposal },
};
const struct sr_method_family sr_people_methods = { methods, SR_COUNT(methods) };
