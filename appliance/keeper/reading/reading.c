/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reading.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/reading/reading_close.h"
#include "appliance/keeper/reading/reading_export.h"
#include "appliance/keeper/reading/reading_fixity.h"
#include "appliance/keeper/state/record.h"

#define UNLOCKING_THREADS 4
#define UNLOCKING_QUEUE 4096

enum sr_status sr_reading_new(struct sr_keeper *keeper, struct sr_reading **out, struct sr_err *err)
{
	struct sr_reading *reading = calloc(1, sizeof(*reading));

	if (!reading)
		return sr_fail(err, SR_NO_MEMORY, "no memory for readings");
	*out = reading; /* what is there when something fails is freed with the keeper */
	SR_TRY(sr_unlocked_cache_new(keeper->data, sr_keyring_opener(keeper->keyring), &reading->cache, err));
	SR_TRY(sr_work_pool_new(UNLOCKING_THREADS, UNLOCKING_QUEUE, &reading->unlocking, err));
	SR_TRY(sr_exports_new(&reading->exports, err));
	SR_TRY(sr_damage_reports_new(&reading->reports, err));
	return sr_live_new(&reading->live, err);
}

void sr_reading_stop(struct sr_reading *reading)
{
	if (reading)
		sr_work_pool_freep(&reading->unlocking);
}

void sr_reading_free(struct sr_reading *reading)
{
	if (!reading)
		return;
	sr_reading_stop(reading);
	sr_live_free(reading->live);
	sr_exports_free(reading->exports);
	sr_damage_reports_free(reading->reports);
	sr_unlocked_cache_free(reading->cache);
	free(reading);
}

void sr_reading_gone(struct sr_keeper *keeper, const struct sr_peer *peer)
{
	sr_live_gone(keeper->reading->live, peer);
	sr_exports_gone(keeper->reading->exports, peer);
}

/* --- what is lost ---------------------------------------------------------------------------------- */

struct losses {
	struct sr_keeper *keeper;
	const struct sr_live_access *list;
	const char *why;
};

static enum sr_status put_losses(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct losses *losses = context;

	for (const struct sr_live_access *a = losses->list; a; a = a->next) {
		const struct sr_closing closing = { .opened = a->opened,
			                            .grant = a->grant,
			                            .case_id = a->case_id,
			                            .part = a->part,
			                            .member = a->member,
			                            .lost = true,
			                            .why = losses->why };

		SR_TRY(sr_closing_record(losses->keeper, txn, NULL, &closing, err));
	}
	return SR_OK;
}

/* One entry at a time where all together are refused: one that is in nobody's records stops the others. */
static void write_losses(struct sr_keeper *keeper, const char *why)
{
	struct sr_live_access *list = sr_live_take_lost(keeper->reading->live);
	struct losses losses = { .keeper = keeper, .list = list, .why = why };
	struct sr_err err;

	if (!list)
		return;
	enum sr_status status = sr_keeper_write(keeper, put_losses, &losses, true, &err);
	if (status == SR_BUSY) {
		sr_live_return_lost(keeper->reading->live, list);
		return;
	}
	while (list) {
		struct sr_live_access *next = list->next;

		list->next = NULL;
		losses.list = list;
		if (status != SR_OK && sr_keeper_write(keeper, put_losses, &losses, true, &err) != SR_OK)
			sr_log(SR_LOG_WARNING, "the end of access %" PRIu64 " could not be written: %s",
			       list->opened, err.text);
		sr_live_access_free(list);
		list = next;
	}
}

void sr_reading_tick(struct sr_keeper *keeper)
{
	write_losses(keeper, "gone");
}

void sr_reading_end(struct sr_keeper *keeper)
{
	write_losses(keeper, "gone");
	sr_live_lose_all(keeper->reading->live);
	write_losses(keeper, "stopped");
}

/* --- at the start ---------------------------------------------------------------------------------- */

static enum sr_status collect(void *context, const char *key, json_t *record, struct sr_err *err)
{
	SR_TRY(sr_json_set(record, "opened", json_integer(strtoll(key + 2, NULL, 10)), err));
	return sr_json_append(context, json_incref(record), err);
}

static enum sr_status put_left(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct sr_keeper *keeper = context;
	SR_CLEANUP(sr_json_decrefp) json_t *left = json_array();
	size_t index;
	json_t *one;

	SR_TRY(sr_record_each(txn, SR_DB_GRANTS, "a/", collect, left, err));
	json_array_foreach(left, index, one) {
		const char *grant = sr_json_text(one, "grant");
		const char *case_id = sr_json_text(one, "case");
		const struct sr_closing closing = {
			.opened = (uint64_t)json_integer_value(json_object_get(one, "opened")),
			.grant = grant ? grant : "",
			.case_id = case_id ? case_id : "",
			.part = (uint32_t)json_integer_value(json_object_get(one, "part")),
			.member = (uint32_t)json_integer_value(json_object_get(one, "member")),
			.lost = true,
			.why = "crash",
		};

		SR_TRY(sr_closing_record(keeper, txn, NULL, &closing, err));
	}
	return SR_OK;
}

enum sr_status sr_reading_begin(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *left = json_array();

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_record_each(txn, SR_DB_GRANTS, "a/", collect, left, err));
	sr_txn_abortp(&txn);
	return json_array_size(left) == 0 ? SR_OK : sr_keeper_write(keeper, put_left, keeper, true, err);
}
