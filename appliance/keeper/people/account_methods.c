/* SPDX-License-Identifier: Apache-2.0 */
/* What one does with one's own access: ChangePassword, ListSessions, EndSessions. */
#include "appliance/keeper/people/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/people/new_password.h"
#include "appliance/keeper/people/sign_in.h"
#include "appliance/keeper/state/state.h"

/* --- ChangePassword -------------------------------------------------------------------------------- */

struct changing {
	char hash[SR_PASSWORD_HASH_TEXT]; /* of the present one; "" without */
	char renewed[SR_PASSWORD_HASH_TEXT];
	char next[SR_PASSWORD_HASH_TEXT];
};

static void changing_dispose(struct changing *changing)
{
	sr_wipe(changing, sizeof(*changing));
}

static enum sr_status read_hash(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct changing *changing = act->work;

	return sr_people_hash(txn, act->caller.user, changing->hash, err);
}

/* The present one is still the one that was shown. */
static enum sr_status check_unchanged(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct changing *changing = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	char hash[SR_PASSWORD_HASH_TEXT];

	SR_TRY(sr_state_active_user(txn, act->caller.user, &person, err));
	SR_TRY(sr_people_hash(txn, act->caller.user, hash, err));
	bool same = strcmp(hash, changing->hash) == 0;
	sr_wipe(hash, sizeof(hash));
	if (!same)
		return sr_act_refuse(act, "Busy", err, "your password was changed meanwhile; try again");
	return SR_OK;
}

static enum sr_status put_password(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct changing *changing = act->work;

	SR_TRY(sr_act_record(act, txn, "user.changed",
	                     json_pack("{s:s,s:s}", "user", act->caller.user, "what", "password"), NULL,
	                     err));
	return sr_people_put_hash(txn, act->caller.user, changing->next, err);
}

static enum sr_status change_password(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(changing_dispose) struct changing changing = { 0 };
	const char *old = sr_act_text(act, "old");
	const char *user = act->caller.user;

	sr_act_set_work(act, &changing);
	SR_TRY(sr_act_read(act, read_hash, err));
	if (changing.hash[0] && !old)
		return sr_fail(err, SR_INVALID, "/old: your present password is missing");
	if (changing.hash[0])
		SR_TRY(sr_sign_in_verify(act, user, true, changing.hash, old, changing.renewed, err));
	SR_TRY(sr_new_password_hash(act->keeper, user, sr_act_text(act, "new"), changing.next, err));
	SR_TRY(sr_act_write(act, check_unchanged, put_password, err));
	sr_people_end_sessions(act->keeper, user, act->caller.session, SR_SESSION_END_PASSWORD);
	return SR_OK;
}

/* --- sessions -------------------------------------------------------------------------------------- */

/* Whose sessions: one's own, or, for the security administrator, anybody's. */
static enum sr_status whose(struct sr_act *act, const char **out, struct sr_err *err)
{
	const char *user = sr_act_text(act, "user");

	*out = user ? user : act->caller.user;
	if (strcmp(*out, act->caller.user) != 0 && !sr_act_is(act, SR_BY(SECURITY_ADMIN)))
		return sr_act_refuse(act, "NotYourRole", err,
		                     "the sessions of others are for the security administrator");
	return SR_OK;
}

struct session_list {
	const struct sr_act *act;
	json_t *list;
	enum sr_status status;
	struct sr_err err;
};

static void add_session(void *context, const struct sr_session *session)
{
	struct session_list *all = context;
	char opened[SR_TIME_TEXT], used[SR_TIME_TEXT];
	json_t *row = NULL;

	if (all->status != SR_OK)
		return;
	sr_time_format_utc(session->opened_ns, opened);
	sr_time_format_utc(session->last_used_ns, used);
	all->status =
		SR_JSON_PACK(&row, &all->err, "{s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "session", session->id, "user",
	                     session->user, "channel", sr_session_channel_name(session->channel), "address",
	                     session->address, "opened", opened, "last_used", used, "this",
	                     strcmp(session->id, all->act->caller.session) == 0);
	if (all->status == SR_OK)
		all->status = sr_json_append(all->list, row, &all->err);
}

static enum sr_status list_sessions(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct session_list all = { .act = act, .list = list };
	const char *user;

	SR_TRY(whose(act, &user, err));
	pthread_mutex_lock(&act->keeper->lock);
	sr_session_table_each(act->keeper->sessions, user, add_session, &all);
	pthread_mutex_unlock(&act->keeper->lock);
	if (all.status != SR_OK) {
		*err = all.err;
		return all.status;
	}
	return sr_act_reply(act, err, "{s:O}", "sessions", list);
}

static enum sr_status end_sessions(struct sr_act *act, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	const char *which = sr_act_text(act, "which");
	const char *user;
	size_t ended;

	SR_TRY(whose(act, &user, err));
	if (!which) {
		ended = sr_people_end_sessions(keeper, user, act->caller.session, SR_SESSION_END_ENDED);
		return sr_act_reply(act, err, "{s:I}", "ended", (json_int_t)ended);
	}
	const char *owner = sr_act_is(act, SR_BY(SECURITY_ADMIN)) && !sr_act_text(act, "user") ? NULL : user;
	pthread_mutex_lock(&keeper->lock);
	bool found = sr_session_table_end(keeper->sessions, which, owner, SR_SESSION_END_ENDED);
	pthread_mutex_unlock(&keeper->lock);
	sr_session_ends_flush(keeper);
	if (!found)
		return sr_act_not_found(act, "session", which, err);
	return sr_act_reply(act, err, "{s:i}", "ended", 1);
}

static const struct sr_method methods[] = {
	{ "ChangePassword", "old:text? new:text", SR_BY_STAFF, SR_DOOR_PEOPLE, 0, change_password },
	{ "ListSessions", "user:text?", SR_BY_STAFF, SR_DOOR_PEOPLE, 0, list_sessions },
	/* The key "session" is the caller's own token: which one to end has another name. */
	{ "EndSessions", "which:text? user:text?", SR_BY_STAFF, SR_DOOR_PEOPLE, SR_METHOD_URGENT,
	  end_sessions },
};
const struct sr_method_family sr_account_methods = { methods, SR_COUNT(methods) };
