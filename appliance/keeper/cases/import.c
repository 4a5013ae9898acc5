/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/import.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/archive/scan.h"
#include "appliance/archive/verify.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/cases/case_entry.h"
#include "appliance/keeper/cases/part_filing.h"
#include "appliance/keeper/cases/seal_parts.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/vault.h"
#include "appliance/keeper/state/classes.h"

#define PIECE_BYTES (1u << 20)

struct importing {
	struct sr_act *act;
	const struct sr_import_request *request;
	char name[SR_STORE_NAME];
	struct sr_store_new *copy;
	struct sr_verify_report report; /* of the copy */
	bool known;                     /* the index names it */
	json_t *entry;                  /* of the log, where that names it and the index does not; or NULL */
	struct sr_digest seal;          /* that the log has, where it names it */
	struct sr_seal_plan plan;
	char number[SR_CASE_NAME_BYTES + 1];
	struct sr_part_filing filing;
	struct sr_sealing_record sealing;
};

static void importing_dispose(struct importing *i)
{
	sr_part_filing_dispose(&i->filing);
	json_decref(i->entry);
	sr_seal_plan_dispose(&i->plan);
	sr_verify_report_dispose(&i->report);
	sr_store_new_free(i->copy);
}

/* --- the file --------------------------------------------------------------------------------------- */

/* By what the file says of itself, before anything is copied and whether the case is known here or not. */
static enum sr_status check_clearance(struct importing *i, const struct sr_scan *scan, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const struct sr_archive_entry *entry = sr_scan_find(scan, SR_NAME_COVER);
	struct sr_cover cover;

	if (!entry)
		return sr_fail(err, SR_CORRUPT, "the archive has no " SR_NAME_COVER);
	SR_TRY(sr_scan_read_entry(i->request->fd, entry, SR_LIMIT_TAG_FILE_BYTES, &text, err));
	SR_TRY(sr_scan_check_cover(scan, sr_buf_bytes(&text), &cover, err));
	return sr_seal_require_clearance(i->act, sr_classes_of_text(cover.classification), err);
}

static enum sr_status read_name(struct importing *i, struct sr_err *err)
{
	struct sr_scan scan;

	enum sr_status status = sr_scan_read(i->request->fd, &scan, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "not an archive: ");
	snprintf(i->name, sizeof(i->name), "%s", scan.name);
	status = check_clearance(i, &scan, err);
	sr_scan_dispose(&scan);
	SR_TRY(status);
	return sr_store_name_is_valid(i->name)
	               ? SR_OK
	               : sr_fail(err, SR_CORRUPT, "the archive's folder has no case id for a name");
}

static enum sr_status copy_file(struct importing *i, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *piece = NULL;
	uint64_t done = 0;
	struct stat st;
	size_t got;

	if (fstat(i->request->fd, &st) < 0)
		return sr_fail_errno(err, "look at the archive");
	SR_TRY(sr_secret_new(PIECE_BYTES, &piece, err));
	SR_TRY(sr_store_create(i->act->keeper->data->store, i->name, &i->copy, err));
	do {
		SR_TRY(sr_fd_pread(i->request->fd, piece->data, piece->size, done, &got, err));
		SR_TRY(sr_fd_write_all(sr_store_new_fd(i->copy), piece->data, got, err));
		done += got;
		sr_progress_report(i->request->progress, "copy", done, (uint64_t)st.st_size);
	} while (got == piece->size && !sr_act_is_abandoned(i->act));
	return sr_act_is_abandoned(i->act) ? sr_fail(err, SR_IO, "whoever asked for it has gone") : SR_OK;
}

/* The copy is judged, not the file, which may change meanwhile. */
static enum sr_status verify_copy(struct importing *i, struct sr_err *err)
{
	const struct sr_verify_options options = { .roots = i->request->roots->seal,
		                                   .stamp_roots = i->request->roots->stamp,
		                                   .progress = i->request->progress };
	const struct sr_verify_report *report = &i->report;

	SR_TRY(sr_archive_verify(sr_store_new_fd(i->copy), &options, &i->report, err));
	if (!report->ok)
		return sr_fail(err, SR_TAMPERED, "%s: %s", report->damage[0].member, report->damage[0].what);
	if (strcmp(report->name, i->name) != 0)
		return sr_fail(err, SR_TAMPERED, "the archive changed while it was read");
	return SR_OK;
}

/* --- an archive that the log names ------------------------------------------------------------------- */

static enum sr_status look_in_log(struct importing *i, struct sr_err *err)
{
	if (i->known)
		return SR_OK;
	SR_TRY(sr_case_entry_find(i->act->keeper, i->name, &i->entry, err));
	const char *seal = sr_json_text(i->entry, "seal");
	i->known = i->entry != NULL;
	if (i->entry && (!seal || !sr_digest_from_hex(seal, &i->seal)))
		return sr_fail(err, SR_CORRUPT, "the entry of archive %s has no seal", i->name);
	/* Whoever may not list the organ's cases is told what a stranger's archive is told. */
	const char *organ = sr_json_text(i->entry, "organ");
	if (i->entry && (!organ || strcmp(organ, i->act->caller.organ) != 0))
		return sr_act_not_found(i->act, "case", i->name, err);
	return SR_OK;
}

static enum sr_status look_up(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct importing *i = act->work;
	struct sr_case_record record;
	struct sr_case_part part;
	char case_id[SR_UUID_TEXT];

	SR_TRY(sr_vault_names(txn, i->name, &i->known, err));
	if (!i->known)
		return SR_OK;
	snprintf(case_id, sizeof(case_id), "%.36s", i->name);
	SR_TRY(sr_case_view_find(act, txn, case_id, &record, err));
	snprintf(i->number, sizeof(i->number), "%.*s", (int)record.number.size,
	         (const char *)record.number.data);
	struct sr_cursor walk = sr_case_walk(record.parts);
	while (sr_case_part_next(&walk, &part))
		if (part.archive.size == strlen(i->name) &&
		    memcmp(part.archive.data, i->name, part.archive.size) == 0)
			memcpy(i->seal.bytes, part.seal, sizeof(part.seal));
	return SR_OK;
}

/* What is in its place now must be missing or damaged; a damaged one is put aside. */
static enum sr_status make_room(struct importing *i, struct sr_err *err)
{
	struct sr_data *data = i->act->keeper->data;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char path[SR_STORE_PATH];

	enum sr_status status = sr_store_open_archive(data->store, i->name, &fd, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	if (status == SR_OK)
		status = sr_seal_require_whole(data, fd, false, err);
	if (status == SR_OK)
		return sr_act_refuse(i->act, "Exists", err, "archive %s is in the vault, and whole", i->name);
	if (status != SR_TAMPERED && status != SR_INVALID && status != SR_IO)
		return status;
	SR_TRY(sr_store_put_aside(data->store, i->name, path, err));
	sr_log(SR_LOG_NOTICE, "the damaged archive %s lies in vault/%s now", i->name, path);
	return SR_OK;
}

static enum sr_status put_passed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct importing *i = act->work;
	char seal[SR_DIGEST_HEX];
	json_t *fields = NULL;
	struct stat st;

	if (fstat(sr_store_new_fd(i->copy), &st) < 0)
		return sr_fail_errno(err, "look at the archive");
	sr_digest_to_hex(&i->report.seal, seal);
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:i,s:s,s:I,s:s}", "case", i->report.cover.case_id, "part",
	                    (int)i->report.cover.part, "seal", seal, "bytes", (json_int_t)st.st_size, "depth",
	                    "full"));
	return sr_act_record(act, txn, "fixity.passed", fields, NULL, err);
}

static enum sr_status put_passed_and_file(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct importing *i = act->work;

	SR_TRY(put_passed(act, txn, err));
	return sr_filer_put(i->filing.filer, txn, NULL, err);
}

/* An archive that a rebuild did not find: it gets its old place in the log's words. */
static enum sr_status file_again(struct importing *i, struct sr_err *err)
{
	char name[SR_STORE_NAME];

	SR_TRY(sr_case_entry_record(i->entry, name, &i->sealing, err));
	SR_TRY(sr_part_filing_classes(i->act->keeper, &i->sealing, err));
	snprintf(i->number, sizeof(i->number), "%s", i->sealing.number);
	SR_TRY(sr_part_filing_read(i->act->keeper, &i->sealing, &i->filing, err));
	return sr_act_write(i->act, NULL, put_passed_and_file, err);
}

static enum sr_status put_back(struct importing *i, struct sr_err *err)
{
	if (!sr_digest_equal(&i->seal, &i->report.seal))
		return sr_fail(
			err, SR_TAMPERED,
			"archive %s has another seal than the log says: it is not the one that was sealed",
			i->name);
	SR_TRY(make_room(i, err));
	SR_TRY(sr_store_publish(i->copy, err));
	return i->entry ? file_again(i, err) : sr_act_write(i->act, NULL, put_passed, err);
}

/* --- an archive that it does not name ---------------------------------------------------------------- */

static enum sr_status plan(struct importing *i, const struct sr_vault_archive *opened, struct sr_err *err)
{
	const struct sr_cover *cover = sr_archive_cover(opened->archive);
	const struct sr_case description = {
		.root = json_object_get(opened->catalogue->root, "description"),
		.number = opened->catalogue->number,
	};

	if (strlen(description.number) > SR_CASE_NAME_BYTES)
		return sr_fail(err, SR_LIMIT, "its case number is over %u bytes", SR_CASE_NAME_BYTES);
	snprintf(i->number, sizeof(i->number), "%s", description.number);
	SR_TRY(sr_seal_plan_make(i->act, &description, cover->part > 1 ? cover->case_id : NULL, &i->plan,
	                         err));
	if (cover->part == 1)
		memcpy(i->plan.case_id, cover->case_id, sizeof(i->plan.case_id));
	if (cover->part != i->plan.part)
		return sr_fail(err, SR_INVALID, "part %u of this case comes next, and the archive is part %u",
		               i->plan.part, cover->part);
	if (cover->has_previous && !sr_digest_equal(&cover->previous, &i->plan.previous))
		return sr_fail(err, SR_TAMPERED, "it continues another part %u than the one that is here",
		               cover->part - 1);
	return SR_OK;
}

static enum sr_status check_import(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct importing *i = act->work;

	return sr_seal_plan_check(act, txn, &i->plan, i->number, err);
}

static enum sr_status put_import(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct importing *i = act->work;
	const struct sr_sealed_part part = {
		.record = &i->sealing,
		.cover = &i->report.cover,
		.description = json_object_get(i->filing.opened.catalogue->root, "description"),
		.seal = &i->filing.seal,
		.stamp = &i->filing.stamp,
		.stamped_at_ns = i->filing.stamped_at_ns,
		.from = i->report.signed_by ? i->report.signed_by : "?",
	};
	json_t *fields = NULL;

	SR_TRY(sr_sealed_fields(&part, &fields, err));
	SR_TRY(sr_act_record(act, txn, "case.imported", fields, NULL, err));
	return sr_filer_put(i->filing.filer, txn, NULL, err);
}

static enum sr_status take_in(struct importing *i, struct sr_err *err)
{
	struct sr_keeper *keeper = i->act->keeper;

	SR_TRY(sr_part_filing_read(keeper, &i->sealing, &i->filing, err));
	return sr_act_write(i->act, check_import, put_import, err);
}

/*
 * Once it has its name it is filed; what a crash leaves between the two is put aside by the next start, and
 * can be imported again.
 */
static enum sr_status import_new(struct importing *i, struct sr_err *err)
{
	struct sr_keeper *keeper = i->act->keeper;
	SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };
	struct sr_err second;

	enum sr_status status =
		sr_vault_unlock(sr_store_new_fd(i->copy), sr_keyring_opener(keeper->keyring), &opened, err);
	if (status == SR_DENIED)
		return sr_fail(err, SR_DENIED,
		               "the archive is not wrapped for this appliance; recover its files with an "
		               "escrow key of the appliance that sealed it");
	SR_TRY(status);
	SR_TRY(plan(i, &opened, err));
	i->sealing = (struct sr_sealing_record){
		.name = i->name,
		.number = i->number,
		.organ = i->plan.organ,
		.handler = "",
		.archivist = i->act->caller.user,
		.first_number = i->plan.first_number,
		.case_classes = i->plan.case_classes,
	};
	sr_act_set_work(i->act, i);
	SR_TRY(sr_store_publish(i->copy, err));
	status = take_in(i, err);
	if (status != SR_OK && sr_store_withdraw(keeper->data->store, i->name, &second) != SR_OK)
		sr_log(SR_LOG_WARNING, "%s", second.text);
	return status;
}

static enum sr_status answer(const struct importing *i, json_t **reply, struct sr_err *err)
{
	const struct sr_cover *cover = &i->report.cover;
	char seal[SR_DIGEST_HEX];
	char path[PATH_MAX];

	sr_digest_to_hex(&i->report.seal, seal);
	sr_vault_path(i->act->keeper->data, i->name, path);
	return SR_JSON_PACK(reply, err, "{s:s,s:s,s:i,s:s,s:s,s:I,s:I}", "case", cover->case_id, "number",
	                    i->number, "part", (int)cover->part, "seal", seal, "archive", path, "members",
	                    (json_int_t)cover->members, "bytes", (json_int_t)cover->bytes);
}

enum sr_status sr_import(struct sr_act *act, const struct sr_import_request *request, json_t **reply,
                         struct sr_err *err)
{
	SR_CLEANUP(importing_dispose)
	struct importing i = { .act = act, .request = request, .filing = { .opened = { .fd = -1 } } };

	SR_TRY(read_name(&i, err));
	sr_act_set_work(act, &i);
	enum sr_status status = sr_act_read(act, look_up, err);
	if (status == SR_OK)
		status = look_in_log(&i, err);
	if (status == SR_OK)
		status = copy_file(&i, err);
	if (status == SR_OK)
		status = verify_copy(&i, err);
	if (status == SR_OK)
		status = i.known ? put_back(&i, err) : import_new(&i, err);
	sr_act_set_work(act, NULL);
	SR_TRY(status);
	return answer(&i, reply, err);
}
