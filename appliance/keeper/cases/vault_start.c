/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/vault_start.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/cases/case_entry.h"
#include "appliance/keeper/cases/part_filing.h"
#include "appliance/keeper/cases/seal_parts.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"

/* --- sealings under way ------------------------------------------------------------------------------ */

static enum sr_status gather(void *context, const char *key, json_t *record, struct sr_err *err)
{
	return sr_json_set(context, key, json_incref(record), err);
}

struct adoption {
	struct sr_keeper *keeper;
	const char *name;
	const struct sr_sealing_record *record;
	struct sr_part_filing *filing; /* NULL: forget it */
};

/* Whether the log has the part already: only a restored database can have both. */
static enum sr_status is_known(struct sr_txn *txn, const struct sr_cover *cover, bool *out,
                               struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id id;

	*out = false;
	if (!sr_case_id_parse(cover->case_id, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	*out = record.part_count >= cover->part;
	return SR_OK;
}

static enum sr_status put_adopted(const struct adoption *adoption, struct sr_txn *txn, struct sr_err *err)
{
	const struct sr_part_filing *filing = adoption->filing;
	const struct sr_cover *cover = sr_archive_cover(filing->opened.archive);
	const struct sr_sealed_part part = {
		.record = adoption->record,
		.cover = cover,
		.description = json_object_get(filing->opened.catalogue->root, "description"),
		.seal = &filing->seal,
		.stamp = &filing->stamp,
		.stamped_at_ns = filing->stamped_at_ns,
		.recovered = true,
	};
	json_t *fields = NULL;
	bool known;

	SR_TRY(is_known(txn, cover, &known, err));
	if (known)
		return SR_OK;
	SR_TRY(sr_sealed_fields(&part, &fields, err));
	SR_TRY(sr_keeper_record(adoption->keeper, txn, "case.sealed", fields, NULL, err));
	return sr_filer_put(filing->filer, txn, NULL, err);
}

static enum sr_status settle(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct adoption *adoption = context;

	if (adoption->filing)
		SR_TRY(put_adopted(adoption, txn, err));
	return sr_record_drop(txn, SR_DB_SEALING, adoption->name, err);
}

/* SR_OK when the archive is there, whole, and what the record says. */
static enum sr_status examine(struct sr_keeper *keeper, const struct sr_sealing_record *record,
                              struct sr_part_filing *filing, struct sr_err *err)
{
	SR_TRY(sr_part_filing_read(keeper, record, filing, err));
	return sr_seal_require_whole(keeper->data, filing->opened.fd, true, err);
}

static enum sr_status adopt_one(struct sr_keeper *keeper, const char *name, const json_t *value,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_part_filing_dispose) struct sr_part_filing filing = { .opened = { .fd = -1 } };
	struct adoption adoption = { .keeper = keeper, .name = name };
	struct sr_sealing_record record;

	enum sr_status status = sr_sealing_decode(name, value, &record, err);
	if (status == SR_OK)
		status = examine(keeper, &record, &filing, err);
	if (status == SR_NO_MEMORY)
		return status;
	if (status == SR_OK) {
		adoption.record = &record;
		adoption.filing = &filing;
		sr_log(SR_LOG_NOTICE, "archive %s was sealed when the keeper ended; it is in the log now",
		       name);
	} else if (status != SR_NOT_FOUND) {
		sr_log(SR_LOG_WARNING, "a sealing that was under way is forgotten: %s", err->text);
	}
	return sr_keeper_write(keeper, settle, &adoption, false, err);
}

static enum sr_status gather_sealings(struct sr_keeper *keeper, json_t *list, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	return sr_record_each(txn, SR_DB_SEALING, "", gather, list, err);
}

enum sr_status sr_vault_start_adopt(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_object();
	const char *name;
	json_t *record;

	if (!list)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	SR_TRY(gather_sealings(keeper, list, err));
	if (json_object_size(list) > 0)
		SR_TRY(sr_store_sweep(keeper->data->store, err));
	json_object_foreach(list, name, record)
		SR_TRY(adopt_one(keeper, name, record, err));
	return SR_OK;
}

/* --- archives and the log ---------------------------------------------------------------------------- */

struct survey {
	struct sr_txn *txn;
	json_t *unknown; /* names */
};

static enum sr_status look_at_archive(void *context, const char *name, bool foreign, struct sr_err *err)
{
	struct survey *survey = context;
	bool known = false;
	struct sr_bytes value;

	if (foreign)
		return SR_OK;
	SR_TRY(sr_vault_names(survey->txn, name, &known, err));
	if (!known)
		SR_TRY(sr_txn_look(survey->txn, SR_DB_SEALING,
		                   (struct sr_bytes){ (const uint8_t *)name, strlen(name) }, &known, &value,
		                   err));
	return known ? SR_OK : sr_json_append(survey->unknown, json_string(name), err);
}

static enum sr_status run_survey(struct sr_keeper *keeper, struct survey *survey, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	bool current = false;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_index_is_current(txn, &current, err));
	if (!current)
		return SR_OK; /* the rebuild does it */
	survey->txn = txn;
	return sr_store_list(keeper->data->store, look_at_archive, survey, err);
}

enum sr_status sr_vault_start_survey(struct sr_keeper *keeper, uint64_t *count, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *unknown = json_array();
	struct survey survey = { .unknown = unknown };
	uint64_t moved = 0;
	size_t index;
	json_t *name;

	if (!unknown)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	SR_TRY(run_survey(keeper, &survey, err));
	json_array_foreach(unknown, index, name) {
		SR_CLEANUP(sr_json_decrefp) json_t *entry = NULL;
		char path[SR_STORE_PATH];

		SR_TRY(sr_case_entry_find(keeper, json_string_value(name), &entry, err));
		if (entry) {
			sr_log(SR_LOG_WARNING,
			       "archive %s is in the log and not in the index: strongroom rebuild files it",
			       json_string_value(name));
			continue;
		}
		moved++;
		SR_TRY(sr_store_put_aside(keeper->data->store, json_string_value(name), path, err));
		sr_log(SR_LOG_WARNING,
		       "archive %s is in the vault and not in the log; it lies in vault/%s now: put it back "
		       "with "
		       "strongroom import, or remove it",
		       json_string_value(name), path);
	}
	if (count)
		*count = moved;
	return SR_OK;
}
