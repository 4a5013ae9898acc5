/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_parse.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/rule_message.h"

#define FIELDS_MAX 100
#define COMMON_KEYS "code|article|severity|kind|each|when|zh|en|fix_zh|fix_en"

void sr_rule_dispose(struct sr_rule *rule)
{
	sr_condition_free(rule->when);
	free(rule->fields);
	json_decref(rule->values);
	*rule = (struct sr_rule){ 0 };
}

static enum sr_status need_text(const json_t *json, const char *key, const char **out, struct sr_err *err)
{
	const char *text = sr_json_text(json, key);

	if (sr_text_is_blank(text))
		return sr_fail(err, SR_INVALID, "/%s: must be there and not blank", key);
	*out = text;
	return SR_OK;
}

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

static enum sr_status take_field(const json_t *json, const char *key, struct sr_rule *rule,
                                 struct sr_err *err)
{
	const char *path = "";

	SR_TRY(need_text(json, key, &path, err));
	enum sr_status status = sr_field_find(&rule->scope, path, &rule->fields[rule->field_count], err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/%s", key);
	rule->field_count++;
	return SR_OK;
}

static bool tells_time(const struct sr_field *field)
{
	if (!field->entry)
		return true;
	return !field->entry->list &&
	       (field->entry->form == SR_FORM_DATE || field->entry->form == SR_FORM_TIME ||
	        field->entry->form == SR_FORM_MOMENT);
}

/* --- kinds ---------------------------------------------------------------------------------------------- */

static enum sr_status parse_require_field(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	return take_fields(json, 1, FIELDS_MAX, rule, err);
}

static enum sr_status parse_value_in(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	json_t *values = json_object_get(json, "values");
	size_t index;
	json_t *value;

	SR_TRY(make_fields(rule, 1, err));
	SR_TRY(take_field(json, "field", rule, err));
	if (json_array_size(values) == 0)
		return sr_fail(err, SR_INVALID, "/values: must be a list with something in it");
	json_array_foreach(values, index, value) {
		enum sr_status status = sr_condition_check_value(&rule->fields[0], value, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/values/%zu", index);
	}
	rule->values = json_incref(values);
	return SR_OK;
}

static enum sr_status parse_equal(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	SR_TRY(take_fields(json, 2, 2, rule, err));
	const struct sr_schema_entry *a = rule->fields[0].entry;
	const struct sr_schema_entry *b = rule->fields[1].entry;
	bool alike = tells_time(&rule->fields[0]) ? tells_time(&rule->fields[1]) : a->form == b->form;

	if (!alike || a->list != b->list || a->form == SR_FORM_OBJECT)
		return sr_fail(err, SR_INVALID,
		               "/fields: \"%s\" and \"%s\" are of forms that never are equal",
		               rule->fields[0].path, rule->fields[1].path);
	return SR_OK;
}

static enum sr_status parse_order(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	const char *to = sr_json_text(json, "to");

	SR_TRY(make_fields(rule, 2, err));
	SR_TRY(take_field(json, "from", rule, err));
	if (to && strcmp(to, "today") == 0)
		rule->fields[rule->field_count++] = (struct sr_field){ .path = "today" };
	else
		SR_TRY(take_field(json, "to", rule, err));
	for (size_t i = 0; i < rule->field_count; i++)
		if (!tells_time(&rule->fields[i]))
			return sr_fail(err, SR_INVALID, "/%s: \"%s\" is neither a time nor a date",
			               i == 0 ? "from" : "to", rule->fields[i].path);
	return SR_OK;
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

static enum sr_status parse_require_member(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	const json_t *class = json_object_get(json, "class");

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

static const struct {
	const char *name;
	enum sr_rule_kind kind;
	const char *keys;         /* besides COMMON_KEYS */
	const char *placeholders; /* besides {member} and {index} */
	enum sr_status (*parse)(const json_t *json, struct sr_rule *rule, struct sr_err *err);
} kinds[] = {
	{ "require_member", SR_RULE_REQUIRE_MEMBER, "kinds|class|among", "kinds", parse_require_member },
	{ "require_field", SR_RULE_REQUIRE_FIELD, "fields", "missing", parse_require_field },
	{ "value_in", SR_RULE_VALUE_IN, "field|values", "field|value", parse_value_in },
	{ "equal", SR_RULE_EQUAL, "fields", "field|value|other|other_value", parse_equal },
	{ "order", SR_RULE_ORDER, "from|to", "field|value|other|other_value", parse_order },
};

/* --- a rule --------------------------------------------------------------------------------------------- */

/* A letter and more capitals, then numbers with dots: "B1", "IM21.1". */
static bool is_code(const char *code)
{
	size_t letters = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	size_t rest = strspn(code + letters, "0123456789.");

	return letters > 0 && rest > 0 && letters + rest <= 32 && code[letters + rest] == 0 &&
	       code[letters] != '.' && code[letters + rest - 1] != '.' && !strstr(code, "..");
}

static enum sr_status take_head(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	static const enum sr_severity severities[] = { SR_SEVERITY_WARNING, SR_SEVERITY_DEFECT,
		                                       SR_SEVERITY_BLOCKER };
	const char *severity = "";

	SR_TRY(need_text(json, "code", &rule->code, err));
	if (!is_code(rule->code))
		return sr_fail(err, SR_INVALID, "/code: must be capitals and numbers, such as \"IM21.1\"");
	if (rule->code[0] == 'X' && rule->code[1] >= '0' && rule->code[1] <= '9')
		return sr_fail(err, SR_INVALID, "/code: X belongs to the checks of the appliance");
	SR_TRY(need_text(json, "article", &rule->article, err));
	SR_TRY(need_text(json, "severity", &severity, err));
	for (size_t i = 0; i < SR_COUNT(severities); i++) {
		if (strcmp(severity, sr_severity_name(severities[i])) == 0) {
			rule->severity = severities[i];
			return SR_OK;
		}
	}
	return sr_fail(err, SR_INVALID, "/severity: must be warning, defect or blocker");
}

static enum sr_status take_scope(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	const json_t *each = json_object_get(json, "each");
	const json_t *when = json_object_get(json, "when");

	if (each && !json_is_string(each))
		return sr_fail(err, SR_INVALID, "/each: must be the name of a list");
	enum sr_status status = sr_scope_find(json_string_value(each), &rule->scope, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/each");
	if (when)
		status = sr_condition_parse(when, &rule->scope, &rule->when, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/when");
	return SR_OK;
}

static enum sr_status take_texts(const json_t *json, const char *placeholders, struct sr_rule *rule,
                                 struct sr_err *err)
{
	const struct {
		const char *key, **out;
	} texts[] = {
		{ "zh", &rule->zh },
		{ "en", &rule->en },
		{ "fix_zh", &rule->fix_zh },
		{ "fix_en", &rule->fix_en },
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf names = { 0 };
	const char *allowed;

	SR_TRY(sr_buf_printf(&names, err, "%s%s", placeholders, rule->scope.list ? "|index" : ""));
	if (rule->scope.list && strcmp(rule->scope.list, "members") == 0)
		SR_TRY(sr_buf_add_text(&names, "|member", err));
	SR_TRY(sr_buf_text(&names, &allowed, err));
	for (size_t i = 0; i < SR_COUNT(texts); i++) {
		SR_TRY(need_text(json, texts[i].key, texts[i].out, err));
		enum sr_status status = sr_message_check(*texts[i].out, allowed, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "/%s", texts[i].key);
	}
	return SR_OK;
}

static enum sr_status check_keys(const json_t *json, const char *own, struct sr_err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)json, key, value) {
		if (!sr_form_is_word_of(key, COMMON_KEYS) && !sr_form_is_word_of(key, own))
			return sr_fail(err, SR_INVALID, "/%.64s: a rule of this kind has no such key", key);
	}
	return SR_OK;
}

static enum sr_status parse_by_kind(const json_t *json, struct sr_rule *rule, struct sr_err *err)
{
	const char *name = "";

	SR_TRY(need_text(json, "kind", &name, err));
	for (size_t i = 0; i < SR_COUNT(kinds); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		rule->kind = kinds[i].kind;
		SR_TRY(check_keys(json, kinds[i].keys, err));
		SR_TRY(kinds[i].parse(json, rule, err));
		return take_texts(json, kinds[i].placeholders, rule, err);
	}
	return sr_fail(err, SR_INVALID, "/kind: \"%.64s\" is no kind of rule that this version knows", name);
}

enum sr_status sr_rule_parse(const json_t *json, struct sr_rule *out, struct sr_err *err)
{
	SR_CLEANUP(sr_rule_dispose) struct sr_rule rule = { 0 };

	if (!json_is_object(json))
		return sr_fail(err, SR_INVALID, ": a rule is an object");
	SR_TRY(take_head(json, &rule, err));
	SR_TRY(take_scope(json, &rule, err));
	SR_TRY(parse_by_kind(json, &rule, err));
	*out = rule;
	rule = (struct sr_rule){ 0 };
	return SR_OK;
}
