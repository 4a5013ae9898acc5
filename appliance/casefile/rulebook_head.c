/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rulebook_head.h"

#include <stdint.h>
#include <string.h>

#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/form.h"
#include "appliance/casefile/rule_field.h"

#define FORMAT "strongroom-rulebook/1"
#define NAME_BYTES 64

bool sr_rulebook_is_name(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return size > 0 && size < NAME_BYTES && name[size] == 0;
}

static enum sr_status check_dates(const json_t *root, struct sr_err *err)
{
	static const char *const keys[] = { "effective_from", "effective_to" };
	int64_t days[2] = { INT64_MIN, INT64_MAX };

	for (size_t i = 0; i < 2; i++) {
		const json_t *value = json_object_get(root, keys[i]);

		if (!value || json_is_null(value))
			continue;
		if (!json_is_string(value) || !sr_date_parse(json_string_value(value), &days[i]))
			return sr_fail(err, SR_INVALID, "/%s: must be a date or null", keys[i]);
	}
	if (days[0] > days[1])
		return sr_fail(err, SR_INVALID, "/effective_to: is before effective_from");
	return SR_OK;
}

static enum sr_status check_head(const json_t *root, struct sr_err *err)
{
	static const char known[] = "format|name|series|extends|title_zh|title_en|effective_from|effective_"
				    "to|labels|words|conditions|"
				    "tables|rules";
	const char *format = sr_json_text(root, "format");
	const char *name = sr_json_text(root, "name");
	const char *series = sr_json_text(root, "series");
	const char *key;
	json_t *value;

	if (!format || strcmp(format, FORMAT) != 0)
		return sr_fail(err, SR_INVALID, "/format: must be \"" FORMAT "\"");
	json_object_foreach((json_t *)(uintptr_t)root, key, value) {
		if (!sr_form_is_word_of(key, known))
			return sr_fail(err, SR_INVALID, "/%.64s: this version knows no such key", key);
	}
	if (!name || !sr_rulebook_is_name(name))
		return sr_fail(err, SR_INVALID, "/name: must be small letters, digits and hyphens");
	if (json_object_get(root, "series") && (!series || !sr_rulebook_is_name(series)))
		return sr_fail(err, SR_INVALID, "/series: must be small letters, digits and hyphens");
	if (sr_text_is_blank(sr_json_text(root, "title_zh")))
		return sr_fail(err, SR_INVALID, "/title_zh: must be there and not blank");
	if (sr_text_is_blank(sr_json_text(root, "title_en")))
		return sr_fail(err, SR_INVALID, "/title_en: must be there and not blank");
	return check_dates(root, err);
}

/* "members.explanation.place" is the field explanation.place of an element of members. */
static enum sr_status check_label_path(const char *path, struct sr_err *err)
{
	struct sr_scope scope, between;
	struct sr_field field;
	char list[2 * NAME_BYTES];

	/* The longest list first: "acts.gaps" before "acts". */
	for (size_t dots = 2; dots > 0; dots--) {
		const char *dot = strchr(path, '.');

		for (size_t i = 1; i < dots && dot; i++)
			dot = strchr(dot + 1, '.');
		if (!dot || (size_t)(dot - path) >= sizeof(list))
			continue;
		memcpy(list, path, (size_t)(dot - path));
		list[dot - path] = 0;
		if (sr_scope_find(list, &scope, &between, err) == SR_OK)
			return sr_field_find(&scope, dot + 1, &field, err);
	}
	SR_TRY(sr_scope_find(NULL, &scope, &between, err));
	return sr_field_find(&scope, path, &field, err);
}

static enum sr_status check_labels(const json_t *root, struct sr_err *err)
{
	json_t *labels = json_object_get(root, "labels");
	const char *path;
	json_t *label;

	if (!labels)
		return SR_OK;
	if (!json_is_object(labels))
		return sr_fail(err, SR_INVALID, "/labels: must be an object");
	json_object_foreach(labels, path, label) {
		enum sr_status status = check_label_path(path, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/labels/%.128s", path);
		if (sr_text_is_blank(sr_json_text(label, "zh")) ||
		    sr_text_is_blank(sr_json_text(label, "en")) || json_object_size(label) != 2)
			return sr_fail(err, SR_INVALID, "/labels/%.128s: must have zh and en", path);
	}
	return SR_OK;
}

/* What people call the words of fields: {"penalty":{"zh","en"}}. */
static enum sr_status check_words(const json_t *root, struct sr_err *err)
{
	json_t *words = json_object_get(root, "words");
	const char *word;
	json_t *names;

	if (!words)
		return SR_OK;
	if (!json_is_object(words))
		return sr_fail(err, SR_INVALID, "/words: must be an object");
	json_object_foreach(words, word, names) {
		if (sr_text_is_blank(sr_json_text(names, "zh")) ||
		    sr_text_is_blank(sr_json_text(names, "en")) || json_object_size(names) != 2)
			return sr_fail(err, SR_INVALID, "/words/%.128s: must have zh and en", word);
	}
	return SR_OK;
}

enum sr_status sr_rulebook_check_head(const json_t *root, struct sr_err *err)
{
	const json_t *conditions = json_object_get(root, "conditions");

	SR_TRY(check_head(root, err));
	SR_TRY(check_labels(root, err));
	SR_TRY(check_words(root, err));
	if (conditions && !json_is_object(conditions))
		return sr_fail(err, SR_INVALID, "/conditions: must be an object");
	return SR_OK;
}
