/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_finding.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/casefile/rule_value.h"

#define TEXT_BYTES 512

/* --- names of fields and words -------------------------------------------------------------------------- */

struct name {
	const char *zh, *en;
};

static struct name label_of(const struct sr_judging *j, const char *full_path)
{
	const json_t *label = json_object_get(j->judged->labels, full_path);
	const char *zh = sr_json_text(label, "zh");
	const char *en = sr_json_text(label, "en");

	return (struct name){ zh ? zh : full_path, en ? en : full_path };
}

/* "acts.kind=hearing" in the pack's words, else "hearing", else the word itself. */
static struct name word_of(const struct sr_judging *j, const struct sr_field *field, const char *word)
{
	char path[SR_PLACE_BYTES], key[SR_PLACE_BYTES + 64];

	sr_field_full_path(field, path);
	snprintf(key, sizeof(key), "%s=%.60s", path, word);
	const json_t *entry = json_object_get(j->judged->words, key);
	if (!entry)
		entry = json_object_get(j->judged->words, word);
	const char *zh = sr_json_text(entry, "zh");
	const char *en = sr_json_text(entry, "en");

	return (struct name){ zh ? zh : word, en ? en : word };
}

/* --- lists ---------------------------------------------------------------------------------------------- */

void sr_listing_dispose(struct sr_listing *listing)
{
	sr_buf_dispose(&listing->zh);
	sr_buf_dispose(&listing->en);
}

enum sr_status sr_listing_add(struct sr_listing *listing, const char *zh, const char *en, struct sr_err *err)
{
	if (listing->count++ > 0) {
		SR_TRY(sr_buf_add_text(&listing->zh, "、", err));
		SR_TRY(sr_buf_add_text(&listing->en, ", ", err));
	}
	SR_TRY(sr_buf_add_text(&listing->zh, zh, err));
	return sr_buf_add_text(&listing->en, en, err);
}

enum sr_status sr_listing_add_label(const struct sr_judging *j, struct sr_listing *listing,
                                    const struct sr_field *field, struct sr_err *err)
{
	char path[SR_PLACE_BYTES];

	sr_field_full_path(field, path);
	struct name name = label_of(j, path);
	return sr_listing_add(listing, name.zh, name.en, err);
}

enum sr_status sr_listing_add_word(const struct sr_judging *j, struct sr_listing *listing,
                                   const struct sr_field *field, const char *word, struct sr_err *err)
{
	struct name name = word_of(j, field, word);

	return sr_listing_add(listing, name.zh, name.en, err);
}

enum sr_status sr_listing_fill(struct sr_listing *listing, struct sr_filling *filling, const char *name,
                               struct sr_err *err)
{
	const char *zh, *en;

	SR_TRY(sr_buf_text(&listing->zh, &zh, err));
	SR_TRY(sr_buf_text(&listing->en, &en, err));
	return sr_filling_set(filling, name, zh, en, err);
}

/* --- what texts are filled with ------------------------------------------------------------------------- */

void sr_filling_dispose(struct sr_filling *filling)
{
	json_decref(filling->zh);
	json_decref(filling->en);
}

enum sr_status sr_filling_set(struct sr_filling *filling, const char *name, const char *zh, const char *en,
                              struct sr_err *err)
{
	SR_TRY(sr_json_set(filling->zh, name, json_string(zh), err));
	return sr_json_set(filling->en, name, json_string(en), err);
}

enum sr_status sr_filling_set_label(const struct sr_judging *j, struct sr_filling *filling, const char *name,
                                    const struct sr_field *field, struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing listing = { 0 };

	SR_TRY(sr_listing_add_label(j, &listing, field, err));
	return sr_listing_fill(&listing, filling, name, err);
}

static enum sr_status add_value(const struct sr_judging *j, struct sr_listing *listing,
                                const struct sr_field *field, const json_t *value, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char time[SR_TIME_TEXT];
	const char *plain = json_string_value(value);
	struct sr_moment moment;

	if (!value)
		return sr_listing_add(listing, "未填写", "left out", err);
	if (json_is_boolean(value))
		return sr_listing_add(listing, json_is_true(value) ? "是" : "否",
		                      json_is_true(value) ? "yes" : "no", err);
	if (plain && field->entry->words)
		return sr_listing_add_word(j, listing, field, plain, err);
	if (plain && sr_value_class_of(field) == SR_VALUE_TIME && sr_moment_parse(plain, &moment) &&
	    moment.has_time) {
		sr_time_format_local(moment.time_ns, time);
		plain = time;
	}
	if (!plain) {
		SR_TRY(sr_json_write(value, &text, err));
		SR_TRY(sr_buf_text(&text, &plain, err));
	}
	return sr_listing_add(listing, plain, plain, err);
}

enum sr_status sr_filling_set_value(const struct sr_judging *j, struct sr_filling *filling, const char *name,
                                    const struct sr_field *field, struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing listing = { 0 };
	char today[SR_TIME_TEXT];

	if (!field->entry) {
		sr_date_format(j->judged->judge.today_days, today);
		return sr_filling_set(filling, name, today, today, err);
	}
	const json_t *value = sr_field_get(field, &j->target);

	if (!json_is_array(value))
		SR_TRY(add_value(j, &listing, field, value, err));
	for (size_t i = 0; i < json_array_size(value); i++)
		SR_TRY(add_value(j, &listing, field, json_array_get(value, i), err));
	return sr_listing_fill(&listing, filling, name, err);
}

/* What an element of a list is called by: a text or a word of it, and what goes with it in brackets. */
static const struct {
	const char *list, *key, *with;
} naming[] = {
	{ "acts", "kind", "id" },      { "entrustments", "body", NULL }, { "discs", "number", NULL },
	{ "members", "path", NULL },   { "officers", "name", NULL },     { "parties", "name", NULL },
	{ "rights", "right", NULL },   { "service", "document", NULL },  { "related", "number", NULL },
	{ "witnesses", "name", NULL }, { "gaps", "from", "to" },         { "reviewers", "name", NULL },
	{ "obstruction", "at", NULL },
};

static enum sr_status set_name(const struct sr_judging *j, const struct sr_target *target, const char *as,
                               struct sr_filling *filling, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	struct sr_field field = { .path = "", .scope = target->list };
	const char *text = NULL, *with = NULL, *name_zh, *name_en;

	for (size_t i = 0; i < SR_COUNT(naming); i++) {
		if (strcmp(naming[i].list, target->list) != 0)
			continue;
		field.path = naming[i].key;
		text = sr_json_text(target->element, naming[i].key);
		with = naming[i].with ? sr_json_text(target->element, naming[i].with) : NULL;
	}
	if (text) {
		struct name name = word_of(j, &field, text);

		SR_TRY(sr_buf_printf(&zh, err, "%s%s%s%s", name.zh, with ? "（" : "", with ? with : "",
		                     with ? "）" : ""));
		SR_TRY(sr_buf_printf(&en, err, "%s%s%s%s", name.en, with ? " (" : "", with ? with : "",
		                     with ? ")" : ""));
	} else {
		SR_TRY(sr_buf_printf(&zh, err, "第%zu项", target->index + 1));
		SR_TRY(sr_buf_printf(&en, err, "no. %zu", target->index + 1));
	}
	SR_TRY(sr_buf_text(&zh, &name_zh, err));
	SR_TRY(sr_buf_text(&en, &name_en, err));
	return sr_filling_set(filling, as, name_zh, name_en, err);
}

/* The member that is judged, or whose part is; NULL where the rule is about something else. */
static const char *member_path(const struct sr_judging *j)
{
	for (const struct sr_target *target = &j->target; target; target = target->outer)
		if (target->list && strcmp(target->list, "members") == 0)
			return sr_json_text(target->element, "path");
	return NULL;
}

enum sr_status sr_filling_begin(const struct sr_judging *j, struct sr_filling *out, struct sr_err *err)
{
	char index[24];

	*out = (struct sr_filling){ json_object(), json_object() };
	if (!j->target.list)
		return SR_OK;
	snprintf(index, sizeof(index), "%zu", j->target.index + 1);
	SR_TRY(sr_filling_set(out, "index", index, index, err));
	SR_TRY(set_name(j, &j->target, "name", out, err));
	if (j->target.nested)
		SR_TRY(set_name(j, j->target.outer, "outer", out, err));
	if (!member_path(j))
		return SR_OK;
	return sr_filling_set(out, "member", member_path(j), member_path(j), err);
}

/* --- findings ------------------------------------------------------------------------------------------- */

enum sr_status sr_judging_add_finding(const struct sr_judging *j, const struct sr_field *field,
                                      const struct sr_filling *filling, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf fix_zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf fix_en = { 0 };
	char place[SR_PLACE_BYTES];
	struct sr_finding finding = {
		.code = j->rule->code,
		.article = j->rule->article,
		.severity = j->severity,
		.member = member_path(j),
	};

	SR_TRY(sr_message_fill(j->rule->zh, filling->zh, &zh, err));
	SR_TRY(sr_message_fill(j->rule->en, filling->en, &en, err));
	SR_TRY(sr_message_fill(j->rule->fix_zh, filling->zh, &fix_zh, err));
	SR_TRY(sr_message_fill(j->rule->fix_en, filling->en, &fix_en, err));
	SR_TRY(sr_buf_text(&zh, &finding.zh, err));
	SR_TRY(sr_buf_text(&en, &finding.en, err));
	SR_TRY(sr_buf_text(&fix_zh, &finding.fix_zh, err));
	SR_TRY(sr_buf_text(&fix_en, &finding.fix_en, err));
	if (field)
		sr_field_place(field, &j->target, place);
	else
		sr_target_place(&j->target, place);
	finding.place = place[0] ? place : NULL;
	return sr_findings_add(j->judged->findings, &finding, err);
}

enum sr_status sr_judging_add_unjudgeable(const struct sr_judging *j, const char *place, const char *zh,
                                          const char *en, const char *fix_zh, const char *fix_en,
                                          struct sr_err *err)
{
	const struct sr_finding finding = {
		.code = j->rule->code,
		.article = j->rule->article,
		.severity = SR_SEVERITY_BLOCKER,
		.member = member_path(j),
		.place = place,
		.zh = zh,
		.en = en,
		.fix_zh = fix_zh,
		.fix_en = fix_en,
	};

	return sr_findings_add(j->judged->findings, &finding, err);
}

enum sr_status sr_judging_add_unjudged(const struct sr_judging *j, const struct sr_missing *missing,
                                       struct sr_err *err)
{
	char zh[TEXT_BYTES], en[TEXT_BYTES], fix_zh[TEXT_BYTES], fix_en[TEXT_BYTES];
	struct name name = label_of(j, missing->full_path);

	if (json_object_get(j->judged->missed, missing->place))
		return SR_OK;
	SR_TRY(sr_json_set(j->judged->missed, missing->place, json_true(), err));
	snprintf(zh, sizeof(zh), "“%.200s”未填写，本条无法检查", name.zh);
	snprintf(en, sizeof(en), "%.200s is missing, so this rule cannot be judged", name.en);
	snprintf(fix_zh, sizeof(fix_zh), "补填“%.200s”", name.zh);
	snprintf(fix_en, sizeof(fix_en), "fill in %.200s", name.en);
	return sr_judging_add_unjudgeable(j, missing->place, zh, en, fix_zh, fix_en, err);
}

enum sr_status sr_judging_add_absent(const struct sr_judging *j, const struct sr_field *field,
                                     struct sr_err *err)
{
	struct sr_missing missing;

	sr_missing_set(&missing, field, &j->target);
	return sr_judging_add_unjudged(j, &missing, err);
}

enum sr_status sr_judging_note_missed(const struct sr_judging *j, const struct sr_field *field,
                                      struct sr_err *err)
{
	char place[SR_PLACE_BYTES];

	if (j->severity != SR_SEVERITY_BLOCKER)
		return SR_OK;
	sr_field_place(field, &j->target, place);
	return sr_json_set(j->judged->missed, place, json_true(), err);
}
