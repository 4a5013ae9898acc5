/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/description.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/case_text.h"
#include "appliance/casefile/encoding.h"
#include "appliance/casefile/member_clash.h"
#include "appliance/casefile/schema_table.h"
#include "appliance/casefile/unknown_key.h"

#define SHA256_DIGITS 64

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

	json_array_foreach(list, index, word) {
		if (json_is_string(word) && strcmp(json_string_value(word), "state-secret") == 0)
			return true;
	}
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

/* --- reading -------------------------------------------------------------------------------------------- */

static enum sr_status parse(struct sr_bytes text, json_t **out, struct sr_err *err)
{
	static const struct sr_tree_bounds bounds = { SR_LIMIT_CASE_VALUES, SR_LIMIT_CASE_CONTAINERS };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf converted = { 0 };
	struct sr_bytes utf8;

	if (text.size > SR_LIMIT_CASE_JSON_BYTES)
		return sr_fail(err, SR_LIMIT, "%zu bytes, at most %u are allowed", text.size,
		               SR_LIMIT_CASE_JSON_BYTES);
	SR_TRY(sr_encoding_to_utf8(text, &converted, &utf8, err));
	enum sr_status status = sr_case_text_parse(utf8, bounds, out, err);
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
	SR_TRY(sr_unknown_keys_find(description->root, findings, err));
	SR_TRY(take_members(description, err));
	description->number = text_or_null(description->root, "number");
	description->title = text_or_null(description->root, "title");
	description->rulebook = text_or_null(description->root, "rulebook");
	if (is_state_secret(description->root))
		description->state_secret = true;
	SR_TRY(sr_member_clashes_find(description, findings, err));
	*out = SR_MOVE(description);
	return SR_OK;
}
