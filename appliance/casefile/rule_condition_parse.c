/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_condition_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/rule_value.h"
#include "appliance/casefile/schema_table.h"

#define DEPTH_MAX 24 /* with what named conditions add */

/* Where a condition is read: what its fields count from, and what it may name. */
struct place {
	const struct sr_scope *scope;
	struct sr_lexicon *lexicon;
};

/* NULL: see no_condition. */
static struct sr_condition *new_condition(struct place at, enum sr_condition_kind kind, size_t parts)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;

	if (at.lexicon->conditions_left == 0)
		return NULL;
	condition = calloc(1, sizeof(*condition));
	if (condition)
		condition->parts = calloc(parts + 1, sizeof(struct sr_condition *));
	if (!condition || !condition->parts)
		return NULL;
	at.lexicon->conditions_left--;
	condition->kind = kind;
	return SR_MOVE(condition);
}

static enum sr_status no_condition(struct place at, struct sr_err *err)
{
	if (at.lexicon->conditions_left == 0)
		return sr_fail(err, SR_LIMIT, ": over %u conditions in a rulebook", SR_LIMIT_CONDITIONS);
	return sr_fail(err, SR_NO_MEMORY, ": no memory for a condition");
}

static enum sr_status find_field(struct place at, const json_t *json, const char *key, struct sr_field *out,
                                 struct sr_err *err)
{
	const char *path = sr_json_text(json, key);

	if (!path)
		return sr_fail(err, SR_INVALID, "/%s: must be the name of a field", key);
	enum sr_status status = sr_field_find(at.scope, path, out, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "/%s", key);
}

/* --- values --------------------------------------------------------------------------------------------- */

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

/* Texts that are looked for in a text. */
static enum sr_status take_texts(const struct sr_field *field, const json_t *given, json_t **out,
                                 struct sr_err *err)
{
	size_t index;
	json_t *text;

	if (field->entry->list || field->entry->words ||
	    (field->entry->form != SR_FORM_TEXT && field->entry->form != SR_FORM_PATH &&
	     field->entry->form != SR_FORM_REFERENCE && field->entry->form != SR_FORM_RECORD))
		return sr_fail(err, SR_INVALID, ": \"%s\" is no text", field->path);
	if (json_array_size(given) == 0)
		return sr_fail(err, SR_INVALID, ": must be a list of texts");
	json_array_foreach(given, index, text) {
		if (!json_is_string(text) || sr_text_is_blank(json_string_value(text)))
			return sr_fail(err, SR_INVALID, "/%zu: must be text", index);
	}
	*out = json_incref((json_t *)(uintptr_t)given);
	return SR_OK;
}

/* {"field":P,"plus_seconds":N}, or a value of the left side's form. */
static enum sr_status take_operand(struct place at, const json_t *given, struct sr_condition *condition,
                                   struct sr_err *err)
{
	const json_t *seconds = json_object_get(given, "plus_seconds");
	const char *path = sr_json_text(given, "field");

	if (!json_is_object(given))
		return take_values(&condition->field, given, &condition->values, err);
	if (json_object_size(given) != (seconds ? 2 : 1) || (seconds && !json_is_integer(seconds)))
		return sr_fail(err, SR_INVALID, ": has \"field\" and, where wanted, \"plus_seconds\"");
	if (seconds && llabs(json_integer_value(seconds)) > 366 * SR_DAY_S)
		return sr_fail(err, SR_INVALID, "/plus_seconds: must be within a year");
	condition->other_plus_s = json_integer_value(seconds);
	if (path && strcmp(path, "today") == 0)
		condition->other = (struct sr_field){ .path = "today", .outward = SR_FIELD_OF_CASE };
	else
		SR_TRY(find_field(at, given, "field", &condition->other, err));
	bool same = condition->kind == SR_CONDITION_SAME;
	enum sr_value_class class = sr_value_class_of(&condition->field);

	if (class != sr_value_class_of(&condition->other) || (!same && class == SR_VALUE_NONE) ||
	    (same &&
	     (!condition->other.entry ||
	      (class == SR_VALUE_NONE && condition->other.entry->form != condition->field.entry->form))))
		return sr_fail(err, SR_INVALID, "/field: \"%s\" cannot be compared with \"%s\"",
		               condition->field.path, condition->other.path);
	return SR_OK;
}

/* --- comparisons ---------------------------------------------------------------------------------------- */

static const struct {
	const char *key;
	enum sr_condition_kind kind;
} comparisons[] = {
	{ "equals", SR_CONDITION_IN },         { "in", SR_CONDITION_IN },
	{ "present", SR_CONDITION_PRESENT },   { "at_least", SR_CONDITION_AT_LEAST },
	{ "at_most", SR_CONDITION_AT_MOST },   { "same_as", SR_CONDITION_SAME },
	{ "contains", SR_CONDITION_CONTAINS }, { "ends_with", SR_CONDITION_ENDS_WITH },
	{ "row_of", SR_CONDITION_ROW_OF },
};

enum sr_status sr_condition_find_table(const struct sr_lexicon *lexicon, const json_t *name,
                                       const json_t **out, struct sr_err *err)
{
	const char *text = json_string_value(name);

	*out = text ? json_object_get(lexicon->tables, text) : NULL;
	if (!json_is_array(*out) || !sr_json_text(json_array_get(*out, 0), "kind"))
		return sr_fail(err, SR_INVALID, ": must be the name of a table with rows by kind");
	return SR_OK;
}

static enum sr_status take_row(struct place at, const json_t *json, struct sr_condition *condition,
                               struct sr_err *err)
{
	condition->column = sr_json_text(json, "with");
	if (condition->field.entry->list)
		return sr_fail(err, SR_INVALID, ": \"%s\" is a list", condition->field.path);
	return sr_condition_find_table(at.lexicon, json_object_get(json, "row_of"), &condition->rows, err);
}

static enum sr_status take_ordered(struct place at, const json_t *json, const json_t *operand,
                                   struct sr_condition *condition, struct sr_err *err)
{
	if (sr_value_class_of(&condition->field) == SR_VALUE_NONE)
		return sr_fail(err, SR_INVALID, ": \"%s\" is neither a time nor a number",
		               condition->field.path);
	if (json_object_get(json, "plus")) {
		SR_TRY(find_field(at, json, "plus", &condition->plus, err));
		if (condition->plus.entry->form != SR_FORM_OFFSET)
			return sr_fail(err, SR_INVALID, ": \"%s\" is no offset", condition->plus.path);
	}
	return take_operand(at, operand, condition, err);
}

static enum sr_status take_comparison(struct place at, const json_t *json, const char *key,
                                      struct sr_condition *condition, struct sr_err *err)
{
	const json_t *operand = json_object_get(json, key);

	switch (condition->kind) {
	case SR_CONDITION_PRESENT:
		condition->present = json_is_true(operand);
		return json_is_boolean(operand) ? SR_OK : sr_fail(err, SR_INVALID, ": must be true or false");
	case SR_CONDITION_CONTAINS:
	case SR_CONDITION_ENDS_WITH:
		return take_texts(&condition->field, operand, &condition->values, err);
	case SR_CONDITION_ROW_OF:
		return take_row(at, json, condition, err);
	case SR_CONDITION_AT_LEAST:
	case SR_CONDITION_AT_MOST:
		return take_ordered(at, json, operand, condition, err);
	case SR_CONDITION_SAME:
		if (!json_is_object(operand))
			return sr_fail(err, SR_INVALID, ": has \"field\"");
		return take_operand(at, operand, condition, err);
	case SR_CONDITION_IN:
		if (json_is_array(operand) != (strcmp(key, "in") == 0))
			return sr_fail(err, SR_INVALID, ": \"in\" takes a list and \"equals\" one value");
		return take_values(&condition->field, operand, &condition->values, err);
	case SR_CONDITION_ALL:
	case SR_CONDITION_ANY:
	case SR_CONDITION_NOT:
	case SR_CONDITION_OF_CASE:
	case SR_CONDITION_SOME:
	case SR_CONDITION_SOME_OF:
		break;
	}
	return sr_fail(err, SR_INVALID, ": is no comparison");
}

/* {"field":F,"equals":V} and so on: see the table. */
static enum sr_status parse_comparison(struct place at, const json_t *json, struct sr_condition **out,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	size_t found = 0, which = 0;

	for (size_t i = 0; i < SR_COUNT(comparisons); i++) {
		if (!json_object_get(json, comparisons[i].key))
			continue;
		which = i;
		found++;
	}
	bool ordered = found == 1 && (comparisons[which].kind == SR_CONDITION_AT_LEAST ||
	                              comparisons[which].kind == SR_CONDITION_AT_MOST);
	bool row = found == 1 && comparisons[which].kind == SR_CONDITION_ROW_OF;
	size_t extra = (ordered && json_object_get(json, "plus")) || (row && sr_json_text(json, "with"));

	if (found != 1 || json_object_size(json) != 2 + extra)
		return sr_fail(
			err, SR_INVALID,
			": a comparison has \"field\" and one of equals, in, present, at_least, at_most, "
			"same_as, contains, ends_with, row_of");
	condition = new_condition(at, comparisons[which].kind, 0);
	if (!condition)
		return no_condition(at, err);
	SR_TRY(find_field(at, json, "field", &condition->field, err));
	enum sr_status status = take_comparison(at, json, comparisons[which].key, condition, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/%s", comparisons[which].key);
	*out = SR_MOVE(condition);
	return SR_OK;
}

/* {"class":"medium","evidence":true}: each field equals its value, or one of its list. */
static enum sr_status parse_short(struct place at, const json_t *json, struct sr_condition **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	const char *path;
	json_t *value;

	condition = new_condition(at, SR_CONDITION_ALL, json_object_size(json));
	if (!condition)
		return no_condition(at, err);
	json_object_foreach((json_t *)(uintptr_t)json, path, value) {
		struct sr_condition **part = &condition->parts[condition->count];

		*part = new_condition(at, SR_CONDITION_IN, 0);
		if (!*part)
			return no_condition(at, err);
		condition->count++;
		enum sr_status status = sr_field_find(at.scope, path, &(*part)->field, err);
		if (status == SR_OK)
			status = take_values(&(*part)->field, value, &(*part)->values, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "/%.64s", path);
	}
	*out = SR_MOVE(condition);
	return SR_OK;
}

/* --- conditions of conditions --------------------------------------------------------------------------- */

static enum sr_status parse_parts(struct place at, const json_t *json, const char *key,
                                  enum sr_condition_kind kind, struct sr_condition **out, struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	const json_t *list = json_object_get(json, key);

	if (!json_is_array(list) || json_array_size(list) == 0)
		return sr_fail(err, SR_INVALID, "/%s: must be a list of conditions", key);
	condition = new_condition(at, kind, json_array_size(list));
	if (!condition)
		return no_condition(at, err);
	for (size_t i = 0; i < json_array_size(list); i++) {
		enum sr_status status = sr_condition_parse(json_array_get(list, i), at.scope, at.lexicon,
		                                           &condition->parts[i], err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/%s/%zu", key, i);
		condition->count++;
	}
	*out = SR_MOVE(condition);
	return SR_OK;
}

/* One part that is judged in @scope. */
static enum sr_status parse_part(struct place at, const json_t *json, const struct sr_scope *scope,
                                 struct sr_condition *condition, struct sr_err *err)
{
	SR_TRY(sr_condition_parse(json, scope, at.lexicon, &condition->parts[0], err));
	condition->count = 1;
	return SR_OK;
}

static enum sr_status parse_not(struct place at, const json_t *json, struct sr_condition **out,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;

	condition = new_condition(at, SR_CONDITION_NOT, 1);
	if (!condition)
		return no_condition(at, err);
	enum sr_status status = parse_part(at, json_object_get(json, "not"), at.scope, condition, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/not");
	*out = SR_MOVE(condition);
	return SR_OK;
}

/* {"is":"name"}: a condition of the pack, of the case or of elements of the same list. */
static enum sr_status parse_named(struct place at, const json_t *json, struct sr_condition **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	const struct sr_scope root = { .schema = &sr_schema_case };
	const char *name = sr_json_text(json, "is");
	const json_t *named = name ? json_object_get(at.lexicon->conditions, name) : NULL;
	const char *each = sr_json_text(named, "each");
	enum sr_status status;

	if (!named || json_object_size(json) != 1)
		return sr_fail(err, SR_INVALID, "/is: must be the name of one of the pack's conditions");
	if (each && (!at.scope->path || strcmp(at.scope->path, each) != 0))
		return sr_fail(err, SR_INVALID, "/is: \"%.64s\" is about each of %.64s", name, each);
	if (each) {
		status = sr_condition_parse(json_object_get(named, "when"), at.scope, at.lexicon, &condition,
		                            err);
	} else {
		condition = new_condition(at, SR_CONDITION_OF_CASE, 1);
		if (!condition)
			return no_condition(at, err);
		status = parse_part(at, named, &root, condition, err);
	}
	if (status != SR_OK)
		return sr_fail_in(err, status, "/is: %.64s", name);
	*out = SR_MOVE(condition);
	return SR_OK;
}

/* What "some" looks through: a list of the element, of the case, or members that are referred to. */
static enum sr_status find_elements(struct place at, const char *name, struct sr_condition *condition,
                                    struct sr_scope *inner, struct sr_err *err)
{
	const struct sr_schema_entry *own = sr_schema_find(at.scope->schema, name);
	const struct sr_schema_entry *of_case = sr_schema_find(&sr_schema_case, name);
	struct sr_scope between;

	condition->nested = at.scope->path && own && own->list && own->form == SR_FORM_OBJECT;
	if (condition->nested) {
		if (asprintf(&condition->scope_path, "%s.%s", at.scope->path, name) < 0)
			condition->scope_path = NULL;
		if (!condition->scope_path)
			return sr_fail(err, SR_NO_MEMORY, ": no memory for a condition");
		condition->list = own->key;
		*inner = (struct sr_scope){ .schema = own->object, .path = condition->scope_path };
	} else if (of_case && of_case->list && of_case->form == SR_FORM_OBJECT) {
		SR_TRY(sr_scope_find(name, inner, &between, err));
		condition->list = inner->list;
	} else {
		SR_TRY(sr_field_find(at.scope, name, &condition->field, err));
		if (condition->field.entry->form != SR_FORM_REFERENCE)
			return sr_fail(err, SR_INVALID,
			               ": \"%.64s\" is neither a list of objects nor refers to members",
			               name);
		condition->kind = SR_CONDITION_SOME_OF;
		SR_TRY(sr_scope_find("members", inner, &between, err));
	}
	inner->outer = at.scope;
	return SR_OK;
}

/* {"some":LIST,"where":C} */
static enum sr_status parse_some(struct place at, const json_t *json, struct sr_condition **out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	const char *name = sr_json_text(json, "some");
	struct sr_scope inner;

	if (!name || json_object_size(json) != 2 || !json_object_get(json, "where"))
		return sr_fail(err, SR_INVALID, ": \"some\" has the name of a list and \"where\"");
	condition = new_condition(at, SR_CONDITION_SOME, 1);
	if (!condition)
		return no_condition(at, err);
	enum sr_status status = find_elements(at, name, condition, &inner, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/some");
	status = parse_part(at, json_object_get(json, "where"), &inner, condition, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/where");
	*out = SR_MOVE(condition);
	return SR_OK;
}

static enum sr_status parse_any_kind(struct place at, const json_t *json, struct sr_condition **out,
                                     struct sr_err *err)
{
	const json_t *all = json_object_get(json, "all");
	const json_t *any = json_object_get(json, "any");
	const json_t *not = json_object_get(json, "not");

	if (!json_is_object(json) || json_object_size(json) == 0)
		return sr_fail(err, SR_INVALID, ": a condition is an object with something in it");
	if ((all || any || not ) && json_object_size(json) != 1)
		return sr_fail(err, SR_INVALID, ": all, any and not stand alone in their object");
	if (all)
		return parse_parts(at, json, "all", SR_CONDITION_ALL, out, err);
	if (any)
		return parse_parts(at, json, "any", SR_CONDITION_ANY, out, err);
	if (not )
		return parse_not(at, json, out, err);
	if (json_object_get(json, "is"))
		return parse_named(at, json, out, err);
	if (json_object_get(json, "some"))
		return parse_some(at, json, out, err);
	if (json_object_get(json, "field"))
		return parse_comparison(at, json, out, err);
	return parse_short(at, json, out, err);
}

enum sr_status sr_condition_parse(const json_t *json, const struct sr_scope *scope,
                                  struct sr_lexicon *lexicon, struct sr_condition **out, struct sr_err *err)
{
	struct place at = { .scope = scope, .lexicon = lexicon };

	if (lexicon->depth == DEPTH_MAX)
		return sr_fail(err, SR_LIMIT, ": conditions over %d deep", DEPTH_MAX);
	lexicon->depth++;
	enum sr_status status = parse_any_kind(at, json, out, err);
	lexicon->depth--;
	return status;
}
