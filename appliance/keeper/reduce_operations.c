/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reduce_kinds.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/record.h"

enum sr_status sr_reduce_backup_made(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "time", "size", "root", "archives", "bytes", "to", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();

	SR_TRY(sr_event_copy(event, keys, record, err));
	return sr_record_put(event->txn, SR_DB_META, SR_LAST_BACKUP, record, err);
}

enum sr_status sr_reduce_checkpoint_witnessed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "time", "size", "root", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();

	SR_TRY(sr_event_copy(event, keys, record, err));
	return sr_record_put(event->txn, SR_DB_META, SR_LAST_WITNESSED, record, err);
}
