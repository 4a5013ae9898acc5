/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/rebuild.h"

#include <inttypes.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/index/filing.h"
#include "appliance/keeper/cases/case_entry.h"
#include "appliance/keeper/cases/part_filing.h"
#include "appliance/keeper/cases/vault_start.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/journal.h"

#define PARTS_A_BATCH 64u      /* parts that are filed in one transaction */
#define MEMBERS_A_BATCH 10000u /* as many members end a batch */

/* One part that is read and not filed yet. */
struct part {
	json_t *entry; /* what the log says; the record's texts lie in it */
	struct sr_sealing_record record;
	char name[SR_STORE_NAME];
	struct sr_part_filing filing;
};

struct rebuilding {
	struct sr_keeper *keeper;
	const struct sr_progress *progress;
	struct sr_rebuilt done;
	uint64_t taken, archives; /* entries of cases; archives in the vault */
	struct part parts[PARTS_A_BATCH];
	size_t count;
	size_t members; /* of the parts */
};

static void drop_parts(struct rebuilding *r)
{
	for (size_t i = 0; i < r->count; i++) {
		sr_part_filing_dispose(&r->parts[i].filing);
		json_decref(r->parts[i].entry);
	}
	r->count = 0;
	r->members = 0;
}

static void rebuilding_dispose(struct rebuilding *r)
{
	drop_parts(r);
}

/* --- the index -------------------------------------------------------------------------------------- */

static enum sr_status drop(void *context, struct sr_txn *txn, struct sr_err *err)
{
	(void)context;
	return sr_index_drop(txn, err);
}

static enum sr_status put_batch(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct rebuilding *r = context;
	SR_CLEANUP(sr_gather_freep) struct sr_gather *gather = NULL;
	uint64_t missing = 0;

	SR_TRY(sr_gather_new(&gather, err));
	for (size_t i = 0; i < r->count; i++) {
		bool twice = false;

		SR_TRY(sr_vault_names(txn, r->parts[i].name, &twice, err));
		if (twice)
			continue;
		enum sr_status status = sr_filer_put(r->parts[i].filing.filer, txn, gather, err);

		/* A part behind one that could not be read has no place. */
		if (status == SR_NOT_FOUND || status == SR_INVALID || status == SR_EXISTS) {
			sr_log(SR_LOG_WARNING, "archive %s is not filed: %s", r->parts[i].name, err->text);
			missing++;
			continue;
		}
		SR_TRY(status);
	}
	SR_TRY(sr_filing_flush(txn, gather, err));
	r->done.missing += missing;
	return SR_OK;
}

static enum sr_status file_batch(struct rebuilding *r, struct sr_err *err)
{
	enum sr_status status = r->count > 0 ? sr_keeper_write(r->keeper, put_batch, r, false, err) : SR_OK;

	drop_parts(r);
	return status;
}

static enum sr_status read_part(struct rebuilding *r, struct part *part, struct sr_err *err)
{
	SR_TRY(sr_case_entry_record(part->entry, part->name, &part->record, err));
	if (strcmp(part->name + SR_UUID_TEXT, "001") != 0)
		SR_TRY(file_batch(r, err)); /* its first part must be in the index */
	SR_TRY(sr_part_filing_classes(r->keeper, &part->record, err));
	return sr_part_filing_read(r->keeper, &part->record, &part->filing, err);
}

static enum sr_status take_entry(void *context, json_t *entry, struct sr_err *err)
{
	struct rebuilding *r = context;
	struct part part = { .entry = entry, .filing = { .opened = { .fd = -1 } } };
	enum sr_status status = read_part(r, &part, err);

	sr_progress_report(r->progress, "rebuild", ++r->taken, r->archives);
	if (status == SR_NO_MEMORY || status == SR_IO || status == SR_BUSY || status == SR_LIMIT)
		return status;
	if (status != SR_OK) {
		sr_log(SR_LOG_WARNING, "archive %s is not filed: %s", part.name, err->text);
		r->done.missing++;
		return SR_OK;
	}
	struct part *place = &r->parts[r->count++];
	*place = part;
	place->record.name = place->name;
	json_incref(entry);
	r->members += place->filing.opened.catalogue->member_count;
	return r->count == PARTS_A_BATCH || r->members >= MEMBERS_A_BATCH ? file_batch(r, err) : SR_OK;
}

static enum sr_status count_archive(void *context, const char *name, bool foreign, struct sr_err *err)
{
	uint64_t *count = context;

	(void)name;
	(void)err;
	*count += foreign ? 0 : 1;
	return SR_OK;
}

static enum sr_status finish(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct rebuilding *r = context;

	SR_TRY(sr_txn_count(txn, SR_DB_CASES, &r->done.cases, err));
	SR_TRY(sr_journal_size(txn, &r->done.size, err));
	return sr_index_finish(txn, err);
}

static enum sr_status put_entry(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct rebuilding *r = context;
	json_t *fields =
		json_pack("{s:s,s:I,s:I,s:I}", "from", "log", "size", (json_int_t)r->done.size, "cases",
	                  (json_int_t)r->done.cases, "unknown", (json_int_t)r->done.unknown);

	return sr_keeper_record(r->keeper, txn, "index.rebuilt", fields, NULL, err);
}

/* --- the whole -------------------------------------------------------------------------------------- */

static enum sr_status file_all(struct rebuilding *r, struct sr_err *err)
{
	SR_TRY(sr_case_entries_each(r->keeper, take_entry, r, err));
	return file_batch(r, err);
}

enum sr_status sr_rebuild(struct sr_keeper *keeper, const struct sr_progress *progress,
                          struct sr_rebuilt *out, struct sr_err *err)
{
	SR_CLEANUP(rebuilding_dispose) struct rebuilding r = { .keeper = keeper, .progress = progress };

	SR_TRY(sr_store_list(keeper->data->store, count_archive, &r.archives, err));
	SR_TRY(sr_keeper_write(keeper, drop, NULL, false, err));
	SR_TRY(file_all(&r, err));
	SR_TRY(sr_keeper_write(keeper, finish, &r, false, err));
	SR_TRY(sr_vault_start_survey(keeper, &r.done.unknown, err));
	SR_TRY(sr_keeper_write(keeper, put_entry, &r, false, err));
	SR_TRY(sr_rebuild_digest(keeper, &r.done.digest, err));
	*out = r.done;
	return SR_OK;
}

enum sr_status sr_rebuild_unfinished(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_rebuilt done;
	bool current;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_index_is_current(txn, &current, err));
	sr_txn_abortp(&txn);
	if (current)
		return SR_OK;
	sr_log(SR_LOG_NOTICE, "the index is unfinished; it is made anew from log and archives");
	SR_TRY(sr_rebuild(keeper, NULL, &done, err));
	sr_log(SR_LOG_NOTICE, "the index holds %" PRIu64 " cases again", done.cases);
	return SR_OK;
}

/* --- digest ----------------------------------------------------------------------------------------- */

static enum sr_status add_sized(struct sr_hasher *hasher, const void *data, size_t size, struct sr_err *err)
{
	uint8_t head[8];

	for (unsigned i = 0; i < sizeof(head); i++)
		head[i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
	SR_TRY(sr_hasher_add(hasher, head, sizeof(head), err));
	return sr_hasher_add(hasher, data, size, err);
}

static enum sr_status hash_value(void *context, const char *db, struct sr_bytes key, struct sr_bytes value,
                                 struct sr_err *err)
{
	SR_TRY(add_sized(context, db, strlen(db), err));
	SR_TRY(add_sized(context, key.data, key.size, err));
	return add_sized(context, value.data, value.size, err);
}

enum sr_status sr_rebuild_digest(struct sr_keeper *keeper, struct sr_digest *out, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;

	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_index_each(txn, hash_value, hasher, err));
	return sr_hasher_finish(hasher, out, err);
}
