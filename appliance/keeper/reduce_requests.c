/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and the decisions on them: from filed to a grant. */
#include "appliance/keeper/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/record.h"
#include "appliance/keeper/scope.h"
#include "appliance/keeper/state.h"
#include "appliance/ledger/merkle.h"

#define GRANT_DAYS_MAX 30

/* --- filing ---------------------------------------------------------------------------------------- */

/* The digest of a request is made of the leaves of its entries: they are kept with it. */
static enum sr_status add_leaf(const struct sr_event *event, json_t *request, struct sr_err *err)
{
	struct sr_digest leaf;
	char hex[SR_DIGEST_HEX];

	SR_TRY(sr_merkle_leaf(event->bytes.data, event->bytes.size, &leaf, err));
	sr_digest_to_hex(&leaf, hex);
	return sr_json_append(json_object_get(request, "leaves"), json_string(hex), err);
}

static enum sr_status request_digest(const json_t *request, char out[SR_DIGEST_HEX], struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf leaves = { 0 };
	struct sr_digest digest;
	size_t index;
	json_t *leaf;

	json_array_foreach(json_object_get(request, "leaves"), index, leaf) {
		if (!sr_digest_from_hex(json_string_value(leaf), &digest))
			return sr_fail(err, SR_CORRUPT, "a leaf of the request is none");
		SR_TRY(sr_buf_add(&leaves, digest.bytes, sizeof(digest.bytes), err));
	}
	SR_TRY(sr_digest_of(leaves.data, leaves.size, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}

enum sr_status sr_reduce_request_filed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "request",    "reader", "organ",         "class",   "purpose",
		                            "case_count", "cases",  "scope_entries", "members", "volumes",
		                            "channels",   "days",   "application",   NULL };
	const char *id = sr_event_text(event, "request");
	const char *reader = sr_event_text(event, "reader");
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;

	SR_TRY(sr_record_look(event->txn, SR_DB_REQUESTS, id, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the request %s is there already", id);
	if (!by)
		return sr_fail(err, SR_DENIED, "the request %s was filed by nobody", id);
	if (reader)
		SR_TRY(sr_state_active_user(event->txn, reader, &person, err));
	SR_TRY(SR_JSON_PACK(&request, err, "{s:s,s:s,s:i,s:[],s:[]}", "filed_by", by, "state", "filed",
	                    "scope_seen", 0, "leaves", "decisions"));
	SR_TRY(sr_event_copy(event, keys, request, err));
	if (!json_object_get(request, "cases"))
		SR_TRY(sr_json_set(request, "cases", json_array(), err));
	SR_TRY(add_leaf(event, request, err));
	return sr_record_put(event->txn, SR_DB_REQUESTS, id, request, err);
}

static enum sr_status get_request(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	return sr_record_get(event->txn, SR_DB_REQUESTS, sr_event_text(event, "request"), "request", out,
	                     err);
}

static enum sr_status put_request(const struct sr_event *event, const json_t *request, struct sr_err *err)
{
	return sr_record_put(event->txn, SR_DB_REQUESTS, sr_event_text(event, "request"), request, err);
}

enum sr_status sr_reduce_request_scope(const struct sr_event *event, struct sr_err *err)
{
	json_int_t index = json_integer_value(json_object_get(event->entry->root, "index"));
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;

	SR_TRY(get_request(event, &request, err));
	json_int_t seen = json_integer_value(json_object_get(request, "scope_seen"));
	json_int_t whole = json_integer_value(json_object_get(request, "scope_entries"));
	if (strcmp(sr_json_text(request, "state"), "filed") != 0 || index != seen + 1 || index > whole)
		return sr_fail(err, SR_DENIED, "part %lld of a request with %lld parts, %lld of them here",
		               (long long)index, (long long)whole, (long long)seen);
	if (json_array_extend(json_object_get(request, "cases"),
	                      json_object_get(event->entry->root, "cases")) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a request");
	SR_TRY(sr_scope_append(request, "members", json_object_get(event->entry->root, "members"), err));
	SR_TRY(sr_json_set(request, "scope_seen", json_integer(index), err));
	SR_TRY(add_leaf(event, request, err));
	return put_request(event, request, err);
}

enum sr_status sr_reduce_request_withdrawn(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	const char *by = sr_event_user(event);

	SR_TRY(get_request(event, &request, err));
	const char *state = sr_json_text(request, "state");
	if (strcmp(state, "filed") != 0 && strcmp(state, "partly") != 0)
		return sr_fail(err, SR_DENIED, "the request is %s already", state);
	if (!by || strcmp(by, sr_json_text(request, "filed_by")) != 0)
		return sr_fail(err, SR_DENIED, "a request is withdrawn by whoever filed it");
	SR_TRY(sr_json_set(request, "state", json_string("withdrawn"), err));
	return put_request(event, request, err);
}

/* --- deciding -------------------------------------------------------------------------------------- */

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Nobody decides a request of their own, themselves or by a deputy; each official decides once. */
static enum sr_status check_decider(const struct sr_event *event, const json_t *request, struct sr_err *err)
{
	const char *official = sr_event_text(event, "official");
	const char *for_whom = sr_event_text(event, "deputy_for");
	const char *filed_by = sr_json_text(request, "filed_by");
	const char *reader = sr_json_text(request, "reader");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	size_t index;
	json_t *before;

	if (!is(sr_event_user(event), official))
		return sr_fail(err, SR_DENIED, "%s decides in the name of another", official);
	if (is(official, filed_by) || is(official, reader) || is(for_whom, filed_by) || is(for_whom, reader))
		return sr_fail(err, SR_DENIED, "%s decides a request of their own", official);
	json_array_foreach(json_object_get(request, "decisions"), index, before)
		if (is(sr_json_text(before, "official"), official) ||
		    is(sr_json_text(before, "for"), for_whom ? for_whom : official))
			return sr_fail(err, SR_DENIED, "%s decided this request already", official);
	SR_TRY(sr_state_active_user(event->txn, official, &person, err));
	if (for_whom)
		return sr_state_require_deputy(event->txn, for_whom, official,
		                               sr_date_of_time(event->entry->time_ns), err);
	return sr_state_require_role(event->txn, official, "official", err);
}

/* Decisions are on the cases of the decider's own organ, or of that of the official they stand for. */
static enum sr_status check_organ(const struct sr_event *event, const json_t *request, struct sr_err *err)
{
	const char *for_whom = sr_event_text(event, "deputy_for");
	const char *official = for_whom ? for_whom : sr_event_text(event, "official");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_active_user(event->txn, official, &person, err));
	if (!is(sr_json_text(person, "organ"), sr_json_text(request, "organ")))
		return sr_fail(err, SR_DENIED, "%s is an official of another organ", official);
	return SR_OK;
}

/* The decision is bound to the request as it was shown and to the table that holds. */
static enum sr_status check_bound(const struct sr_event *event, const json_t *request, json_t **policy,
                                  struct sr_err *err)
{
	const char *state = sr_json_text(request, "state");
	char digest[SR_DIGEST_HEX];

	if (strcmp(state, "filed") != 0 && strcmp(state, "partly") != 0)
		return sr_fail(err, SR_DENIED, "the request is %s already", state);
	if (json_integer_value(json_object_get(request, "scope_seen")) !=
	    json_integer_value(json_object_get(request, "scope_entries")))
		return sr_fail(err, SR_DENIED, "the request is not complete yet");
	SR_TRY(request_digest(request, digest, err));
	if (strcmp(digest, sr_event_text(event, "digest")) != 0)
		return sr_fail(err, SR_DENIED,
		               "the decision is about another request than the one that was filed");
	SR_TRY(sr_record_get(event->txn, SR_DB_POLICY, "current", "approval table", policy, err));
	if (!is(sr_json_text(*policy, "policy"), sr_event_text(event, "policy")))
		return sr_fail(err, SR_DENIED,
		               "the decision names another approval table than the one that holds");
	return SR_OK;
}

static enum sr_status add_decision(const struct sr_event *event, json_t *request, struct sr_err *err)
{
	static const char *const keys[] = { "official", "cases",  "without",  "with",
		                            "channels", "escort", "no_cache", NULL };
	const char *for_whom = sr_event_text(event, "deputy_for");
	json_t *decision = json_object();

	SR_TRY(sr_json_append(json_object_get(request, "decisions"), decision, err));
	SR_TRY(sr_event_copy(event, keys, decision, err));
	return sr_json_set(decision, "for",
	                   json_string(for_whom ? for_whom : sr_event_text(event, "official")), err);
}

/* --- the grant ------------------------------------------------------------------------------------- */

static enum sr_status check_period(const struct sr_event *event, const json_t *request, struct sr_err *err)
{
	const char *from = sr_event_text(event, "from");
	const char *until = sr_event_text(event, "until");
	json_int_t days = json_integer_value(json_object_get(request, "days"));
	int64_t from_ns, until_ns;

	if (!from || !until || !sr_time_parse(from, &from_ns) || !sr_time_parse(until, &until_ns))
		return sr_fail(err, SR_DENIED, "a grant needs from and until");
	if (days > GRANT_DAYS_MAX)
		days = GRANT_DAYS_MAX;
	if (until_ns <= from_ns || until_ns - from_ns > days * SR_DAY_S * SR_SECOND_NS)
		return sr_fail(err, SR_DENIED,
		               "the grant lasts longer than the %lld days that were asked for",
		               (long long)days);
	return SR_OK;
}

/* Scope and conditions that all decisions have in common. */
static enum sr_status compose_grant(const struct sr_event *event, const json_t *request, json_t *grant,
                                    struct sr_err *err)
{
	static const char *const keys[] = { "grant", "request", "from", "until", NULL };
	const json_t *members = json_object_get(request, "members");
	const char *reader = sr_json_text(request, "reader");

	SR_TRY(sr_event_copy(event, keys, grant, err));
	SR_TRY(sr_json_set(grant, "reader", reader ? json_string(reader) : json_null(), err));
	SR_TRY(sr_json_set(grant, "state", json_string("live"), err));
	if (members && json_object_set(grant, "members", (json_t *)(uintptr_t)members) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a grant");
	return sr_scope_intersect(request, grant, err);
}

static enum sr_status put_grant(const struct sr_event *event, const json_t *grant, struct sr_err *err)
{
	const char *id = sr_event_text(event, "grant");
	const char *reader = sr_json_text(grant, "reader");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *mark = json_true();
	char key[SR_RECORD_KEY];

	snprintf(key, sizeof(key), "g/%.200s", id);
	SR_TRY(sr_record_look(event->txn, SR_DB_GRANTS, key, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the grant %s is there already", id);
	SR_TRY(sr_record_put(event->txn, SR_DB_GRANTS, key, grant, err));
	if (!reader)
		return SR_OK;
	snprintf(key, sizeof(key), "r/%.100s/%.100s", reader, id);
	return sr_record_put(event->txn, SR_DB_GRANTS, key, mark, err);
}

static enum sr_status approve(const struct sr_event *event, json_t *request, const json_t *policy,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = json_object();
	unsigned needed =
		sr_state_approvals(json_object_get(policy, "table"), sr_json_text(request, "class"),
	                           sr_json_text(request, "purpose"), json_object_get(request, "channels"));

	SR_TRY(add_decision(event, request, err));
	size_t approvals = json_array_size(json_object_get(request, "decisions"));
	if (!sr_event_text(event, "grant"))
		return sr_json_set(request, "state", json_string("partly"), err);
	if (approvals < needed)
		return sr_fail(err, SR_DENIED, "a grant after %zu approvals; the table asks for %u",
		               approvals, needed);
	SR_TRY(check_period(event, request, err));
	SR_TRY(compose_grant(event, request, grant, err));
	SR_TRY(put_grant(event, grant, err));
	return sr_json_set(request, "state", json_string("approved"), err);
}

enum sr_status sr_reduce_request_decided(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *policy = NULL;
	const char *decision = sr_event_text(event, "decision");

	SR_TRY(get_request(event, &request, err));
	SR_TRY(check_bound(event, request, &policy, err));
	SR_TRY(check_decider(event, request, err));
	SR_TRY(check_organ(event, request, err));
	if (strcmp(decision, "refuse") == 0)
		SR_TRY(sr_json_set(request, "state", json_string("refused"), err));
	else if (strcmp(decision, "approve") == 0)
		SR_TRY(approve(event, request, policy, err));
	else
		return sr_fail(err, SR_DENIED, "%s is no decision", decision);
	return put_request(event, request, err);
}
