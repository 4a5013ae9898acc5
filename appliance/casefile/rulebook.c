/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rulebook.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/packs.h"
#include "appliance/casefile/rule_check.h"
#include "appliance/casefile/rule_parse.h"

#define FORMAT "strongroom-rulebook/1"
#define PACKS_MAX 4 /* a pack and those that it extends, one after the other */
#define NAME_BYTES 64

struct pack {
	json_t *root;
	struct sr_rule *rules;
	size_t rule_count;
};

struct sr_rulebook {
	struct pack packs[PACKS_MAX]; /* the pack itself first */
	size_t pack_count;
	json_t *labels;     /* of all packs; an extending pack's own go before those it extends */
	struct sr_buf text; /* bytes of the packs, one after the other */
};

void sr_rulebook_free(struct sr_rulebook *rulebook)
{
	if (!rulebook)
		return;
	for (size_t i = 0; i < rulebook->pack_count; i++) {
		struct pack *pack = &rulebook->packs[i];

		for (size_t k = 0; k < pack->rule_count; k++)
			sr_rule_dispose(&pack->rules[k]);
		free(pack->rules);
		json_decref(pack->root);
	}
	json_decref(rulebook->labels);
	sr_buf_dispose(&rulebook->text);
	free(rulebook);
}

/* --- parsing -------------------------------------------------------------------------------------------- */

static bool is_name(const char *name)
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
	static const char known[] =
		"format|name|extends|title_zh|title_en|effective_from|effective_to|labels|rules";
	const char *format = sr_json_text(root, "format");
	const char *name = sr_json_text(root, "name");
	const char *key;
	json_t *value;

	if (!format || strcmp(format, FORMAT) != 0)
		return sr_fail(err, SR_INVALID, "/format: must be \"" FORMAT "\"");
	json_object_foreach((json_t *)(uintptr_t)root, key, value) {
		if (!sr_form_is_word_of(key, known))
			return sr_fail(err, SR_INVALID, "/%.64s: this version knows no such key", key);
	}
	if (!name || !is_name(name))
		return sr_fail(err, SR_INVALID, "/name: must be small letters, digits and hyphens");
	if (sr_text_is_blank(sr_json_text(root, "title_zh")))
		return sr_fail(err, SR_INVALID, "/title_zh: must be there and not blank");
	if (sr_text_is_blank(sr_json_text(root, "title_en")))
		return sr_fail(err, SR_INVALID, "/title_en: must be there and not blank");
	return check_dates(root, err);
}

/* "members.explanation.place" is the field explanation.place of an element of members. */
static enum sr_status check_label_path(const char *path, struct sr_err *err)
{
	struct sr_scope scope;
	struct sr_field field;
	char list[NAME_BYTES];
	const char *dot = strchr(path, '.');

	if (dot && (size_t)(dot - path) < sizeof(list)) {
		memcpy(list, path, (size_t)(dot - path));
		list[dot - path] = 0;
		if (sr_scope_find(list, &scope, err) == SR_OK)
			return sr_field_find(&scope, dot + 1, &field, err);
	}
	SR_TRY(sr_scope_find(NULL, &scope, err));
	return sr_field_find(&scope, path, &field, err);
}

static enum sr_status take_labels(struct sr_rulebook *rulebook, const json_t *root, struct sr_err *err)
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
	if (json_object_update_missing(rulebook->labels, labels) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	return SR_OK;
}

/* Codes are what remarks answer, so no two rules of a rulebook share one. */
static bool has_code(const struct sr_rulebook *rulebook, const char *code)
{
	for (size_t i = 0; i < rulebook->pack_count; i++)
		for (size_t k = 0; k < rulebook->packs[i].rule_count; k++)
			if (strcmp(rulebook->packs[i].rules[k].code, code) == 0)
				return true;
	return false;
}

static enum sr_status take_rules(struct sr_rulebook *rulebook, struct pack *pack, struct sr_err *err)
{
	const json_t *list = json_object_get(pack->root, "rules");
	size_t count = json_array_size(list);

	if (!json_is_array(list))
		return sr_fail(err, SR_INVALID, "/rules: must be a list of rules");
	if (count > SR_LIMIT_RULES)
		return sr_fail(err, SR_LIMIT, "/rules: over %u", SR_LIMIT_RULES);
	pack->rules = calloc(count + 1, sizeof(*pack->rules));
	if (!pack->rules)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	for (size_t i = 0; i < count; i++) {
		struct sr_rule *rule = &pack->rules[i];
		enum sr_status status = sr_rule_parse(json_array_get(list, i), rule, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/rules/%zu", i);
		if (has_code(rulebook, rule->code)) {
			enum sr_status twice = sr_fail(err, SR_INVALID,
			                               "/rules/%zu/code: %s is there already", i, rule->code);
			sr_rule_dispose(rule);
			return twice;
		}
		pack->rule_count++;
	}
	return SR_OK;
}

static enum sr_status add_pack(struct sr_rulebook *rulebook, struct sr_bytes text, struct sr_err *err);

static const struct sr_embedded_pack *find_embedded(const char *name)
{
	for (size_t i = 0; i < sr_embedded_pack_count; i++)
		if (strcmp(sr_embedded_packs[i].name, name) == 0)
			return &sr_embedded_packs[i];
	return NULL;
}

static enum sr_status add_extended(struct sr_rulebook *rulebook, const json_t *root, struct sr_err *err)
{
	const json_t *extends = json_object_get(root, "extends");

	if (!extends || json_is_null(extends))
		return SR_OK;
	const struct sr_embedded_pack *embedded =
		json_is_string(extends) ? find_embedded(json_string_value(extends)) : NULL;
	if (!embedded)
		return sr_fail(err, SR_INVALID, "/extends: must be null or a pack of the appliance");
	enum sr_status status = add_pack(rulebook, (struct sr_bytes){ embedded->text, embedded->size }, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s: ", embedded->name);
}

/* The pack's bytes and labels go before those of what it extends; its rules are checked against theirs. */
static enum sr_status add_pack(struct sr_rulebook *rulebook, struct sr_bytes text, struct sr_err *err)
{
	if (rulebook->pack_count == PACKS_MAX)
		return sr_fail(err, SR_INVALID, "/extends: over %d packs extend each other", PACKS_MAX);
	struct pack *pack = &rulebook->packs[rulebook->pack_count++];
	enum sr_status status = sr_json_parse(text.data, text.size, SR_LIMIT_PACK_BYTES, &pack->root, err);

	if (status != SR_OK)
		return status == SR_CORRUPT ? SR_INVALID : status;
	if (!json_is_object(pack->root))
		return sr_fail(err, SR_INVALID, "a rulebook pack is a JSON object");
	SR_TRY(sr_buf_add(&rulebook->text, text.data, text.size, err));
	SR_TRY(check_head(pack->root, err));
	SR_TRY(take_labels(rulebook, pack->root, err));
	SR_TRY(add_extended(rulebook, pack->root, err));
	return take_rules(rulebook, pack, err);
}

enum sr_status sr_rulebook_parse(struct sr_bytes text, struct sr_rulebook **out, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = calloc(1, sizeof(*rulebook));

	if (rulebook)
		rulebook->labels = json_object();
	if (!rulebook || !rulebook->labels)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	SR_TRY(add_pack(rulebook, text, err));
	*out = SR_MOVE(rulebook);
	return SR_OK;
}

/* --- the packs of the binary ---------------------------------------------------------------------------- */

enum sr_status sr_rulebook_list(struct sr_buf *out, struct sr_err *err)
{
	for (size_t i = 0; i < sr_embedded_pack_count; i++)
		SR_TRY(sr_buf_printf(out, err, "%s\n", sr_embedded_packs[i].name));
	return SR_OK;
}

static enum sr_status no_such_pack(const char *name, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf names = { 0 };
	const char *text;

	for (size_t i = 0; i < sr_embedded_pack_count; i++)
		SR_TRY(sr_buf_printf(&names, err, "%s%s", i > 0 ? ", " : "", sr_embedded_packs[i].name));
	SR_TRY(sr_buf_text(&names, &text, err));
	return sr_fail(err, SR_NOT_FOUND, "there is no rulebook \"%.64s\"; there are: %s", name, text);
}

enum sr_status sr_rulebook_load(const char *name, struct sr_rulebook **out, struct sr_err *err)
{
	const struct sr_embedded_pack *embedded = find_embedded(name);

	if (!embedded)
		return no_such_pack(name, err);
	enum sr_status status =
		sr_rulebook_parse((struct sr_bytes){ embedded->text, embedded->size }, out, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "rulebook %s: ", name);
}

/* --- use ------------------------------------------------------------------------------------------------ */

const char *sr_rulebook_name(const struct sr_rulebook *rulebook)
{
	return sr_json_text(rulebook->packs[0].root, "name");
}

const char *sr_rulebook_title_zh(const struct sr_rulebook *rulebook)
{
	return sr_json_text(rulebook->packs[0].root, "title_zh");
}

const char *sr_rulebook_title_en(const struct sr_rulebook *rulebook)
{
	return sr_json_text(rulebook->packs[0].root, "title_en");
}

size_t sr_rulebook_rule_count(const struct sr_rulebook *rulebook)
{
	size_t count = 0;

	for (size_t i = 0; i < rulebook->pack_count; i++)
		count += rulebook->packs[i].rule_count;
	return count;
}

struct sr_bytes sr_rulebook_text(const struct sr_rulebook *rulebook)
{
	return sr_buf_bytes(&rulebook->text);
}

enum sr_status sr_rulebook_check(const struct sr_rulebook *rulebook, const struct sr_case *description,
                                 int64_t today_days, struct sr_findings *findings, struct sr_err *err)
{
	const struct sr_rule_case judged = {
		.description = description,
		.labels = rulebook->labels,
		.today_days = today_days,
		.findings = findings,
	};

	/* What is extended comes first: the general before the particular. */
	for (size_t i = rulebook->pack_count; i > 0; i--)
		for (size_t k = 0; k < rulebook->packs[i - 1].rule_count; k++)
			SR_TRY(sr_rule_check(&rulebook->packs[i - 1].rules[k], &judged, err));
	return SR_OK;
}
