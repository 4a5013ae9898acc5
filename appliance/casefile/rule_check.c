/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_check.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"

/* --- require_field -------------------------------------------------------------------------------------- */

static enum sr_status check_require_field(const struct sr_judging *j, const char *index, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	const struct sr_field *first = NULL;
	const char *missing_zh, *missing_en;

	for (size_t i = 0; i < j->rule->field_count; i++) {
		const struct sr_field *field = &j->rule->fields[i];

		if (sr_field_get(field, &j->target))
			continue;
		if (first) {
			SR_TRY(sr_buf_add_text(&zh, "、", err));
			SR_TRY(sr_buf_add_text(&en, ", ", err));
		}
		first = first ? first : field;
		SR_TRY(sr_judging_add_label(j, field, SR_LANGUAGE_ZH, &zh, err));
		SR_TRY(sr_judging_add_label(j, field, SR_LANGUAGE_EN, &en, err));
	}
	if (!first)
		return SR_OK;
	SR_TRY(sr_buf_text(&zh, &missing_zh, err));
	SR_TRY(sr_buf_text(&en, &missing_en, err));
	const struct sr_message_value values_zh[] = { { "missing", missing_zh },
		                                      { "member", sr_judging_member_path(j) },
		                                      { "index", index },
		                                      { NULL, NULL } };
	const struct sr_message_value values_en[] = { { "missing", missing_en },
		                                      { "member", sr_judging_member_path(j) },
		                                      { "index", index },
		                                      { NULL, NULL } };
	return sr_judging_add_finding(j, first, (struct sr_filling){ values_zh, values_en }, err);
}

/* --- require_member ------------------------------------------------------------------------------------- */

static bool is_of_kind(const struct sr_rule *rule, const struct sr_member *member)
{
	size_t index;
	json_t *kind;

	if (!rule->any_class && member->class != rule->class)
		return false;
	if (!rule->document_kinds)
		return true;
	json_array_foreach(rule->document_kinds, index, kind) {
		if (member->kind && strcmp(member->kind, json_string_value(kind)) == 0)
			return true;
	}
	return false;
}

static bool is_any_of_kind(const struct sr_judging *j)
{
	const struct sr_case *description = j->judged->description;

	for (size_t i = 0; i < description->member_count; i++)
		if (is_of_kind(j->rule, &description->members[i]))
			return true;
	return false;
}

/* The same among the members that a field refers to. */
static bool is_one_referred_to(const struct sr_judging *j)
{
	const json_t *value = sr_field_get(&j->rule->fields[0], &j->target);
	size_t count = json_is_array(value) ? json_array_size(value) : 1;

	for (size_t i = 0; value && i < count; i++) {
		const char *path = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
		const struct sr_member *member = path ? sr_case_member(j->judged->description, path) : NULL;

		if (member && is_of_kind(j->rule, member))
			return true;
	}
	return false;
}

static enum sr_status join_kinds(const json_t *kinds, const char *between, struct sr_buf *out,
                                 const char **text, struct sr_err *err)
{
	size_t index;
	json_t *kind;

	json_array_foreach(kinds, index, kind) {
		SR_TRY(sr_buf_add_text(out, index > 0 ? between : "", err));
		SR_TRY(sr_buf_add_text(out, json_string_value(kind), err));
	}
	return sr_buf_text(out, text, err);
}

static enum sr_status check_require_member(const struct sr_judging *j, const char *index, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	const char *kinds_zh, *kinds_en;
	const struct sr_field *among = j->rule->field_count > 0 ? &j->rule->fields[0] : NULL;

	if (among ? is_one_referred_to(j) : is_any_of_kind(j))
		return SR_OK;
	SR_TRY(join_kinds(j->rule->document_kinds, "或", &zh, &kinds_zh, err));
	SR_TRY(join_kinds(j->rule->document_kinds, " or ", &en, &kinds_en, err));
	const struct sr_message_value values_zh[] = { { "kinds", kinds_zh },
		                                      { "member", sr_judging_member_path(j) },
		                                      { "index", index },
		                                      { NULL, NULL } };
	const struct sr_message_value values_en[] = { { "kinds", kinds_en },
		                                      { "member", sr_judging_member_path(j) },
		                                      { "index", index },
		                                      { NULL, NULL } };
	return sr_judging_add_finding(j, among, (struct sr_filling){ values_zh, values_en }, err);
}

/* --- value_in, equal, order ----------------------------------------------------------------------------- */

/* Up to two fields with their values as texts, for the kinds that compare. */
static enum sr_status add_comparison(const struct sr_judging *j, const char *index, struct sr_err *err)
{
	static const char *const names[] = { "field", "other" };
	static const char *const value_names[] = { "value", "other_value" };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf texts = { 0 };
	struct sr_message_value values[2][SR_MESSAGE_VALUES] = { 0 };
	size_t starts[2][4] = { 0 };

	/* All texts first: the buffer may move while it grows. */
	for (size_t i = 0; i < j->rule->field_count; i++) {
		const struct sr_field *field = &j->rule->fields[i];
		const json_t *value = field->entry ? sr_field_get(field, &j->target) : NULL;

		for (size_t language = 0; language < 2; language++) {
			starts[language][2 * i] = texts.size;
			SR_TRY(sr_judging_add_label(j, field, language == 0 ? SR_LANGUAGE_ZH : SR_LANGUAGE_EN,
			                            &texts, err));
			SR_TRY(sr_buf_add(&texts, "", 1, err));
			starts[language][2 * i + 1] = texts.size;
			if (json_is_string(value))
				SR_TRY(sr_buf_add_text(&texts, json_string_value(value), err));
			else if (value)
				SR_TRY(sr_json_write(value, &texts, err));
			SR_TRY(sr_buf_add(&texts, "", 1, err));
		}
	}
	for (size_t language = 0; language < 2; language++) {
		struct sr_message_value *to = values[language];

		for (size_t i = 0; i < j->rule->field_count; i++) {
			*to++ = (struct sr_message_value){ names[i], (const char *)texts.data +
				                                             starts[language][2 * i] };
			*to++ = (struct sr_message_value){
				value_names[i], (const char *)texts.data + starts[language][2 * i + 1]
			};
		}
		*to++ = (struct sr_message_value){ "member", sr_judging_member_path(j) };
		*to++ = (struct sr_message_value){ "index", index };
	}
	return sr_judging_add_finding(j, &j->rule->fields[0], (struct sr_filling){ values[0], values[1] },
	                              err);
}

/* A point in time that may be known to the day only. */
struct moment {
	int64_t days;
	int64_t time_ns;
	bool has_time;
};

static bool moment_of(const struct sr_judging *j, const struct sr_field *field, struct moment *out)
{
	if (!field->entry) {
		*out = (struct moment){ .days = j->judged->today_days };
		return true;
	}
	const char *text = json_string_value(sr_field_get(field, &j->target));

	*out = (struct moment){ 0 };
	if (!text)
		return false;
	if (sr_date_parse(text, &out->days))
		return true;
	out->has_time = sr_time_parse(text, &out->time_ns);
	out->days = out->has_time ? sr_date_of_time(out->time_ns) : 0;
	return out->has_time;
}

/* By the day where one of them is known to the day only. */
static int compare_moments(struct moment a, struct moment b)
{
	if (a.has_time && b.has_time)
		return (a.time_ns > b.time_ns) - (a.time_ns < b.time_ns);
	return (a.days > b.days) - (a.days < b.days);
}

static enum sr_status check_value_in(const struct sr_judging *j, const char *index, struct sr_err *err)
{
	const json_t *value = sr_field_get(&j->rule->fields[0], &j->target);

	if (!value)
		return sr_judging_add_unjudged(j, &j->rule->fields[0], err);
	return sr_condition_matches(value, j->rule->values) ? SR_OK : add_comparison(j, index, err);
}

/* The first of a rule's fields that is absent, or NULL. */
static const struct sr_field *absent_field(const struct sr_judging *j)
{
	for (size_t i = 0; i < j->rule->field_count; i++)
		if (j->rule->fields[i].entry && !sr_field_get(&j->rule->fields[i], &j->target))
			return &j->rule->fields[i];
	return NULL;
}

static enum sr_status check_equal(const struct sr_judging *j, const char *index, struct sr_err *err)
{
	const struct sr_field *a = &j->rule->fields[0];
	const struct sr_field *b = &j->rule->fields[1];
	const struct sr_field *absent = absent_field(j);
	struct moment moment_a, moment_b;

	if (absent)
		return sr_judging_add_unjudged(j, absent, err);
	if (json_equal(sr_field_get(a, &j->target), sr_field_get(b, &j->target)))
		return SR_OK;
	if (moment_of(j, a, &moment_a) && moment_of(j, b, &moment_b) &&
	    compare_moments(moment_a, moment_b) == 0)
		return SR_OK;
	return add_comparison(j, index, err);
}

static enum sr_status check_order(const struct sr_judging *j, const char *index, struct sr_err *err)
{
	const struct sr_field *absent = absent_field(j);
	struct moment from, to;

	if (absent)
		return sr_judging_add_unjudged(j, absent, err);
	if (!moment_of(j, &j->rule->fields[0], &from))
		return sr_judging_add_unjudged(j, &j->rule->fields[0], err);
	if (!moment_of(j, &j->rule->fields[1], &to))
		return sr_judging_add_unjudged(j, &j->rule->fields[1], err);
	return compare_moments(from, to) <= 0 ? SR_OK : add_comparison(j, index, err);
}

/* --- a rule --------------------------------------------------------------------------------------------- */

static enum sr_status check_by_kind(const struct sr_judging *j, const char *index, struct sr_err *err)
{
	switch (j->rule->kind) {
	case SR_RULE_REQUIRE_MEMBER:
		return check_require_member(j, index, err);
	case SR_RULE_REQUIRE_FIELD:
		return check_require_field(j, index, err);
	case SR_RULE_VALUE_IN:
		return check_value_in(j, index, err);
	case SR_RULE_EQUAL:
		return check_equal(j, index, err);
	case SR_RULE_ORDER:
		return check_order(j, index, err);
	}
	return sr_fail(err, SR_INVALID, "rule %s is of an unknown kind", j->rule->code);
}

static enum sr_status check_target(const struct sr_judging *j, struct sr_err *err)
{
	const struct sr_field *missing = NULL;
	char index[24];

	snprintf(index, sizeof(index), "%zu", j->target.index + 1);
	switch (sr_condition_judge(j->rule->when, &j->target, &missing)) {
	case SR_VERDICT_NO:
		return SR_OK;
	case SR_VERDICT_UNKNOWN:
		return sr_judging_add_unjudged(j, missing, err);
	case SR_VERDICT_YES:
		return check_by_kind(j, index, err);
	}
	return SR_OK;
}

enum sr_status sr_rule_check(const struct sr_rule *rule, const struct sr_rule_case *judged,
                             struct sr_err *err)
{
	const json_t *root = judged->description->root;
	struct sr_judging j = { .rule = rule, .judged = judged };

	if (!rule->scope.list) {
		j.target = (struct sr_target){ .root = root, .element = root };
		return check_target(&j, err);
	}
	const json_t *list = json_object_get(root, rule->scope.list);
	for (size_t i = 0; i < json_array_size(list); i++) {
		j.target = (struct sr_target){
			.root = root, .element = json_array_get(list, i), .list = rule->scope.list, .index = i
		};
		if (!json_is_object(j.target.element))
			continue; /* null: left out */
		SR_TRY(check_target(&j, err));
	}
	return SR_OK;
}
