/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/reduce_requests.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce_cases.h"
#include "appliance/keeper/state/reduce_kinds.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"
#include "appliance/ledger/merkle.h"

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

enum sr_status sr_request_digest(const json_t *request, char out[SR_DIGEST_HEX], struct sr_err *err)
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

/* Every word of the entry's list is one of @words, and there is one at least. */
static enum sr_status check_words(const struct sr_event *event, const char *key, const char *words,
                                  struct sr_err *err)
{
	const json_t *list = json_object_get(event->entry->root, key);
	size_t index;
	json_t *value;

	if (json_array_size(list) == 0)
		return sr_fail(err, SR_DENIED, "a request without %s", key);
	json_array_foreach(list, index, value) {
		char word[32];

		if (snprintf(word, sizeof(word), " %s ", json_string_value(value)) >= (int)sizeof(word) ||
		    !strstr(words, word))
			return sr_fail(err, SR_DENIED, "%s is none of the %s", json_string_value(value), key);
	}
	return SR_OK;
}

/* For others it is the archivist who files, at the counter; they never reach the sub volume. */
static enum sr_status check_outsider(const struct sr_event *event, const json_t *on_behalf,
                                     struct sr_err *err)
{
	static const char kinds[] = " party lawyer court other ";
	const char *kind = sr_json_text(on_behalf, "kind");
	const char *class = sr_event_text(event, "class");
	char word[32];

	snprintf(word, sizeof(word), " %.20s ", kind ? kind : "");
	if (!kind || !strstr(kinds, word) || strcmp(kind, class) != 0)
		return sr_fail(err, SR_DENIED,
		               "a request for others is of the class party, lawyer, court or "
		               "other");
	if (sr_scope_lists(json_object_get(event->entry->root, "volumes"), "sub"))
		return sr_fail(err, SR_DENIED, "a request for others reaches the sub volume");
	return sr_state_require_role(event->txn, sr_event_user(event), "archivist", err);
}

/* Who files, for whom, and as what. */
static enum sr_status check_filer(const struct sr_event *event, struct sr_err *err)
{
	const json_t *on_behalf = json_object_get(event->entry->root, "on_behalf");
	const char *id = sr_event_text(event, "request");
	const char *reader = sr_event_text(event, "reader");
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	if (!by)
		return sr_fail(err, SR_DENIED, "the request %s was filed by nobody", id);
	if (reader && strcmp(reader, by) != 0)
		return sr_fail(err, SR_DENIED, "%s asks for the reading of %s", by, reader);
	SR_TRY(sr_state_active_user(event->txn, by, &person, err));
	if (on_behalf)
		return check_outsider(event, on_behalf, err);
	const char *role = sr_json_text(person, "role");
	if (!reader || !role || strcmp(role, sr_event_text(event, "class")) != 0)
		return sr_fail(err, SR_DENIED, "a request for own work is of the reader's own class");
	return SR_OK;
}

/* What the log knows of the cases: they are of the request's organ. */
static enum sr_status check_cases(const struct sr_event *event, const json_t *request, const json_t *cases,
                                  struct sr_err *err)
{
	size_t index;
	json_t *value;

	json_array_foreach(cases, index, value) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

		SR_TRY(sr_logged_case(event->txn, json_string_value(value), &record, err));
		if (!record)
			return sr_fail(err, SR_DENIED, "the log knows no case %s", json_string_value(value));
		if (strcmp(sr_json_text(record, "organ"), sr_json_text(request, "organ")) != 0)
			return sr_fail(err, SR_DENIED, "the case %s is another organ's than the request",
			               json_string_value(value));
	}
	return SR_OK;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum sr_status sr_population(const json_t *cases, char out[SR_DIGEST_HEX], struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf memory = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf lines = { 0 };
	struct sr_digest digest;
	size_t index;
	json_t *value;

	json_array_foreach(cases, index, value) {
		const char *id = json_string_value(value);

		SR_TRY(sr_buf_add(&memory, &id, sizeof(id), err));
	}
	const char **ids = (const char **)(void *)memory.data;
	size_t count = memory.size / sizeof(*ids);
	assert(count == 0 || ids != NULL);
	if (count > 0)
		qsort(ids, count, sizeof(*ids), compare_texts);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(ids[i], ids[i - 1]) == 0)
			return sr_fail(err, SR_DENIED, "the case %s is there twice", ids[i]);
		SR_TRY(sr_buf_add(&lines, ids[i], strlen(ids[i]), err));
		SR_TRY(sr_buf_add(&lines, "\n", 1, err));
	}
	SR_TRY(sr_digest_of(lines.data, lines.size, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}

/* All of it is here: the cases are as many, and those, that the first entry spoke of. */
static enum sr_status check_whole(const json_t *request, struct sr_err *err)
{
	const json_t *cases = json_object_get(request, "cases");
	const char *population = sr_json_text(request, "population");
	char digest[SR_DIGEST_HEX];

	if (json_integer_value(json_object_get(request, "case_count")) !=
	            (json_int_t)json_array_size(cases) ||
	    json_array_size(cases) == 0)
		return sr_fail(err, SR_DENIED, "the request has other cases than it counts");
	SR_TRY(sr_population(cases, digest, err));
	if (population && strcmp(population, digest) != 0)
		return sr_fail(err, SR_DENIED, "the request has other cases than its population");
	return SR_OK;
}

static enum sr_status check_filing(const struct sr_event *event, struct sr_err *err)
{
	const json_t *root = event->entry->root;
	json_int_t days = json_integer_value(json_object_get(root, "days"));
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;

	SR_TRY(sr_record_look(event->txn, SR_DB_REQUESTS, sr_event_text(event, "request"), &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the request %s is there already",
		               sr_event_text(event, "request"));
	if (days < 1 || days > SR_GRANT_DAYS_MAX)
		return sr_fail(err, SR_DENIED, "a request for %lld days", (long long)days);
	SR_TRY(check_words(event, "channels", " fs web copy ", err));
	SR_TRY(check_words(event, "volumes", " main sub ", err));
	return check_filer(event, err);
}

enum sr_status sr_reduce_request_filed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "request",  "reader",      "organ",          "class",
		                            "purpose",  "reason",      "case_count",     "cases",
		                            "members",  "population",  "scope_entries",  "volumes",
		                            "channels", "days",        "on_behalf",      "papers",
		                            "review",   "application", "classification", NULL };
	const char *id = sr_event_text(event, "request");
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	char filed[SR_TIME_TEXT];

	SR_TRY(check_filing(event, err));
	sr_time_format_utc(event->entry->time_ns, filed);
	SR_TRY(SR_JSON_PACK(&request, err, "{s:s,s:s,s:s,s:i,s:[],s:[]}", "filed_by", sr_event_user(event),
	                    "filed", filed, "state", "filed", "scope_seen", 0, "leaves", "decisions"));
	SR_TRY(sr_event_copy(event, keys, request, err));
	if (!json_object_get(request, "cases"))
		SR_TRY(sr_json_set(request, "cases", json_array(), err));
	SR_TRY(check_cases(event, request, json_object_get(request, "cases"), err));
	if (json_integer_value(json_object_get(request, "scope_entries")) == 0)
		SR_TRY(check_whole(request, err));
	SR_TRY(add_leaf(event, request, err));
	return sr_record_put(event->txn, SR_DB_REQUESTS, id, request, err);
}

enum sr_status sr_event_request(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	return sr_record_get(event->txn, SR_DB_REQUESTS, sr_event_text(event, "request"), "request", out,
	                     err);
}

enum sr_status sr_event_put_request(const struct sr_event *event, const json_t *request, struct sr_err *err)
{
	return sr_record_put(event->txn, SR_DB_REQUESTS, sr_event_text(event, "request"), request, err);
}

enum sr_status sr_reduce_request_scope(const struct sr_event *event, struct sr_err *err)
{
	json_int_t index = json_integer_value(json_object_get(event->entry->root, "index"));
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;

	SR_TRY(sr_event_request(event, &request, err));
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
	SR_TRY(check_cases(event, request, json_object_get(event->entry->root, "cases"), err));
	if (index == whole)
		SR_TRY(check_whole(request, err));
	SR_TRY(add_leaf(event, request, err));
	return sr_event_put_request(event, request, err);
}

enum sr_status sr_reduce_request_withdrawn(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	const char *by = sr_event_user(event);

	SR_TRY(sr_event_request(event, &request, err));
	const char *state = sr_json_text(request, "state");
	if (strcmp(state, "filed") != 0 && strcmp(state, "partly") != 0)
		return sr_fail(err, SR_DENIED, "the request is %s already", state);
	if (!by || strcmp(by, sr_json_text(request, "filed_by")) != 0)
		return sr_fail(err, SR_DENIED, "a request is withdrawn by whoever filed it");
	SR_TRY(sr_json_set(request, "state", json_string("withdrawn"), err));
	return sr_event_put_request(event, request, err);
}
