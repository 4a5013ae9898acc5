/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_check_field.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/casefile/rule_value.h"

enum sr_status sr_check_require_field(const struct sr_judging *j, struct sr_filling *filling,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing missing = { 0 };
	const struct sr_field *first = NULL;

	for (size_t i = 0; i < j->rule->field_count; i++) {
		const struct sr_field *field = &j->rule->fields[i];

		if (sr_field_get(field, &j->target))
			continue;
		first = first ? first : field;
		SR_TRY(sr_listing_add_label(j, &missing, field, err));
		SR_TRY(sr_judging_note_missed(j, field, err));
	}
	if (!first)
		return SR_OK;
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_listing_fill(&missing, filling, "missing", err));
	return sr_judging_add_finding(j, first, filling, err);
}

static bool has_word(const struct sr_judging *j, const json_t *word)
{
	for (size_t i = 0; i < j->rule->field_count; i++) {
		const json_t *list = sr_field_get(&j->rule->fields[i], &j->target);
		size_t index;
		json_t *value;

		json_array_foreach(list, index, value) {
			if (json_equal(value, word))
				return true;
		}
	}
	return false;
}

enum sr_status sr_check_require_words(const struct sr_judging *j, struct sr_filling *filling,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing missing = { 0 };
	bool any = false;
	size_t index;
	json_t *word;

	for (size_t i = 0; i < j->rule->field_count && !any; i++)
		any = sr_field_get(&j->rule->fields[i], &j->target) != NULL;
	if (!any)
		return sr_judging_add_absent(j, &j->rule->fields[0], err);
	json_array_foreach(j->rule->values, index, word) {
		if (!has_word(j, word))
			SR_TRY(sr_listing_add_word(j, &missing, &j->rule->fields[0], json_string_value(word),
			                           err));
	}
	if (missing.count == 0)
		return SR_OK;
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_listing_fill(&missing, filling, "missing", err));
	return sr_judging_add_finding(j, &j->rule->fields[0], filling, err);
}

/* What a table allows: true where it does not speak about the value at all. */
static bool table_allows(const struct sr_judging *j, const json_t *value, const json_t **allowed)
{
	const json_t *chosen = j->rule->column ? sr_field_get(&j->rule->fields[1], &j->target) : value;
	const json_t *row = chosen ? sr_condition_row(j->rule->rows, json_string_value(chosen)) : NULL;

	*allowed = NULL;
	if (!j->rule->column)
		return row != NULL;
	*allowed = json_object_get(row, j->rule->column);
	return !*allowed || sr_condition_matches(value, *allowed);
}

enum sr_status sr_check_value_in(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing listing = { 0 };
	const struct sr_field *field = &j->rule->fields[0];
	const json_t *value = sr_field_get(field, &j->target);
	const json_t *allowed = j->rule->values;
	size_t index;
	json_t *word;

	if (!value)
		return sr_judging_add_absent(j, field, err);
	if (j->rule->rows ? table_allows(j, value, &allowed) : sr_condition_matches(value, allowed))
		return SR_OK;
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_filling_set_label(j, filling, "field", field, err));
	SR_TRY(sr_filling_set_value(j, filling, "value", field, err));
	json_array_foreach(allowed, index, word) {
		if (json_is_string(word))
			SR_TRY(sr_listing_add_word(j, &listing, field, json_string_value(word), err));
	}
	SR_TRY(sr_listing_fill(&listing, filling, "allowed", err));
	return sr_judging_add_finding(j, field, filling, err);
}

static bool are_equal(const struct sr_judging *j, const json_t *a, const json_t *b)
{
	struct sr_value left, right;

	return json_equal(a, b) ||
	       (sr_value_parse(&j->rule->fields[0], a, &left) &&
	        sr_value_parse(&j->rule->fields[1], b, &right) && sr_value_compare(&left, &right) == 0);
}

enum sr_status sr_check_equal(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	const json_t *values[2];

	for (size_t i = 0; i < 2; i++) {
		values[i] = sr_field_get(&j->rule->fields[i], &j->target);
		if (!values[i])
			return sr_judging_add_absent(j, &j->rule->fields[i], err);
	}
	if (are_equal(j, values[0], values[1]))
		return SR_OK;
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_filling_set_label(j, filling, "field", &j->rule->fields[0], err));
	SR_TRY(sr_filling_set_value(j, filling, "value", &j->rule->fields[0], err));
	SR_TRY(sr_filling_set_label(j, filling, "other", &j->rule->fields[1], err));
	SR_TRY(sr_filling_set_value(j, filling, "other_value", &j->rule->fields[1], err));
	return sr_judging_add_finding(j, &j->rule->fields[0], filling, err);
}

enum sr_status sr_check_set_once(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing fields = { 0 };
	size_t there = 0;
	char count[24];

	for (size_t i = 0; i < j->rule->field_count; i++)
		there += sr_field_get(&j->rule->fields[i], &j->target) != NULL;
	if (there == 1)
		return SR_OK;
	for (size_t i = 0; i < j->rule->field_count; i++)
		SR_TRY(sr_listing_add_label(j, &fields, &j->rule->fields[i], err));
	snprintf(count, sizeof(count), "%zu", there);
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_listing_fill(&fields, filling, "fields", err));
	SR_TRY(sr_filling_set(filling, "count", count, count, err));
	return sr_judging_add_finding(j, &j->rule->fields[0], filling, err);
}
