/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/description.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/encoding.h"
#include "appliance/casefile/path_clash.h"
#include "appliance/casefile/schema_table.h"

#define SHA256_DIGITS 64
#define SHOWN_BYTES 96 /* of a key or word that is shown in a finding */

void sr_case_free(struct sr_case *description)
{
	if (!description)
		return;
	json_decref(description->root);
	free(description->members);
	free(description->by_path);
	free(description);
}

/* --- names ---------------------------------------------------------------------------------------------- */

const char *sr_member_class_name(enum sr_member_class class)
{
	switch (class) {
	case SR_MEMBER_DOCUMENT:
		return "document";
	case SR_MEMBER_MEDIUM:
		return "medium";
	case SR_MEMBER_EXPLANATION:
		return "explanation";
	}
	return "document";
}

bool sr_member_class_parse(const char *name, enum sr_member_class *out)
{
	static const enum sr_member_class classes[] = { SR_MEMBER_DOCUMENT, SR_MEMBER_MEDIUM,
		                                        SR_MEMBER_EXPLANATION };

	for (size_t i = 0; i < SR_COUNT(classes); i++) {
		if (strcmp(name, sr_member_class_name(classes[i])) == 0) {
			*out = classes[i];
			return true;
		}
	}
	return false;
}

const char *sr_volume_name(enum sr_volume volume)
{
	switch (volume) {
	case SR_VOLUME_MAIN:
		return "main";
	case SR_VOLUME_SUB:
		return "sub";
	}
	return "main";
}

/* --- form and unknown keys ------------------------------------------------------------------------------ */

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
		json_object_foreach((json_t *)(uintptr_t)value, key, item)
		{
			size_t depth = depth_of(item);

			deepest = depth > deepest ? depth : deepest;
		}
	}
	json_array_foreach(value, index, item)
	{
		size_t depth = depth_of(item);

		deepest = depth > deepest ? depth : deepest;
	}
	return json_is_object(value) || json_is_array(value) ? deepest + 1 : 0;
}

/* Path of the member that "/members/17/…" lies in, or NULL. */
static const char *member_of(const json_t *root, const char *pointer)
{
	static const char prefix[] = "/members/";

	if (!sr_text_starts_with(pointer, prefix))
		return NULL;
	size_t index = strtoul(pointer + sizeof(prefix) - 1, NULL, 10);
	return sr_json_text(json_array_get(json_object_get(root, "members"), index), "path");
}

/* X4 for a key or a word that is not known. */
static enum sr_status add_unknown(const struct reading *reading, const char *pointer, const char *zh,
                                  const char *en, const char *fix_zh, const char *fix_en, struct sr_err *err)
{
	struct sr_finding finding = {
		.code = "X4",
		.article = "立卷检查",
		.severity = SR_SEVERITY_WARNING,
		.member = member_of(reading->root, pointer),
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

static enum sr_status check_format(const json_t *root, struct sr_err *err)
{
	const char *format = sr_json_text(root, "format");

	if (!json_is_object(root))
		return sr_fail(err, SR_INVALID, "case.json must be one JSON object, not %s",
		               sr_form_type_name(root));
	if (!format || strcmp(format, SR_CASE_FORMAT) != 0)
		return sr_fail(err, SR_INVALID, "/format: must be \"" SR_CASE_FORMAT "\"");
	if (json_array_size(json_object_get(root, "members")) > SR_LIMIT_MEMBERS)
		return sr_fail(err, SR_LIMIT, "/members: over %u; seal the rest as a further part",
		               SR_LIMIT_MEMBERS);
	return SR_OK;
}

/* --- members -------------------------------------------------------------------------------------------- */

/* Text of a member of an object; NULL where it is absent or blank. */
static const char *text_or_null(const json_t *object, const char *key)
{
	const char *text = sr_json_text(object, key);

	return sr_text_is_blank(text) ? NULL : text;
}

static bool is_state_secret(const json_t *object)
{
	const json_t *list = json_object_get(object, "classification");
	size_t index;
	json_t *word;

	json_array_foreach(list, index,
	                   word) if (json_is_string(word) &&
	                             strcmp(json_string_value(word), "state-secret") == 0) return true;
	return text_or_null(json_object_get(object, "secret"), "grade") != NULL;
}

/* Some tools print digests in capitals; one spelling goes on from here. */
static enum sr_status lower_digest(json_t *json, struct sr_err *err)
{
	const char *given = text_or_null(json, "sha256");
	char lower[SHA256_DIGITS];

	if (!given)
		return SR_OK;
	for (size_t i = 0; i < SHA256_DIGITS; i++)
		lower[i] = (char)tolower((unsigned char)given[i]);
	if (memcmp(lower, given, SHA256_DIGITS) == 0)
		return SR_OK;
	return sr_json_set(json, "sha256", json_stringn(lower, SHA256_DIGITS), err);
}

static enum sr_status take_member(json_t *json, size_t index, struct sr_member *member, struct sr_err *err)
{
	const char *class = text_or_null(json, "class");
	const char *volume = text_or_null(json, "volume");

	SR_TRY(lower_digest(json, err));
	*member = (struct sr_member){
		.json = json,
		.path = text_or_null(json, "path"),
		.volume = volume && strcmp(volume, "sub") == 0 ? SR_VOLUME_SUB : SR_VOLUME_MAIN,
		.kind = text_or_null(json, "kind"),
		.title = text_or_null(json, "title"),
		.sha256 = text_or_null(json, "sha256"),
	};
	if (!member->path)
		return sr_fail(err, SR_INVALID, "/members/%zu/path: is missing; every member names its file",
		               index);
	if (!class || !sr_member_class_parse(class, &member->class))
		return sr_fail(err, SR_INVALID,
		               "/members/%zu/class: is missing; write document, medium or explanation",
		               index);
	return SR_OK;
}

static int compare_members(const void *a, const void *b)
{
	const struct sr_member *const *left = a;
	const struct sr_member *const *right = b;
	int order = strcmp((*left)->path, (*right)->path);

	if (order != 0)
		return order;
	return (*left > *right) - (*left < *right);
}

static enum sr_status take_members(struct sr_case *description, struct sr_err *err)
{
	json_t *list = json_object_get(description->root, "members");
	size_t count = json_array_size(list);

	description->members = calloc(count + 1, sizeof(*description->members));
	description->by_path = calloc(count + 1, sizeof(struct sr_member *));
	if (!description->members || !description->by_path)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu members", count);
	for (size_t i = 0; i < count; i++) {
		SR_TRY(take_member(json_array_get(list, i), i, &description->members[i], err));
		description->by_path[i] = &description->members[i];
		if (is_state_secret(description->members[i].json))
			description->state_secret = true;
	}
	description->member_count = count;
	qsort(description->by_path, count, sizeof(struct sr_member *), compare_members);
	return SR_OK;
}

const struct sr_member *sr_case_member(const struct sr_case *description, const char *path)
{
	size_t low = 0;
	size_t high = description->member_count;

	/* The first of equal paths, so that a path named twice means its first entry. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(description->by_path[middle]->path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == description->member_count || strcmp(description->by_path[low]->path, path) != 0)
		return NULL;
	return description->by_path[low];
}

/* --- X3 ------------------------------------------------------------------------------------------------- */

static enum sr_status add_clash(const struct sr_case *description, size_t index, size_t other,
                                struct sr_findings *findings, struct sr_err *err)
{
	const char *path = description->members[index].path;
	const char *first = description->members[other].path;
	bool same = strcmp(path, first) == 0;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	char place[64];
	struct sr_finding finding = {
		.code = "X3",
		.article = "立卷检查",
		.severity = SR_SEVERITY_BLOCKER,
		.member = path,
		.place = place,
		.fix_zh = same ? "删去重复的一项，或改为另一份文件的路径"
		               : "将其中一份文件改名，并同时改正目录中的路径",
		.fix_en = same ? "take one of the entries out, or give it the path of the other file"
		               : "rename one of the files and correct its path in the catalogue too",
	};

	snprintf(place, sizeof(place), "/members/%zu/path", index);
	if (same) {
		SR_TRY(sr_buf_printf(&zh, err, "“%s”在目录中列了两次（第%zu项和第%zu项）", path, other + 1,
		                     index + 1));
		SR_TRY(sr_buf_printf(&en, err, "%s is listed twice (entries %zu and %zu)", path, other + 1,
		                     index + 1));
	} else {
		SR_TRY(sr_buf_printf(&zh, err,
		                     "“%s”（第%zu项）与“%s”（第%zu项）只有字母大小写或字符编码形式不同，"
		                     "在有的系统上会成为同一份文件",
		                     first, other + 1, path, index + 1));
		SR_TRY(sr_buf_printf(&en, err,
		                     "%s (entry %zu) and %s (entry %zu) differ only in letter case or "
		                     "Unicode form; some systems take them for one file",
		                     first, other + 1, path, index + 1));
	}
	SR_TRY(sr_buf_text(&zh, &finding.zh, err));
	SR_TRY(sr_buf_text(&en, &finding.en, err));
	return sr_findings_add(findings, &finding, err);
}

struct path_table {
	const char **paths;
	size_t *clash_with;
};

static void dispose_table(struct path_table *table)
{
	free(table->paths);
	free(table->clash_with);
}

static enum sr_status check_paths_differ(const struct sr_case *description, struct sr_findings *findings,
                                         struct sr_err *err)
{
	size_t count = description->member_count;
	SR_CLEANUP(dispose_table)
	struct path_table table = {
		.paths = calloc(count + 1, sizeof(*table.paths)),
		.clash_with = calloc(count + 1, sizeof(*table.clash_with)),
	};

	if (!table.paths || !table.clash_with)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu paths", count);
	for (size_t i = 0; i < count; i++)
		table.paths[i] = description->members[i].path;
	SR_TRY(sr_path_clashes(table.paths, count, table.clash_with, err));
	for (size_t i = 0; i < count; i++)
		if (table.clash_with[i] != SR_PATH_NO_CLASH)
			SR_TRY(add_clash(description, i, table.clash_with[i], findings, err));
	return SR_OK;
}

/* --- reading -------------------------------------------------------------------------------------------- */

static enum sr_status parse(struct sr_bytes text, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf converted = { 0 };
	struct sr_bytes utf8;

	if (text.size > SR_LIMIT_CASE_JSON_BYTES)
		return sr_fail(err, SR_LIMIT, "%zu bytes, at most %u are allowed", text.size,
		               SR_LIMIT_CASE_JSON_BYTES);
	SR_TRY(sr_encoding_to_utf8(text, &converted, &utf8, err));
	enum sr_status status = sr_json_parse(utf8.data, utf8.size, utf8.size, out, err);
	return status == SR_CORRUPT ? SR_INVALID : status;
}

enum sr_status sr_case_read(const void *text, size_t size, struct sr_findings *findings, struct sr_case **out,
                            struct sr_err *err)
{
	SR_CLEANUP(sr_case_freep) struct sr_case *description = calloc(1, sizeof(*description));
	struct sr_bytes bytes = { .data = text, .size = size };

	if (!description)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a description");
	SR_TRY(parse(bytes, &description->root, err));
	SR_TRY(check_format(description->root, err));

	struct reading reading = { .findings = findings, .root = description->root };
	struct sr_schema_visitor visitor = { .known = known_value,
		                             .unknown = unknown_key,
		                             .context = &reading };
	SR_TRY(sr_schema_walk(&sr_schema_case, description->root, &visitor, err));
	SR_TRY(take_members(description, err));
	description->number = text_or_null(description->root, "number");
	description->title = text_or_null(description->root, "title");
	description->rulebook = text_or_null(description->root, "rulebook");
	if (is_state_secret(description->root))
		description->state_secret = true;
	SR_TRY(check_paths_differ(description, findings, err));
	*out = SR_MOVE(description);
	return SR_OK;
}
