/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/scope.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

enum sr_status sr_scope_append(json_t *record, const char *key, const json_t *more, struct sr_err *err)
{
	json_t *scope = json_object_get(record, key);

	if (!more)
		return SR_OK;
	if (!scope) {
		SR_TRY(sr_json_set(record, key, json_array(), err));
		scope = json_object_get(record, key);
	}
	if (json_array_extend(scope, (json_t *)(uintptr_t)more) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a scope");
	return SR_OK;
}

bool sr_scope_lists(const json_t *list, const char *word)
{
	size_t index;
	json_t *value;

	json_array_foreach(list, index, value)
		if (json_is_string(value) && strcmp(json_string_value(value), word) == 0)
			return true;
	return false;
}

bool sr_scope_names(const json_t *scope, const char *case_id, json_int_t member)
{
	size_t index, at;
	json_t *part, *number;

	json_array_foreach(scope, index, part) {
		const char *id = sr_json_text(part, "case");

		if (!id || strcmp(id, case_id) != 0)
			continue;
		json_array_foreach(json_object_get(part, "members"), at, number)
			if (json_integer_value(number) == member)
				return true;
	}
	return false;
}

/* Words of @list that every decision allows, into @grant; a decision without the list allows all. */
static enum sr_status intersect_words(const json_t *request, const json_t *decisions, const char *key,
                                      json_t *grant, struct sr_err *err)
{
	const json_t *asked = json_object_get(request, key);
	SR_CLEANUP(sr_json_decrefp) json_t *left = json_array();
	size_t index, at;
	json_t *word, *decision;

	json_array_foreach(asked, index, word) {
		bool allowed = true;

		json_array_foreach(decisions, at, decision) {
			const json_t *list = json_object_get(decision, key);

			allowed = allowed && (!list || sr_scope_lists(list, json_string_value(word)));
		}
		if (allowed)
			SR_TRY(sr_json_append(left, json_incref(word), err));
	}
	if (json_array_size(left) == 0)
		return sr_fail(err, SR_DENIED, "the decisions have no %s in common", key);
	return sr_json_set(grant, key, SR_MOVE(left), err);
}

/* An official takes away; nobody adds. */
static enum sr_status check_words(const json_t *request, const json_t *decision, const char *key,
                                  struct sr_err *err)
{
	const json_t *asked = json_object_get(request, key);
	size_t index;
	json_t *word;

	json_array_foreach(json_object_get(decision, key), index, word)
		if (!sr_scope_lists(asked, json_string_value(word)))
			return sr_fail(err, SR_DENIED, "a decision adds %s to the %s that were requested",
			               json_string_value(word), key);
	return SR_OK;
}

/* Members above the reader's clearances count only where every decision names them. */
static enum sr_status intersect_with(const json_t *decisions, json_t *grant, struct sr_err *err)
{
	const json_t *first = json_object_get(json_array_get(decisions, 0), "with");
	size_t index, at, which;
	json_t *part, *number, *decision;

	json_array_foreach(first, index, part) {
		const char *id = sr_json_text(part, "case");

		json_array_foreach(json_object_get(part, "members"), at, number) {
			SR_CLEANUP(sr_json_decrefp) json_t *one = NULL;
			bool all = true;

			json_array_foreach(decisions, which, decision)
				all = all && sr_scope_names(json_object_get(decision, "with"), id,
				                            json_integer_value(number));
			if (!all)
				continue;
			SR_TRY(SR_JSON_PACK(&one, err, "[{s:s,s:[I]}]", "case", id, "members",
			                    json_integer_value(number)));
			SR_TRY(sr_scope_append(grant, "with", one, err));
		}
	}
	return SR_OK;
}

static enum sr_status add_conditions(const json_t *decision, json_t *grant, struct sr_err *err)
{
	const char *escort = sr_json_text(decision, "escort");
	const char *before = sr_json_text(grant, "escort");

	SR_TRY(sr_scope_append(grant, "without", json_object_get(decision, "without"), err));
	if (escort && before && strcmp(escort, before) != 0)
		return sr_fail(err, SR_DENIED, "the decisions name two escorts, %s and %s", before, escort);
	if (escort) {
		SR_TRY(sr_json_set(grant, "escort", json_string(escort), err));
		SR_TRY(sr_json_set(grant, "no_cache", json_true(),
		                   err)); /* reads stop at once, so nothing stays */
	}
	if (json_is_true(json_object_get(decision, "no_cache")))
		SR_TRY(sr_json_set(grant, "no_cache", json_true(), err));
	return sr_json_append(json_object_get(grant, "approved_by"),
	                      json_string(sr_json_text(decision, "official")), err);
}

enum sr_status sr_scope_intersect(const json_t *request, json_t *grant, struct sr_err *err)
{
	const json_t *decisions = json_object_get(request, "decisions");
	size_t index;
	json_t *decision;

	SR_TRY(sr_json_set(grant, "approved_by", json_array(), err));
	json_array_foreach(decisions, index, decision) {
		SR_TRY(check_words(request, decision, "cases", err));
		SR_TRY(check_words(request, decision, "channels", err));
		SR_TRY(add_conditions(decision, grant, err));
	}
	SR_TRY(intersect_words(request, decisions, "cases", grant, err));
	SR_TRY(intersect_words(request, decisions, "channels", grant, err));
	return intersect_with(decisions, grant, err);
}

bool sr_scope_includes(const json_t *grant, const char *case_id, json_int_t member)
{
	const json_t *members = json_object_get(grant, "members");

	return sr_scope_lists(json_object_get(grant, "cases"), case_id) &&
	       (!members || sr_scope_names(members, case_id, member)) &&
	       !sr_scope_names(json_object_get(grant, "without"), case_id, member);
}

bool sr_scope_covers(const json_t *grant, const char *case_id, json_int_t member, const char *channel)
{
	return sr_scope_includes(grant, case_id, member) &&
	       sr_scope_lists(json_object_get(grant, "channels"), channel);
}
