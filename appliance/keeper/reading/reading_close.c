/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reading_close.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/wire/call.h"

enum sr_status sr_closing_record(struct sr_keeper *keeper, struct sr_txn *txn, const json_t *actor,
                                 const struct sr_closing *closing, struct sr_err *err)
{
	static const struct sr_ranges none;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	json_t *ranges = NULL;

	SR_TRY(sr_ranges_to_json(closing->ranges ? closing->ranges : &none, &ranges, err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:I,s:s,s:s,s:i,s:i,s:I,s:o}", "opened",
	                    (json_int_t)closing->opened, "grant", closing->grant, "case", closing->case_id,
	                    "part", (int)closing->part, "member", (int)closing->member, "bytes",
	                    (json_int_t)closing->bytes, "ranges", ranges));
	if (closing->lost)
		SR_TRY(sr_json_set(fields, "lost", json_true(), err));
	if (closing->why)
		SR_TRY(sr_json_set(fields, "why", json_string(closing->why), err));
	return sr_keeper_record_as(keeper, txn, "access.closed", actor, SR_MOVE(fields), NULL, err);
}

/* --- CloseMember ----------------------------------------------------------------------------------- */

struct work {
	const struct sr_live_access *access;
	struct sr_closing closing;
};

static enum sr_status apply(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct work *work = act->work;

	return sr_closing_record(act->keeper, txn, work->access->actor, &work->closing, err);
}

static enum sr_status write_closing(struct sr_act *act, const struct sr_live_access *access,
                                    struct sr_err *err)
{
	struct sr_ranges ranges;
	struct work work = { .access = access,
		             .closing = { .opened = access->opened,
		                          .grant = access->grant,
		                          .case_id = access->case_id,
		                          .part = access->part,
		                          .member = access->member,
		                          .bytes = (uint64_t)sr_act_count(act, "bytes", 0),
		                          .ranges = &ranges,
		                          .why = sr_act_text(act, "why") } };

	SR_TRY(sr_ranges_from_json(sr_act_value(act, "ranges"), access->bytes, &ranges, err));
	if (work.closing.why && !sr_label_is_valid(work.closing.why))
		return sr_fail(err, SR_INVALID, "/why: must be at most %d bytes", SR_LABEL_BYTES - 1);
	sr_act_set_work(act, &work);
	/*
	 * Whoever closed a file goes on before the filesystem asks this, and mostly opens the next one: both
	 * entries share a commit.  Where the keeper ends before it, the opening is closed as lost.
	 */
	act->patient = sr_call_peer(act->call)->kind == SR_PEER_FS && !work.closing.why;
	return sr_act_write(act, NULL, apply, err);
}

/*
 * By whoever opened: no session is asked for, since the one that opened may have ended meanwhile, and what
 * was handed out is to be written all the same.
 */
enum sr_status sr_run_close_member(struct sr_act *act, struct sr_err *err)
{
	struct sr_live *live = act->keeper->reading->live;
	const uint64_t opened = (uint64_t)sr_act_count(act, "opened", 0);
	struct sr_live_access *access = sr_live_take(live, opened, sr_call_peer(act->call));
	char number[24];

	if (!access) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)opened);
		return sr_act_not_found(act, "open access", number, err);
	}
	enum sr_status status = write_closing(act, access, err);
	if (status == SR_OK)
		sr_live_access_free(access);
	else if (sr_act_is_abandoned(act))
		sr_live_return_lost(live, access);
	else
		sr_live_put_back(live, access);
	return status;
}
