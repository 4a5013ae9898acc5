/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/catalogue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/base/uuid.h"
#include "appliance/casefile/case_text.h"
#include "appliance/casefile/four_properties.h"
#include "appliance/casefile/member_path.h"

#define FORMAT "strongroom-catalogue/2"
#define FORMAT_1 "strongroom-catalogue/1" /* without the four-property report */
#define NUMBER_MAX ((uint64_t)SR_LIMIT_PARTS * SR_LIMIT_MEMBERS)
#define DIGEST_BYTES 32
#define APPLIED_MAX 2000 /* as many as a pack has rules */

/*
 * What a case of the allowed size comes to at most: its description with the remarks twice, SR_LIMIT_FINDINGS
 * of ten values each, and eight more values a member.
 */
static const struct sr_tree_bounds bounds = {
	.values = 2 * SR_LIMIT_CASE_VALUES + 10 * SR_LIMIT_FINDINGS + 8 * SR_LIMIT_MEMBERS + 1000,
	.containers = 2 * SR_LIMIT_CASE_CONTAINERS + SR_LIMIT_FINDINGS + 1000,
};

/* --- encoding ------------------------------------------------------------------------------------------- */

/* Keys of a member that the appliance sets; what a description says under such a name is not taken over. */
static const char *const own_member_keys[] = { "number",     "bytes",        "sha256",         "head_sha256",
	                                       "media_type", "explained_by", "transcribed_by", "pages" };

static bool is_own_key(const char *key)
{
	for (size_t i = 0; i < SR_COUNT(own_member_keys); i++)
		if (strcmp(key, own_member_keys[i]) == 0)
			return true;
	return false;
}

static enum sr_status put_text(struct sr_buf *out, const char *text, struct sr_err *err)
{
	enum sr_status status = sr_json_write_text(text, out, err);

	if (status == SR_INVALID)
		return sr_fail(err, SR_INVALID, "the catalogue takes UTF-8 text only");
	return status;
}

static enum sr_status put_key(struct sr_buf *out, const char *key, struct sr_err *err)
{
	SR_TRY(put_text(out, key, err));
	return sr_buf_add(out, ":", 1, err);
}

/* ,"key":"text" */
static enum sr_status put_pair(struct sr_buf *out, const char *key, const char *text, struct sr_err *err)
{
	SR_TRY(sr_buf_add(out, ",", 1, err));
	SR_TRY(put_key(out, key, err));
	return put_text(out, text, err);
}

/* ,"key":number of the member that @object names under @from; nothing where it names none. */
static enum sr_status put_number_of(struct sr_buf *out, const char *key, const struct sr_case *description,
                                    const json_t *object, const char *from, unsigned first_number,
                                    struct sr_err *err)
{
	const char *path = sr_json_text(object, from);
	const struct sr_member *member = path ? sr_case_member(description, path) : NULL;

	if (!member)
		return SR_OK;
	return sr_buf_printf(out, err, ",\"%s\":%zu", key,
	                     first_number + (size_t)(member - description->members));
}

static enum sr_status put_description(struct sr_buf *out, const struct sr_case *description,
                                      struct sr_err *err)
{
	const char *key;
	json_t *value;
	bool first = true;

	SR_TRY(sr_buf_add_text(out, ",\"description\":{", err));
	json_object_foreach(description->root, key, value) {
		if (strcmp(key, "members") == 0)
			continue;
		if (!first)
			SR_TRY(sr_buf_add(out, ",", 1, err));
		first = false;
		SR_TRY(put_key(out, key, err));
		SR_TRY(sr_json_write(value, out, err));
	}
	return sr_buf_add(out, "}", 1, err);
}

static enum sr_status put_given(struct sr_buf *out, json_t *given, struct sr_err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(given, key, value) {
		if (is_own_key(key))
			continue;
		SR_TRY(sr_buf_add(out, ",", 1, err));
		SR_TRY(put_key(out, key, err));
		SR_TRY(sr_json_write(value, out, err));
	}
	return SR_OK;
}

static enum sr_status put_member(struct sr_buf *out, const struct sr_case *description, size_t index,
                                 const struct sr_catalogue_facts *facts, const struct sr_member_seal *seal,
                                 struct sr_err *err)
{
	unsigned first_number = facts->first_number;
	const struct sr_member *member = &description->members[index];
	json_t *given = json_array_get(json_object_get(description->root, "members"), index);

	SR_TRY(sr_buf_printf(out, err, "%s{\"number\":%zu", index > 0 ? "," : "", first_number + index));
	SR_TRY(put_given(out, given, err));
	SR_TRY(sr_buf_printf(out, err, ",\"bytes\":%" PRIu64, seal->bytes));
	SR_TRY(put_pair(out, "sha256", seal->sha256, err));
	SR_TRY(put_pair(out, "head_sha256", seal->head_sha256, err));
	SR_TRY(put_pair(out, "media_type", sr_member_path_media_type(member->path), err));
	if (facts->pages && facts->pages[index].state == SR_PAGES_COUNTED)
		SR_TRY(sr_buf_printf(out, err, ",\"pages\":%u", facts->pages[index].pages));
	if (member->class == SR_MEMBER_MEDIUM) {
		const json_t *explanation = json_object_get(given, "explanation");

		SR_TRY(put_number_of(out, "explained_by", description, explanation, "path", first_number,
		                     err));
		SR_TRY(put_number_of(out, "transcribed_by", description, given, "transcript", first_number,
		                     err));
	}
	return sr_buf_add(out, "}", 1, err);
}

/* One finding after the other: a tree of 20,000 would cost more memory than all the rest. */
static enum sr_status put_findings(struct sr_buf *out, const struct sr_findings *findings, struct sr_err *err)
{
	size_t count = findings ? sr_findings_count(findings) : 0;

	SR_TRY(sr_buf_add_text(out, ",\"findings\":[", err));
	for (size_t i = 0; i < count; i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *item = NULL;

		SR_TRY(sr_finding_to_json(sr_findings_at(findings, i), &item, err));
		if (i > 0)
			SR_TRY(sr_buf_add(out, ",", 1, err));
		SR_TRY(sr_json_write(item, out, err));
	}
	return sr_buf_add(out, "]", 1, err);
}

static enum sr_status put_head(struct sr_buf *out, const struct sr_catalogue_facts *facts, struct sr_err *err)
{
	char sealed_at[SR_TIME_TEXT];

	sr_time_format_utc(facts->sealed_at_ns, sealed_at);
	SR_TRY(sr_buf_printf(out, err, "{\"format\":\"%s\"", facts->properties ? FORMAT : FORMAT_1));
	SR_TRY(put_pair(out, "case_id", facts->case_id, err));
	SR_TRY(sr_buf_printf(out, err, ",\"part\":%u", facts->part));
	return put_pair(out, "sealed_at", sealed_at, err);
}

enum sr_status sr_catalogue_encode(const struct sr_case *description, const struct sr_catalogue_facts *facts,
                                   const struct sr_member_seal *seals, struct sr_buf *out, struct sr_err *err)
{
	size_t before = out->size;

	if (facts->part < 1 || facts->part > SR_LIMIT_PARTS || facts->first_number < 1 ||
	    facts->first_number > NUMBER_MAX - description->member_count + 1)
		return sr_fail(err, SR_INVALID, "part %u or first number %u is out of bounds", facts->part,
		               facts->first_number);
	SR_TRY(put_head(out, facts, err));
	SR_TRY(put_description(out, description, err));
	SR_TRY(sr_buf_add_text(out, ",\"members\":[", err));
	for (size_t i = 0; i < description->member_count; i++)
		SR_TRY(put_member(out, description, i, facts, &seals[i], err));
	SR_TRY(sr_buf_add_text(out, "],\"rulebook\":{\"name\":", err));
	SR_TRY(put_text(out, facts->rulebook, err));
	SR_TRY(put_pair(out, "digest", facts->rulebook_digest, err));
	if (facts->applied) {
		SR_TRY(sr_buf_add_text(out, ",\"applied\":", err));
		SR_TRY(sr_json_write(facts->applied, out, err));
	}
	SR_TRY(sr_buf_add(out, "}", 1, err));
	SR_TRY(put_findings(out, facts->findings, err));
	SR_TRY(sr_buf_add_text(out, ",\"remarks\":", err));
	if (json_is_array(facts->remarks))
		SR_TRY(sr_json_write(facts->remarks, out, err));
	else
		SR_TRY(sr_buf_add_text(out, "[]", err));
	if (facts->properties) {
		SR_TRY(sr_buf_add_text(out, ",\"properties\":", err));
		SR_TRY(sr_json_write(facts->properties, out, err));
	}
	SR_TRY(sr_buf_add_text(out, "}\n", err));
	if (out->size - before > SR_LIMIT_CATALOGUE_BYTES)
		return sr_fail(
			err, SR_LIMIT,
			"the catalogue would be %zu bytes, at most %u are allowed; mend the findings or "
			"seal a part of the case by itself",
			out->size - before, SR_LIMIT_CATALOGUE_BYTES);
	return SR_OK;
}

/* --- decoding ------------------------------------------------------------------------------------------- */

static const struct {
	const char *key;
	json_type type;
} root_keys[] = {
	{ "format", JSON_STRING },      { "case_id", JSON_STRING }, { "part", JSON_INTEGER },
	{ "sealed_at", JSON_STRING },   { "members", JSON_ARRAY },  { "rulebook", JSON_OBJECT },
	{ "description", JSON_OBJECT }, { "findings", JSON_ARRAY }, { "remarks", JSON_ARRAY },
};

static enum sr_status check_root(const json_t *root, struct sr_err *err)
{
	if (!json_is_object(root))
		return sr_fail(err, SR_CORRUPT, "a catalogue is a JSON object");
	const char *format = sr_json_text(root, "format");
	bool first = format && strcmp(format, FORMAT_1) == 0;
	if (!first && (!format || strcmp(format, FORMAT) != 0))
		return sr_fail(err, SR_CORRUPT, "/format: not \"" FORMAT "\" or \"" FORMAT_1 "\"");
	for (size_t i = 0; i < SR_COUNT(root_keys); i++) {
		const json_t *value = json_object_get(root, root_keys[i].key);

		if (!value || json_typeof(value) != root_keys[i].type)
			return sr_fail(err, SR_CORRUPT, "/%s: not there or of the wrong type",
			               root_keys[i].key);
	}
	if (!first) {
		enum sr_status status = sr_property_report_check(json_object_get(root, "properties"), err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/properties: ");
	}
	if (json_object_size(root) != SR_COUNT(root_keys) + (first ? 0 : 1))
		return sr_fail(err, SR_CORRUPT, "the catalogue has keys that this version does not know");
	return SR_OK;
}

/* Exactly what sr_time_format_utc writes. */
static bool is_utc_second(const char *text)
{
	char again[SR_TIME_TEXT];
	int64_t time_ns;

	if (!sr_time_parse(text, &time_ns))
		return false;
	sr_time_format_utc(time_ns, again);
	return strcmp(text, again) == 0;
}

static enum sr_status take_head(struct sr_catalogue *catalogue, struct sr_err *err)
{
	const json_t *description = json_object_get(catalogue->root, "description");
	uint64_t part = 0;

	catalogue->case_id = sr_json_text(catalogue->root, "case_id");
	if (!sr_uuid_is_valid(catalogue->case_id))
		return sr_fail(err, SR_CORRUPT, "/case_id: not a case id");
	SR_TRY(sr_json_need_u64(catalogue->root, "part", SR_LIMIT_PARTS, &part, err));
	if (part == 0)
		return sr_fail(err, SR_CORRUPT, "/part: parts count from 1");
	catalogue->part = (unsigned)part;
	if (!is_utc_second(sr_json_text(catalogue->root, "sealed_at")))
		return sr_fail(err, SR_CORRUPT, "/sealed_at: not a second in UTC");
	if (json_object_get(description, "members"))
		return sr_fail(err, SR_CORRUPT, "/description/members: members stand in /members");
	catalogue->number = sr_json_text(description, "number");
	catalogue->title = sr_json_text(description, "title");
	catalogue->number = catalogue->number ? catalogue->number : "";
	catalogue->title = catalogue->title ? catalogue->title : "";
	return SR_OK;
}

static enum sr_status check_rulebook(const json_t *root, struct sr_err *err)
{
	const json_t *rulebook = json_object_get(root, "rulebook");
	const char *digest = sr_json_text(rulebook, "digest");
	const json_t *applied = json_object_get(rulebook, "applied");
	uint8_t bytes[DIGEST_BYTES];
	size_t index;
	json_t *article;

	if (applied && (!json_is_array(applied) || json_array_size(applied) > APPLIED_MAX))
		return sr_fail(err, SR_CORRUPT, "/rulebook/applied: no list of articles");
	json_array_foreach(applied, index, article)
		if (!json_is_string(article))
			return sr_fail(err, SR_CORRUPT, "/rulebook/applied/%zu: no article", index);
	if (sr_text_is_blank(sr_json_text(rulebook, "name")) || !digest ||
	    !sr_hex_decode(digest, strlen(digest), true, bytes, sizeof(bytes)) ||
	    json_object_size(rulebook) != (applied ? 3 : 2))
		return sr_fail(err, SR_CORRUPT, "/rulebook: not a name and a SHA-256");
	return SR_OK;
}

static enum sr_status take_digest(const json_t *json, const char *key, uint8_t out[DIGEST_BYTES],
                                  struct sr_err *err)
{
	const char *hex;

	SR_TRY(sr_json_need_text(json, key, &hex, err));
	if (!sr_hex_decode(hex, strlen(hex), true, out, DIGEST_BYTES))
		return sr_fail(err, SR_CORRUPT, "\"%s\" is no SHA-256 in lower-case hexadecimal", key);
	return SR_OK;
}

/* Other members that this one refers to are of the same part. */
static enum sr_status check_number_of(const json_t *json, const char *key, uint64_t first, uint64_t last,
                                      struct sr_err *err)
{
	const json_t *value = json_object_get(json, key);

	if (!value)
		return SR_OK;
	if (!json_is_integer(value) || json_integer_value(value) < (json_int_t)first ||
	    json_integer_value(value) > (json_int_t)last)
		return sr_fail(err, SR_CORRUPT, "\"%s\" is no number of a member", key);
	return SR_OK;
}

static enum sr_status take_member(const json_t *json, struct sr_catalogue_member *member, struct sr_err *err)
{
	struct sr_catalogue_member read = { .json = json };
	const char *class, *media_type;
	uint64_t number = 0;

	if (!json_is_object(json))
		return sr_fail(err, SR_CORRUPT, "no object");
	SR_TRY(sr_json_need_u64(json, "number", NUMBER_MAX, &number, err));
	read.number = (unsigned)number;
	SR_TRY(sr_json_need_text(json, "path", &read.path, err));
	if (sr_member_path_check(read.path, err) != SR_OK)
		return sr_fail_in(err, SR_CORRUPT, "\"path\": ");
	SR_TRY(sr_json_need_text(json, "class", &class, err));
	if (!sr_member_class_parse(class, &read.class))
		return sr_fail(err, SR_CORRUPT, "\"class\" is unknown");
	SR_TRY(sr_json_need_u64(json, "bytes", SR_LIMIT_MEMBER_BYTES, &read.bytes, err));
	SR_TRY(take_digest(json, "sha256", read.sha256, err));
	SR_TRY(take_digest(json, "head_sha256", read.head_sha256, err));
	SR_TRY(sr_json_need_text(json, "media_type", &media_type, err));
	*member = read;
	return SR_OK;
}

static int compare_paths(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

static void free_paths(const char ***paths)
{
	free(*paths);
}

static enum sr_status check_paths_differ(const struct sr_catalogue *catalogue, struct sr_err *err)
{
	SR_CLEANUP(free_paths)
	const char **paths = calloc(catalogue->member_count + 1, sizeof(*paths));

	if (!paths)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a catalogue");
	for (size_t i = 0; i < catalogue->member_count; i++)
		paths[i] = catalogue->members[i].path;
	qsort(paths, catalogue->member_count, sizeof(*paths), compare_paths);
	for (size_t i = 1; i < catalogue->member_count; i++)
		if (strcmp(paths[i - 1], paths[i]) == 0)
			return sr_fail(err, SR_CORRUPT, "/members: two are called \"%s\"", paths[i]);
	return SR_OK;
}

static enum sr_status take_members(struct sr_catalogue *catalogue, struct sr_err *err)
{
	const json_t *list = json_object_get(catalogue->root, "members");
	size_t count = json_array_size(list);

	if (count > SR_LIMIT_MEMBERS)
		return sr_fail(err, SR_LIMIT, "/members: over %u", SR_LIMIT_MEMBERS);
	catalogue->members = calloc(count + 1, sizeof(*catalogue->members));
	if (!catalogue->members)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a catalogue");
	catalogue->member_count = count;
	for (size_t i = 0; i < count; i++) {
		const json_t *json = json_array_get(list, i);
		struct sr_catalogue_member *member = &catalogue->members[i];
		enum sr_status status = take_member(json, member, err);
		uint64_t first = catalogue->members[0].number;

		if (status == SR_OK)
			status = check_number_of(json, "explained_by", first, first + count - 1, err);
		if (status == SR_OK)
			status = check_number_of(json, "transcribed_by", first, first + count - 1, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "/members/%zu: ", i);
		if (first == 0 || member->number != first + i)
			return sr_fail(err, SR_CORRUPT, "/members/%zu/number: numbers do not run on", i);
	}
	return check_paths_differ(catalogue, err);
}

enum sr_status sr_catalogue_decode(struct sr_bytes text, struct sr_catalogue **out, struct sr_err *err)
{
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = calloc(1, sizeof(*catalogue));

	if (!catalogue)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a catalogue");
	if (text.size > SR_LIMIT_CATALOGUE_BYTES)
		return sr_fail(err, SR_LIMIT, "catalogue of %zu bytes, at most %u are allowed", text.size,
		               SR_LIMIT_CATALOGUE_BYTES);
	SR_TRY(sr_case_text_parse(text, bounds, &catalogue->root, err));
	SR_TRY(check_root(catalogue->root, err));
	SR_TRY(take_head(catalogue, err));
	SR_TRY(check_rulebook(catalogue->root, err));
	SR_TRY(take_members(catalogue, err));
	*out = SR_MOVE(catalogue);
	return SR_OK;
}

void sr_catalogue_free(struct sr_catalogue *catalogue)
{
	if (!catalogue)
		return;
	json_decref(catalogue->root);
	free(catalogue->members);
	free(catalogue);
}
