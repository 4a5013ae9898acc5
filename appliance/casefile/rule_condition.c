/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_condition.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

enum kind {
	KIND_ALL,
	KIND_ANY,
	KIND_NOT,
	KIND_IN,
	KIND_PRESENT,
};

struct sr_condition {
	enum kind kind;
	struct sr_condition **parts; /* owned: all, any, not */
	size_t count;
	struct sr_field field; /* in, present */
	json_t *values;        /* owned array: in */
	bool present;
};

void sr_condition_free(struct sr_condition *condition)
{
	if (!condition)
		return;
	for (size_t i = 0; i < condition->count; i++)
		sr_condition_free(condition->parts[i]);
	free(condition->parts);
	json_decref(condition->values);
	free(condition);
}

static enum sr_status new_condition(enum kind kind, size_t parts, struct sr_condition **out,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = calloc(1, sizeof(*condition));

	if (condition)
		condition->parts = calloc(parts + 1, sizeof(struct sr_condition *));
	if (!condition || !condition->parts)
		return sr_fail(err, SR_NO_MEMORY, ": no memory for a condition");
	condition->kind = kind;
	*out = SR_MOVE(condition);
	return SR_OK;
}

/* --- parsing -------------------------------------------------------------------------------------------- */

enum sr_status sr_condition_check_value(const struct sr_field *field, const json_t *value, struct sr_err *err)
{
	const struct sr_schema_entry *entry = field->entry;

	if (entry->form == SR_FORM_OBJECT)
		return sr_fail(err, SR_INVALID, ": \"%s\" is an object; only its presence can be asked",
		               field->path);
	if (sr_form_is_absent(value))
		return sr_fail(err, SR_INVALID, ": a blank value is compared with nothing; ask for presence");
	if (sr_form_check(entry->form, entry->words, value, err) != SR_OK)
		return sr_fail_in(err, SR_INVALID, ": a value of \"%s\" ", field->path);
	if (entry->words && !sr_form_is_word_of(json_string_value(value), entry->words))
		return sr_fail(err, SR_INVALID, ": \"%s\" is one of %s", field->path, entry->words);
	return SR_OK;
}

/* A scalar, or a list of them with something in it, as an array. */
static enum sr_status take_values(const struct sr_field *field, const json_t *given, json_t **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *values = json_array();
	size_t count = json_is_array(given) ? json_array_size(given) : 1;

	if (!values)
		return sr_fail(err, SR_NO_MEMORY, ": no memory for a condition");
	if (count == 0)
		return sr_fail(err, SR_INVALID, ": an empty list matches nothing");
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_is_array(given) ? json_array_get(given, i) : (json_t *)(uintptr_t)given;

		SR_TRY(sr_condition_check_value(field, value, err));
		SR_TRY(sr_json_append(values, json_incref(value), err));
	}
	*out = SR_MOVE(values);
	return SR_OK;
}

/* {"field":F,"equals":V} {"field":F,"in":[V…]} {"field":F,"present":true} */
static enum sr_status parse_comparison(const json_t *json, const struct sr_scope *scope,
                                       struct sr_condition **out, struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	const char *path = sr_json_text(json, "field");
	const json_t *equals = json_object_get(json, "equals");
	const json_t *in = json_object_get(json, "in");
	const json_t *present = json_object_get(json, "present");

	if (!path || json_object_size(json) != 2 || (!equals && !in && !present))
		return sr_fail(err, SR_INVALID,
		               ": a comparison has \"field\" and one of equals, in, present");
	SR_TRY(new_condition(present ? KIND_PRESENT : KIND_IN, 0, &condition, err));
	enum sr_status status = sr_field_find(scope, path, &condition->field, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/field");
	if (present && !json_is_boolean(present))
		return sr_fail(err, SR_INVALID, "/present: must be true or false");
	condition->present = json_is_true(present);
	if ((in && !json_is_array(in)) || (equals && json_is_array(equals)))
		return sr_fail(err, SR_INVALID, ": \"in\" takes a list and \"equals\" one value");
	if (equals || in)
		status = take_values(&condition->field, equals ? equals : in, &condition->values, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/%s", equals ? "equals" : "in");
	*out = SR_MOVE(condition);
	return SR_OK;
}

static enum sr_status parse_parts(const char *key, const json_t *list, enum kind kind,
                                  const struct sr_scope *scope, struct sr_condition **out, struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;

	if (!json_is_array(list) || json_array_size(list) == 0)
		return sr_fail(err, SR_INVALID, "/%s: must be a list of conditions", key);
	SR_TRY(new_condition(kind, json_array_size(list), &condition, err));
	for (size_t i = 0; i < json_array_size(list); i++) {
		enum sr_status status =
			sr_condition_parse(json_array_get(list, i), scope, &condition->parts[i], err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/%s/%zu", key, i);
		condition->count++;
	}
	*out = SR_MOVE(condition);
	return SR_OK;
}

static enum sr_status parse_not(const json_t *json, const struct sr_scope *scope, struct sr_condition **out,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;

	SR_TRY(new_condition(KIND_NOT, 1, &condition, err));
	enum sr_status status = sr_condition_parse(json, scope, &condition->parts[0], err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/not");
	condition->count = 1;
	*out = SR_MOVE(condition);
	return SR_OK;
}

/* {"class":"medium","evidence":true}: each field equals its value, or one of its list. */
static enum sr_status parse_short(const json_t *json, const struct sr_scope *scope, struct sr_condition **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	const char *path;
	json_t *value;

	SR_TRY(new_condition(KIND_ALL, json_object_size(json), &condition, err));
	json_object_foreach((json_t *)(uintptr_t)json, path, value) {
		struct sr_condition **part = &condition->parts[condition->count];

		SR_TRY(new_condition(KIND_IN, 0, part, err));
		condition->count++;
		enum sr_status status = sr_field_find(scope, path, &(*part)->field, err);
		if (status == SR_OK)
			status = take_values(&(*part)->field, value, &(*part)->values, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "/%.64s", path);
	}
	*out = SR_MOVE(condition);
	return SR_OK;
}

enum sr_status sr_condition_parse(const json_t *json, const struct sr_scope *scope, struct sr_condition **out,
                                  struct sr_err *err)
{
	const json_t *all = json_object_get(json, "all");
	const json_t *any = json_object_get(json, "any");
	const json_t *not = json_object_get(json, "not");

	if (!json_is_object(json) || json_object_size(json) == 0)
		return sr_fail(err, SR_INVALID, ": a condition is an object with something in it");
	if ((all || any || not ) && json_object_size(json) != 1)
		return sr_fail(err, SR_INVALID, ": all, any and not stand alone in their object");
	if (all || any)
		return parse_parts(all ? "all" : "any", all ? all : any, all ? KIND_ALL : KIND_ANY, scope,
		                   out, err);
	if (not )
		return parse_not(not, scope, out, err);
	if (json_object_get(json, "field"))
		return parse_comparison(json, scope, out, err);
	return parse_short(json, scope, out, err);
}

/* --- judging -------------------------------------------------------------------------------------------- */

static bool is_one_of(const json_t *have, const json_t *wanted)
{
	size_t index;
	json_t *value;

	json_array_foreach(wanted, index, value) {
		if (json_equal(have, value))
			return true;
	}
	return false;
}

bool sr_condition_matches(const json_t *have, const json_t *wanted)
{
	size_t index;
	json_t *item;

	if (!json_is_array(have))
		return is_one_of(have, wanted);
	json_array_foreach(have, index, item) {
		if (is_one_of(item, wanted))
			return true;
	}
	return false;
}

static enum sr_verdict judge_parts(const struct sr_condition *condition, const struct sr_target *target,
                                   const struct sr_field **missing)
{
	enum sr_verdict decisive = condition->kind == KIND_ALL ? SR_VERDICT_NO : SR_VERDICT_YES;
	enum sr_verdict verdict = condition->kind == KIND_ALL ? SR_VERDICT_YES : SR_VERDICT_NO;

	for (size_t i = 0; i < condition->count; i++) {
		const struct sr_field *needed = NULL;
		enum sr_verdict part = sr_condition_judge(condition->parts[i], target, &needed);

		if (part == decisive)
			return decisive;
		if (part == SR_VERDICT_UNKNOWN && verdict != SR_VERDICT_UNKNOWN) {
			verdict = SR_VERDICT_UNKNOWN;
			*missing = needed;
		}
	}
	return verdict;
}

static enum sr_verdict opposite(enum sr_verdict verdict)
{
	switch (verdict) {
	case SR_VERDICT_NO:
		return SR_VERDICT_YES;
	case SR_VERDICT_YES:
		return SR_VERDICT_NO;
	case SR_VERDICT_UNKNOWN:
		return SR_VERDICT_UNKNOWN;
	}
	return SR_VERDICT_UNKNOWN;
}

enum sr_verdict sr_condition_judge(const struct sr_condition *condition, const struct sr_target *target,
                                   const struct sr_field **missing)
{
	if (!condition)
		return SR_VERDICT_YES;
	const json_t *value = condition->field.path ? sr_field_get(&condition->field, target) : NULL;

	switch (condition->kind) {
	case KIND_ALL:
	case KIND_ANY:
		return judge_parts(condition, target, missing);
	case KIND_NOT:
		return opposite(sr_condition_judge(condition->parts[0], target, missing));
	case KIND_PRESENT:
		return (value != NULL) == condition->present ? SR_VERDICT_YES : SR_VERDICT_NO;
	case KIND_IN:
		if (value)
			return sr_condition_matches(value, condition->values) ? SR_VERDICT_YES
			                                                      : SR_VERDICT_NO;
		*missing = &condition->field;
		return SR_VERDICT_UNKNOWN;
	}
	return SR_VERDICT_UNKNOWN;
}
