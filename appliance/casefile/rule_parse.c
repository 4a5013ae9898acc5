/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_parse.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/rule_message.h"
#include "appliance/casefile/rule_parse_kind.h"

#define COMMON_KEYS "code|article|severity|kind|each|when|replaces|zh|en|fix_zh|fix_en"

void sr_rule_dispose(struct sr_rule *rule)
{
	sr_condition_free(rule->when);
	sr_condition_free(rule->that);
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
	const char *severity = NULL;

	rule->code = "";
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

/* @between must live as long as the rule is parsed: its scope points to it. */
static enum sr_status take_scope(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                 struct sr_scope *between, struct sr_err *err)
{
	const json_t *each = json_object_get(json, "each");
	const json_t *when = json_object_get(json, "when");

	if (each && !json_is_string(each))
		return sr_fail(err, SR_INVALID, "/each: must be the name of a list");
	enum sr_status status = sr_scope_find(json_string_value(each), &rule->scope, between, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/each");
	if (when)
		status = sr_condition_parse(when, &rule->scope, lexicon, &rule->when, err);
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

	SR_TRY(sr_buf_printf(&names, err, "%s%s%s", placeholders, rule->scope.list ? "|index|name" : "",
	                     rule->scope.inner ? "|outer" : ""));
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

static enum sr_status parse_by_kind(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
                                    struct sr_err *err)
{
	const char *name = NULL;

	SR_TRY(need_text(json, "kind", &name, err));
	const struct sr_rule_form *form = sr_rule_form_find(name);
	if (!form)
		return sr_fail(err, SR_INVALID, "/kind: \"%.64s\" is no kind of rule that this version knows",
		               name);
	rule->kind = form->kind;
	SR_TRY(check_keys(json, form->keys, err));
	SR_TRY(form->parse(json, lexicon, rule, err));
	return take_texts(json, form->placeholders, rule, err);
}

enum sr_status sr_rule_parse(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *out,
                             struct sr_err *err)
{
	SR_CLEANUP(sr_rule_dispose) struct sr_rule rule = { 0 };
	struct sr_scope between;

	if (!json_is_object(json))
		return sr_fail(err, SR_INVALID, ": a rule is an object");
	SR_TRY(take_head(json, &rule, err));
	SR_TRY(take_scope(json, lexicon, &rule, &between, err));
	SR_TRY(parse_by_kind(json, lexicon, &rule, err));
	rule.scope.outer = NULL;
	*out = rule;
	rule = (struct sr_rule){ 0 };
	return SR_OK;
}
