/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/from_tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/password.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/keys/durable_copy.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/operations/succession.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/reduce.h"
#include "appliance/ledger/published.h"

#define BATCH 20000u /* entries in one transaction */

struct work {
	struct sr_data *data;
	int ledger_fd;
	int source_fd; /* the folder with the published log: ledger/ itself, or a frozen one */
	uint64_t source_epoch;
	struct sr_buf note;
	struct sr_checkpoint checkpoint;
	struct sr_published *log;
	struct sr_entry opened;
	struct sr_epoch epoch;
	struct sr_txn *txn;
	uint64_t pending;
	json_t *users;
	struct sr_succession next;
};

static void work_dispose(struct work *work)
{
	sr_txn_abort(work->txn);
	sr_env_close(work->next.env);
	sr_published_free(work->log);
	sr_entry_dispose(&work->opened);
	json_decref(work->users);
	sr_buf_dispose(&work->note);
	sr_fd_close(work->source_fd);
	sr_fd_close(work->ledger_fd);
	sr_data_close(work->data);
}

/* --- what is there --------------------------------------------------------------------------------- */

/* A database that can be read and has entries knows more than what was published of it. */
static enum sr_status refuse_database(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	char path[PATH_MAX];
	struct stat st;
	uint64_t size;

	if (fstatat(work->data->dir_fd, "db/data.mdb", &st, 0) < 0)
		return errno == ENOENT ? SR_OK : sr_fail_errno(err, "look at %s/db", work->data->path);
	if (snprintf(path, sizeof(path), "%s/db", work->data->path) >= (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	const struct sr_env_options options = { .path = path };
	enum sr_status status = sr_env_open(&options, &env, err);
	if (status == SR_OK)
		status = sr_txn_read(env, &txn, err);
	if (status == SR_OK)
		status = sr_journal_size(txn, &size, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s cannot be read; move it away and rebuild again: ", path);
	if (size > 0)
		return sr_fail(err, SR_EXISTS,
		               "%s holds %" PRIu64 " entries; rebuild without --from-tiles makes the index "
		               "anew. If the database is not to be believed, move db away first",
		               path, size);
	return SR_OK;
}

/* ledger/, or the newest frozen log where an attempt before was cut short. */
static enum sr_status find_source(struct work *work, struct sr_err *err)
{
	SR_TRY(sr_fd_open_beneath(work->data->dir_fd, "ledger", O_RDONLY | O_DIRECTORY, 0, &work->ledger_fd,
	                          err));
	if (faccessat(work->ledger_fd, "checkpoint", F_OK, 0) == 0)
		return sr_fd_open_beneath(work->data->dir_fd, "ledger", O_RDONLY | O_DIRECTORY, 0,
		                          &work->source_fd, err);
	SR_TRY(sr_succession_highest(work->ledger_fd, &work->source_epoch, err));
	if (work->source_epoch == 0)
		return sr_fail(err, SR_NOT_FOUND, "%s/ledger holds no published log", work->data->path);
	return sr_epoch_folder(work->ledger_fd, work->source_epoch, &work->source_fd, err);
}

/* The first entry alone; its own verifier key checks the note when the one in keys/ is of another epoch. */
static enum sr_status keep_first(void *context, uint64_t seq, struct sr_bytes bytes, struct sr_err *err)
{
	struct work *work = context;

	if (seq > 0)
		return SR_BUSY; /* enough */
	SR_TRY(sr_entry_decode(bytes, &work->opened, err));
	return sr_epoch_read(&work->opened, &work->epoch, err);
}

static enum sr_status read_size(const struct work *work, struct sr_checkpoint *out, struct sr_err *err)
{
	const char *text = (const char *)work->note.data;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf copy = { 0 };
	char root[64] = "";
	unsigned long long size;

	SR_TRY(sr_buf_add(&copy, text, work->note.size, err));
	SR_TRY(sr_buf_text(&copy, &text, err));
	if (sscanf(text, "%63[^\n]\n%llu\n%63[^\n]\n", out->origin, &size, root) != 3)
		return sr_fail(err, SR_CORRUPT, "the published checkpoint is none");
	copy.size = 0;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_TRY(sr_base64_decode(SR_BASE64_PADDED, root, strlen(root), &bytes, err));
	if (bytes.size != SR_DIGEST_BYTES)
		return sr_fail(err, SR_CORRUPT, "the published checkpoint has no root");
	memcpy(out->root.bytes, bytes.data, SR_DIGEST_BYTES);
	out->size = size;
	return SR_OK;
}

/* The key in keys/ judges where it is of this log; the first entry's own must be the same. */
static enum sr_status check_key(const struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	size_t origin = strlen(work->checkpoint.origin);
	const char *key;

	enum sr_status status =
		sr_fd_read_file(work->data->keys_fd, SR_KEY_LEDGER_VERIFIER, SR_VERIFIER_TEXT, &text, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_buf_text(&text, &key, err));
	if (strncmp(key, work->checkpoint.origin, origin) != 0 || key[origin] != '+')
		return SR_OK;
	if (strncmp(key, work->epoch.verifier, strlen(work->epoch.verifier)) != 0)
		return sr_fail(
			err, SR_TAMPERED,
			"the published log was opened under another key than keys/" SR_KEY_LEDGER_VERIFIER);
	return SR_OK;
}

static enum sr_status open_log(struct work *work, struct sr_err *err)
{
	struct sr_checkpoint checkpoint;

	SR_TRY(sr_fd_read_file(work->source_fd, "checkpoint", SR_CHECKPOINT_BYTES, &work->note, err));
	SR_TRY(read_size(work, &work->checkpoint, err));
	SR_TRY(sr_published_open(work->source_fd, work->checkpoint.size, &work->checkpoint.root, &work->log,
	                         err));
	enum sr_status status = sr_published_entries(work->log, 0, keep_first, work, err);
	if (!work->opened.root)
		return status == SR_OK ? sr_fail(err, SR_CORRUPT, "the published log is empty") : status;
	SR_TRY(check_key(work, err));
	SR_TRY(sr_checkpoint_open(sr_buf_bytes(&work->note), work->epoch.verifier, &checkpoint, err));
	return SR_OK;
}

/* --- replaying ------------------------------------------------------------------------------------- */

static enum sr_status replay(void *context, uint64_t seq, struct sr_bytes bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	struct work *work = context;

	if (!work->txn)
		SR_TRY(sr_txn_write(work->next.env, &work->txn, err));
	SR_TRY(sr_entry_decode(bytes, &entry, err));
	enum sr_status status = sr_reduce(work->txn, &entry, bytes, err);
	if (status == SR_DENIED)
		return sr_fail_in(err, SR_TAMPERED, "entry %" PRIu64 ": ", seq);
	SR_TRY(status);
	if (++work->pending < BATCH)
		return SR_OK;
	work->pending = 0;
	return sr_txn_commit(&work->txn, err);
}

static enum sr_status make_database(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" SR_DB_NEW, work->data->path) >= (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	SR_TRY(sr_durable_remove(work->data->dir_fd, SR_DB_NEW, err));
	SR_TRY(sr_durable_folder(work->data->dir_fd, SR_DB_NEW, &folder, err));
	const struct sr_env_options options = { .path = path };
	SR_TRY(sr_env_open(&options, &work->next.env, err));
	SR_TRY(sr_epochs_each(work->ledger_fd, &work->epoch, replay, work, err));
	SR_TRY(sr_published_entries(work->log, 0, replay, work, err));
	return work->txn ? sr_txn_commit(&work->txn, err) : SR_OK;
}

/* --- passwords ------------------------------------------------------------------------------------- */

static enum sr_status gather_security(void *context, const char *key, json_t *person, struct sr_err *err)
{
	const char *role = sr_json_text(person, "role");

	(void)key;
	if (!role || strcmp(role, "security-admin") != 0 || json_is_true(json_object_get(person, "disabled")))
		return SR_OK;
	return sr_json_append(
		context, json_pack("{s:s,s:s}", "user", sr_json_text(person, "user"), "role", role), err);
}

/* Passwords are in no entry: those who confirm everybody else's new one get theirs here. */
static enum sr_status give_passwords(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct work *work = context;
	size_t index;
	json_t *row;

	json_decref(work->users);
	work->users = json_array();
	SR_TRY(sr_record_each(txn, SR_DB_PEOPLE, "u/", gather_security, work->users, err));
	json_array_foreach(work->users, index, row) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *password = NULL;
		char hash[SR_PASSWORD_HASH_TEXT];

		SR_TRY(sr_password_make_random(&password, err));
		SR_TRY(sr_password_hash(password, &sr_password_cost, hash, err));
		SR_TRY(sr_people_put_hash(txn, sr_json_text(row, "user"), hash, err));
		SR_TRY(sr_json_set(row, "password",
		                   json_stringn((const char *)password->data, password->size), err));
	}
	return sr_txn_clear(txn, SR_DB_MARKS, err); /* the index is to be made anew from the archives */
}

/* --- the whole ------------------------------------------------------------------------------------- */

static enum sr_status succeed(struct work *work, char verifier[SR_VERIFIER_TEXT], struct sr_err *err)
{
	uint64_t highest;

	if (work->source_epoch == 0)
		SR_TRY(sr_succession_freeze(work->ledger_fd, work->epoch.number, err));
	SR_TRY(sr_succession_highest(work->ledger_fd, &highest, err));
	SR_TRY(sr_durable_remove(work->data->dir_fd, "db", err));
	work->next.data = work->data->path;
	work->next.dir_fd = work->data->dir_fd;
	work->next.keys_fd = work->data->keys_fd;
	work->next.ledger_fd = work->ledger_fd;
	work->next.opened = work->opened.root;
	work->next.number = highest + 1;
	work->next.previous_size = work->checkpoint.size;
	work->next.previous_root = work->checkpoint.root;
	work->next.checkpoint = sr_buf_bytes(&work->note);
	work->next.lost = true;
	work->next.passphrase = work->data->passphrase;
	return sr_succession_take(&work->next, verifier, err);
}

enum sr_status sr_rebuild_from_tiles(const char *data, const struct sr_passphrase_source *passphrase,
                                     json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(work_dispose) struct work work = { .ledger_fd = -1, .source_fd = -1 };
	char verifier[SR_VERIFIER_TEXT], root[SR_DIGEST_HEX];

	SR_TRY(sr_data_open(data, &work.data, err));
	SR_TRY(sr_data_try_lock(work.data, err));
	SR_TRY(sr_data_unlock(work.data, passphrase, true, err));
	SR_TRY(refuse_database(&work, err));
	SR_TRY(find_source(&work, err));
	SR_TRY(open_log(&work, err));
	SR_TRY(make_database(&work, err));
	SR_TRY(sr_txn_run(work.next.env, give_passwords, &work, err));
	SR_TRY(succeed(&work, verifier, err));
	sr_digest_to_hex(&work.next.previous_root, root);
	return SR_JSON_PACK(reply, err, "{s:s,s:s,s:I,s:I,s:s,s:b,s:s,s:O}", "data", work.data->path,
	                    "appliance", work.epoch.appliance, "epoch", (json_int_t)work.next.number,
	                    "previous_size", (json_int_t)work.next.previous_size, "previous_root", root,
	                    "lost", 1, "verifier_key", verifier, "users", work.users);
}
