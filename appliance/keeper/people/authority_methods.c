/* SPDX-License-Identifier: Apache-2.0 */
/* Deputies of officials: Delegate, EndDelegation, ListDelegations. */
#include "appliance/keeper/people/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/person.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

#define DAYS_MAX 366

/* --- Delegate -------------------------------------------------------------------------------------- */

struct delegating {
	const char *deputy;
	char from[SR_TIME_TEXT], until[SR_TIME_TEXT];
	char id[SR_LABEL_BYTES];
};

/* Whoever decides sees what requests say of cases: somebody of the official's own organ who may see cases. */
static enum sr_status check_deputy(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct delegating *d = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	enum sr_role role;

	if (strcmp(d->deputy, act->caller.user) == 0)
		return sr_act_refuse(act, "Invalid", err, "you cannot be your own deputy");
	SR_TRY(sr_state_user(txn, d->deputy, &person, err));
	if (!person || json_is_true(json_object_get(person, "disabled")))
		return sr_act_refuse(act, "NotFound", err, "there is no active user %s", d->deputy);
	if (!sr_role_parse(sr_json_text(person, "role"), &role) || !(SR_BY_READERS & (1u << role)))
		return sr_act_refuse(act, "Invalid", err, "%s is %s and decides no requests", d->deputy,
		                     sr_json_text(person, "role"));
	if (strcmp(sr_json_text(person, "organ"), act->caller.organ) != 0)
		return sr_act_refuse(act, "Invalid", err, "%s is of another organ", d->deputy);
	return SR_OK;
}

static enum sr_status put_delegation(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct delegating *d = act->work;

	SR_TRY(sr_counter_next(txn, 'E', d->id, err));
	return sr_act_record(act, txn, "authority.delegated",
	                     json_pack("{s:s,s:s,s:s,s:s,s:s}", "delegation", d->id, "official",
	                               act->caller.user, "deputy", d->deputy, "from", d->from, "until",
	                               d->until),
	                     NULL, err);
}

static enum sr_status take_days(struct sr_act *act, struct delegating *d, struct sr_err *err)
{
	int64_t today = sr_date_of_time(sr_keeper_now_ns(act->keeper));
	int64_t from, until;

	if (!sr_date_parse(sr_act_text(act, "from"), &from) ||
	    !sr_date_parse(sr_act_text(act, "until"), &until))
		return sr_fail(err, SR_INVALID, "from and until are days, such as 2026-11-21");
	if (until < from)
		return sr_fail(err, SR_INVALID, "the delegation would end before it begins");
	if (until < today)
		return sr_fail(err, SR_INVALID, "the delegation would be over already");
	if (until - (from > today ? from : today) >= DAYS_MAX)
		return sr_fail(err, SR_INVALID, "a delegation lasts %d days at the most", DAYS_MAX);
	sr_date_format(from, d->from);
	sr_date_format(until, d->until);
	return SR_OK;
}

static enum sr_status delegate(struct sr_act *act, struct sr_err *err)
{
	const char *official = sr_act_text(act, "official");
	struct delegating d = { .deputy = sr_act_text(act, "deputy") };

	if (official && strcmp(official, act->caller.user) != 0)
		return sr_act_refuse(act, "Denied", err, "only %.64s can name a deputy of theirs", official);
	SR_TRY(sr_person_check_name("deputy", d.deputy, err));
	SR_TRY(take_days(act, &d, err));
	sr_act_set_work(act, &d);
	SR_TRY(sr_act_write(act, check_deputy, put_delegation, err));
	return sr_act_reply(act, err, "{s:s}", "delegation", d.id);
}

/* --- EndDelegation --------------------------------------------------------------------------------- */

/* The caller's own delegations that fit what was given. */
struct ending {
	struct sr_act *act;
	json_t *list;
};

static bool fits(const struct sr_act *act, const char *key, const json_t *record)
{
	const char *wanted = sr_act_text(act, key);
	const char *has = sr_json_text(record, key);

	return !wanted || (has && strcmp(has, wanted) == 0);
}

static enum sr_status gather_own(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct ending *ending = context;
	const char *official = sr_json_text(record, "official");

	(void)key;
	if (!official || strcmp(official, ending->act->caller.user) != 0 ||
	    !fits(ending->act, "delegation", record) || !fits(ending->act, "deputy", record))
		return SR_OK;
	return sr_json_append(ending->list, json_incref(record), err);
}

static enum sr_status check_ending(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct ending *ending = act->work;

	json_array_clear(ending->list);
	SR_TRY(sr_record_each(txn, SR_DB_DELEGATES, "", gather_own, ending, err));
	if (json_array_size(ending->list) == 0)
		return sr_act_refuse(act, "NotFound", err, "you have no such delegation");
	return SR_OK;
}

static enum sr_status put_ending(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct ending *ending = act->work;
	size_t index;
	json_t *record;

	json_array_foreach(ending->list, index, record)
		SR_TRY(sr_act_record(act, txn, "authority.ended",
		                     json_pack("{s:s,s:s,s:s,s:s}", "delegation",
		                               sr_json_text(record, "delegation"), "official",
		                               sr_json_text(record, "official"), "deputy",
		                               sr_json_text(record, "deputy"), "why", "official"),
		                     NULL, err));
	return SR_OK;
}

static enum sr_status end_delegation(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct ending ending = { .act = act, .list = list };
	const char *official = sr_act_text(act, "official");

	if (official && strcmp(official, act->caller.user) != 0)
		return sr_act_refuse(act, "Denied", err, "only %.64s can end a delegation of theirs",
		                     official);
	if (!sr_act_text(act, "delegation") && !sr_act_text(act, "deputy"))
		return sr_fail(err, SR_INVALID, "name the delegation or the deputy");
	sr_act_set_work(act, &ending);
	SR_TRY(sr_act_write(act, check_ending, put_ending, err));
	return sr_act_reply(act, err, "{s:I}", "ended", (json_int_t)json_array_size(list));
}

/* --- ListDelegations ------------------------------------------------------------------------------- */

static enum sr_status gather_visible(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct ending *all = context;
	const struct sr_caller *caller = &all->act->caller;
	const char *official = sr_json_text(record, "official");
	const char *deputy = sr_json_text(record, "deputy");
	bool own = (official && strcmp(official, caller->user) == 0) ||
	           (deputy && strcmp(deputy, caller->user) == 0);

	(void)key;
	if (!own && !sr_act_is(all->act, SR_BY(SECURITY_ADMIN) | SR_BY(AUDITOR) | SR_BY(ADMIN)))
		return SR_OK;
	return sr_json_append(all->list, json_incref(record), err);
}

static enum sr_status read_delegations(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_record_each(txn, SR_DB_DELEGATES, "", gather_visible, act->work, err);
}

static enum sr_status list_delegations(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct ending all = { .act = act, .list = list };

	sr_act_set_work(act, &all);
	SR_TRY(sr_act_read(act, read_delegations, err));
	return sr_act_reply(act, err, "{s:O}", "delegations", list);
}

static const struct sr_method methods[] = {
	{ "Delegate", "deputy:text from:text until:text official:text?", SR_BY(OFFICIAL), SR_DOOR_PEOPLE, 0,
	  delegate },
	{ "EndDelegation", "delegation:text? deputy:text? official:text?", SR_BY(OFFICIAL), SR_DOOR_PEOPLE,
	  SR_METHOD_URGENT, end_delegation },
	{ "ListDelegations", "", SR_BY_STAFF, SR_DOOR_PEOPLE, 0, list_delegations },
};
const struct sr_method_family sr_authority_methods = { methods, SR_COUNT(methods) };
