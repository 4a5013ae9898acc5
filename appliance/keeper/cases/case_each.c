/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/case_each.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/walk.h"
#include "appliance/keeper/core/keeper_parts.h"

#define CASES_A_SNAPSHOT 2000

struct passing {
	struct sr_act *act;
	bool everything;
	sr_case_each_step *each;
	void *context;
	uint8_t from[17]; /* the last id and a zero byte behind it: the next key at the earliest */
	size_t from_size;
	bool more;
};

static enum sr_status take_case(struct passing *passing, struct sr_txn *txn, struct sr_bytes value,
                                struct sr_err *err)
{
	struct sr_case_record record;
	bool known = true;

	SR_TRY(sr_case_record_decode(value, &record, err));
	if (!passing->everything)
		SR_TRY(sr_case_view_may_know(passing->act, txn, &record, &known, err));
	return known ? passing->each(passing->context, txn, &record, err) : SR_OK;
}

static enum sr_status take_some(struct passing *passing, struct sr_txn *txn, struct sr_err *err)
{
	const struct sr_range range = { .from = { passing->from, passing->from_size } };
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	struct sr_bytes key, value;

	SR_TRY(sr_walk_open(txn, SR_DB_CASES, &range, SR_UP, &walk, err));
	for (size_t i = 0; i < CASES_A_SNAPSHOT; i++) {
		SR_TRY(sr_walk_next(walk, &passing->more, &key, &value, err));
		if (!passing->more)
			return SR_OK;
		if (key.size != sizeof(passing->from) - 1)
			return sr_fail(err, SR_CORRUPT, "the index has a case id of %zu bytes", key.size);
		memcpy(passing->from, key.data, key.size);
		passing->from_size = sizeof(passing->from);
		SR_TRY(take_case(passing, txn, value, err));
	}
	return SR_OK;
}

enum sr_status sr_case_each(struct sr_act *act, bool everything, sr_case_each_step *each, void *context,
                            struct sr_err *err)
{
	struct passing passing = {
		.act = act, .everything = everything, .each = each, .context = context, .more = true
	};

	while (passing.more) {
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

		if (sr_act_is_abandoned(act))
			return sr_fail(err, SR_BUSY, "nobody waits for the answer any more");
		SR_TRY(sr_txn_read(act->keeper->env, &txn, err));
		SR_TRY(take_some(&passing, txn, err));
	}
	return SR_OK;
}
