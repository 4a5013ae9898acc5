/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/seal_plan.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/record.h"

#define NUMBER_MATCHES 64
#define UNNAMED "未注明" /* nobody is named as having prepared the case */

void sr_seal_plan_dispose(struct sr_seal_plan *plan)
{
	json_decref(plan->organs);
	plan->organs = NULL;
}

static struct sr_bytes bytes_of(const char *text)
{
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = strlen(text) };
}

static bool is(struct sr_bytes bytes, const char *text)
{
	return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

/* --- organ ----------------------------------------------------------------------------------------- */

enum sr_status sr_seal_organs(struct sr_txn *txn, const char *organ, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	char code[SR_LABEL_BYTES];

	sr_label_copy(code, organ);
	for (size_t i = 0; i < SR_FILER_ORGANS; i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

		SR_TRY(sr_json_append(list, json_string(code), err));
		SR_TRY(sr_record_look(txn, SR_DB_ORGANS, code, &record, err));
		const char *parent = sr_json_text(record, "parent");
		if (!parent || !sr_label_is_valid(parent))
			break;
		sr_label_copy(code, parent);
	}
	*out = SR_MOVE(list);
	return SR_OK;
}

void sr_seal_borrow_organs(const json_t *organs, struct sr_filer_facts *facts)
{
	for (size_t i = 0; i < SR_FILER_ORGANS; i++)
		facts->organs[i] = json_string_value(json_array_get(organs, i));
}

/* The caller's organ, or the one that the description names where that lies below it. */
static enum sr_status choose_organ(struct sr_act *act, struct sr_txn *txn, const struct sr_case *description,
                                   struct sr_seal_plan *plan, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	const char *named = sr_json_text(json_object_get(description->root, "organ"), "code");
	bool below = false;

	if (named && sr_label_is_valid(named))
		SR_TRY(sr_case_view_is_below(txn, act->caller.organ, bytes_of(named), &below, err));
	sr_label_copy(plan->organ, below ? named : act->caller.organ);
	SR_TRY(sr_record_look(txn, SR_DB_ORGANS, plan->organ, &record, err));
	const char *name = sr_json_text(record, "name");
	snprintf(plan->organ_name, sizeof(plan->organ_name), "%s", name ? name : "");
	return sr_seal_organs(txn, plan->organ, &plan->organs, err);
}

/* --- who prepared it -------------------------------------------------------------------------------- */

struct person_search {
	const char *name;
	const char *organs[2];
	char user[SR_LABEL_BYTES];
	unsigned found;
};

static enum sr_status match_person(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct person_search *search = context;
	const char *user = sr_json_text(record, "user");
	const char *full_name = sr_json_text(record, "full_name");
	const char *organ = sr_json_text(record, "organ");

	(void)key;
	(void)err;
	if (!user || !sr_label_is_valid(user) || !organ ||
	    (strcmp(organ, search->organs[0]) != 0 && strcmp(organ, search->organs[1]) != 0))
		return SR_OK;
	if (strcmp(user, search->name) != 0 && (!full_name || strcmp(full_name, search->name) != 0))
		return SR_OK;
	search->found++;
	sr_label_copy(search->user, user);
	return SR_OK;
}

const char *sr_seal_preparer(const json_t *description)
{
	const char *name = sr_json_text(json_object_get(description, "archive"), "arranged_by");

	if (!name || !name[0])
		name = sr_json_text(json_object_get(description, "responsibility"), "handler");
	return name && name[0] ? name : UNNAMED;
}

/* The name becomes a user where one of the organ alone has it. */
static enum sr_status find_handler(struct sr_act *act, struct sr_txn *txn, const struct sr_case *description,
                                   struct sr_seal_plan *plan, struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;
	const char *name = sr_seal_preparer(description->root);
	struct person_search search = { .name = name, .organs = { plan->organ, caller->organ } };

	SR_TRY(sr_record_each(txn, SR_DB_PEOPLE, "u/", match_person, &search, err));
	if (strcmp(name, caller->user) == 0 || (caller->full_name[0] && strcmp(name, caller->full_name) == 0))
		return sr_act_refuse(
			act, "Denied", err,
			"the case was prepared by you (archive.arranged_by: %s); who prepared a case "
			"does not receive it: let another archivist seal it (整理人不得自行归档)",
			name);
	snprintf(plan->handler, sizeof(plan->handler), "%s", search.found == 1 ? search.user : name);
	return SR_OK;
}

/* --- clearances ------------------------------------------------------------------------------------- */

/* "privacy,commercial" */
static enum sr_status join(uint8_t classes, char *out, size_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	json_t *word;
	size_t index, used = 0;

	SR_TRY(sr_classes_to_json(classes, false, &list, err));
	out[0] = 0;
	json_array_foreach(list, index, word)
		used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "," : "",
		                         json_string_value(word));
	return SR_OK;
}

enum sr_status sr_seal_require_clearance(struct sr_act *act, uint8_t classes, struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;
	uint8_t missing = classes & (uint8_t)~caller->clearances;
	char lacks[64], needs[64];

	if (!missing)
		return SR_OK;
	SR_TRY(join(missing, lacks, sizeof(lacks), err));
	SR_TRY(join(classes | caller->clearances, needs, sizeof(needs), err));
	return sr_act_refuse(
		act, "Denied", err,
		"the case is classified %s, for which %s has no clearance (无相应知悉范围): whoever "
		"seals a case must be able to see it afterwards. The administrator proposes it "
		"(strongroom user change %s --clearance %s) and the security administrator "
		"confirms it (strongroom user confirm %s)",
		lacks, caller->user, caller->user, needs, caller->user);
}

/* --- number and parts ------------------------------------------------------------------------------- */

/* SR_EXISTS when the organ has a case of this number; its id is told to those who may know of it. */
static enum sr_status refuse_known(struct sr_act *act, struct sr_txn *txn, const char *organ,
                                   const char *number, struct sr_err *err)
{
	struct sr_case_id ids[NUMBER_MATCHES];
	struct sr_case_record record;
	char id[SR_UUID_TEXT];
	bool may_know = false;
	size_t count;

	SR_TRY(sr_case_store_by_number(txn, bytes_of(number), ids, NUMBER_MATCHES, &count, err));
	for (size_t i = 0; i < count; i++) {
		SR_TRY(sr_case_store_get(txn, &ids[i], &record, err));
		if (!is(record.organ, organ))
			continue;
		SR_TRY(sr_case_view_may_know(act, txn, &record, &may_know, err));
		if (!may_know)
			return sr_act_refuse(act, "Exists", err, "case number %s is sealed already", number);
		sr_case_id_format(&record.id, id);
		return sr_act_refuse(act, "Exists", err,
		                     "case number %s is sealed already (case %s); seal further files with: "
		                     "strongroom supplement %s FOLDER",
		                     number, id, number);
	}
	return SR_OK;
}

/* Numbers run on over the parts; the last part's seal digest ties the new one to it. */
static enum sr_status plan_supplement(struct sr_act *act, struct sr_txn *txn, const char *reference,
                                      struct sr_seal_plan *plan, struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_part part = { 0 };

	SR_TRY(sr_case_view_find(act, txn, reference, &record, err));
	sr_case_id_format(&record.id, plan->case_id);
	if (record.part_count >= SR_LIMIT_PARTS)
		return sr_fail(err, SR_LIMIT, "case %s has %u parts already", plan->case_id,
		               record.part_count);
	struct sr_cursor walk = sr_case_walk(record.parts);
	while (sr_case_part_next(&walk, &part))
		;
	if (record.organ.size >= sizeof(plan->organ))
		return sr_fail(err, SR_CORRUPT, "the record of case %s names no organ", plan->case_id);
	snprintf(plan->organ, sizeof(plan->organ), "%.*s", (int)record.organ.size,
	         (const char *)record.organ.data);
	plan->part = record.part_count + 1;
	plan->first_number = part.first_member + part.member_count;
	plan->has_previous = true;
	memcpy(plan->previous.bytes, part.seal, sizeof(part.seal));
	plan->case_classes = record.classes;
	return sr_seal_organs(txn, plan->organ, &plan->organs, err);
}

struct planning {
	const struct sr_case *description;
	const char *supplement;
	struct sr_seal_plan plan;
};

static void planning_dispose(struct planning *planning)
{
	sr_seal_plan_dispose(&planning->plan);
}

static enum sr_status make(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct planning *planning = act->work;
	struct sr_seal_plan *plan = &planning->plan;

	if (planning->supplement) {
		SR_TRY(plan_supplement(act, txn, planning->supplement, plan, err));
		return find_handler(act, txn, planning->description, plan, err);
	}
	plan->part = plan->first_number = 1;
	SR_TRY(choose_organ(act, txn, planning->description, plan, err));
	SR_TRY(find_handler(act, txn, planning->description, plan, err));
	return refuse_known(act, txn, plan->organ, planning->description->number, err);
}

enum sr_status sr_seal_plan_make(struct sr_act *act, const struct sr_case *description,
                                 const char *supplement, struct sr_seal_plan *out, struct sr_err *err)
{
	SR_CLEANUP(planning_dispose)
	struct planning planning = { .description = description, .supplement = supplement };
	void *before = act->work;

	sr_act_set_work(act, &planning);
	enum sr_status status = sr_act_read(act, make, err);
	sr_act_set_work(act, before);
	SR_TRY(status);
	if (!supplement)
		SR_TRY(sr_uuid_make(sr_keeper_now_ns(act->keeper), planning.plan.case_id, err));
	*out = planning.plan;
	planning.plan.organs = NULL;
	return SR_OK;
}

enum sr_status sr_seal_plan_check(struct sr_act *act, struct sr_txn *txn, const struct sr_seal_plan *plan,
                                  const char *number, struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id id;
	bool current;

	SR_TRY(sr_index_is_current(txn, &current, err));
	if (!current)
		return sr_act_refuse(act, "Busy", err,
		                     "the index is being made anew; seal again when it is done");
	if (plan->part == 1)
		return refuse_known(act, txn, plan->organ, number, err);
	if (!sr_case_id_parse(plan->case_id, &id))
		return sr_fail(err, SR_INVALID, "%s is no case id", plan->case_id);
	SR_TRY(sr_case_store_get(txn, &id, &record, err));
	if (record.part_count + 1 != plan->part)
		return sr_act_refuse(act, "Busy", err,
		                     "a further part of this case was sealed meanwhile; do it again");
	return SR_OK;
}
