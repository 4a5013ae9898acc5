/* SPDX-License-Identifier: Apache-2.0 */
/* The last check of each archive, under its name. */
#include "appliance/keeper/state/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"

enum sr_status sr_reduce_fixity(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "seal", "bytes", "depth", "damage", "reported_by", NULL };
	const json_t *part = json_object_get(event->entry->root, "part");
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();
	char at[SR_TIME_TEXT];
	char key[64];

	sr_time_format_utc_us(event->entry->time_ns, at);
	SR_TRY(sr_json_set(record, "at", json_string(at), err));
	SR_TRY(sr_json_set(record, "ok", json_boolean(strcmp(event->entry->type, "fixity.passed") == 0),
	                   err));
	SR_TRY(sr_event_copy(event, keys, record, err));
	snprintf(key, sizeof(key), "%.36s-%03u", sr_event_text(event, "case"),
	         (unsigned)(json_integer_value(part) % 1000));
	return sr_record_put(event->txn, SR_DB_FIXITY, key, record, err);
}
