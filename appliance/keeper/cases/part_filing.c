/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/part_filing.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/crypto/stamp.h"
#include "appliance/keeper/cases/case_facts.h"
#include "appliance/keeper/core/keeper_parts.h"

void sr_part_filing_dispose(struct sr_part_filing *filing)
{
	sr_filer_free(filing->filer);
	json_decref(filing->organs);
	sr_vault_archive_dispose(&filing->opened);
	*filing = (struct sr_part_filing){ .opened = { .fd = -1 } };
}

static enum sr_status read_stamp(struct sr_part_filing *filing, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf stamp = { 0 };

	SR_TRY(sr_vault_seal_digest(filing->opened.archive, &filing->seal, err));
	SR_TRY(sr_archive_read_entry(filing->opened.archive, SR_NAME_STAMP, SR_LIMIT_SIGNATURE_BYTES, &stamp,
	                             err));
	SR_TRY(sr_digest_of(stamp.data, stamp.size, &filing->stamp, err));
	return sr_stamp_peek(sr_buf_bytes(&stamp), &filing->stamped_at_ns, err);
}

static enum sr_status add_members(struct sr_part_filing *filing, struct sr_err *err)
{
	const struct sr_catalogue *catalogue = filing->opened.catalogue;

	for (size_t i = 0; i < catalogue->member_count; i++) {
		const struct sr_catalogue_member *from = &catalogue->members[i];
		const struct sr_filer_member member = {
			.json = from->json,
			.path = from->path,
			.class = from->class,
			.bytes = from->bytes,
			.offset = sr_archive_member(filing->opened.archive, i)->offset,
			.head = from->head_sha256,
		};

		SR_TRY(sr_filer_add(filing->filer, &member, err));
	}
	return SR_OK;
}

static enum sr_status read_organs(const struct sr_keeper *keeper, const char *organ, json_t **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	return sr_seal_organs(txn, organ, out, err);
}

static enum sr_status make_filer(struct sr_part_filing *filing, const struct sr_sealing_record *record,
                                 struct sr_err *err)
{
	const struct sr_catalogue *catalogue = filing->opened.catalogue;
	const struct sr_cover *cover = sr_archive_cover(filing->opened.archive);
	const json_t *description = json_object_get(catalogue->root, "description");
	SR_CLEANUP(sr_json_decrefp) json_t *defects = NULL;
	struct sr_filer_facts facts = {
		.case_id = cover->case_id,
		.part = cover->part,
		.first_number = catalogue->member_count > 0 ? catalogue->members[0].number : 1,
		.organ = record->organ,
		.handler = record->handler[0] ? record->handler : sr_seal_preparer(description),
		.archivist = record->archivist,
		.sealed_ns = cover->sealed_at_ns,
		.case_classes = record->case_classes,
		.description = description,
	};
	struct stat st;

	if (strcmp(catalogue->number, record->number) != 0)
		return sr_fail(err, SR_INVALID, "archive %s is of case number %s, not %s", record->name,
		               catalogue->number, record->number);
	if (fstat(filing->opened.fd, &st) < 0)
		return sr_fail_errno(err, "look at the archive %s", record->name);
	SR_TRY(sr_case_facts_defects_json(json_object_get(catalogue->root, "findings"), &defects, err));
	facts.defects = defects;
	facts.applied = json_object_get(json_object_get(catalogue->root, "rulebook"), "applied");
	sr_seal_borrow_organs(filing->organs, &facts);
	SR_TRY(sr_filer_new(&facts, &filing->filer, err));
	SR_TRY(add_members(filing, err));
	return sr_filer_finish(filing->filer, &filing->seal, (uint64_t)st.st_size, err);
}

enum sr_status sr_part_filing_read(const struct sr_keeper *keeper, const struct sr_sealing_record *record,
                                   struct sr_part_filing *out, struct sr_err *err)
{
	SR_CLEANUP(sr_part_filing_dispose) struct sr_part_filing filing = { .opened = { .fd = -1 } };

	SR_TRY(sr_vault_open(keeper->data, sr_keyring_opener(keeper->keyring), record->name, &filing.opened,
	                     err));
	SR_TRY(read_stamp(&filing, err));
	SR_TRY(read_organs(keeper, record->organ, &filing.organs, err));
	SR_TRY(make_filer(&filing, record, err));
	*out = filing;
	filing = (struct sr_part_filing){ .opened = { .fd = -1 } };
	return SR_OK;
}

enum sr_status sr_part_filing_classes(const struct sr_keeper *keeper, struct sr_sealing_record *record,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_case_record known;
	struct sr_case_id id;
	char case_id[SR_UUID_TEXT];

	snprintf(case_id, sizeof(case_id), "%.36s", record->name);
	if (strcmp(record->name + SR_UUID_TEXT, "001") == 0)
		return SR_OK;
	if (!sr_case_id_parse(case_id, &id))
		return sr_fail(err, SR_CORRUPT, "%s is no case id", case_id);
	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	SR_TRY(sr_case_store_get(txn, &id, &known, err));
	record->case_classes = known.classes;
	return SR_OK;
}
