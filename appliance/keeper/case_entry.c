/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/case_entry.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/journal.h"
#include "appliance/keeper/keeper_parts.h"

#define CASE_TYPE "\"type\":\"case."
#define ENTRIES_A_SNAPSHOT 5000u

bool sr_case_entry_is(const struct sr_entry *entry)
{
	return strcmp(entry->type, "case.sealed") == 0 || strcmp(entry->type, "case.imported") == 0;
}

bool sr_case_entry_may_be(struct sr_bytes bytes)
{
	return memmem(bytes.data, bytes.size, CASE_TYPE, sizeof(CASE_TYPE) - 1) != NULL;
}

/* Whether entry @seq is the one of the archive @name; its tree goes to *out. */
static enum sr_status look_at(struct sr_txn *txn, uint64_t seq, const char *name, json_t **out,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	struct sr_sealing_record record;
	char other[SR_STORE_NAME];

	SR_TRY(sr_journal_entry(txn, seq, &bytes, err));
	if (!sr_case_entry_may_be(sr_buf_bytes(&bytes)) ||
	    !memmem(bytes.data, bytes.size, name, SR_UUID_TEXT - 1))
		return SR_OK;
	SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
	if (!sr_case_entry_is(&entry))
		return SR_OK;
	SR_TRY(sr_case_entry_record(entry.root, other, &record, err));
	if (strcmp(other, name) == 0)
		*out = json_incref(entry.root);
	return SR_OK;
}

enum sr_status sr_case_entry_find(const struct sr_keeper *keeper, const char *name, json_t **out,
                                  struct sr_err *err)
{
	uint64_t size = 1;

	*out = NULL;
	for (uint64_t seq = 0; seq < size && !*out;) {
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

		SR_TRY(sr_txn_read(keeper->env, &txn, err));
		SR_TRY(sr_journal_size(txn, &size, err));
		for (unsigned i = 0; i < ENTRIES_A_SNAPSHOT && seq < size && !*out; i++, seq++)
			SR_TRY(look_at(txn, seq, name, out, err));
	}
	return SR_OK;
}

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
