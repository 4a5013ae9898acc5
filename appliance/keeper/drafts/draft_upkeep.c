/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to drafts of itself: idle ones are dropped, folders of past ones go. */
#include "appliance/keeper/drafts/draft.h"

#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"

#define IDLE_DAYS 30
#define LOOK_NS (3600 * SR_SECOND_NS)

/* Whether nobody will ask for DATA/staging/@name again: an upload without its draft, a draft that ended, the
 * replay of a verification that was killed (ledger_check.c). */
static enum sr_status is_past(struct sr_txn *txn, const char *name, bool *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;

	*out = sr_text_starts_with(name, ".incoming-") || sr_text_starts_with(name, "verify-");
	if (*out || name[0] != 'D' || strlen(name) >= SR_RECORD_KEY)
		return SR_OK;
	SR_TRY(sr_record_look(txn, SR_DB_DRAFTS, name, &draft, err));
	const char *state = sr_json_text(draft, "state");
	*out = state && (strcmp(state, "sealed") == 0 || strcmp(state, "dropped") == 0);
	return SR_OK;
}

enum sr_status sr_drafts_begin(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	const char *name;

	SR_TRY(sr_dir_open(keeper->staging_fd, &dir, err));
	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	for (;;) {
		bool past = false;

		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			return SR_OK;
		SR_TRY(is_past(txn, name, &past, err));
		if (past)
			SR_TRY(sr_draft_folder_erase(keeper->staging_fd, name, err));
	}
}

/* --- idle ones -------------------------------------------------------------------------------------- */

struct idling {
	struct sr_keeper *keeper;
	int64_t before_ns;
	json_t *drafts; /* ids */
};

static enum sr_status note_idle(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct idling *idling = context;
	const char *touched = sr_json_text(record, "touched");
	const char *state = sr_json_text(record, "state");
	int64_t touched_ns;

	if (!touched || !state || !sr_time_parse(touched, &touched_ns) || touched_ns >= idling->before_ns ||
	    (strcmp(state, "open") != 0 && strcmp(state, "returned") != 0))
		return SR_OK;
	return sr_json_append(idling->drafts, json_string(key), err);
}

static enum sr_status drop_idle(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct idling *idling = context;
	size_t index;
	json_t *id;

	if (json_array_clear(idling->drafts) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for drafts");
	SR_TRY(sr_record_each(txn, SR_DB_DRAFTS, "", note_idle, idling, err));
	json_array_foreach(idling->drafts, index, id) {
		json_t *fields = json_pack("{s:O,s:s}", "draft", id, "why", "idle");

		SR_TRY(sr_keeper_record(idling->keeper, txn, "draft.dropped", fields, NULL, err));
	}
	return SR_OK;
}

/* Nothing is written while there is nothing to write. */
static enum sr_status look_for_idle(struct idling *idling, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(idling->keeper->env, &txn, err));
	return sr_record_each(txn, SR_DB_DRAFTS, "", note_idle, idling, err);
}

static enum sr_status end_idle(struct idling *idling, struct sr_err *err)
{
	size_t index;
	json_t *id;

	SR_TRY(look_for_idle(idling, err));
	if (json_array_size(idling->drafts) == 0)
		return SR_OK;
	SR_TRY(sr_keeper_write(idling->keeper, drop_idle, idling, false, err));
	json_array_foreach(idling->drafts, index, id)
		SR_TRY(sr_draft_folder_erase(idling->keeper->staging_fd, json_string_value(id), err));
	return SR_OK;
}

void sr_drafts_tick(struct sr_keeper *keeper)
{
	SR_CLEANUP(sr_json_decrefp) json_t *drafts = NULL;
	int64_t now_ns = sr_keeper_now_ns(keeper);
	struct sr_err err;

	if (keeper->drafts_looked_ns != 0 && now_ns - keeper->drafts_looked_ns < LOOK_NS)
		return;
	keeper->drafts_looked_ns = now_ns;
	drafts = json_array();
	struct idling idling = {
		.keeper = keeper,
		.before_ns = now_ns - IDLE_DAYS * SR_DAY_S * SR_SECOND_NS,
		.drafts = drafts,
	};
	if (!drafts || end_idle(&idling, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "idle drafts could not be dropped: %s",
		       drafts ? err.text : "no memory");
}
