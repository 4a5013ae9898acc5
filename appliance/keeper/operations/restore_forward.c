/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/restore_forward.h"

#include <inttypes.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/reduce.h"
#include "appliance/ledger/published.h"

#define BATCH 10000u

struct forward {
	struct sr_env *env;
	struct sr_txn *txn;
	uint64_t pending;
};

static void forward_dispose(struct forward *forward)
{
	sr_txn_abort(forward->txn);
}

static enum sr_status append(void *context, uint64_t seq, struct sr_bytes bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	struct forward *forward = context;

	if (!forward->txn)
		SR_TRY(sr_txn_write(forward->env, &forward->txn, err));
	SR_TRY(sr_entry_decode(bytes, &entry, err));
	SR_TRY(sr_journal_append_entry(forward->txn, &entry, bytes, err));
	enum sr_status status = sr_reduce(forward->txn, &entry, bytes, err);
	if (status != SR_OK)
		return sr_fail_in(err, status == SR_DENIED ? SR_TAMPERED : status, "entry %" PRIu64 ": ",
		                  seq);
	if (strcmp(entry.type, "case.sealed") == 0 || strcmp(entry.type, "case.imported") == 0 ||
	    strcmp(entry.type, "disposal.done") == 0)
		SR_TRY(sr_txn_clear(forward->txn, SR_DB_MARKS, err)); /* the index is to be made anew */
	if (++forward->pending < BATCH)
		return SR_OK;
	forward->pending = 0;
	return sr_txn_commit(&forward->txn, err);
}

enum sr_status sr_restore_forward(struct sr_env *env, int folder_fd, const char *verifier, uint64_t *size,
                                  struct sr_digest *root, struct sr_err *err)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *log = NULL;
	SR_CLEANUP(forward_dispose) struct forward forward = { .env = env };
	struct sr_checkpoint checkpoint;
	struct sr_digest before;

	enum sr_status status = sr_published_checkpoint(folder_fd, verifier, NULL, &checkpoint, err);
	if (status == SR_NOT_FOUND || (status == SR_OK && checkpoint.size <= *size))
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_published_open(folder_fd, checkpoint.size, &checkpoint.root, &log, err));
	const struct sr_merkle_store store = sr_published_store(log);
	SR_TRY(sr_merkle_root(&store, *size, &before, err));
	if (!sr_digest_equal(&before, root))
		return sr_fail(err, SR_TAMPERED, "the published log is of another history than the backup");
	SR_TRY(sr_published_entries(log, *size, append, &forward, err));
	if (forward.txn)
		SR_TRY(sr_txn_commit(&forward.txn, err));
	*size = checkpoint.size;
	*root = checkpoint.root;
	return SR_OK;
}
