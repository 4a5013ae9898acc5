/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/ledger_offline.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/state/epochs.h"
#include "appliance/keeper/state/ledger_check.h"
#include "appliance/ledger/entry.h"
#include "appliance/ledger/receipt.h"

/* One line. */
static enum sr_status read_verifier(int dir_fd, const char *path, char out[SR_VERIFIER_TEXT],
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	enum sr_status status = sr_fd_read_file(dir_fd, path, SR_VERIFIER_TEXT - 1, &text, err);
	if (status == SR_LIMIT)
		return sr_fail(err, SR_INVALID, "%s is no verifier key", path);
	SR_TRY(status);
	memcpy(out, text.data, text.size);
	out[text.size] = 0;
	out[strcspn(out, "\r\n")] = 0;
	return SR_OK;
}

enum sr_status sr_offline_receipt(const char *receipt, const char *key, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_receipt_dispose) struct sr_receipt checked = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	char verifier[SR_VERIFIER_TEXT];
	char root[SR_DIGEST_HEX];

	SR_TRY(read_verifier(AT_FDCWD, key, verifier, err));
	enum sr_status status = sr_fd_read_file(AT_FDCWD, receipt, SR_RECEIPT_BYTES, &text, err);
	if (status == SR_LIMIT)
		return sr_fail_in(err, SR_CORRUPT, "no receipt: ");
	SR_TRY(status);
	status = sr_receipt_verify(sr_buf_bytes(&text), verifier, &checked, err);
	if (status != SR_OK)
		return sr_fail_in(err, status,
		                  status == SR_INVALID ? "%s: " : "the receipt does not hold: ", key);
	SR_TRY(sr_entry_decode(sr_buf_bytes(&checked.entry), &entry, err));
	sr_digest_to_hex(&checked.checkpoint.root, root);
	return SR_JSON_PACK(reply, err, "{s:b,s:I,s:s,s:I,s:s,s:O}", "ok", 1, "seq", (json_int_t)checked.seq,
	                    "origin", checked.checkpoint.origin, "size", (json_int_t)checked.checkpoint.size,
	                    "root", root, "entry", entry.root);
}

enum sr_status sr_offline_ledger_verify(const char *path, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_data_closep) struct sr_data *data = NULL;
	SR_CLEANUP(sr_fd_closep) int ledger_fd = -1;
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	struct sr_ledger_verdict verdict;
	char db[PATH_MAX], scratch[PATH_MAX], verifier[SR_VERIFIER_TEXT];

	SR_TRY(sr_data_open(path, &data, err));
	SR_TRY(sr_data_try_lock(data, err));
	if (snprintf(db, sizeof(db), "%s/db", data->path) >= (int)sizeof(db) ||
	    snprintf(scratch, sizeof(scratch), "%s/staging", data->path) >= (int)sizeof(scratch))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	SR_TRY(sr_fd_open_beneath(data->dir_fd, "ledger", O_RDONLY | O_DIRECTORY, 0, &ledger_fd, err));
	SR_TRY(read_verifier(data->keys_fd, SR_KEY_LEDGER_VERIFIER, verifier, err));
	const struct sr_env_options options = { .path = db };
	SR_TRY(sr_env_open(&options, &env, err));
	const struct sr_ledger_check check = {
		.env = env, .ledger_fd = ledger_fd, .verifier = verifier, .scratch = scratch
	};

	SR_TRY(sr_ledger_check(&check, &verdict, err));
	return sr_ledger_verdict_to_json(&verdict, reply, err);
}
