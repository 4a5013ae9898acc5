/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/outside_checkpoint.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce.h"

struct noting {
	uint64_t size;
	const char *root;
};

/* The larger of two records' sizes. */
static enum sr_status known_size(struct sr_txn *txn, const char *key, uint64_t *largest, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_record_look(txn, SR_DB_META, key, &record, err));
	json_int_t size = json_integer_value(json_object_get(record, "size"));
	if (size > 0 && (uint64_t)size > *largest)
		*largest = (uint64_t)size;
	return SR_OK;
}

enum sr_status sr_outside_checkpoint_ns(struct sr_txn *txn, int64_t *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	uint64_t size = 1, all;

	SR_TRY(known_size(txn, SR_LAST_BACKUP, &size, err));
	SR_TRY(known_size(txn, SR_LAST_WITNESSED, &size, err));
	SR_TRY(sr_journal_size(txn, &all, err));
	if (size > all) /* of an epoch before, which had more entries */
		size = 1;
	SR_TRY(sr_journal_entry(txn, size - 1, &bytes, err));
	SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
	*out = entry.time_ns;
	return SR_OK;
}

static enum sr_status put_witnessed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct noting *noting = act->work;
	uint64_t known = 0;

	SR_TRY(known_size(txn, SR_LAST_WITNESSED, &known, err));
	if (noting->size <= known)
		return SR_OK;
	return sr_act_record(act, txn, "checkpoint.witnessed",
	                     json_pack("{s:I,s:s}", "size", (json_int_t)noting->size, "root", noting->root),
	                     NULL, err);
}

enum sr_status sr_outside_checkpoint_note(struct sr_act *act, uint64_t size, const char *root,
                                          struct sr_err *err)
{
	struct noting noting = { .size = size, .root = root };
	void *before = act->work;

	sr_act_set_work(act, &noting);
	enum sr_status status = sr_act_write(act, NULL, put_witnessed, err);
	sr_act_set_work(act, before);
	return status;
}
