/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out: OpenSession, CloseSession, WhoAmI. */
#include "appliance/keeper/people/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/people/sign_in.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

/* --- OpenSession ----------------------------------------------------------------------------------- */

/* What one signing-in holds. */
struct opening {
	const char *user;
	json_t *person; /* NULL: nobody, or disabled */
	char hash[SR_PASSWORD_HASH_TEXT];
	char renewed[SR_PASSWORD_HASH_TEXT];
	struct sr_session session;
	char token[SR_SESSION_TOKEN_TEXT];
};

static void opening_dispose(struct opening *opening)
{
	json_decref(opening->person);
	sr_wipe(opening, sizeof(*opening));
}

static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct opening *opening = act->work;
	enum sr_status status = sr_state_active_user(txn, opening->user, &opening->person, err);

	if (status == SR_DENIED)
		return SR_OK; /* the same work is done for nobody */
	SR_TRY(status);
	return sr_people_hash(txn, opening->user, opening->hash, err);
}

/* The right password of an active user, or one and the same refusal. */
static enum sr_status authenticate(struct sr_act *act, struct opening *opening, struct sr_err *err)
{
	SR_TRY(sr_act_read(act, look_up, err));
	return sr_sign_in_verify(act, opening->user, opening->person != NULL, opening->hash,
	                         sr_act_text(act, "password"), opening->renewed, err);
}

static enum sr_status put_opened(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct opening *opening = act->work;
	const struct sr_session *session = &opening->session;
	SR_CLEANUP(sr_json_decrefp) json_t *actor = NULL;
	struct sr_caller caller = act->caller;
	char until[SR_TIME_TEXT];
	json_t *fields = json_object();

	SR_TRY(sr_caller_take_person(&caller, opening->person, err));
	memcpy(caller.session, session->id, sizeof(caller.session));
	SR_TRY(sr_caller_actor(&caller, &actor, err));
	sr_time_format_utc_us(sr_session_until_ns(session), until);
	SR_TRY(sr_json_set(fields, "session", json_string(session->id), err));
	SR_TRY(sr_json_set(fields, "user", json_string(session->user), err));
	SR_TRY(sr_json_set(fields, "channel", json_string(sr_session_channel_name(session->channel)), err));
	if (!caller.has_uid && caller.address[0])
		SR_TRY(sr_json_set(fields, "address", json_string(caller.address), err));
	if (caller.has_uid)
		SR_TRY(sr_json_set(fields, "uid", json_integer(caller.uid), err));
	SR_TRY(sr_json_set(fields, "until", json_string(until), err));
	SR_TRY(sr_keeper_record_as(act->keeper, txn, "session.opened", actor, fields, NULL, err));
	if (opening->renewed[0])
		SR_TRY(sr_people_put_hash(txn, opening->user, opening->renewed, err));
	return sr_people_put_session(txn, session, err);
}

static enum sr_status admit(struct sr_act *act, struct opening *opening, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	struct sr_caller who = act->caller;
	int64_t now_ns = sr_keeper_now_ns(keeper);

	SR_TRY(sr_caller_take_person(&who, opening->person, err));
	const struct sr_session_opening wanted = {
		.user = who.user,
		.role = who.role,
		.organ = who.organ,
		.channel = act->caller.has_uid ? SR_SESSION_CLI : SR_SESSION_WEB,
		.address = act->caller.address[0] ? act->caller.address : "unknown",
		.now_ns = now_ns,
	};

	SR_TRY(sr_session_make(&wanted, &opening->session, opening->token, err));
	SR_TRY(sr_act_write(act, NULL, put_opened, err));
	pthread_mutex_lock(&keeper->lock);
	enum sr_status status = sr_session_table_add(keeper->sessions, &opening->session, now_ns, err);
	pthread_mutex_unlock(&keeper->lock);
	sr_session_ends_flush(keeper);
	return status;
}

static enum sr_status open_session(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(opening_dispose) struct opening opening = { .user = sr_act_text(act, "user") };

	sr_act_set_work(act, &opening);
	SR_TRY(authenticate(act, &opening, err));
	SR_TRY(admit(act, &opening, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s,s:s,s:s,s:s}", "user", opening.session.user, "role",
	                    sr_role_name(opening.session.role), "organ", opening.session.organ, "token",
	                    opening.token, "csrf", opening.session.csrf, "session", opening.session.id);
}

/* --- the session itself ---------------------------------------------------------------------------- */

static enum sr_status close_session(struct sr_act *act, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;

	if (!act->caller.session[0])
		return sr_fail(err, SR_INVALID,
		               "there is no session to end: you are known by your Unix login");
	pthread_mutex_lock(&keeper->lock);
	(void)sr_session_table_end(keeper->sessions, act->caller.session, NULL, SR_SESSION_END_CLOSED);
	sr_escorts_leave(keeper->escorts, act->caller.user);
	pthread_mutex_unlock(&keeper->lock);
	sr_session_ends_flush(keeper);
	return SR_OK;
}

struct who {
	bool password, initial;         /* they have one; somebody else chose it */
	struct sr_shared_record *organ; /* NULL: none */
};

static void who_dispose(struct who *who)
{
	sr_shared_record_release(who->organ);
}

static enum sr_status look_who(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *person = NULL;
	struct who *who = act->work;

	SR_TRY(sr_people_has_password(txn, act->caller.user, &who->password, err));
	SR_TRY(sr_state_share_user(txn, act->caller.user, &person, err));
	who->initial =
		who->password && json_is_true(json_object_get(sr_shared_record_json(person), "initial"));
	if (!act->caller.organ[0])
		return SR_OK;
	return sr_record_share(txn, SR_DB_ORGANS, act->caller.organ, &who->organ, err);
}

static enum sr_status who_am_i(struct sr_act *act, struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;
	SR_CLEANUP(who_dispose) struct who who = { 0 };
	json_t *clearances = NULL;

	if (!caller->known)
		return sr_act_reply(act, err, "{s:n,s:n,s:s,s:i}", "user", "role", "login", caller->login,
		                    "uid", (int)caller->uid);
	sr_act_set_work(act, &who);
	if (!caller->pass)
		SR_TRY(sr_act_read(act, look_who, err));
	SR_TRY(sr_classes_to_json(caller->clearances, false, &clearances, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s,s:s?,s:s,s:o,s:s,s:s,s:s,s:b,s:b}", "user", caller->user,
	                    "role", sr_role_name(caller->role), "organ", caller->organ, "organ_name",
	                    sr_json_text(sr_shared_record_json(who.organ), "name"), "full_name",
	                    caller->full_name, "clearances", clearances, "session", caller->session, "csrf",
	                    caller->csrf, "grant", caller->grant, "password", who.password, "initial",
	                    who.initial);
}

static const struct sr_method methods[] = {
	{ "OpenSession", "user:text password:text", 0, SR_DOOR_PEOPLE, SR_METHOD_STRANGERS, open_session },
	{ "CloseSession", "", SR_BY_ALL, SR_DOOR_PEOPLE, 0, close_session },
	{ "WhoAmI", "", 0, SR_DOOR_ALL, SR_METHOD_STRANGERS | SR_METHOD_AT_ONCE, who_am_i },
};
const struct sr_method_family sr_session_methods = { methods, SR_COUNT(methods) };
