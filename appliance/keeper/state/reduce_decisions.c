/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions on requests, and the grants that come of them. */
#include "appliance/keeper/state/reduce_requests.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/approval.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_cases.h"
#include "appliance/keeper/state/reduce_kinds.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

#define FROM_SLACK_NS (60 * SR_SECOND_NS) /* between a grant's beginning and its entry */

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
	SR_TRY(sr_request_digest(request, digest, err));
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
	static const char *const keys[] = { "official", "deputy_for", "decision",       "handled", "cases",
		                            "without",  "with",       "channels",       "days",    "escort",
		                            "no_cache", "reason",     "classification", NULL };
	const char *for_whom = sr_event_text(event, "deputy_for");
	json_t *decision = json_object();
	char time[SR_TIME_TEXT];

	sr_time_format_utc(event->entry->time_ns, time);
	SR_TRY(sr_json_append(json_object_get(request, "decisions"), decision, err));
	SR_TRY(sr_event_copy(event, keys, decision, err));
	SR_TRY(sr_json_set(decision, "time", json_string(time), err));
	return sr_json_set(decision, "for",
	                   json_string(for_whom ? for_whom : sr_event_text(event, "official")), err);
}

/* --- what the table asks for ----------------------------------------------------------------------- */

static enum sr_status add_words(const json_t *more, json_t *words, struct sr_err *err)
{
	size_t index;
	json_t *word;

	json_array_foreach(more, index, word)
		if (!sr_scope_lists(words, json_string_value(word)))
			SR_TRY(sr_json_append(words, json_incref(word), err));
	return SR_OK;
}

/* Classes of the request, of the members that officials named, and of the cases by the log. */
static enum sr_status gather_classes(struct sr_txn *txn, const json_t *request, json_t *words,
                                     struct sr_err *err)
{
	size_t index;
	json_t *value;

	SR_TRY(add_words(json_object_get(request, "classification"), words, err));
	json_array_foreach(json_object_get(request, "decisions"), index, value)
		SR_TRY(add_words(json_object_get(value, "classification"), words, err));
	json_array_foreach(json_object_get(request, "cases"), index, value) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

		SR_TRY(sr_logged_case(txn, json_string_value(value), &record, err));
		SR_TRY(add_words(json_object_get(record, "classification"), words, err));
	}
	return SR_OK;
}

/* Channels that are still asked for: those that no decision took away. */
static enum sr_status gather_channels(const json_t *request, json_t *channels, struct sr_err *err)
{
	size_t index, at;
	json_t *channel, *decision;

	json_array_foreach(json_object_get(request, "channels"), index, channel) {
		bool left = true;

		json_array_foreach(json_object_get(request, "decisions"), at, decision) {
			const json_t *list = json_object_get(decision, "channels");

			left = left && (!list || sr_scope_lists(list, json_string_value(channel)));
		}
		if (left)
			SR_TRY(sr_json_append(channels, json_incref(channel), err));
	}
	return SR_OK;
}

enum sr_status sr_request_needs(struct sr_txn *txn, const json_t *request, const json_t *table,
                                unsigned *officials, const char **paper, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *words = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *channels = json_array();

	SR_TRY(gather_classes(txn, request, words, err));
	SR_TRY(gather_channels(request, channels, err));
	const struct sr_approval_question question = {
		.class = sr_json_text(request, "class"),
		.purpose = sr_json_text(request, "purpose"),
		.channels = channels,
		.classification = words,
	};

	*officials = sr_approval_officials(table, &question);
	*paper = sr_approval_missing_paper(table, &question, json_object_get(request, "papers"));
	return SR_OK;
}

json_int_t sr_request_days(const json_t *request)
{
	json_int_t days = json_integer_value(json_object_get(request, "days"));
	size_t index;
	json_t *decision;

	json_array_foreach(json_object_get(request, "decisions"), index, decision) {
		const json_t *fewer = json_object_get(decision, "days");

		if (fewer && json_integer_value(fewer) < days)
			days = json_integer_value(fewer);
	}
	return days < SR_GRANT_DAYS_MAX ? days : SR_GRANT_DAYS_MAX;
}

/* --- the grant ------------------------------------------------------------------------------------- */

static enum sr_status check_period(const struct sr_event *event, const json_t *request, struct sr_err *err)
{
	const char *from = sr_event_text(event, "from");
	const char *until = sr_event_text(event, "until");
	json_int_t days = sr_request_days(request);
	int64_t from_ns, until_ns;

	if (!from || !until || !sr_time_parse(from, &from_ns) || !sr_time_parse(until, &until_ns))
		return sr_fail(err, SR_DENIED, "a grant needs from and until");
	if (from_ns > event->entry->time_ns || event->entry->time_ns - from_ns > FROM_SLACK_NS)
		return sr_fail(err, SR_DENIED, "a grant begins when it is made");
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
	static const char *const same[] = { "organ", "class", "purpose", "volumes", "members", "filed_by" };
	const char *reader = sr_json_text(request, "reader");

	SR_TRY(sr_event_copy(event, keys, grant, err));
	for (size_t i = 0; i < SR_COUNT(same); i++) {
		json_t *value = json_object_get(request, same[i]);

		if (value && json_object_set(grant, same[i], value) < 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a grant");
	}
	SR_TRY(sr_json_set(grant, "reader", reader ? json_string(reader) : json_null(), err));
	SR_TRY(sr_json_set(grant, "state", json_string("live"), err));
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

/* The table's officials and papers, and the reader who will read. */
static enum sr_status check_approved(const struct sr_event *event, const json_t *request,
                                     const json_t *policy, struct sr_err *err)
{
	size_t approvals = json_array_size(json_object_get(request, "decisions"));
	json_int_t awaits = json_integer_value(json_object_get(event->entry->root, "awaits"));
	const char *paper;
	unsigned needed;

	SR_TRY(sr_request_needs(event->txn, request, json_object_get(policy, "table"), &needed, &paper, err));
	if (paper)
		return sr_fail(err, SR_DENIED, "the request lacks a paper that the table asks for: %s",
		               paper);
	if (!sr_event_text(event, "grant")) {
		if (approvals + (size_t)awaits != needed || awaits < 1)
			return sr_fail(err, SR_DENIED, "the table asks for %u approvals, this is one of %zu",
			               needed, approvals + (size_t)awaits);
		return SR_OK;
	}
	if (approvals < needed)
		return sr_fail(err, SR_DENIED, "a grant after %zu approvals; the table asks for %u",
		               approvals, needed);
	const char *reader = sr_json_text(request, "reader");
	const char *named = sr_event_text(event, "reader");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	if (!reader != !named || (reader && strcmp(reader, named) != 0))
		return sr_fail(err, SR_DENIED, "the grant is for another reader than the request");
	return reader ? sr_state_active_user(event->txn, reader, &person, err) : SR_OK;
}

static enum sr_status approve(const struct sr_event *event, json_t *request, const json_t *policy,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = json_object();

	SR_TRY(add_decision(event, request, err));
	SR_TRY(check_approved(event, request, policy, err));
	if (!sr_event_text(event, "grant"))
		return sr_json_set(request, "state", json_string("partly"), err);
	SR_TRY(check_period(event, request, err));
	SR_TRY(compose_grant(event, request, grant, err));
	SR_TRY(put_grant(event, grant, err));
	SR_TRY(sr_json_set(request, "grant", json_string(sr_event_text(event, "grant")), err));
	return sr_json_set(request, "state", json_string("approved"), err);
}

static enum sr_status refuse(const struct sr_event *event, json_t *request, struct sr_err *err)
{
	if (!sr_event_text(event, "reason"))
		return sr_fail(err, SR_DENIED, "a refusal without a reason");
	SR_TRY(add_decision(event, request, err));
	return sr_json_set(request, "state", json_string("refused"), err);
}

enum sr_status sr_reduce_request_decided(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *policy = NULL;
	const char *decision = sr_event_text(event, "decision");

	SR_TRY(sr_event_request(event, &request, err));
	SR_TRY(check_bound(event, request, &policy, err));
	SR_TRY(check_decider(event, request, err));
	SR_TRY(check_organ(event, request, err));
	if (strcmp(decision, "refuse") == 0)
		SR_TRY(refuse(event, request, err));
	else if (strcmp(decision, "approve") == 0)
		SR_TRY(approve(event, request, policy, err));
	else
		return sr_fail(err, SR_DENIED, "%s is no decision", decision);
	return sr_event_put_request(event, request, err);
}
