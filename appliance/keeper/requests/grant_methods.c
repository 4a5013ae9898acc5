/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: ListGrants, RevokeGrant, ReturnGrant, EscortBeat. */
#include "appliance/keeper/requests/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/requests/escort_beat.h"
#include "appliance/keeper/requests/grant_end.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/requests/request_words.h"
#include "appliance/keeper/state/numbered.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

#define LIST_MAX 1000
#define LIST_CASES_MAX 100000u /* in all rows: an answer is one frame */

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* --- who may see which ----------------------------------------------------------------------------- */

static bool is_own(const struct sr_act *act, const char *id, const json_t *grant)
{
	return act->caller.pass ? is(id, act->caller.grant)
	                        : is(sr_json_text(grant, "reader"), act->caller.user);
}

/* Their own; those that they asked for at the counter; the organ's for its officials; all for the security
 * administrator. */
static enum sr_status may_see(struct sr_act *act, struct sr_txn *txn, const char *id, const json_t *grant,
                              bool *out, struct sr_err *err)
{
	*out = is_own(act, id, grant) || sr_act_is(act, SR_BY(SECURITY_ADMIN)) ||
	       (!act->caller.pass && is(sr_json_text(grant, "filed_by"), act->caller.user));
	if (*out || !sr_act_is(act, SR_BY(OFFICIAL)) || !is(sr_json_text(grant, "organ"), act->caller.organ))
		return SR_OK;
	return sr_cases_within(act, txn, json_object_get(grant, "cases"), out, err);
}

static enum sr_status find_grant(struct sr_act *act, struct sr_txn *txn, json_t **out, struct sr_err *err)
{
	const char *id = sr_act_text(act, "grant");
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	enum sr_status status = SR_DENIED;
	bool may = false;

	if (sr_label_is_valid(id))
		status = sr_state_grant(txn, id, &grant, err);
	if (status == SR_OK)
		status = may_see(act, txn, id, grant, &may, err);
	if (status != SR_OK && status != SR_DENIED)
		return status;
	if (!may)
		return sr_act_not_found(act, "grant", id, err);
	*out = SR_MOVE(grant);
	return SR_OK;
}

/* What it is now: the log does not write down that time passed. */
static const char *state_of(const json_t *grant, int64_t now_ns)
{
	const char *state = sr_json_text(grant, "state");
	const char *until = sr_json_text(grant, "until");
	int64_t until_ns;

	if (is(state, "live") && until && sr_time_parse(until, &until_ns) && until_ns <= now_ns)
		return "expired";
	return state ? state : "ended";
}

/* --- lists ----------------------------------------------------------------------------------------- */

struct listing {
	json_t *rows;
	const char *state, *grant;
	int64_t now_ns;
	size_t cases;
};

/* What people call those who are in it: "reader_name", "approved_by_names", and "escort_name" where there is
 * one. */
static enum sr_status add_names(struct sr_txn *txn, const json_t *grant, json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *names = json_array();
	const char *reader = sr_json_text(grant, "reader"), *escort = sr_json_text(grant, "escort");
	json_t *name = NULL;
	size_t index;
	json_t *user;

	if (reader)
		SR_TRY(sr_name_of(txn, reader, &name, err));
	SR_TRY(sr_json_set(row, "reader_name", name ? name : json_null(), err));
	json_array_foreach(json_object_get(grant, "approved_by"), index, user) {
		SR_TRY(sr_name_of(txn, json_string_value(user), &name, err));
		SR_TRY(sr_json_append(names, name, err));
	}
	SR_TRY(sr_json_set(row, "approved_by_names", SR_MOVE(names), err));
	if (!escort)
		return SR_OK;
	SR_TRY(sr_name_of(txn, escort, &name, err));
	return sr_json_set(row, "escort_name", name, err);
}

static enum sr_status add_row(struct sr_txn *txn, struct listing *listing, const json_t *grant,
                              struct sr_err *err)
{
	static const char *const keys[] = { "grant", "request", "reader",   "approved_by", "purpose",
		                            "from",  "until",   "channels", "cases",       "escort" };
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_object();

	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		json_t *value = json_object_get(grant, keys[i]);

		SR_TRY(sr_json_set(row, keys[i], value ? json_incref(value) : json_null(), err));
	}
	SR_TRY(add_names(txn, grant, row, err));
	listing->cases += json_array_size(json_object_get(grant, "cases"));
	SR_TRY(sr_json_set(row, "state", json_string(state_of(grant, listing->now_ns)), err));
	SR_TRY(sr_json_set(row, "no_cache", json_boolean(json_is_true(json_object_get(grant, "no_cache"))),
	                   err));
	return sr_json_append(listing->rows, SR_MOVE(row), err);
}

static enum sr_status list_one(struct sr_act *act, struct sr_txn *txn, const char *id,
                               struct listing *listing, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	bool may;

	SR_TRY(sr_state_grant(txn, id, &grant, err));
	if (listing->state && !is(listing->state, state_of(grant, listing->now_ns)))
		return SR_OK;
	SR_TRY(may_see(act, txn, id, grant, &may, err));
	return may ? add_row(txn, listing, grant, err) : SR_OK;
}

/* Readers have a list of their own; the others look at all. */
static void prefix_of(const struct sr_act *act, char out[SR_RECORD_KEY])
{
	if (sr_act_is(act, SR_BY(OFFICIAL) | SR_BY(SECURITY_ADMIN) | SR_BY(ARCHIVIST)))
		snprintf(out, SR_RECORD_KEY, "g/G");
	else
		snprintf(out, SR_RECORD_KEY, "r/%s/G", act->caller.user);
}

struct listing_walk {
	struct sr_act *act;
	struct sr_txn *txn;
	struct listing *listing;
};

static enum sr_status list_next(void *context, struct sr_bytes key, struct sr_bytes value, bool *enough,
                                struct sr_err *err)
{
	const struct listing_walk *walk = context;
	char id[SR_RECORD_KEY];

	(void)value;
	snprintf(id, sizeof(id), "%.*s", (int)key.size, (const char *)key.data);
	SR_TRY(list_one(walk->act, walk->txn, strrchr(id, '/') + 1, walk->listing, err));
	*enough = json_array_size(walk->listing->rows) >= LIST_MAX || walk->listing->cases >= LIST_CASES_MAX;
	return SR_OK;
}

/* The newest first. */
static enum sr_status list_all(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct listing *listing = act->work;
	struct listing_walk walking = { .act = act, .txn = txn, .listing = listing };
	char prefix[SR_RECORD_KEY];
	const struct sr_numbered walk = {
		.db = SR_DB_GRANTS, .prefix = prefix, .each = list_next, .context = &walking
	};

	if (act->caller.pass) {
		enum sr_status status = list_one(act, txn, act->caller.grant, listing, err);

		return status == SR_DENIED ? SR_OK : status;
	}
	prefix_of(act, prefix);
	return sr_numbered_down(txn, &walk, err);
}

/* The one that is named, if the caller may see it. */
static enum sr_status list_named(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct listing *listing = act->work;
	enum sr_status status = SR_DENIED;

	if (sr_label_is_valid(listing->grant))
		status = list_one(act, txn, listing->grant, listing, err);
	return status == SR_DENIED ? SR_OK : status;
}

static enum sr_status list_grants(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	struct listing listing = {
		.rows = rows,
		.state = sr_act_text(act, "state"),
		.grant = sr_act_text(act, "grant"),
		.now_ns = sr_keeper_now_ns(act->keeper),
	};

	sr_act_set_work(act, &listing);
	SR_TRY(sr_act_read(act, listing.grant ? list_named : list_all, err));
	return sr_act_reply(act, err, "{s:O}", "grants", rows);
}

/* --- ending one ------------------------------------------------------------------------------------ */

struct ending {
	char request[SR_LABEL_BYTES];
	uint64_t seq;
};

static enum sr_status require_live(struct sr_act *act, const json_t *grant, struct sr_err *err)
{
	static const struct {
		const char *state, *error;
	} ended[] = { { "expired", "Expired" }, { "revoked", "Revoked" }, { "returned", "Returned" } };
	const char *state = state_of(grant, sr_keeper_now_ns(act->keeper));

	if (is(state, "live"))
		return SR_OK;
	for (size_t i = 0; i < SR_COUNT(ended); i++)
		if (is(state, ended[i].state))
			return sr_act_refuse(act, ended[i].error, err, "the grant is %s already", state);
	return sr_act_refuse(act, "NotGranted", err, "the grant has ended already");
}

static enum sr_status check_revoked(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct ending *ending = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(find_grant(act, txn, &grant, err));
	if (!sr_act_is(act, SR_BY(SECURITY_ADMIN)) && !is(sr_json_text(grant, "organ"), act->caller.organ))
		return sr_act_refuse(act, "NotYourRole", err,
		                     "a grant is revoked by an official of the cases' organ, or the security "
		                     "administrator");
	SR_TRY(require_live(act, grant, err));
	sr_label_copy(ending->request, sr_json_text(grant, "request"));
	return SR_OK;
}

static enum sr_status put_revoked(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct ending *ending = act->work;
	const char *why = sr_act_is(act, SR_BY(OFFICIAL)) ? "official" : "security";

	return sr_act_record(act, txn, "grant.revoked",
	                     json_pack("{s:s,s:s,s:s,s:s}", "grant", sr_act_text(act, "grant"), "request",
	                               ending->request, "why", why, "reason", sr_act_text(act, "reason")),
	                     &ending->seq, err);
}

static enum sr_status revoke_grant(struct sr_act *act, struct sr_err *err)
{
	struct ending ending = { 0 };

	sr_act_set_work(act, &ending);
	SR_TRY(sr_act_write(act, check_revoked, put_revoked, err));
	sr_grant_ended(act->keeper, sr_act_text(act, "grant"), ending.seq, "revoked");
	return SR_OK;
}

static enum sr_status check_returned(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct ending *ending = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(find_grant(act, txn, &grant, err));
	if (!is_own(act, sr_act_text(act, "grant"), grant))
		return sr_act_refuse(act, "NotGranted", err, "a grant is returned by its reader");
	SR_TRY(require_live(act, grant, err));
	sr_label_copy(ending->request, sr_json_text(grant, "request"));
	return SR_OK;
}

static enum sr_status put_returned(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct ending *ending = act->work;

	return sr_act_record(act, txn, "grant.returned",
	                     json_pack("{s:s,s:s,s:s*}", "grant", sr_act_text(act, "grant"), "request",
	                               ending->request, "reason", sr_act_text(act, "reason")),
	                     &ending->seq, err);
}

static enum sr_status return_grant(struct sr_act *act, struct sr_err *err)
{
	struct ending ending = { 0 };

	sr_act_set_work(act, &ending);
	SR_TRY(sr_act_write(act, check_returned, put_returned, err));
	sr_grant_ended(act->keeper, sr_act_text(act, "grant"), ending.seq, "returned");
	return SR_OK;
}

static const struct sr_method methods[] = {
	{ "ListGrants", "state:text? grant:text?", SR_BY_READERS | SR_BY(SECURITY_ADMIN), SR_DOOR_ALL, 0,
	  list_grants },
	{ "RevokeGrant", "grant:text reason:prose", SR_BY(OFFICIAL) | SR_BY(SECURITY_ADMIN), SR_DOOR_PEOPLE,
	  SR_METHOD_URGENT, revoke_grant },
	{ "ReturnGrant", "grant:text reason:prose?", SR_BY_READERS, SR_DOOR_PEOPLE, SR_METHOD_URGENT,
	  return_grant },
	{ "EscortBeat", "grant:text leave:flag?", SR_BY_READERS & ~SR_BY(PARTY), SR_DOOR_PEOPLE,
	  SR_METHOD_URGENT, sr_escort_beat },
};
const struct sr_method_family sr_grant_methods = { methods, SR_COUNT(methods) };
