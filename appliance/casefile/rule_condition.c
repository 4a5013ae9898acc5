/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_condition.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "appliance/base/json.h"
#include "appliance/casefile/rule_value.h"

void sr_condition_free(struct sr_condition *condition)
{
	if (!condition)
		return;
	for (size_t i = 0; i < condition->count; i++)
		sr_condition_free(condition->parts[i]);
	free(condition->parts);
	free(condition->scope_path);
	json_decref(condition->values);
	free(condition);
}

void sr_missing_set(struct sr_missing *missing, const struct sr_field *field, const struct sr_target *target)
{
	sr_field_place(field, target, missing->place);
	sr_field_full_path(field, missing->full_path);
}

static enum sr_verdict verdict_of(bool holds)
{
	return holds ? SR_VERDICT_YES : SR_VERDICT_NO;
}

/* --- values --------------------------------------------------------------------------------------------- */

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

static bool text_matches(const struct sr_condition *condition, const char *text)
{
	size_t index, size = strlen(text);
	json_t *value;

	json_array_foreach(condition->values, index, value) {
		const char *wanted = json_string_value(value);
		size_t length = json_string_length(value);

		if (condition->kind == SR_CONDITION_CONTAINS
		            ? strstr(text, wanted) != NULL
		            : size >= length && strcasecmp(text + size - length, wanted) == 0)
			return true;
	}
	return false;
}

const json_t *sr_condition_row(const json_t *rows, const char *kind)
{
	size_t index;
	json_t *row;

	json_array_foreach(rows, index, row) {
		const char *name = sr_json_text(row, "kind");

		if (name && strcmp(name, kind) == 0)
			return row;
	}
	return NULL;
}

static bool has_row(const struct sr_condition *condition, const json_t *value)
{
	const char *kind = json_string_value(value);
	const json_t *row = kind ? sr_condition_row(condition->rows, kind) : NULL;

	if (!row || !condition->column)
		return row != NULL;
	const json_t *cell = json_object_get(row, condition->column);
	return !sr_form_is_absent(cell) && !json_is_false(cell) &&
	       (!json_is_array(cell) || json_array_size(cell) > 0);
}

/* --- comparison ----------------------------------------------------------------------------------------- */

/* The left side: the field, and the offset that is added to it. */
static bool left_value(const struct sr_condition *condition, const struct sr_target *target,
                       struct sr_judge *judge, struct sr_value *out)
{
	struct sr_value offset;

	if (!sr_value_get(&condition->field, target, judge->today_days, out)) {
		sr_missing_set(&judge->missing, &condition->field, target);
		return false;
	}
	if (!condition->plus.path)
		return true;
	if (!sr_value_get(&condition->plus, target, judge->today_days, &offset)) {
		sr_missing_set(&judge->missing, &condition->plus, target);
		return false;
	}
	sr_value_add_seconds(out, offset.number);
	return true;
}

static bool right_value(const struct sr_condition *condition, const struct sr_target *target,
                        struct sr_judge *judge, struct sr_value *out)
{
	if (condition->values)
		return sr_value_parse(&condition->field, json_array_get(condition->values, 0), out);
	if (!sr_value_get(&condition->other, target, judge->today_days, out)) {
		sr_missing_set(&judge->missing, &condition->other, target);
		return false;
	}
	sr_value_add_seconds(out, condition->other_plus_s);
	return true;
}

static enum sr_verdict judge_order(const struct sr_condition *condition, const struct sr_target *target,
                                   struct sr_judge *judge)
{
	struct sr_value left, right;

	if (!left_value(condition, target, judge, &left) || !right_value(condition, target, judge, &right))
		return SR_VERDICT_UNKNOWN;
	int order = sr_value_compare(&left, &right);
	return verdict_of(condition->kind == SR_CONDITION_AT_LEAST ? order >= 0 : order <= 0);
}

static enum sr_verdict judge_same(const struct sr_condition *condition, const struct sr_target *target,
                                  struct sr_judge *judge)
{
	const json_t *left = sr_field_get(&condition->field, target);
	const json_t *right = sr_field_get(&condition->other, target);
	struct sr_value a, b;

	if (!left || !right) {
		sr_missing_set(&judge->missing, left ? &condition->other : &condition->field, target);
		return SR_VERDICT_UNKNOWN;
	}
	if (json_equal(left, right))
		return SR_VERDICT_YES;
	return verdict_of(sr_value_parse(&condition->field, left, &a) &&
	                  sr_value_parse(&condition->other, right, &b) && sr_value_compare(&a, &b) == 0);
}

/* --- several -------------------------------------------------------------------------------------------- */

static enum sr_verdict judge_parts(const struct sr_condition *condition, const struct sr_target *target,
                                   struct sr_judge *judge)
{
	bool all = condition->kind == SR_CONDITION_ALL;
	enum sr_verdict decisive = all ? SR_VERDICT_NO : SR_VERDICT_YES;
	enum sr_verdict verdict = all ? SR_VERDICT_YES : SR_VERDICT_NO;
	struct sr_missing first;

	for (size_t i = 0; i < condition->count; i++) {
		enum sr_verdict part = sr_condition_judge(condition->parts[i], target, judge);

		if (part == decisive)
			return decisive;
		if (part == SR_VERDICT_UNKNOWN && verdict != SR_VERDICT_UNKNOWN) {
			verdict = SR_VERDICT_UNKNOWN;
			first = judge->missing;
		}
	}
	if (verdict == SR_VERDICT_UNKNOWN)
		judge->missing = first;
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

/* What one more element adds to "some": true when it decides. */
static bool add_element(const struct sr_condition *condition, const struct sr_target *element,
                        struct sr_judge *judge, enum sr_verdict *verdict, struct sr_missing *first)
{
	enum sr_verdict part = sr_condition_judge(condition->parts[0], element, judge);

	if (part == SR_VERDICT_UNKNOWN && *verdict == SR_VERDICT_NO) {
		*verdict = SR_VERDICT_UNKNOWN;
		*first = judge->missing;
	}
	if (part == SR_VERDICT_YES)
		*verdict = SR_VERDICT_YES;
	return part == SR_VERDICT_YES;
}

static enum sr_verdict judge_some(const struct sr_condition *condition, const struct sr_target *target,
                                  struct sr_judge *judge)
{
	const json_t *list =
		json_object_get(condition->nested ? target->element : target->root, condition->list);
	enum sr_verdict verdict = SR_VERDICT_NO;
	struct sr_missing first;

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct sr_target element = { .root = target->root,
			                     .element = json_array_get(list, i),
			                     .list = condition->list,
			                     .index = i,
			                     .nested = condition->nested && target->list,
			                     .outer = target };

		if (json_is_object(element.element) &&
		    add_element(condition, &element, judge, &verdict, &first))
			return verdict;
	}
	if (verdict == SR_VERDICT_UNKNOWN)
		judge->missing = first;
	return verdict;
}

static enum sr_verdict judge_some_of(const struct sr_condition *condition, const struct sr_target *target,
                                     struct sr_judge *judge)
{
	const json_t *value = sr_field_get(&condition->field, target);
	size_t count = json_is_array(value) ? json_array_size(value) : value != NULL;
	enum sr_verdict verdict = SR_VERDICT_NO;
	struct sr_missing first;

	for (size_t i = 0; i < count; i++) {
		const char *path = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
		const struct sr_member *member = path ? sr_case_member(judge->description, path) : NULL;

		if (!member)
			continue;
		struct sr_target element = { .root = target->root,
			                     .element = member->json,
			                     .list = "members",
			                     .index = (size_t)(member - judge->description->members),
			                     .outer = target };
		if (add_element(condition, &element, judge, &verdict, &first))
			return verdict;
	}
	if (verdict == SR_VERDICT_UNKNOWN)
		judge->missing = first;
	return verdict;
}

/* --- a condition ---------------------------------------------------------------------------------------- */

/* Those about the value of one field. */
static enum sr_verdict judge_value(const struct sr_condition *condition, const struct sr_target *target,
                                   struct sr_judge *judge)
{
	const json_t *value = sr_field_get(&condition->field, target);

	if (condition->kind == SR_CONDITION_PRESENT)
		return verdict_of((value != NULL) == condition->present);
	if (!value) {
		sr_missing_set(&judge->missing, &condition->field, target);
		return SR_VERDICT_UNKNOWN;
	}
	if (condition->kind == SR_CONDITION_IN)
		return verdict_of(sr_condition_matches(value, condition->values));
	if (condition->kind == SR_CONDITION_ROW_OF)
		return verdict_of(has_row(condition, value));
	return verdict_of(json_is_string(value) && text_matches(condition, json_string_value(value)));
}

enum sr_verdict sr_condition_judge(const struct sr_condition *condition, const struct sr_target *target,
                                   struct sr_judge *judge)
{
	if (!condition)
		return SR_VERDICT_YES;
	if (judge->steps_left == 0)
		return SR_VERDICT_UNKNOWN;
	judge->steps_left--;
	switch (condition->kind) {
	case SR_CONDITION_ALL:
	case SR_CONDITION_ANY:
		return judge_parts(condition, target, judge);
	case SR_CONDITION_NOT:
		return opposite(sr_condition_judge(condition->parts[0], target, judge));
	case SR_CONDITION_OF_CASE: {
		const struct sr_target root = { .root = target->root, .element = target->root };

		return sr_condition_judge(condition->parts[0], &root, judge);
	}
	case SR_CONDITION_IN:
	case SR_CONDITION_PRESENT:
	case SR_CONDITION_CONTAINS:
	case SR_CONDITION_ENDS_WITH:
	case SR_CONDITION_ROW_OF:
		return judge_value(condition, target, judge);
	case SR_CONDITION_AT_LEAST:
	case SR_CONDITION_AT_MOST:
		return judge_order(condition, target, judge);
	case SR_CONDITION_SAME:
		return judge_same(condition, target, judge);
	case SR_CONDITION_SOME:
		return judge_some(condition, target, judge);
	case SR_CONDITION_SOME_OF:
		return judge_some_of(condition, target, judge);
	}
	return SR_VERDICT_UNKNOWN;
}
