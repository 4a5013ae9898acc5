/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_parse_kind.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/rule_value.h"
#include "appliance/casefile/schema_table.h"

#define FIELDS_MAX 100
#define TOLERANCE_MAX_S 3600
#define DEADLINE_MAX 100000

/* --- fields --------------------------------------------------------------------------------------------- */

static enum sr_status make_fields(struct sr_rule *rule, size_t count, struct sr_err *err)
{
	rule->fields = calloc(count, sizeof(*rule->fields));
	return rule->fields ? SR_OK : sr_fail(err, SR_NO_MEMORY, ": no memory for a rule");
}

/* A list of dotted paths under "fields". */
static enum sr_status take_fields(const json_t *json, size_t least, size_t most, struct sr_rule *rule,
                                  struct sr_err *err)
{
	const json_t *list = json_object_get(json, "fields");
	size_t count = json_array_size(list);

	if (count < least || count > most)
		return sr_fail(err, SR_INVALID, "/fields: must be a list of %zu to %zu fields", least, most);
	SR_TRY(make_fields(rule, count, err));
	for (size_t i = 0; i < count; i++) {
		const char *path = json_string_value(json_array_get(list, i));

		if (!path)
			return sr_fail(err, SR_INVALID, "/fields/%zu: must be text", i);
		enum sr_status status = sr_field_find(&rule->scope, path, &rule->fields[i], err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "/fields/%zu", i);
		rule->field_count++;
	}
	return SR_OK;
}

/* The next of the rule's fields, for which there is room. */
static enum sr_status take_field_in(const json_t *json, const char *key, const struct sr_scope *scope,
                                    struct sr_rule *rule, struct sr_err *err)
{
	const char *path = sr_json_text(json, key);

	if (sr_text_is_blank(path))
		return sr_fail(err, SR_INVALID, "/%s: must be there and not blank", key);
	enum sr_status status = sr_field_find(scope, path, &rule->fields[rule->field_count], err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/%s", key);
	rule->field_count++;
	return SR_OK;
}

static enum sr_status take_field(const json_t *json, const char *key, struct sr_rule *rule,
                                 struct sr_err *err)
{
	return take_field_in(json, key, &rule->scope, rule, err);
}

static enum sr_status need_form(const struct sr_rule *rule, const char *key, enum sr_form form, bool list,
                                const char *what, struct sr_err *err)
{
	const struct sr_field *field = &rule->fields[rule->field_count - 1];

	if (field->entry->form == form && field->entry->list == list)
		return SR_OK;
	return sr_fail(err, SR_INVALID, "/%s: \"%s\" %s", key, field->path, what);
}

/* --- fields, words, values ------------------------------------------------------------------------------ */

static enum sr_status parse_require_field(const json_t *json, struct sr_lexicon *lexicon,
                                          struct sr_rule *rule, struct sr_err *err)
{
	(void)lexicon;
	return take_fields(json, 1, FIELDS_MAX, rule, err);
}

static enum sr_status parse_set_once(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                     struct sr_err *err)
{
	(void)lexicon;
	return take_fields(json, 2, FIELDS_MAX, rule, err);
}

/* A list of values that the first field can have. */
static enum sr_status take_values(const json_t *json, const char *key, struct sr_rule *rule,
                                  struct sr_err *err)
{
	json_t *values = json_object_get(json, key);
	size_t index;
	json_t *value;

	if (json_array_size(values) == 0)
		return sr_fail(err, SR_INVALID, "/%s: must be a list with something in it", key);
	json_array_foreach(values, index, value) {
		enum sr_status status = sr_condition_check_value(&rule->fields[0], value, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/%s/%zu", key, index);
	}
	rule->values = json_incref(values);
	return SR_OK;
}

static enum sr_status parse_require_words(const json_t *json, struct sr_lexicon *lexicon,
                                          struct sr_rule *rule, struct sr_err *err)
{
	(void)lexicon;
	SR_TRY(take_fields(json, 1, FIELDS_MAX, rule, err));
	for (size_t i = 0; i < rule->field_count; i++)
		if (!rule->fields[i].entry->list || !rule->fields[i].entry->words)
			return sr_fail(err, SR_INVALID, "/fields/%zu: \"%s\" is no list of words", i,
			               rule->fields[i].path);
	return take_values(json, "words", rule, err);
}

static enum sr_status parse_value_in(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                     struct sr_err *err)
{
	const json_t *table = json_object_get(json, "table");

	SR_TRY(make_fields(rule, 2, err));
	SR_TRY(take_field(json, "field", rule, err));
	if (!table && (json_object_get(json, "column") || json_object_get(json, "by")))
		return sr_fail(err, SR_INVALID, "/column: goes with a table");
	if (!table)
		return take_values(json, "values", rule, err);
	if (json_object_get(json, "values"))
		return sr_fail(err, SR_INVALID, "/values: stands beside a table");
	enum sr_status status = sr_condition_find_table(lexicon, table, &rule->rows, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/table");
	rule->column = sr_json_text(json, "column");
	if (!rule->column && !json_object_get(json, "by"))
		return need_form(rule, "field", SR_FORM_TEXT, false, "is no text", err);
	if (!rule->column)
		return sr_fail(err, SR_INVALID, "/column: must be there with by");
	SR_TRY(take_field(json, "by", rule, err));
	return need_form(rule, "by", SR_FORM_TEXT, false, "is no text", err);
}

static enum sr_status parse_equal(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                  struct sr_err *err)
{
	(void)lexicon;
	SR_TRY(take_fields(json, 2, 2, rule, err));
	const struct sr_schema_entry *a = rule->fields[0].entry;
	const struct sr_schema_entry *b = rule->fields[1].entry;
	bool times = sr_value_class_of(&rule->fields[0]) == SR_VALUE_TIME;
	bool alike = times ? sr_value_class_of(&rule->fields[1]) == SR_VALUE_TIME : a->form == b->form;

	if (!alike || a->list != b->list || a->form == SR_FORM_OBJECT)
		return sr_fail(err, SR_INVALID,
		               "/fields: \"%s\" and \"%s\" are of forms that never are equal",
		               rule->fields[0].path, rule->fields[1].path);
	return SR_OK;
}

/* --- times ---------------------------------------------------------------------------------------------- */

/* "from" and "to", of which the second may be today. */
static enum sr_status take_times(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	const char *to = sr_json_text(json, "to");

	SR_TRY(make_fields(rule, 2, err));
	SR_TRY(take_field(json, "from", rule, err));
	if (to && strcmp(to, "today") == 0)
		rule->fields[rule->field_count++] =
			(struct sr_field){ .path = "today", .outward = SR_FIELD_OF_CASE };
	else
		SR_TRY(take_field(json, "to", rule, err));
	for (size_t i = 0; i < rule->field_count; i++)
		if (sr_value_class_of(&rule->fields[i]) != SR_VALUE_TIME)
			return sr_fail(err, SR_INVALID, "/%s: \"%s\" is neither a time nor a date",
			               i == 0 ? "from" : "to", rule->fields[i].path);
	return SR_OK;
}

static enum sr_status parse_order(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                  struct sr_err *err)
{
	(void)lexicon;
	return take_times(json, rule, err);
}

static enum sr_status parse_deadline(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                     struct sr_err *err)
{
	static const char *const units[] = { "hours", "days", "working_days" };
	const char *reason = sr_json_text(json, "reason");
	size_t found = 0;

	(void)lexicon;
	SR_TRY(take_times(json, rule, err));
	for (size_t i = 0; i < SR_COUNT(units); i++) {
		const json_t *most = json_object_get(json, units[i]);

		if (!most)
			continue;
		found++;
		rule->unit = (enum sr_time_unit)i;
		rule->most = json_integer_value(most);
		if (!json_is_integer(most) || rule->most < 0 || rule->most > DEADLINE_MAX)
			return sr_fail(err, SR_INVALID, "/%s: must be a whole number up to %d", units[i],
			               DEADLINE_MAX);
	}
	if (found != 1)
		return sr_fail(err, SR_INVALID, "/hours: one of hours, days and working_days must be there");
	if (!json_object_get(json, "reason"))
		return SR_OK;
	enum sr_status status = sr_field_find(&rule->scope, reason ? reason : "", &rule->reason, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "/reason");
}

static enum sr_status parse_gate(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                 struct sr_err *err)
{
	const char *list = sr_json_text(json, "list");
	struct sr_scope inner = { 0 }, between;

	SR_TRY(make_fields(rule, 2, err));
	SR_TRY(take_field(json, "before", rule, err));
	enum sr_status status = list ? sr_scope_find(list, &inner, &between, err)
	                             : sr_fail(err, SR_INVALID, ": must be the name of a list");
	if (status == SR_OK && inner.inner)
		status = sr_fail(err, SR_INVALID, ": must be a list of the case");
	if (status != SR_OK)
		return sr_fail_in(err, status, "/list");
	rule->list = inner.list;
	inner.outer = &rule->scope;
	SR_TRY(take_field_in(json, "at", &inner, rule, err));
	for (size_t i = 0; i < 2; i++)
		if (sr_value_class_of(&rule->fields[i]) != SR_VALUE_TIME)
			return sr_fail(err, SR_INVALID, "/%s: \"%s\" is neither a time nor a date",
			               i == 0 ? "before" : "at", rule->fields[i].path);
	status = sr_condition_parse(json_object_get(json, "where"), &inner, lexicon, &rule->that, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "/where");
}

static enum sr_status parse_coverage(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                     struct sr_err *err)
{
	const json_t *tolerance = json_object_get(json, "tolerance_seconds");

	(void)lexicon;
	rule->tolerance_s = json_integer_value(tolerance);
	if (!rule->scope.path || strcmp(rule->scope.path, "acts") != 0)
		return sr_fail(err, SR_INVALID, "/each: must be acts");
	if (!json_is_integer(tolerance) || rule->tolerance_s < 0 || rule->tolerance_s > TOLERANCE_MAX_S)
		return sr_fail(err, SR_INVALID, "/tolerance_seconds: must be a whole number up to %d",
		               TOLERANCE_MAX_S);
	SR_TRY(make_fields(rule, 1, err));
	enum sr_status status = sr_field_find(&rule->scope, "recordings", &rule->fields[0], err);
	rule->field_count = 1;
	return status;
}

/* --- people and members --------------------------------------------------------------------------------- */

static enum sr_status parse_signers(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                    struct sr_err *err)
{
	const char *list = sr_json_text(json, "list");
	struct sr_scope inner = { 0 }, between;

	(void)lexicon;
	SR_TRY(make_fields(rule, 2, err));
	SR_TRY(take_field(json, "attended", rule, err));
	SR_TRY(need_form(rule, "attended", SR_FORM_TEXT, true, "is no list of texts", err));
	if (!json_object_get(json, "list")) {
		SR_TRY(take_field(json, "signed", rule, err));
		return need_form(rule, "signed", SR_FORM_TEXT, true, "is no list of texts", err);
	}
	enum sr_status status = sr_scope_find(list ? list : "", &inner, &between, err);
	if (status == SR_OK && inner.inner)
		status = sr_fail(err, SR_INVALID, ": must be a list of the case");
	if (status != SR_OK)
		return sr_fail_in(err, status, "/list");
	rule->list = inner.list;
	SR_TRY(take_field_in(json, "signed", &inner, rule, err));
	return need_form(rule, "signed", SR_FORM_TEXT, false, "is no text", err);
}

static enum sr_status take_document_kinds(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	size_t index;
	json_t *name;

	rule->document_kinds = json_object_get(json, "kinds");
	if (!rule->document_kinds)
		return SR_OK;
	if (json_array_size(rule->document_kinds) == 0)
		return sr_fail(err, SR_INVALID, "/kinds: must be a list of document kinds");
	json_array_foreach(rule->document_kinds, index, name) {
		if (!json_is_string(name) || sr_text_is_blank(json_string_value(name)))
			return sr_fail(err, SR_INVALID, "/kinds/%zu: must be text", index);
	}
	return SR_OK;
}

static enum sr_status parse_require_member(const json_t *json, struct sr_lexicon *lexicon,
                                           struct sr_rule *rule, struct sr_err *err)
{
	const json_t *class = json_object_get(json, "class");

	(void)lexicon;
	rule->any_class = !class;
	if (class &&
	    (!json_is_string(class) || !sr_member_class_parse(json_string_value(class), &rule->class)))
		return sr_fail(err, SR_INVALID, "/class: must be document, medium or explanation");
	SR_TRY(take_document_kinds(json, rule, err));
	if (!class && !rule->document_kinds)
		return sr_fail(err, SR_INVALID, "/kinds: kinds, class or both must be there");
	if (!json_object_get(json, "among"))
		return SR_OK;
	SR_TRY(make_fields(rule, 1, err));
	SR_TRY(take_field(json, "among", rule, err));
	if (rule->fields[0].entry->form != SR_FORM_REFERENCE)
		return sr_fail(err, SR_INVALID, "/among: \"%s\" does not refer to members",
		               rule->fields[0].path);
	return SR_OK;
}

static enum sr_status parse_require_service(const json_t *json, struct sr_lexicon *lexicon,
                                            struct sr_rule *rule, struct sr_err *err)
{
	(void)lexicon;
	SR_TRY(make_fields(rule, 1, err));
	SR_TRY(take_field(json, "document", rule, err));
	const struct sr_schema_entry *entry = rule->fields[0].entry;

	if (!entry->list && (entry->form == SR_FORM_PATH || entry->form == SR_FORM_REFERENCE))
		return SR_OK;
	return sr_fail(err, SR_INVALID, "/document: \"%s\" is no document", rule->fields[0].path);
}

static enum sr_status parse_transcript(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                       struct sr_err *err)
{
	(void)json;
	(void)lexicon;
	if (!rule->scope.path || strcmp(rule->scope.path, "members") != 0)
		return sr_fail(err, SR_INVALID, "/each: must be members");
	SR_TRY(make_fields(rule, 1, err));
	rule->field_count = 1;
	return sr_field_find(&rule->scope, "transcript", &rule->fields[0], err);
}

static enum sr_status parse_holds(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                  struct sr_err *err)
{
	enum sr_status status =
		sr_condition_parse(json_object_get(json, "that"), &rule->scope, lexicon, &rule->that, err);

	if (status != SR_OK)
		return sr_fail_in(err, status, "/that");
	if (!json_object_get(json, "at"))
		return SR_OK;
	SR_TRY(make_fields(rule, 1, err));
	return take_field(json, "at", rule, err);
}

/* --- the kinds ------------------------------------------------------------------------------------------ */

static const struct sr_rule_form forms[] = {
	{ "require_member", SR_RULE_REQUIRE_MEMBER, "kinds|class|among", "kinds", parse_require_member },
	{ "require_field", SR_RULE_REQUIRE_FIELD, "fields", "missing", parse_require_field },
	{ "require_words", SR_RULE_REQUIRE_WORDS, "fields|words", "missing", parse_require_words },
	{ "require_service", SR_RULE_REQUIRE_SERVICE, "document", "document", parse_require_service },
	{ "value_in", SR_RULE_VALUE_IN, "field|values|table|column|by", "field|value|allowed",
	  parse_value_in },
	{ "equal", SR_RULE_EQUAL, "fields", "field|value|other|other_value", parse_equal },
	{ "set_once", SR_RULE_SET_ONCE, "fields", "fields|count", parse_set_once },
	{ "order", SR_RULE_ORDER, "from|to", "field|value|other|other_value", parse_order },
	{ "deadline", SR_RULE_DEADLINE, "from|to|hours|days|working_days|reason",
	  "field|value|other|other_value|limit|took|reason", parse_deadline },
	{ "gate", SR_RULE_GATE, "list|where|at|before", "field|value|passed", parse_gate },
	{ "coverage", SR_RULE_COVERAGE, "tolerance_seconds", "gaps|seconds", parse_coverage },
	{ "signers", SR_RULE_SIGNERS, "attended|signed|list", "missing", parse_signers },
	{ "transcript", SR_RULE_TRANSCRIPT, "", "", parse_transcript },
	{ "holds", SR_RULE_HOLDS, "that|at", "", parse_holds },
};

const struct sr_rule_form *sr_rule_form_find(const char *name)
{
	for (size_t i = 0; i < SR_COUNT(forms); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	return NULL;
}
