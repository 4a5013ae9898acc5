/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/unknown_key.h"

#include <stdio.h>

#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/schema_table.h"

#define SHOWN_BYTES 96 /* of a key or word that is shown in a finding */

struct reading {
	struct sr_findings *findings;
	const json_t *root;
};

static size_t depth_of(const json_t *value)
{
	size_t deepest = 0;
	const char *key;
	json_t *item;
	size_t index;

	if (json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)value, key, item) {
			size_t depth = depth_of(item);

			deepest = depth > deepest ? depth : deepest;
		}
	}
	json_array_foreach(value, index, item) {
		size_t depth = depth_of(item);

		deepest = depth > deepest ? depth : deepest;
	}
	return json_is_object(value) || json_is_array(value) ? deepest + 1 : 0;
}

/* X4 for a key or a word that is not known. */
static enum sr_status add_unknown(const struct reading *reading, const char *pointer, const char *zh,
                                  const char *en, const char *fix_zh, const char *fix_en, struct sr_err *err)
{
	struct sr_finding finding = {
		.code = "X4",
		.article = "立卷检查",
		.severity = SR_SEVERITY_WARNING,
		.member = sr_schema_member_of(reading->root, pointer),
		.place = pointer,
		.zh = zh,
		.en = en,
		.fix_zh = fix_zh,
		.fix_en = fix_en,
	};

	return sr_findings_add(reading->findings, &finding, err);
}

static enum sr_status unknown_key(void *context, const struct sr_schema *schema, const char *key,
                                  const json_t *value, const char *pointer, struct sr_err *err)
{
	const char *near = sr_schema_nearest(schema, key);
	char shown[SHOWN_BYTES], zh[512], en[512], fix_zh[512], fix_en[512];

	/* The catalogue puts the description one level deeper, and its reader has the same limit. */
	if (depth_of(value) > SR_LIMIT_JSON_DEPTH / 2)
		return sr_fail(err, SR_LIMIT, "%.200s: nested over %u levels deep", pointer,
		               SR_LIMIT_JSON_DEPTH / 2);
	snprintf(shown, sizeof(shown), "%s", key);
	sr_text_make_printable(shown, sizeof(shown));
	snprintf(zh, sizeof(zh), "案卷说明 case.json 中的键“%s”无法识别，其内容不参与检查", shown);
	snprintf(en, sizeof(en), "case.json has a key that is not known: \"%s\"; what it says is not checked",
	         shown);
	if (near) {
		snprintf(fix_zh, sizeof(fix_zh), "如系笔误，请改为“%s”；否则删去", near);
		snprintf(fix_en, sizeof(fix_en), "if \"%s\" was meant, write that; else take the key out",
		         near);
	} else {
		snprintf(fix_zh, sizeof(fix_zh), "对照案卷说明的格式改正键名，或删去");
		snprintf(fix_en, sizeof(fix_en),
		         "correct the key as the description's format says, or take it out");
	}
	return add_unknown(context, pointer, zh, en, fix_zh, fix_en, err);
}

static enum sr_status known_value(void *context, const struct sr_schema_entry *entry, const json_t *value,
                                  const char *pointer, struct sr_err *err)
{
	char shown[SHOWN_BYTES], zh[512], en[512], fix_zh[512], fix_en[512];

	if (entry->form != SR_FORM_WORD || sr_form_is_word_of(json_string_value(value), entry->words))
		return SR_OK;
	snprintf(shown, sizeof(shown), "%s", json_string_value(value));
	sr_text_make_printable(shown, sizeof(shown));
	snprintf(zh, sizeof(zh), "案卷说明 case.json 中“%s”一项的取值“%s”无法识别", entry->key, shown);
	snprintf(en, sizeof(en), "case.json has a word under \"%s\" that is not known: \"%s\"", entry->key,
	         shown);
	snprintf(fix_zh, sizeof(fix_zh), "改为下列之一：%s", entry->words);
	snprintf(fix_en, sizeof(fix_en), "write one of %s", entry->words);
	return add_unknown(context, pointer, zh, en, fix_zh, fix_en, err);
}

enum sr_status sr_unknown_keys_find(const json_t *root, struct sr_findings *findings, struct sr_err *err)
{
	struct reading reading = { .findings = findings, .root = root };
	struct sr_schema_visitor visitor = { .known = known_value,
		                             .unknown = unknown_key,
		                             .context = &reading };

	return sr_schema_walk(&sr_schema_case, root, &visitor, err);
}
