/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/index/case_record.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/method.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/pass.h"
#include "appliance/keeper/state/state.h"

enum sr_status sr_caller_take_person(struct sr_caller *caller, const json_t *person, struct sr_err *err)
{
	const char *user = sr_json_text(person, "user");
	const char *organ = sr_json_text(person, "organ");
	const char *name = sr_json_text(person, "full_name");

	if (!user || !organ || !sr_label_is_valid(user) || !sr_label_is_valid(organ) ||
	    !sr_role_parse(sr_json_text(person, "role") ? sr_json_text(person, "role") : "", &caller->role))
		return sr_fail(err, SR_CORRUPT, "the record of a user does not parse");
	caller->known = true;
	sr_label_copy(caller->user, user);
	sr_label_copy(caller->organ, organ);
	snprintf(caller->full_name, sizeof(caller->full_name), "%s", name ? name : "");
	caller->roles = 1u << caller->role;
	caller->clearances = sr_classes_of(json_object_get(person, "clearances"));
	return SR_OK;
}

/* --- by session ------------------------------------------------------------------------------------ */

struct saving {
	struct sr_keeper *keeper;
	struct sr_session session;
};

static void save(void *context)
{
	struct saving *saving = context;
	struct sr_err err;

	if (sr_people_save_session(saving->keeper, &saving->session, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "the use of a session could not be written: %s", err.text);
	sr_wipe(saving, sizeof(*saving));
	free(saving);
}

static enum sr_status save_later(struct sr_keeper *keeper, const struct sr_session *session,
                                 struct sr_err *err)
{
	struct saving *saving = malloc(sizeof(*saving));

	if (!saving)
		return sr_fail(err, SR_NO_MEMORY, "no memory to write the use of a session");
	*saving = (struct saving){ keeper, *session };
	enum sr_status status = sr_work_pool_submit(keeper->quick, save, saving, false, err);
	if (status != SR_OK) {
		sr_wipe(saving, sizeof(*saving));
		free(saving);
	}
	return status;
}

static enum sr_status check_token(struct sr_keeper *keeper, const struct sr_caller_claim *claim,
                                  struct sr_session *out, struct sr_err *err)
{
	const char *token = claim->token;
	bool due = false;
	int64_t now_ns = sr_keeper_now_ns(keeper);

	pthread_mutex_lock(&keeper->lock);
	enum sr_status status =
		sr_session_table_check(keeper->sessions, token, strlen(token), now_ns, out, &due, err);
	pthread_mutex_unlock(&keeper->lock);
	if (!claim->at_once)
		sr_session_ends_flush(keeper);
	if (status != SR_OK || !due)
		return status;
	return claim->at_once ? save_later(keeper, out, err) : sr_people_save_session(keeper, out, err);
}

/* A pass dies with its grant, whatever ended that. */
static enum sr_status by_pass(struct sr_keeper *keeper, struct sr_txn *txn, bool at_once,
                              const struct sr_session *session, struct sr_caller *out, struct sr_err *err)
{
	bool may;

	SR_TRY(sr_pass_may_enter(txn, session->grant, sr_keeper_now_ns(keeper), &may, err));
	if (!may && at_once)
		return sr_fail(err, SR_DENIED, "the session has ended with its grant");
	if (!may) {
		pthread_mutex_lock(&keeper->lock);
		(void)sr_session_table_end_grant(keeper->sessions, session->grant);
		pthread_mutex_unlock(&keeper->lock);
		sr_session_ends_flush(keeper);
		return sr_fail(err, SR_DENIED, "the session has ended with its grant");
	}
	out->known = out->pass = true;
	out->role = SR_ROLE_PARTY;
	out->roles = SR_BY(PARTY);
	sr_label_copy(out->user, session->user);
	sr_label_copy(out->organ, session->organ);
	sr_label_copy(out->grant, session->grant);
	return SR_OK;
}

static enum sr_status by_token(struct sr_keeper *keeper, struct sr_txn *txn,
                               const struct sr_caller_claim *claim, struct sr_caller *out, struct sr_err *err)
{
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *person = NULL;
	struct sr_session session;

	SR_TRY(check_token(keeper, claim, &session, err));
	memcpy(out->session, session.id, sizeof(out->session));
	memcpy(out->csrf, session.csrf, sizeof(out->csrf));
	if (!out->address[0])
		sr_label_copy(out->address, session.address);
	if (session.role == SR_ROLE_PARTY)
		return by_pass(keeper, txn, claim->at_once, &session, out, err);
	SR_TRY(sr_state_share_active_user(txn, session.user, &person, err));
	return sr_caller_take_person(out, sr_shared_record_json(person), err);
}

/* --- by Unix login --------------------------------------------------------------------------------- */

/*
 * Until the appliance has its first archivist, its administrator at the owner's own shell receives cases
 * (docs/KEEPER.md, "First days").
 */
static enum sr_status stand_in(struct sr_txn *txn, struct sr_caller *caller, struct sr_err *err)
{
	bool some = true;

	if (caller->role != SR_ROLE_ADMIN)
		return SR_OK;
	SR_TRY(sr_people_has_archivist(txn, &some, err));
	if (!some) {
		caller->roles |= SR_BY(ARCHIVIST);
		caller->clearances = SR_CLASS_ALL;
	}
	return SR_OK;
}

static enum sr_status by_uid(struct sr_txn *txn, struct sr_caller *out, struct sr_err *err)
{
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *record = NULL;

	SR_TRY(sr_people_of_uid(txn, out->uid, &record, err));
	const json_t *person = sr_shared_record_json(record);
	if (!person || json_is_true(json_object_get(person, "disabled")))
		return SR_OK;
	const char *bound = sr_json_text(json_object_get(person, "login"), "name");
	if (!bound || strcmp(bound, out->login) != 0)
		return sr_fail(err, SR_DENIED,
		               "the Unix login of uid %u is another than the one bound to %s; the "
		               "administrator binds it anew with: user change",
		               (unsigned)out->uid, sr_json_text(person, "user"));
	SR_TRY(sr_caller_take_person(out, person, err));
	return stand_in(txn, out, err);
}

static void take_claim(struct sr_keeper *keeper, const struct sr_caller_claim *claim, struct sr_caller *out)
{
	if (claim->peer->kind == SR_PEER_CALLER) {
		out->has_uid = true;
		out->uid = claim->peer->uid;
		out->pid = claim->peer->pid;
	} else if (claim->has_uid) {
		out->has_uid = true;
		out->uid = claim->uid;
		out->pid = claim->pid;
	}
	if (out->has_uid) {
		sr_logins_name(keeper->logins, out->uid, out->login);
		snprintf(out->address, sizeof(out->address), "uid:%u", (unsigned)out->uid);
	} else if (sr_label_is_valid(claim->address)) {
		sr_label_copy(out->address, claim->address);
	}
}

enum sr_status sr_caller_identify(struct sr_keeper *keeper, const struct sr_caller_claim *claim,
                                  struct sr_caller *out, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	*out = (struct sr_caller){ 0 };
	take_claim(keeper, claim, out);
	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	if (claim->token)
		return by_token(keeper, txn, claim, out, err);
	return out->has_uid ? by_uid(txn, out, err) : SR_OK;
}

enum sr_status sr_caller_actor(const struct sr_caller *caller, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *actor = json_object();

	if (caller->known && !caller->pass) {
		SR_TRY(sr_json_set(actor, "user", json_string(caller->user), err));
		SR_TRY(sr_json_set(actor, "role", json_string(sr_role_name(caller->role)), err));
		SR_TRY(sr_json_set(actor, "organ", json_string(caller->organ), err));
	}
	if (caller->has_uid && caller->login[0])
		SR_TRY(sr_json_set(actor, "login", json_string(caller->login), err));
	if (caller->has_uid)
		SR_TRY(sr_json_set(actor, "uid", json_integer(caller->uid), err));
	if (caller->session[0])
		SR_TRY(sr_json_set(actor, "session", json_string(caller->session), err));
	if (caller->pass)
		SR_TRY(sr_json_set(actor, "pass", json_string(caller->user), err));
	if (!caller->has_uid && caller->address[0])
		SR_TRY(sr_json_set(actor, "address", json_string(caller->address), err));
	*out = SR_MOVE(actor);
	return SR_OK;
}
