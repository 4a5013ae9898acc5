/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_check_member.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

/* --- require_member ------------------------------------------------------------------------------------- */

static bool is_of_kind(const struct sr_rule *rule, const struct sr_member *member)
{
	size_t index;
	json_t *kind;

	if (!rule->any_class && member->class != rule->class)
		return false;
	if (!rule->document_kinds)
		return true;
	json_array_foreach(rule->document_kinds, index, kind) {
		if (member->kind && strcmp(member->kind, json_string_value(kind)) == 0)
			return true;
	}
	return false;
}

static bool is_any_of_kind(const struct sr_judging *j)
{
	const struct sr_case *description = j->judged->judge.description;

	for (size_t i = 0; i < description->member_count; i++)
		if (is_of_kind(j->rule, &description->members[i]))
			return true;
	return false;
}

/* The same among the members that a field refers to. */
static bool is_one_referred_to(const struct sr_judging *j)
{
	const json_t *value = sr_field_get(&j->rule->fields[0], &j->target);
	size_t count = json_is_array(value) ? json_array_size(value) : 1;

	for (size_t i = 0; value && i < count; i++) {
		const char *path = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
		const struct sr_member *member =
			path ? sr_case_member(j->judged->judge.description, path) : NULL;

		if (member && is_of_kind(j->rule, member))
			return true;
	}
	return false;
}

static enum sr_status join_kinds(const json_t *kinds, const char *between, struct sr_buf *out,
                                 const char **text, struct sr_err *err)
{
	size_t index;
	json_t *kind;

	json_array_foreach(kinds, index, kind) {
		SR_TRY(sr_buf_add_text(out, index > 0 ? between : "", err));
		SR_TRY(sr_buf_add_text(out, json_string_value(kind), err));
	}
	return sr_buf_text(out, text, err);
}

enum sr_status sr_check_require_member(const struct sr_judging *j, struct sr_filling *filling,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	const char *kinds_zh, *kinds_en;
	const struct sr_field *among = j->rule->field_count > 0 ? &j->rule->fields[0] : NULL;

	if (among ? is_one_referred_to(j) : is_any_of_kind(j))
		return SR_OK;
	SR_TRY(join_kinds(j->rule->document_kinds, "或", &zh, &kinds_zh, err));
	SR_TRY(join_kinds(j->rule->document_kinds, " or ", &en, &kinds_en, err));
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_filling_set(filling, "kinds", kinds_zh, kinds_en, err));
	if (among && !sr_field_get(among, &j->target))
		SR_TRY(sr_judging_note_missed(j, among, err));
	return sr_judging_add_finding(j, among, filling, err);
}

/* --- require_service ------------------------------------------------------------------------------------ */

enum sr_status sr_check_index_service(const struct sr_case *description, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *index = json_object();
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(description->root, "service"), i, row) {
		const char *document = sr_json_text(row, "document");
		bool receipt = !sr_text_is_blank(sr_json_text(row, "receipt")) ||
		               !sr_text_is_blank(sr_json_text(json_object_get(row, "post"), "proof"));

		if (document && !json_is_true(json_object_get(index, document)))
			SR_TRY(sr_json_set(index, document, json_boolean(receipt), err));
	}
	*out = SR_MOVE(index);
	return SR_OK;
}

enum sr_status sr_check_require_service(const struct sr_judging *j, struct sr_filling *filling,
                                        struct sr_err *err)
{
	const struct sr_field *field = &j->rule->fields[0];
	const char *path = json_string_value(sr_field_get(field, &j->target));

	if (!path)
		return sr_judging_add_absent(j, field, err);
	if (json_is_true(json_object_get(j->judged->served, path)))
		return SR_OK;
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_filling_set(filling, "document", path, path, err));
	return sr_judging_add_finding(j, field, filling, err);
}

/* --- transcript ----------------------------------------------------------------------------------------- */

enum sr_status sr_check_transcript(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	const struct sr_field *field = &j->rule->fields[0];
	const char *path = json_string_value(sr_field_get(field, &j->target));
	const struct sr_member *member = path ? sr_case_member(j->judged->judge.description, path) : NULL;

	/* X14 speaks of a transcript that is no member. */
	if (path && (!member || member->class != SR_MEMBER_MEDIUM))
		return SR_OK;
	SR_TRY(sr_filling_begin(j, filling, err));
	return sr_judging_add_finding(j, field, filling, err);
}

/* --- signers -------------------------------------------------------------------------------------------- */

static bool names(const json_t *list, const json_t *name)
{
	size_t index;
	json_t *value;

	json_array_foreach(list, index, value) {
		if (json_equal(value, name))
			return true;
	}
	return false;
}

/* Whether one of those who are listed or signed is @name. */
static bool has_signed(const struct sr_judging *j, const json_t *name)
{
	const struct sr_field *field = &j->rule->fields[1];
	size_t index;
	json_t *element;

	if (!j->rule->list)
		return names(sr_field_get(field, &j->target), name);
	json_array_foreach(json_object_get(j->target.root, j->rule->list), index, element) {
		const struct sr_target target = { .root = j->target.root, .element = element };
		const json_t *value = sr_field_get(field, &target);

		if (value && json_equal(value, name))
			return true;
	}
	return false;
}

enum sr_status sr_check_signers(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	SR_CLEANUP(sr_listing_dispose) struct sr_listing missing = { 0 };
	const struct sr_field *field = &j->rule->fields[0];
	const json_t *attended = sr_field_get(field, &j->target);
	size_t index;
	json_t *name;

	if (!attended)
		return sr_judging_add_absent(j, field, err);
	json_array_foreach(attended, index, name) {
		const char *text = json_string_value(name);

		if (!sr_text_is_blank(text) && !has_signed(j, name))
			SR_TRY(sr_listing_add(&missing, text, text, err));
	}
	if (missing.count == 0)
		return SR_OK;
	SR_TRY(sr_filling_begin(j, filling, err));
	SR_TRY(sr_listing_fill(&missing, filling, "missing", err));
	return sr_judging_add_finding(j, &j->rule->fields[j->rule->list ? 0 : 1], filling, err);
}
