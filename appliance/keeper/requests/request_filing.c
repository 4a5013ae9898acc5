/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/request_filing.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/requests/papers.h"
#include "appliance/keeper/requests/request_scope.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_requests.h"
#include "appliance/keeper/state/scope.h"

#define DAYS_USUAL 7
#define REASON_BYTES 2048
#define NAME_BYTES 255
#define CASES_INLINE 200u /* more stand in request.scope entries */
#define MEMBERS_MAX 8000u /* named one by one */
#define PURPOSES_PACK "base"

/* One request on its way into the log. */
struct filing {
	json_t *cases;   /* ids */
	json_t *members; /* a scope; NULL: all */
	json_t *fields;  /* of request.filed */
	char organ[SR_LABEL_BYTES];
	char request[SR_LABEL_BYTES];
	bool outsider; /* for a party, lawyer, court or other body */
	bool by_pass;  /* they read it themselves */
	bool sub_volume;
};

static void filing_dispose(struct filing *filing)
{
	json_decref(filing->cases);
	json_decref(filing->members);
	json_decref(filing->fields);
}

/* --- words ----------------------------------------------------------------------------------------- */

enum sr_status sr_purpose_check(const char *purpose, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	char known[480] = "";
	size_t index, used = 0;
	json_t *row;

	SR_TRY(sr_rulebook_load(PURPOSES_PACK, &rulebook, err));
	json_array_foreach(sr_rulebook_table(rulebook, "purposes"), index, row) {
		const char *kind = sr_json_text(row, "kind");

		if (kind && strcmp(kind, purpose) == 0)
			return SR_OK;
		if (kind && used + strlen(kind) + 2 < sizeof(known))
			used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", kind);
	}
	return sr_fail(err, SR_INVALID, "/purpose: %.60s is none of:%s", purpose, known);
}

/* @given's words, each one of @words and once, in the order of @words; @usual where it is left out. */
static enum sr_status take_words(const struct sr_act *act, const char *key, const char *const *words,
                                 unsigned usual, json_t **out, struct sr_err *err)
{
	const json_t *given = sr_act_value(act, key);
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	size_t index;
	json_t *word;

	json_array_foreach(given, index, word) {
		bool known = false;

		for (size_t i = 0; words[i]; i++)
			known = known || strcmp(words[i], json_string_value(word)) == 0;
		if (!known)
			return sr_fail(err, SR_INVALID, "/%s: %s is not one of them", key,
			               json_string_value(word));
	}
	for (size_t i = 0; words[i]; i++)
		if (given ? sr_scope_lists(given, words[i]) : (usual & (1u << i)) != 0)
			SR_TRY(sr_json_append(list, json_string(words[i]), err));
	if (json_array_size(list) == 0)
		return sr_fail(err, SR_INVALID, "/%s: is empty", key);
	*out = SR_MOVE(list);
	return SR_OK;
}

/* --- for whom -------------------------------------------------------------------------------------- */

/* Outsiders come to the counter: an archivist files for them. */
static enum sr_status take_outsider(struct sr_act *act, struct filing *filing, struct sr_err *err)
{
	static const char kinds[] = " party lawyer court other ";
	const char *name = sr_act_text(act, "for");
	const char *kind = sr_act_text(act, "for_kind");
	char word[32];

	filing->outsider = true;
	if (!sr_act_is(act, SR_BY(ARCHIVIST)))
		return sr_act_refuse(act, "NotYourRole", err,
		                     "requests for a party, lawyer, court or other body are filed by an "
		                     "archivist, at the counter");
	if (!name || strlen(name) > NAME_BYTES)
		return sr_fail(err, SR_INVALID, "/for: say for whom, in at most %d bytes", NAME_BYTES);
	if (!kind)
		kind = "party";
	snprintf(word, sizeof(word), " %.20s ", kind);
	if (!strstr(kinds, word))
		return sr_fail(err, SR_INVALID, "/for_kind: must be party, lawyer, court or other");
	SR_TRY(sr_json_set(filing->fields, "class", json_string(kind), err));
	return sr_json_set(filing->fields, "on_behalf", json_pack("{s:s,s:s}", "kind", kind, "name", name),
	                   err);
}

static enum sr_status take_reader(struct sr_act *act, struct filing *filing, struct sr_err *err)
{
	const char *reader = sr_act_text(act, "reader");

	if (reader && strcmp(reader, act->caller.user) != 0)
		return sr_act_refuse(act, "NotYourRole", err, "you can ask for readings of your own alone");
	if (sr_act_text(act, "for") || sr_act_text(act, "for_kind"))
		SR_TRY(take_outsider(act, filing, err));
	else
		SR_TRY(sr_json_set(filing->fields, "class", json_string(sr_role_name(act->caller.role)),
		                   err));
	filing->by_pass = filing->outsider && !reader;
	if (filing->by_pass)
		return SR_OK;
	return sr_json_set(filing->fields, "reader", json_string(act->caller.user), err);
}

/* Outsiders never reach the sub volume, and a pass opens a browser's session alone. */
static enum sr_status take_volumes(struct sr_act *act, struct filing *filing, struct sr_err *err)
{
	static const char *const volumes[] = { "main", "sub", NULL };
	static const char *const channels[] = { "fs", "web", "copy", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *ways = NULL;

	SR_TRY(take_words(act, "volumes", volumes, filing->outsider ? 1 : 3, &list, err));
	filing->sub_volume = sr_scope_lists(list, "sub");
	if (filing->outsider && filing->sub_volume)
		return sr_fail(err, SR_INVALID,
		               "/volumes: requests for others never reach the sub volume (副卷)");
	SR_TRY(take_words(act, "channels", channels, filing->by_pass ? 2 : 3, &ways, err));
	if (filing->by_pass && sr_scope_lists(ways, "fs"))
		return sr_fail(err, SR_INVALID,
		               "/channels: whoever reads by a pass reads in the browser: web");
	SR_TRY(sr_json_set(filing->fields, "volumes", SR_MOVE(list), err));
	return sr_json_set(filing->fields, "channels", SR_MOVE(ways), err);
}

static enum sr_status take_terms(struct sr_act *act, struct filing *filing, struct sr_err *err)
{
	static const char *const labels[] = { "application", "review" };
	const char *reason = sr_act_text(act, "reason");
	int64_t days = sr_act_count(act, "days", DAYS_USUAL);

	SR_TRY(sr_purpose_check(sr_act_text(act, "purpose"), err));
	if (strlen(reason) > REASON_BYTES)
		return sr_fail(err, SR_INVALID, "/reason: is over %d bytes", REASON_BYTES);
	if (days < 1 || days > SR_GRANT_DAYS_MAX)
		return sr_fail(err, SR_INVALID, "/days: must be 1 to %d", SR_GRANT_DAYS_MAX);
	SR_TRY(sr_json_set(filing->fields, "purpose", json_string(sr_act_text(act, "purpose")), err));
	SR_TRY(sr_json_set(filing->fields, "reason", json_string(reason), err));
	SR_TRY(sr_json_set(filing->fields, "days", json_integer(days), err));
	for (size_t i = 0; i < SR_COUNT(labels); i++) {
		const char *value = sr_act_text(act, labels[i]);

		if (value && !sr_label_is_valid(value))
			return sr_fail(err, SR_INVALID, "/%s: is no number of one", labels[i]);
		if (value)
			SR_TRY(sr_json_set(filing->fields, labels[i], json_string(value), err));
	}
	return SR_OK;
}

/* --- what ------------------------------------------------------------------------------------------ */

static enum sr_status add_case(struct sr_act *act, struct sr_txn *txn, const char *reference,
                               struct filing *filing, struct sr_err *err)
{
	struct sr_case_record record;
	char id[SR_UUID_TEXT];

	SR_TRY(sr_case_view_find(act, txn, reference, &record, err));
	sr_case_id_format(&record.id, id);
	if (record.organ.size >= sizeof(filing->organ))
		return sr_fail(err, SR_CORRUPT, "the case %s has no organ", id);
	if (!filing->organ[0])
		memcpy(filing->organ, record.organ.data, record.organ.size);
	else if (strlen(filing->organ) != record.organ.size ||
	         memcmp(filing->organ, record.organ.data, record.organ.size) != 0)
		return sr_fail(err, SR_INVALID,
		               "/cases: they are of several organs; file one request for each organ");
	return sr_json_append(filing->cases, json_string(id), err);
}

/* Needs of the approval table that holds now: papers. */
static enum sr_status check_papers(struct sr_act *act, struct sr_txn *txn, const struct filing *filing,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *policy = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *request = json_copy(filing->fields);
	const json_t *papers = sr_act_value(act, "papers");
	const char *paper;
	unsigned officials;

	if (!filing->outsider && json_array_size(papers) > 0)
		return sr_fail(err, SR_INVALID, "/papers: are for requests of others: say for whom");
	SR_TRY(sr_papers_check(papers, err));
	if (papers && json_object_set(request, "papers", (json_t *)(uintptr_t)papers) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a request");
	SR_TRY(sr_record_get(txn, SR_DB_POLICY, "current", "approval table", &policy, err));
	SR_TRY(sr_request_needs(txn, request, json_object_get(policy, "table"), &officials, &paper, err));
	if (paper)
		return sr_act_refuse(act, "PapersMissing", err,
		                     "a paper is missing: %s; attach a scan of it under that kind", paper);
	return SR_OK;
}

static enum sr_status prepare(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct filing *filing = act->work;
	const json_t *cases = sr_act_value(act, "cases");
	const struct sr_reach reach = {
		.sub_volume = filing->sub_volume,
		.clearances = filing->by_pass ? 0 : act->caller.clearances,
	};
	char population[SR_DIGEST_HEX];
	uint8_t classes, ignored;
	size_t index;
	json_t *value, *words;

	if (json_array_size(cases) == 0)
		return sr_fail(err, SR_INVALID, "/cases: is empty");
	if (json_array_size(cases) > SR_REQUEST_CASES_MAX)
		return sr_fail(err, SR_LIMIT, "/cases: more than %u cases in one request",
		               SR_REQUEST_CASES_MAX);
	json_array_foreach(cases, index, value)
		SR_TRY(add_case(act, txn, json_string_value(value), filing, err));
	enum sr_status status = sr_population(filing->cases, population, err);
	if (status != SR_OK)
		return sr_fail_in(err, status == SR_DENIED ? SR_INVALID : status, "/cases: ");
	SR_TRY(sr_request_members(txn, filing->cases, sr_act_value(act, "members"), &filing->members, err));
	if (filing->members && json_array_size(filing->members) < json_array_size(filing->cases))
		return sr_fail(err, SR_INVALID,
		               "/members: name members of each case, or of none; or file two requests");
	SR_TRY(sr_request_named_classes(txn, filing->members, filing->sub_volume, &ignored, err));
	SR_TRY(sr_request_classes(txn, filing->cases, filing->members, &reach, &classes, err));
	SR_TRY(sr_classes_to_json(classes, false, &words, err));
	SR_TRY(sr_json_set(filing->fields, "organ", json_string(filing->organ), err));
	SR_TRY(sr_json_set(filing->fields, "case_count",
	                   json_integer((json_int_t)json_array_size(filing->cases)), err));
	SR_TRY(sr_json_set(filing->fields, "classification", words, err));
	return check_papers(act, txn, filing, err);
}

/* --- into the log ---------------------------------------------------------------------------------- */

/* How many numbers a scope names. */
static size_t numbers_in(const json_t *scope)
{
	size_t index, count = 0;
	json_t *element;

	json_array_foreach(scope, index, element)
		count += json_array_size(json_object_get(element, "members")) + 10;
	return count;
}

/* The elements of the scope for the cases from @first on, @count of them; NULL: none names any. */
static enum sr_status members_of(const struct filing *filing, size_t first, size_t count, json_t **out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *some = json_array();
	size_t index;
	json_t *element;

	*out = NULL;
	json_array_foreach(filing->members, index, element)
		for (size_t i = first; i < first + count; i++)
			if (json_equal(json_array_get(filing->cases, i), json_object_get(element, "case")))
				SR_TRY(sr_json_append(some, json_incref(element), err));
	if (json_array_size(some) > 0)
		*out = SR_MOVE(some);
	return SR_OK;
}

static enum sr_status put_scope(struct sr_act *act, struct sr_txn *txn, unsigned index, size_t first,
                                struct sr_err *err)
{
	const struct filing *filing = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *members = NULL;
	size_t count = json_array_size(filing->cases) - first;

	count = count < CASES_INLINE ? count : CASES_INLINE;
	for (size_t i = first; i < first + count; i++)
		SR_TRY(sr_json_append(cases, json_incref(json_array_get(filing->cases, i)), err));
	SR_TRY(members_of(filing, first, count, &members, err));
	return sr_act_record(act, txn, "request.scope",
	                     json_pack("{s:s,s:i,s:O,s:O*}", "request", filing->request, "index", (int)index,
	                               "cases", cases, "members", members),
	                     NULL, err);
}

static enum sr_status put_many(struct sr_act *act, struct sr_txn *txn, json_t *fields, struct sr_err *err)
{
	const struct filing *filing = act->work;
	size_t count = json_array_size(filing->cases);
	unsigned parts = (unsigned)((count + CASES_INLINE - 1) / CASES_INLINE);
	char population[SR_DIGEST_HEX];

	SR_TRY(sr_population(filing->cases, population, err));
	SR_TRY(sr_json_set(fields, "population", json_string(population), err));
	SR_TRY(sr_json_set(fields, "scope_entries", json_integer(parts), err));
	SR_TRY(sr_act_record(act, txn, "request.filed", json_incref(fields), NULL, err));
	for (unsigned i = 0; i < parts; i++)
		SR_TRY(put_scope(act, txn, i + 1, (size_t)i * CASES_INLINE, err));
	return SR_OK;
}

static enum sr_status put_request(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct filing *filing = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_copy(filing->fields);

	if (!fields)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a request");
	SR_TRY(sr_counter_next(txn, 'R', filing->request, err));
	SR_TRY(sr_json_set(fields, "request", json_string(filing->request), err));
	if (json_array_size(filing->cases) > CASES_INLINE)
		return put_many(act, txn, fields, err);
	SR_TRY(sr_json_set(fields, "cases", json_incref(filing->cases), err));
	if (filing->members)
		SR_TRY(sr_json_set(fields, "members", json_incref(filing->members), err));
	return sr_act_record(act, txn, "request.filed", json_incref(fields), NULL, err);
}

enum sr_status sr_file_request(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(filing_dispose) struct filing filing = { .cases = json_array(), .fields = json_object() };
	json_t *papers = NULL;

	/* Who stands in for a role reads nothing under it. */
	if (!(SR_BY_READERS & (1u << act->caller.role)))
		return sr_act_refuse(act, "NotYourRole", err, "an administrator reads no case");
	sr_act_set_work(act, &filing);
	SR_TRY(take_reader(act, &filing, err));
	SR_TRY(take_volumes(act, &filing, err));
	SR_TRY(take_terms(act, &filing, err));
	SR_TRY(sr_act_read(act, prepare, err));
	if (numbers_in(filing.members) > MEMBERS_MAX)
		return sr_fail(err, SR_LIMIT,
		               "/members: more than %u members are named; leave them out to "
		               "ask for whole cases, or file several requests",
		               MEMBERS_MAX);
	SR_TRY(sr_papers_take(act, sr_act_value(act, "papers"), &papers, err));
	if (papers)
		SR_TRY(sr_json_set(filing.fields, "papers", papers, err));
	SR_TRY(sr_act_write(act, NULL, put_request, err));
	return sr_act_reply(act, err, "{s:s}", "request", filing.request);
}
