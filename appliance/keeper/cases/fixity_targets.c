/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/fixity_targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/index/walk.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"
#include "appliance/store/store.h"

#define CASES_A_SNAPSHOT 2000u /* cases that are looked at before newer state is taken */

void sr_fixity_targets_dispose(struct sr_fixity_targets *targets)
{
	sr_buf_dispose(&targets->list);
}

size_t sr_fixity_targets_count(const struct sr_fixity_targets *targets)
{
	return targets->list.size / sizeof(struct sr_fixity_target);
}

static struct sr_fixity_target *list_of(const struct sr_fixity_targets *targets)
{
	return (struct sr_fixity_target *)(void *)targets->list.data;
}

const struct sr_fixity_target *sr_fixity_targets_at(const struct sr_fixity_targets *targets, size_t index)
{
	return &list_of(targets)[index];
}

bool sr_fixity_sees_all(const struct sr_act *act)
{
	return sr_act_is(act, SR_BY(AUDITOR) | SR_BY(ADMIN));
}

/* Time of the last full check of an archive. */
static enum sr_status last_check(struct sr_txn *txn, const struct sr_bytes archive, int64_t *out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_STORE_NAME];

	*out = INT64_MIN;
	snprintf(key, sizeof(key), "%.*s", (int)archive.size, (const char *)archive.data);
	SR_TRY(sr_record_look(txn, SR_DB_FIXITY, key, &record, err));
	const char *depth = sr_json_text(record, "depth");
	const char *at = sr_json_text(record, "at");
	if (depth && strcmp(depth, "full") == 0 && at && !sr_time_parse(at, out))
		*out = INT64_MIN;
	return SR_OK;
}

static enum sr_status add_parts(struct sr_fixity_targets *targets, struct sr_txn *txn,
                                const struct sr_case_record *record, struct sr_err *err)
{
	struct sr_cursor walk = sr_case_walk(record->parts);
	struct sr_fixity_target target = { .id = record->id };
	struct sr_case_part part;

	while (sr_case_part_next(&walk, &part)) {
		target.part = part.number;
		target.previous = target.seal;
		memcpy(target.seal.bytes, part.seal, sizeof(part.seal));
		SR_TRY(last_check(txn, part.archive, &target.checked_ns, err));
		SR_TRY(sr_buf_add(&targets->list, &target, sizeof(target), err));
	}
	return SR_OK;
}

/* --- one case -------------------------------------------------------------------------------------- */

struct looking {
	const char *reference;
	struct sr_fixity_targets *targets;
	/* of all cases: */
	struct sr_case_id after;
	bool begun, more;
};

static enum sr_status look_at_one(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct looking *looking = act->work;
	struct sr_case_record record;
	struct sr_case_id id;

	/* Who may check everything knows ids alone: a number that is known would tell of a case. */
	if (sr_fixity_sees_all(act) && sr_case_id_parse(looking->reference, &id)) {
		enum sr_status status = sr_case_store_get(txn, &id, &record, err);

		if (status == SR_NOT_FOUND)
			return sr_act_not_found(act, "case", looking->reference, err);
		SR_TRY(status);
	} else {
		SR_TRY(sr_case_view_find(act, txn, looking->reference, &record, err));
	}
	return add_parts(looking->targets, txn, &record, err);
}

enum sr_status sr_fixity_targets_of(struct sr_act *act, const char *reference,
                                    struct sr_fixity_targets *targets, struct sr_err *err)
{
	struct looking looking = { .reference = reference, .targets = targets };

	sr_act_set_work(act, &looking);
	enum sr_status status = sr_act_read(act, look_at_one, err);
	sr_act_set_work(act, NULL);
	return status;
}

/* --- all of them ----------------------------------------------------------------------------------- */

static enum sr_status add_case(struct sr_act *act, struct sr_txn *txn, struct sr_bytes value,
                               struct sr_err *err)
{
	const struct looking *looking = act->work;
	struct sr_case_record record;
	bool may_know = sr_fixity_sees_all(act);

	SR_TRY(sr_case_record_decode(value, &record, err));
	if (!may_know)
		SR_TRY(sr_case_view_may_know(act, txn, &record, &may_know, err));
	return may_know ? add_parts(looking->targets, txn, &record, err) : SR_OK;
}

static enum sr_status look_at_some(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct looking *looking = act->work;
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	struct sr_range range = { 0 };
	struct sr_bytes key, value;

	if (looking->begun)
		range.from = (struct sr_bytes){ looking->after.bytes, sizeof(looking->after.bytes) };
	SR_TRY(sr_walk_open(txn, SR_DB_CASES, &range, SR_UP, &walk, err));
	for (unsigned i = 0; i < CASES_A_SNAPSHOT; i++) {
		SR_TRY(sr_walk_next(walk, &looking->more, &key, &value, err));
		if (!looking->more)
			return SR_OK;
		if (looking->begun && memcmp(key.data, looking->after.bytes, key.size) == 0)
			continue;
		SR_TRY(add_case(act, txn, value, err));
		memcpy(looking->after.bytes, key.data, sizeof(looking->after.bytes));
		looking->begun = true;
	}
	return SR_OK;
}

enum sr_status sr_fixity_targets_all(struct sr_act *act, struct sr_fixity_targets *targets,
                                     struct sr_err *err)
{
	struct looking looking = { .targets = targets, .more = true };

	sr_act_set_work(act, &looking);
	enum sr_status status = SR_OK;
	while (status == SR_OK && looking.more)
		status = sr_act_read(act, look_at_some, err);
	sr_act_set_work(act, NULL);
	return status;
}

static int by_age(const void *left, const void *right)
{
	const struct sr_fixity_target *a = left, *b = right;

	if (a->checked_ns != b->checked_ns)
		return a->checked_ns < b->checked_ns ? -1 : 1;
	int order = memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes));
	return order ? order : (int)a->part - (int)b->part;
}

void sr_fixity_targets_due(struct sr_fixity_targets *targets, int64_t before_ns)
{
	struct sr_fixity_target *list = list_of(targets);
	size_t count = sr_fixity_targets_count(targets);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (list[i].checked_ns < before_ns)
			list[kept++] = list[i];
	targets->list.size = kept * sizeof(*list);
	if (kept > 1)
		qsort(list, kept, sizeof(*list), by_age);
}
