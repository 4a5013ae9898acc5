/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

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

/* The appliance's own word on what it found when it started: one after the other, of each pack. */
enum sr_status sr_reduce_rulebook_changed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "name", "digest", "time", NULL };
	const char *digest = sr_event_text(event, "digest"), *previous = sr_event_text(event, "previous");
	SR_CLEANUP(sr_json_decrefp) json_t *before = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();
	char key[SR_RECORD_KEY];

	if (sr_event_user(event))
		return sr_fail(err, SR_DENIED, "the appliance itself records its rulebooks");
	snprintf(key, sizeof(key), SR_STATE_RULEBOOK "%.64s", sr_event_text(event, "name"));
	SR_TRY(sr_record_look(event->txn, SR_DB_POLICY, key, &before, err));
	const char *holds = sr_json_text(before, "digest");
	if ((previous == NULL) != (holds == NULL) || (previous && strcmp(previous, holds) != 0))
		return sr_fail(err, SR_DENIED, "another text of the rulebook was recorded before");
	if (!digest)
		return previous ? sr_record_drop(event->txn, SR_DB_POLICY, key, err)
		                : sr_fail(err, SR_DENIED, "a rulebook that was not there cannot go");
	SR_TRY(sr_event_copy(event, keys, record, err));
	return sr_record_put(event->txn, SR_DB_POLICY, key, record, err);
}

enum sr_status sr_reduce_key_changed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "what", "digest", "time", NULL };
	const char *previous = sr_event_text(event, "previous");
	SR_CLEANUP(sr_json_decrefp) json_t *before = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();
	char key[SR_RECORD_KEY];

	if (sr_event_user(event))
		return sr_fail(err, SR_DENIED, "the appliance itself records its keys");
	snprintf(key, sizeof(key), SR_STATE_KEY "%.64s", sr_event_text(event, "what"));
	SR_TRY(sr_record_look(event->txn, SR_DB_POLICY, key, &before, err));
	const char *holds = sr_json_text(before, "digest");
	if (holds && (!previous || strcmp(previous, holds) != 0))
		return sr_fail(err, SR_DENIED, "another key was recorded before");
	SR_TRY(sr_event_copy(event, keys, record, err));
	return sr_record_put(event->txn, SR_DB_POLICY, key, record, err);
}
