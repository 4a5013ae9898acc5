/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/case_entry.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/epochs.h"
#include "appliance/keeper/state/journal.h"

#define CASE_TYPE "\"type\":\"case."
#define ENTRIES_A_SNAPSHOT 5000u

/* --- all of them ------------------------------------------------------------------------------------ */

struct walk {
	enum sr_status (*each)(void *context, json_t *entry, struct sr_err *err);
	void *context;
};

/* The entry's tree where it is one of these, else NULL; the caller owns it. */
static enum sr_status read_entry(struct sr_bytes bytes, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

	*out = NULL;
	if (!memmem(bytes.data, bytes.size, CASE_TYPE, sizeof(CASE_TYPE) - 1)) /* a cheap look first */
		return SR_OK;
	SR_TRY(sr_entry_decode(bytes, &entry, err));
	if (strcmp(entry.type, "case.sealed") == 0 || strcmp(entry.type, "case.imported") == 0)
		*out = json_incref(entry.root);
	return SR_OK;
}

static enum sr_status take_frozen(void *context, uint64_t seq, struct sr_bytes bytes, struct sr_err *err)
{
	const struct walk *walk = context;
	SR_CLEANUP(sr_json_decrefp) json_t *entry = NULL;

	(void)seq;
	SR_TRY(read_entry(bytes, &entry, err));
	return entry ? walk->each(walk->context, entry, err) : SR_OK;
}

/* Epochs before this one lie in frozen files, not in the database. */
static enum sr_status walk_frozen(const struct sr_keeper *keeper, struct walk *walk, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry first = { 0 };
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_epoch epoch;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_journal_entry(txn, 0, &bytes, err));
	SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &first, err));
	SR_TRY(sr_epoch_read(&first, &epoch, err));
	sr_txn_abortp(&txn);
	return epoch.continues ? sr_epochs_each(keeper->ledger_fd, &epoch, take_frozen, walk, err) : SR_OK;
}

/* Some thousand entries of the database from *next on; those of cases go to @found. */
static enum sr_status read_some(const struct sr_keeper *keeper, uint64_t *next, uint64_t *size, json_t *found,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_journal_size(txn, size, err));
	for (unsigned i = 0; i < ENTRIES_A_SNAPSHOT && *next < *size; i++, (*next)++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		json_t *entry;

		SR_TRY(sr_journal_entry(txn, *next, &bytes, err));
		SR_TRY(read_entry(sr_buf_bytes(&bytes), &entry, err));
		if (entry)
			SR_TRY(sr_json_append(found, entry, err));
	}
	return SR_OK;
}

enum sr_status sr_case_entries_each(const struct sr_keeper *keeper,
                                    enum sr_status (*each)(void *context, json_t *entry, struct sr_err *err),
                                    void *context, struct sr_err *err)
{
	struct walk walk = { .each = each, .context = context };
	uint64_t size = 1;

	SR_TRY(walk_frozen(keeper, &walk, err));
	for (uint64_t next = 0; next < size;) {
		SR_CLEANUP(sr_json_decrefp) json_t *found = json_array();
		size_t index;
		json_t *entry;

		if (!found)
			return sr_fail(err, SR_NO_MEMORY, "no memory for entries");
		SR_TRY(read_some(keeper, &next, &size, found, err));
		json_array_foreach(found, index, entry)
			SR_TRY(each(context, entry, err));
	}
	return SR_OK;
}

struct search {
	const char *name;
	json_t *found;
};

static enum sr_status match(void *context, json_t *entry, struct sr_err *err)
{
	struct search *search = context;
	struct sr_sealing_record record;
	char name[SR_STORE_NAME];

	SR_TRY(sr_case_entry_record(entry, name, &record, err));
	if (!search->found && strcmp(name, search->name) == 0)
		search->found = json_incref(entry);
	return SR_OK;
}

enum sr_status sr_case_entry_find(const struct sr_keeper *keeper, const char *name, json_t **out,
                                  struct sr_err *err)
{
	struct search search = { .name = name };

	*out = NULL;
	enum sr_status status = sr_case_entries_each(keeper, match, &search, err);
	if (status == SR_OK)
		*out = search.found;
	else
		json_decref(search.found);
	return status;
}

/* --- one of them ------------------------------------------------------------------------------------ */

enum sr_status sr_case_entry_record(const json_t *entry, char name[SR_STORE_NAME],
                                    struct sr_sealing_record *out, struct sr_err *err)
{
	struct sr_sealing_record record = { .name = name };
	const char *case_id;
	uint64_t part;

	SR_TRY(sr_json_need_text(entry, "case", &case_id, err));
	SR_TRY(sr_json_need_u64(entry, "part", SR_LIMIT_PARTS, &part, err));
	SR_TRY(sr_store_name(case_id, (unsigned)part, name, err));
	SR_TRY(sr_json_need_text(entry, "number", &record.number, err));
	SR_TRY(sr_json_need_text(entry, "organ", &record.organ, err));
	SR_TRY(sr_json_need_text(entry, "archivist", &record.archivist, err));
	record.handler = sr_json_text(entry, "handler");
	if (!record.handler)
		record.handler = "";
	*out = record;
	return SR_OK;
}
