/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/people/delegation.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"

/* Delegations that are to end, gathered before any of them is changed. */
struct ending {
	const char *user; /* whom they name; NULL: those that end before @day */
	char day[SR_TIME_TEXT];
	json_t *list;
};

static enum sr_status gather(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct ending *ending = context;
	const char *official = sr_json_text(record, "official");
	const char *deputy = sr_json_text(record, "deputy");
	const char *until = sr_json_text(record, "until");
	bool ends = false;

	(void)key;
	if (!official || !deputy || !until)
		return SR_OK;
	if (ending->user)
		ends = strcmp(official, ending->user) == 0 || strcmp(deputy, ending->user) == 0;
	else
		ends = strcmp(until, ending->day) < 0;
	return ends ? sr_json_append(ending->list, json_incref(record), err) : SR_OK;
}

static json_t *end_fields(const json_t *record, const char *why)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "delegation", sr_json_text(record, "delegation"), "official",
	                 sr_json_text(record, "official"), "deputy", sr_json_text(record, "deputy"), "why",
	                 why);
}

enum sr_status sr_delegations_end_of(struct sr_act *act, struct sr_txn *txn, const char *user,
                                     const char *why, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct ending ending = { .user = user, .list = list };
	size_t index;
	json_t *record;

	SR_TRY(sr_record_each(txn, SR_DB_DELEGATES, "", gather, &ending, err));
	json_array_foreach(list, index, record)
		SR_TRY(sr_act_record(act, txn, "authority.ended", end_fields(record, why), NULL, err));
	return SR_OK;
}

/* --- a day is over --------------------------------------------------------------------------------- */

struct day_end {
	struct sr_keeper *keeper;
	int64_t day;
};

static enum sr_status put_expired(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct day_end *end = context;
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct ending ending = { .list = list };
	size_t index;
	json_t *record;

	sr_date_format(end->day, ending.day);
	SR_TRY(sr_record_each(txn, SR_DB_DELEGATES, "", gather, &ending, err));
	json_array_foreach(list, index, record)
		SR_TRY(sr_keeper_record(end->keeper, txn, "authority.ended", end_fields(record, "expired"),
		                        NULL, err));
	return SR_OK;
}

void sr_delegations_tick(struct sr_keeper *keeper)
{
	struct day_end end = { .keeper = keeper, .day = sr_date_of_time(sr_keeper_now_ns(keeper)) };
	struct sr_err err;

	if (keeper->delegations_day == end.day)
		return;
	keeper->delegations_day = end.day;
	if (sr_keeper_write(keeper, put_expired, &end, false, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "the end of delegations could not be written: %s", err.text);
}
