/* SPDX-License-Identifier: Apache-2.0 */
/* Passes of parties: IssuePass, RedeemPass. */
#include "appliance/keeper/people/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/password.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/pass.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

/* --- IssuePass ------------------------------------------------------------------------------------- */

struct issuing {
	const char *grant;
	char code[SR_PASSWORD_RANDOM_BYTES + 1];
	char pass[SR_PASS_TEXT];
	char id[SR_LABEL_BYTES];
	char until[SR_TIME_TEXT];
	json_t *request; /* of the grant */
};

static void issuing_dispose(struct issuing *issuing)
{
	json_decref(issuing->request);
	sr_wipe(issuing, sizeof(*issuing));
}

/* Grants of the archivist's own organ, on which a party reads. */
static enum sr_status check_issue(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct issuing *issuing = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	bool may = false;

	enum sr_status status = sr_state_grant(txn, issuing->grant, &grant, err);
	if (status == SR_DENIED)
		return sr_act_not_found(act, "grant", issuing->grant, err);
	SR_TRY(status);
	json_decref(SR_MOVE(issuing->request));
	SR_TRY(sr_record_look(txn, SR_DB_REQUESTS, sr_json_text(grant, "request"), &issuing->request, err));
	const char *organ = sr_json_text(issuing->request, "organ");
	if (organ && strcmp(organ, act->caller.organ) == 0)
		SR_TRY(sr_cases_within(act, txn, json_object_get(grant, "cases"), &may, err));
	if (!may)
		return sr_act_not_found(act, "grant", issuing->grant, err);
	if (sr_json_text(grant, "reader"))
		return sr_act_refuse(act, "Invalid", err,
		                     "the grant %s is a user's, who needs no pass; passes are for parties",
		                     issuing->grant);
	SR_TRY(sr_pass_may_enter(txn, issuing->grant, sr_keeper_now_ns(act->keeper), &may, err));
	if (!may)
		return sr_act_refuse(act, "Expired", err, "the grant %s has ended", issuing->grant);
	snprintf(issuing->until, sizeof(issuing->until), "%s", sr_json_text(grant, "until"));
	return SR_OK;
}

static enum sr_status put_issue(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct issuing *issuing = act->work;
	struct sr_pass_code code;

	SR_TRY(sr_counter_next(txn, 'A', issuing->id, err));
	snprintf(issuing->pass, sizeof(issuing->pass), "%s-%s", issuing->id, issuing->code);
	if (!sr_pass_parse(issuing->pass, &code))
		return sr_fail(err, SR_CORRUPT, "a new pass cannot be read");
	SR_TRY(sr_act_record(act, txn, "pass.issued",
	                     json_pack("{s:s,s:s,s:s*,s:s,s:s}", "pass", issuing->id, "grant", issuing->grant,
	                               "application", sr_json_text(issuing->request, "application"),
	                               "identity", sr_act_text(act, "identity"), "until", issuing->until),
	                     NULL, err));
	return sr_pass_put(txn, issuing->grant, &code, err);
}

static enum sr_status issue_pass(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(issuing_dispose) struct issuing issuing = { .grant = sr_act_text(act, "grant") };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *code = NULL;

	if (act->caller.role != SR_ROLE_ARCHIVIST)
		return sr_act_refuse(act, "NotYourRole", err, "an archivist hands out passes");
	if (!sr_label_is_valid(issuing.grant))
		return sr_act_not_found(act, "grant", "of that name", err);
	if (!sr_label_is_valid(sr_act_text(act, "identity")))
		return sr_fail(err, SR_INVALID,
		               "/identity: say in 1 to 63 bytes which paper you looked at, such as id-card");
	SR_TRY(sr_password_make_random(&code, err));
	memcpy(issuing.code, code->data, code->size);
	sr_act_set_work(act, &issuing);
	SR_TRY(sr_act_write(act, check_issue, put_issue, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s}", "pass", issuing.pass, "number", issuing.id, "until",
	                    issuing.until);
}

/* --- RedeemPass ------------------------------------------------------------------------------------ */

struct redeeming {
	struct sr_pass_code code;
	char grant[SR_LABEL_BYTES];
	char organ[SR_LABEL_BYTES];
	struct sr_session session;
	char token[SR_SESSION_TOKEN_TEXT];
};

static void redeeming_dispose(struct redeeming *redeeming)
{
	sr_wipe(redeeming, sizeof(*redeeming));
}

/* One answer for a pass that is none, was used, was replaced or is over. */
static enum sr_status refuse_pass(struct sr_act *act, struct sr_err *err)
{
	return sr_act_refuse(
		act, "NotGranted", err,
		"this pass is not valid (通行码无效): it opens one session only, and ends with its "
		"grant; ask at the counter for another one");
}

static enum sr_status check_redeem(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct redeeming *r = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	bool may = false;

	SR_TRY(sr_pass_grant(txn, &r->code, r->grant, err));
	if (r->grant[0])
		SR_TRY(sr_pass_may_enter(txn, r->grant, sr_keeper_now_ns(act->keeper), &may, err));
	if (!may)
		return refuse_pass(act, err);
	SR_TRY(sr_state_grant(txn, r->grant, &grant, err));
	SR_TRY(sr_record_look(txn, SR_DB_REQUESTS, sr_json_text(grant, "request"), &request, err));
	const char *organ = sr_json_text(request, "organ");
	if (!organ || !sr_label_is_valid(organ))
		return sr_fail(err, SR_CORRUPT, "the request of grant %s has no organ", r->grant);
	sr_label_copy(r->organ, organ);
	return SR_OK;
}

static enum sr_status put_redeem(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct redeeming *r = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *actor = NULL;
	const char *id = r->session.id;
	char until[SR_TIME_TEXT];

	sr_time_format_utc_us(sr_session_until_ns(&r->session), until);
	SR_TRY(SR_JSON_PACK(&actor, err, "{s:s,s:s,s:s}", "session", id, "pass", r->code.id, "address",
	                    r->session.address));
	SR_TRY(sr_keeper_record_as(act->keeper, txn, "pass.used", actor,
	                           json_pack("{s:s,s:s,s:s,s:s}", "pass", r->code.id, "grant", r->grant,
	                                     "session", id, "address", r->session.address),
	                           NULL, err));
	SR_TRY(sr_keeper_record_as(act->keeper, txn, "session.opened", actor,
	                           json_pack("{s:s,s:s,s:s,s:s,s:s}", "session", id, "pass", r->code.id,
	                                     "channel", sr_session_channel_name(r->session.channel),
	                                     "address", r->session.address, "until", until),
	                           NULL, err));
	SR_TRY(sr_pass_drop(txn, &r->code, err));
	return sr_people_put_session(txn, &r->session, err);
}

static enum sr_status admit(struct sr_act *act, struct redeeming *r, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	int64_t now_ns = sr_keeper_now_ns(keeper);
	const struct sr_session_opening wanted = {
		.user = r->code.id,
		.role = SR_ROLE_PARTY,
		.organ = r->organ,
		.grant = r->grant,
		.channel = SR_SESSION_WEB,
		.address = act->caller.address[0] ? act->caller.address : "unknown",
		.now_ns = now_ns,
	};

	SR_TRY(sr_session_make(&wanted, &r->session, r->token, err));
	pthread_mutex_lock(&keeper->lock);
	bool full = sr_session_table_count(keeper->sessions) >= SR_SESSIONS_MAX;
	pthread_mutex_unlock(&keeper->lock);
	if (full) /* before the pass is used up */
		return sr_fail(err, SR_BUSY, "too many sessions; try again later");
	SR_TRY(sr_act_write(act, check_redeem, put_redeem, err));
	pthread_mutex_lock(&keeper->lock);
	enum sr_status status = sr_session_table_add(keeper->sessions, &r->session, now_ns, err);
	pthread_mutex_unlock(&keeper->lock);
	sr_session_ends_flush(keeper);
	return status;
}

static enum sr_status redeem_pass(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(redeeming_dispose) struct redeeming r = { 0 };

	sr_act_set_work(act, &r);
	if (!sr_pass_parse(sr_act_text(act, "pass"), &r.code))
		return refuse_pass(act, err);
	SR_TRY(sr_act_read(act, check_redeem, err));
	SR_TRY(admit(act, &r, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "user", r.session.user, "role",
	                    sr_role_name(r.session.role), "organ", r.session.organ, "token", r.token, "csrf",
	                    r.session.csrf, "session", r.session.id, "grant", r.grant);
}

static const struct sr_method methods[] = {
	{ "IssuePass", "grant:text identity:text", SR_BY(ARCHIVIST), SR_DOOR_PEOPLE, 0, issue_pass },
	{ "RedeemPass", "pass:text", 0, SR_DOOR_API, SR_METHOD_STRANGERS, redeem_pass },
};
const struct sr_method_family sr_pass_methods = { methods, SR_COUNT(methods) };
