/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/keeper_clock.h"

#include <string.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"

#define MARK_KEY "clock"

int64_t sr_keeper_boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * SR_SECOND_NS + now.tv_nsec;
}

int64_t sr_keeper_now_ns(struct sr_keeper *keeper)
{
	struct sr_clock_reading reading;
	struct sr_err err;
	int64_t now_ns;

	pthread_mutex_lock(&keeper->lock);
	if (sr_clock_reading_take(&reading, &err) != SR_OK)
		reading = keeper->clock.last; /* a clock that cannot be read stands still */
	now_ns = sr_ledger_clock_now(&keeper->clock, &reading);
	pthread_mutex_unlock(&keeper->lock);
	return now_ns;
}

static enum sr_status read_mark(struct sr_txn *txn, struct sr_ledger_clock_mark *mark, bool *found,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_record_look(txn, SR_DB_META, MARK_KEY, &record, err));
	const char *boot = sr_json_text(record, "boot");
	*found = boot && strlen(boot) < sizeof(mark->boot_id);
	if (!*found)
		return SR_OK;
	memcpy(mark->boot_id, boot, strlen(boot) + 1);
	mark->boot_ns = json_integer_value(json_object_get(record, "boot_ns"));
	mark->ledger_ns = json_integer_value(json_object_get(record, "ledger_ns"));
	mark->accepted_ns = json_integer_value(json_object_get(record, "accepted_ns"));
	mark->stopped = json_is_true(json_object_get(record, "stopped"));
	return SR_OK;
}

enum sr_status sr_keeper_clock_start(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_ledger_clock_mark mark = { 0 };
	char boot_id[SR_BOOT_ID_TEXT];
	struct sr_ledger_clock_start start = { .boot_id = boot_id };
	bool found = false;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_journal_last_ns(txn, &start.last_entry_ns, err));
	SR_TRY(read_mark(txn, &mark, &found, err));
	SR_TRY(sr_boot_id_read(boot_id, err));
	SR_TRY(sr_clock_reading_take(&start.reading, err));
	start.mark = found ? &mark : NULL;
	sr_ledger_clock_start(&keeper->clock, &start);
	if (sr_ledger_clock_state(&keeper->clock) != SR_LEDGER_CLOCK_FINE)
		sr_log(SR_LOG_WARNING,
		       "ledger time and the machine's clock disagree (%s): see `strongroom status`",
		       sr_ledger_clock_state_name(sr_ledger_clock_state(&keeper->clock)));
	return SR_OK;
}

static enum sr_status put_mark(void *context, struct sr_txn *txn, struct sr_err *err)
{
	return sr_record_put(txn, SR_DB_META, MARK_KEY, context, err);
}

enum sr_status sr_keeper_clock_forget(struct sr_txn *txn, struct sr_err *err)
{
	return sr_record_drop(txn, SR_DB_META, MARK_KEY, err);
}

void sr_keeper_clock_store(struct sr_keeper *keeper)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	struct sr_ledger_clock_mark mark;
	struct sr_err err;

	(void)sr_keeper_now_ns(keeper);
	pthread_mutex_lock(&keeper->lock);
	sr_ledger_clock_mark(&keeper->clock, &mark);
	pthread_mutex_unlock(&keeper->lock);
	enum sr_status status =
		SR_JSON_PACK(&record, &err, "{s:s,s:I,s:I,s:I,s:b}", "boot", mark.boot_id, "boot_ns",
	                     (json_int_t)mark.boot_ns, "ledger_ns", (json_int_t)mark.ledger_ns, "accepted_ns",
	                     (json_int_t)mark.accepted_ns, "stopped", mark.stopped);
	if (status == SR_OK)
		status = sr_keeper_write(keeper, put_mark, record, false, &err);
	if (status != SR_OK)
		sr_log(SR_LOG_WARNING, "ledger time could not be stored: %s", err.text);
}
