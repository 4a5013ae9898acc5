/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rulebook.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/pack_shelf.h"
#include "appliance/casefile/rule_check.h"
#include "appliance/casefile/rule_check_member.h"
#include "appliance/casefile/rule_parse.h"
#include "appliance/casefile/rulebook_head.h"
#include "appliance/casefile/rulebook_tables.h"

#define PACKS_MAX 4 /* a pack and those that it extends, one after the other */

struct pack {
	json_t *root;
	struct sr_rule *rules;
	size_t rule_count;
};

struct sr_rulebook {
	struct pack packs[PACKS_MAX]; /* the pack itself first */
	size_t pack_count;
	json_t *labels; /* of all packs, as the three below; a pack's own go before those it extends */
	json_t *words;
	json_t *conditions;
	json_t *tables;
	size_t conditions_left; /* while packs are read */
	struct sr_buf text;     /* bytes of the packs, one after the other */
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
	json_decref(rulebook->words);
	json_decref(rulebook->conditions);
	json_decref(rulebook->tables);
	sr_buf_dispose(&rulebook->text);
	free(rulebook);
}

/* --- parsing -------------------------------------------------------------------------------------------- */

/* What this pack does not say, the packs that extend it have said already, or those that it extends may say.
 */
static enum sr_status take_missing(json_t *into, const json_t *root, const char *key, struct sr_err *err)
{
	json_t *own = json_object_get(root, key);

	if (own && json_object_update_missing(into, own) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	return SR_OK;
}

/* Named conditions are read where a rule uses them, and here, so that an unused one is right too. */
static enum sr_status check_condition(const char *name, const json_t *named, struct sr_lexicon *lexicon,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_condition_freep) struct sr_condition *condition = NULL;
	const char *each = sr_json_text(named, "each");
	struct sr_scope scope, between;

	if (!sr_rulebook_is_name(name))
		return sr_fail(err, SR_INVALID, ": names are small letters, digits and hyphens");
	if (each && json_object_size(named) != 2)
		return sr_fail(err, SR_INVALID, ": has each and when");
	enum sr_status status = sr_scope_find(each, &scope, &between, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/each");
	return sr_condition_parse(each ? json_object_get(named, "when") : named, &scope, lexicon, &condition,
	                          err);
}

static enum sr_status check_conditions(const json_t *root, struct sr_lexicon *lexicon, struct sr_err *err)
{
	const char *name;
	json_t *named;

	json_object_foreach(json_object_get(root, "conditions"), name, named) {
		enum sr_status status = check_condition(name, named, lexicon, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/conditions/%.64s", name);
	}
	return SR_OK;
}

static enum sr_status take_tables(struct sr_rulebook *rulebook, const json_t *root, struct sr_err *err)
{
	const json_t *tables = json_object_get(root, "tables");

	if (!tables)
		return SR_OK;
	enum sr_status status = sr_rulebook_check_tables(tables, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "/tables");
	return sr_rulebook_merge_tables(rulebook->tables, tables, err);
}

/* --- rules ---------------------------------------------------------------------------------------------- */

/* Codes are what remarks answer, so no two rules of a rulebook share one. */
static struct sr_rule *find_rule(struct sr_rulebook *rulebook, const char *code)
{
	for (size_t i = 0; i < rulebook->pack_count; i++)
		for (size_t k = 0; k < rulebook->packs[i].rule_count; k++)
			if (strcmp(rulebook->packs[i].rules[k].code, code) == 0)
				return &rulebook->packs[i].rules[k];
	return NULL;
}

/* "replaces": rules of extended packs that this one stands for. */
static enum sr_status take_replaced(struct sr_rulebook *rulebook, const struct pack *pack, const json_t *json,
                                    struct sr_err *err)
{
	const json_t *list = json_object_get(json, "replaces");
	size_t index;
	json_t *code;

	if (list && json_array_size(list) == 0)
		return sr_fail(err, SR_INVALID, "/replaces: must be a list of codes");
	json_array_foreach(list, index, code) {
		struct sr_rule *rule =
			json_is_string(code) ? find_rule(rulebook, json_string_value(code)) : NULL;

		if (!rule || (rule >= pack->rules && rule < pack->rules + pack->rule_count))
			return sr_fail(err, SR_INVALID, "/replaces/%zu: must be a rule of an extended pack",
			               index);
		rule->replaced = true;
	}
	return SR_OK;
}

static enum sr_status take_rule(struct sr_rulebook *rulebook, struct pack *pack, const json_t *json,
                                struct sr_lexicon *lexicon, struct sr_err *err)
{
	struct sr_rule *rule = &pack->rules[pack->rule_count];

	SR_TRY(sr_rule_parse(json, lexicon, rule, err));
	if (find_rule(rulebook, rule->code)) {
		enum sr_status twice = sr_fail(err, SR_INVALID, "/code: %s is there already", rule->code);

		sr_rule_dispose(rule);
		return twice;
	}
	pack->rule_count++;
	return take_replaced(rulebook, pack, json, err);
}

static enum sr_status take_rules(struct sr_rulebook *rulebook, struct pack *pack, struct sr_err *err)
{
	const json_t *list = json_object_get(pack->root, "rules");
	size_t count = json_array_size(list);
	struct sr_lexicon lexicon = { .conditions = rulebook->conditions,
		                      .tables = rulebook->tables,
		                      .conditions_left = rulebook->conditions_left };

	if (!json_is_array(list))
		return sr_fail(err, SR_INVALID, "/rules: must be a list of rules");
	if (count > SR_LIMIT_RULES)
		return sr_fail(err, SR_LIMIT, "/rules: over %u", SR_LIMIT_RULES);
	SR_TRY(check_conditions(pack->root, &lexicon, err));
	struct sr_rule *rules = calloc(count + 1, sizeof(*rules));
	pack->rules = rules;
	if (!rules)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	for (size_t i = 0; i < count; i++) {
		enum sr_status status = take_rule(rulebook, pack, json_array_get(list, i), &lexicon, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/rules/%zu", i);
	}
	rulebook->conditions_left = lexicon.conditions_left;
	return SR_OK;
}

static enum sr_status add_pack(struct sr_rulebook *rulebook, struct sr_bytes text, struct sr_err *err);

static enum sr_status add_extended(struct sr_rulebook *rulebook, const json_t *root, struct sr_err *err)
{
	const json_t *extends = json_object_get(root, "extends");

	if (!extends || json_is_null(extends))
		return SR_OK;
	const struct sr_pack *pack = NULL;
	enum sr_status status = SR_NOT_FOUND;

	if (json_is_string(extends))
		status = sr_pack_shelf_find(json_string_value(extends), &pack, err);
	if (status == SR_NOT_FOUND)
		return sr_fail(err, SR_INVALID, "/extends: must be null or a pack of the appliance");
	SR_TRY(status);
	status = add_pack(rulebook, pack->text, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s: ", pack->name);
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
	SR_TRY(sr_rulebook_check_head(pack->root, err));
	SR_TRY(take_missing(rulebook->labels, pack->root, "labels", err));
	SR_TRY(take_missing(rulebook->words, pack->root, "words", err));
	SR_TRY(take_missing(rulebook->conditions, pack->root, "conditions", err));
	SR_TRY(take_tables(rulebook, pack->root, err));
	SR_TRY(add_extended(rulebook, pack->root, err));
	return take_rules(rulebook, pack, err);
}

/* Years that the bureau gives for all packs; they are part of what the digest is of. */
static enum sr_status add_holidays(struct sr_rulebook *rulebook, struct sr_err *err)
{
	const json_t *tables;
	struct sr_bytes text;

	SR_TRY(sr_pack_shelf_holidays(&tables, &text, err));
	if (!tables)
		return SR_OK;
	SR_TRY(sr_rulebook_merge_tables(rulebook->tables, tables, err));
	return sr_buf_add(&rulebook->text, text.data, text.size, err);
}

enum sr_status sr_rulebook_parse(struct sr_bytes text, struct sr_rulebook **out, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = calloc(1, sizeof(*rulebook));

	if (rulebook) {
		rulebook->labels = json_object();
		rulebook->words = json_object();
		rulebook->conditions = json_object();
		rulebook->tables = json_object();
	}
	if (!rulebook || !rulebook->labels || !rulebook->words || !rulebook->conditions || !rulebook->tables)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	rulebook->conditions_left = SR_LIMIT_CONDITIONS;
	SR_TRY(add_pack(rulebook, text, err));
	SR_TRY(add_holidays(rulebook, err));
	*out = SR_MOVE(rulebook);
	return SR_OK;
}

/* --- the packs of the appliance ------------------------------------------------------------------------- */

static enum sr_status load_pack(const struct sr_pack *pack, struct sr_rulebook **out, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;

	SR_TRY(sr_rulebook_parse(pack->text, &rulebook, err));
	if (strcmp(sr_rulebook_name(rulebook), pack->name) != 0)
		return sr_fail(err, SR_INVALID, "/name: must be as the file, whose name begins with \"%s\"",
		               pack->name);
	*out = SR_MOVE(rulebook);
	return SR_OK;
}

enum sr_status sr_rulebook_load(const char *name, struct sr_rulebook **out, struct sr_err *err)
{
	const struct sr_pack *pack;

	SR_TRY(sr_pack_shelf_find(name, &pack, err));
	enum sr_status status = load_pack(pack, out, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "rulebook %s: ", name);
}

/* --- in force ------------------------------------------------------------------------------------------- */

bool sr_rulebook_in_force(const struct sr_rulebook *rulebook, int64_t day)
{
	const char *from = sr_json_text(rulebook->packs[0].root, "effective_from");
	const char *to = sr_json_text(rulebook->packs[0].root, "effective_to");
	int64_t limit;

	if (from && sr_date_parse(from, &limit) && day < limit)
		return false;
	return !to || !sr_date_parse(to, &limit) || day <= limit;
}

/* --- use ------------------------------------------------------------------------------------------------ */

const json_t *sr_rulebook_table(const struct sr_rulebook *rulebook, const char *name)
{
	return json_object_get(rulebook->tables, name);
}

const char *sr_rulebook_name(const struct sr_rulebook *rulebook)
{
	return sr_json_text(rulebook->packs[0].root, "name");
}

const char *sr_rulebook_series(const struct sr_rulebook *rulebook)
{
	return sr_json_text(rulebook->packs[0].root, "series");
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
		for (size_t k = 0; k < rulebook->packs[i].rule_count; k++)
			count += !rulebook->packs[i].rules[k].replaced;
	return count;
}

struct sr_bytes sr_rulebook_text(const struct sr_rulebook *rulebook)
{
	return sr_buf_bytes(&rulebook->text);
}

void sr_rulebook_article(const char *code, char out[SR_ARTICLE_BYTES])
{
	snprintf(out, SR_ARTICLE_BYTES, "%s", code);
	char *dot = strrchr(out, '.');
	if (dot)
		*dot = 0;
}

/* The article of a rule, once. */
static enum sr_status note_applied(json_t *applied, const char *code, struct sr_err *err)
{
	char article[SR_ARTICLE_BYTES];
	size_t index;
	json_t *known;

	sr_rulebook_article(code, article);
	json_array_foreach(applied, index, known)
		if (strcmp(json_string_value(known), article) == 0)
			return SR_OK;
	return sr_json_append(applied, json_string(article), err);
}

enum sr_status sr_rulebook_check(const struct sr_rulebook *rulebook, const struct sr_case *description,
                                 int64_t today_days, struct sr_findings *findings, struct sr_err *err)
{
	return sr_rulebook_judge(rulebook, description, today_days, findings, NULL, err);
}

enum sr_status sr_rulebook_judge(const struct sr_rulebook *rulebook, const struct sr_case *description,
                                 int64_t today_days, struct sr_findings *findings, json_t *applied,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *served = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *missed = json_object();

	SR_TRY(sr_check_index_service(description, &served, err));
	struct sr_rule_case judged = {
		.judge = { .description = description,
		           .today_days = today_days,
		           .steps_left = SR_LIMIT_RULE_STEPS },
		.labels = rulebook->labels,
		.words = rulebook->words,
		.holidays = json_object_get(rulebook->tables, "holidays"),
		.served = served,
		.missed = missed,
		.findings = findings,
	};

	/* What is extended comes first: the general before the particular. */
	for (size_t i = rulebook->pack_count; i > 0; i--)
		for (size_t k = 0; k < rulebook->packs[i - 1].rule_count; k++) {
			const struct sr_rule *rule = &rulebook->packs[i - 1].rules[k];

			if (rule->replaced)
				continue;
			judged.applied = false;
			SR_TRY(sr_rule_check(rule, &judged, err));
			if (applied && judged.applied)
				SR_TRY(note_applied(applied, rule->code, err));
		}
	return SR_OK;
}
