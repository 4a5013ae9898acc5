/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/request_decision.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/requests/grant_end.h"
#include "appliance/keeper/requests/request_scope.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_requests.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

/* One decision on its way into the log; made anew by each run of the check. */
struct deciding {
	json_t *request; /* the record, with this decision added to it */
	json_t *policy;
	json_t *fields; /* of request.decided */
	char for_whom[SR_LABEL_BYTES];
	unsigned awaits; /* further approvals */
	char grant[SR_LABEL_BYTES];
	int64_t until_ns;
};

static void deciding_dispose(struct deciding *d)
{
	json_decref(d->request);
	json_decref(d->policy);
	json_decref(d->fields);
	*d = (struct deciding){ 0 };
}

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* --- who decides ----------------------------------------------------------------------------------- */

/* The official in whose stead the caller decides. */
static enum sr_status take_deputy(struct sr_act *act, struct sr_txn *txn, struct deciding *d,
                                  struct sr_err *err)
{
	const char *named = sr_act_text(act, "deputy_for");
	SR_CLEANUP(sr_json_decrefp) json_t *officials = NULL;

	SR_TRY(sr_deputy_for(act, txn, sr_json_text(d->request, "organ"), &officials, err));
	if (named && !sr_scope_lists(officials, named))
		return sr_act_refuse(act, "NotYourRole", err, "you are not a deputy of %s today", named);
	if (!named && json_array_size(officials) > 1)
		return sr_fail(err, SR_INVALID,
		               "/deputy_for: you are deputy of several officials; say for whom you decide");
	if (!named)
		named = json_string_value(json_array_get(officials, 0));
	if (!named)
		return sr_act_refuse(
			act, "NotYourRole", err,
			"requests are decided by an official of the cases' organ or their deputy");
	sr_label_copy(d->for_whom, named);
	return sr_json_set(d->fields, "deputy_for", json_string(named), err);
}

static enum sr_status take_official(struct sr_act *act, struct sr_txn *txn, struct deciding *d,
                                    struct sr_err *err)
{
	const char *user = act->caller.user;
	const char *filed_by = sr_json_text(d->request, "filed_by");
	const char *reader = sr_json_text(d->request, "reader");
	bool may;

	SR_TRY(sr_request_may_decide(act, txn, d->request, &may, err));
	if (!may)
		return sr_act_refuse(
			act, "NotYourRole", err,
			"requests are decided by an official of the cases' organ or their deputy");
	sr_label_copy(d->for_whom, user);
	if (sr_act_text(act, "deputy_for") || !sr_act_is(act, SR_BY(OFFICIAL)) ||
	    !is(act->caller.organ, sr_json_text(d->request, "organ")))
		SR_TRY(take_deputy(act, txn, d, err));
	if (is(user, filed_by) || is(user, reader) || is(d->for_whom, filed_by) || is(d->for_whom, reader))
		return sr_act_refuse(act, "OwnRequest", err,
		                     "nobody decides a request of their own, or has it decided by a deputy");
	return sr_json_set(d->fields, "official", json_string(user), err);
}

/* It is open, as it was shown, and this official has not decided yet. */
static enum sr_status check_open(struct sr_act *act, struct deciding *d, struct sr_err *err)
{
	const char *state = sr_json_text(d->request, "state");
	const char *shown = sr_act_text(act, "digest");
	char digest[SR_DIGEST_HEX];
	size_t index;
	json_t *before;

	if (!is(state, "filed") && !is(state, "partly"))
		return sr_act_refuse(act, "AlreadyDecided", err, "the request is %s already", state);
	json_array_foreach(json_object_get(d->request, "decisions"), index, before)
		if (is(sr_json_text(before, "official"), act->caller.user) ||
		    is(sr_json_text(before, "for"), d->for_whom))
			return sr_act_refuse(act, "AlreadyDecided", err,
			                     "%s decided this request already; it awaits another official",
			                     d->for_whom);
	SR_TRY(sr_request_digest(d->request, digest, err));
	if (shown && strcmp(shown, digest) != 0)
		return sr_act_refuse(act, "RequestChanged", err,
		                     "the request is another than the one that was shown; look at it again");
	return sr_json_set(d->fields, "digest", json_string(digest), err);
}

/* --- what is taken away ---------------------------------------------------------------------------- */

static enum sr_status narrow_cases(struct sr_act *act, struct sr_txn *txn, struct deciding *d,
                                   struct sr_err *err)
{
	const json_t *asked = json_object_get(d->request, "cases");
	const json_t *given = sr_act_value(act, "cases");
	SR_CLEANUP(sr_json_decrefp) json_t *left = json_array();
	size_t index;
	json_t *value;

	if (!given)
		return SR_OK;
	json_array_foreach(given, index, value) {
		const char *id = NULL;
		enum sr_status status = sr_request_case_among(txn, asked, json_string_value(value), &id, err);

		if (status != SR_OK)
			return sr_fail_in(err, status == SR_NOT_FOUND ? SR_INVALID : status, "/cases: ");
		if (!sr_scope_lists(left, id))
			SR_TRY(sr_json_append(left, json_string(id), err));
	}
	if (json_array_size(left) == 0)
		return sr_fail(err, SR_INVALID, "/cases: is empty; refuse the request instead");
	return sr_json_set(d->fields, "cases", SR_MOVE(left), err);
}

static enum sr_status narrow_channels(struct sr_act *act, struct deciding *d, struct sr_err *err)
{
	const json_t *asked = json_object_get(d->request, "channels");
	const json_t *given = sr_act_value(act, "channels");
	size_t index;
	json_t *value;

	if (!given)
		return SR_OK;
	json_array_foreach(given, index, value)
		if (!sr_scope_lists(asked, json_string_value(value)))
			return sr_fail(err, SR_INVALID,
			               "/channels: %s was not asked for; a decision takes away and does not "
			               "add",
			               json_string_value(value));
	if (json_array_size(given) == 0)
		return sr_fail(err, SR_INVALID, "/channels: is empty; refuse the request instead");
	return sr_json_set(d->fields, "channels", json_deep_copy(given), err);
}

static enum sr_status narrow_days(struct sr_act *act, struct deciding *d, struct sr_err *err)
{
	int64_t asked = json_integer_value(json_object_get(d->request, "days"));
	int64_t days = sr_act_count(act, "days", asked);

	if (days < 1 || days > asked)
		return sr_fail(err, SR_INVALID, "/days: must be 1 to the %lld that were asked for",
		               (long long)asked);
	return sr_act_value(act, "days") ? sr_json_set(d->fields, "days", json_integer(days), err) : SR_OK;
}

/* What the request did not ask for is not given by naming it. */
static enum sr_status check_asked(const json_t *request, const json_t *scope, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *all = json_pack("{s:O,s:[s],s:O*}", "cases", json_object_get(request, "cases"), "channels",
	                        "-", "members", json_object_get(request, "members"));
	size_t index, at;
	json_t *element, *number;

	json_array_foreach(scope, index, element)
		json_array_foreach(json_object_get(element, "members"), at, number)
			if (!sr_scope_covers(all, sr_json_text(element, "case"), json_integer_value(number),
			                     "-"))
				return sr_fail(err, SR_INVALID,
				               "/with_members: member %lld was not asked for; a decision "
				               "takes away and does not add",
				               (long long)json_integer_value(number));
	return SR_OK;
}

static enum sr_status take_members(struct sr_act *act, struct sr_txn *txn, struct deciding *d,
                                   struct sr_err *err)
{
	const json_t *cases = json_object_get(d->request, "cases");
	bool sub = sr_scope_lists(json_object_get(d->request, "volumes"), "sub");
	json_t *without = NULL, *with = NULL, *words = NULL;
	uint8_t classes;

	SR_TRY(sr_request_members(txn, cases, sr_act_value(act, "without_members"), &without, err));
	if (without)
		SR_TRY(sr_json_set(d->fields, "without", without, err));
	SR_TRY(sr_request_members(txn, cases, sr_act_value(act, "with_members"), &with, err));
	if (!with)
		return SR_OK;
	SR_TRY(sr_json_set(d->fields, "with", with, err));
	SR_TRY(check_asked(d->request, with, err));
	SR_TRY(sr_request_named_classes(txn, with, sub, &classes, err));
	SR_TRY(sr_classes_to_json(classes, false, &words, err));
	return sr_json_set(d->fields, "classification", words, err);
}

static enum sr_status take_escort(struct sr_act *act, struct sr_txn *txn, struct deciding *d,
                                  struct sr_err *err)
{
	const char *escort = sr_act_text(act, "escort");
	const char *reader = sr_json_text(d->request, "reader");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	enum sr_role role;

	if (sr_act_flag(act, "no_cache"))
		SR_TRY(sr_json_set(d->fields, "no_cache", json_true(), err));
	if (!escort)
		return SR_OK;
	enum sr_status status = sr_state_active_user(txn, escort, &person, err);
	if (status == SR_OK && sr_role_parse(sr_json_text(person, "role"), &role))
		status = sr_escort_may_be(escort, role, reader ? reader : "", err);
	if (status != SR_OK)
		return sr_fail_in(err, status == SR_DENIED ? SR_INVALID : status, "/escort: ");
	return sr_json_set(d->fields, "escort", json_string(escort), err);
}

/* --- what comes of it ------------------------------------------------------------------------------ */

/* The request as it will be, and whether something is left that all decisions allow. */
static enum sr_status add_decision(struct deciding *d, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = json_object();

	SR_TRY(sr_json_append(json_object_get(d->request, "decisions"), json_deep_copy(d->fields), err));
	enum sr_status status = sr_scope_intersect(d->request, grant, err);
	return status == SR_DENIED ? SR_INVALID : status;
}

static enum sr_status check_clock(struct sr_act *act, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;

	pthread_mutex_lock(&keeper->lock);
	bool allowed = sr_ledger_clock_allows_grants(&keeper->clock);
	pthread_mutex_unlock(&keeper->lock);
	if (!allowed)
		return sr_act_refuse(
			act, "ClockUnsure", err,
			"the ledger's clock and the wall clock disagree; no new grants until they "
			"agree or are confirmed: strongroom clock confirm");
	return SR_OK;
}

static enum sr_status approve(struct sr_act *act, struct sr_txn *txn, struct deciding *d, struct sr_err *err)
{
	const char *paper;
	unsigned needed;

	SR_TRY(narrow_cases(act, txn, d, err));
	SR_TRY(narrow_channels(act, d, err));
	SR_TRY(narrow_days(act, d, err));
	SR_TRY(take_members(act, txn, d, err));
	SR_TRY(take_escort(act, txn, d, err));
	SR_TRY(add_decision(d, err));
	SR_TRY(sr_request_needs(txn, d->request, json_object_get(d->policy, "table"), &needed, &paper, err));
	if (paper)
		return sr_act_refuse(act, "PapersMissing", err,
		                     "the approval table asks for a paper that the request lacks: %s", paper);
	unsigned approvals = (unsigned)json_array_size(json_object_get(d->request, "decisions"));
	d->awaits = needed > approvals ? needed - approvals : 0;
	return d->awaits ? SR_OK : check_clock(act, err);
}

static enum sr_status refuse(struct sr_act *act, struct sr_err *err)
{
	static const char *const others[] = { "cases",    "without_members", "with_members", "days",
		                              "channels", "escort",          "no_cache" };

	for (size_t i = 0; i < SR_COUNT(others); i++)
		if (sr_act_value(act, others[i]))
			return sr_fail(err, SR_INVALID, "/%s: a refusal has a reason and nothing else",
			               others[i]);
	if (!sr_act_text(act, "reason"))
		return sr_fail(err, SR_INVALID, "/reason: a refusal needs a reason");
	return SR_OK;
}

static enum sr_status take_common(struct sr_act *act, struct sr_txn *txn, struct deciding *d,
                                  struct sr_err *err)
{
	const char *reason = sr_act_text(act, "reason");
	json_t *handled = NULL;

	SR_TRY(sr_record_get(txn, SR_DB_POLICY, "current", "approval table", &d->policy, err));
	SR_TRY(sr_json_set(d->fields, "policy", json_string(sr_json_text(d->policy, "policy")), err));
	SR_TRY(sr_request_handled(act, txn, json_object_get(d->request, "cases"), &handled, err));
	if (json_array_size(handled) > 0)
		SR_TRY(sr_json_set(d->fields, "handled", handled, err));
	else
		json_decref(handled);
	if (reason && strlen(reason) > 2048)
		return sr_fail(err, SR_INVALID, "/reason: is over 2048 bytes");
	return reason ? sr_json_set(d->fields, "reason", json_string(reason), err) : SR_OK;
}

static enum sr_status check(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const char *decision = sr_act_text(act, "decision");
	struct deciding *d = act->work;

	deciding_dispose(d);
	SR_TRY(sr_request_find(act, txn, sr_act_text(act, "request"), &d->request, err));
	SR_TRY(SR_JSON_PACK(&d->fields, err, "{s:s,s:s}", "request", sr_act_text(act, "request"), "decision",
	                    decision));
	if (!is(decision, "approve") && !is(decision, "refuse"))
		return sr_fail(err, SR_INVALID, "/decision: must be approve or refuse");
	SR_TRY(take_official(act, txn, d, err));
	SR_TRY(check_open(act, d, err));
	SR_TRY(take_common(act, txn, d, err));
	return is(decision, "approve") ? approve(act, txn, d, err) : refuse(act, err);
}

static enum sr_status add_grant(struct sr_act *act, struct sr_txn *txn, struct deciding *d, json_t *fields,
                                struct sr_err *err)
{
	const char *reader = sr_json_text(d->request, "reader");
	int64_t now_ns = sr_keeper_now_ns(act->keeper) / SR_SECOND_NS * SR_SECOND_NS;
	char from[SR_TIME_TEXT], until[SR_TIME_TEXT];

	SR_TRY(sr_counter_next_grant(txn, d->grant, err));
	d->until_ns = now_ns + sr_request_days(d->request) * SR_DAY_S * SR_SECOND_NS;
	sr_time_format_utc(now_ns, from);
	sr_time_format_utc(d->until_ns, until);
	SR_TRY(sr_json_set(fields, "grant", json_string(d->grant), err));
	if (reader)
		SR_TRY(sr_json_set(fields, "reader", json_string(reader), err));
	SR_TRY(sr_json_set(fields, "from", json_string(from), err));
	return sr_json_set(fields, "until", json_string(until), err);
}

static enum sr_status apply(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct deciding *d = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_copy(d->fields);
	bool approves = is(sr_act_text(act, "decision"), "approve");

	d->grant[0] = 0;
	if (approves && d->awaits)
		SR_TRY(sr_json_set(fields, "awaits", json_integer(d->awaits), err));
	if (approves && !d->awaits)
		SR_TRY(add_grant(act, txn, d, fields, err));
	return sr_act_record(act, txn, "request.decided", json_incref(fields), NULL, err);
}

static enum sr_status answer(struct sr_act *act, const struct deciding *d, struct sr_err *err)
{
	json_t *handled = json_object_get(d->fields, "handled");

	SR_TRY(sr_act_reply(act, err, "{s:s,s:s,s:s?}", "request", sr_act_text(act, "request"), "decision",
	                    sr_act_text(act, "decision"), "grant", d->grant[0] ? d->grant : NULL));
	if (d->awaits)
		SR_TRY(sr_json_set(act->answer, "awaits", json_integer(d->awaits), err));
	if (handled)
		SR_TRY(sr_json_set(act->answer, "handled", json_incref(handled), err));
	return SR_OK;
}

enum sr_status sr_decide_request(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(deciding_dispose) struct deciding d = { 0 };

	sr_act_set_work(act, &d);
	SR_TRY(sr_act_write(act, check, apply, err));
	if (d.grant[0]) {
		SR_CLEANUP(sr_json_decrefp) json_t *grant = json_object();

		SR_TRY(sr_scope_intersect(d.request, grant, err));
		const struct sr_grant_life life = {
			.grant = d.grant,
			.until_ns = d.until_ns,
			.escort = sr_json_text(grant, "escort"),
			.reader = sr_json_text(d.request, "reader"),
		};
		SR_TRY(sr_grant_began(act->keeper, &life, err));
	}
	return answer(act, &d, err);
}
