/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/keeper_parts.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/reduce.h"

enum sr_status sr_keeper_record_as(struct sr_keeper *keeper, struct sr_txn *txn, const char *type,
                                   const json_t *actor, json_t *fields, uint64_t *seq, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = fields;

	if (!taken)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an entry");
	const struct sr_entry_draft draft = { .type = type, .actor = actor, .fields = taken };

	return sr_record_event(txn, &draft, sr_keeper_now_ns(keeper), seq, err);
}

enum sr_status sr_keeper_record(struct sr_keeper *keeper, struct sr_txn *txn, const char *type,
                                json_t *fields, uint64_t *seq, struct sr_err *err)
{
	return sr_keeper_record_as(keeper, txn, type, NULL, fields, seq, err);
}

enum sr_status sr_keeper_write(struct sr_keeper *keeper,
                               enum sr_status (*apply)(void *context, struct sr_txn *txn, struct sr_err *err),
                               void *context, bool control, struct sr_err *err)
{
	const struct sr_job job = { .apply = apply, .context = context, .control = control };

	return sr_writer_run(keeper->writer, &job, err);
}
