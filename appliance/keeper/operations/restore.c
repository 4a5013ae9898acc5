/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/keys/durable_copy.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/operations/backup_note.h"
#include "appliance/keeper/operations/restore_forward.h"
#include "appliance/keeper/operations/restore_keys.h"
#include "appliance/keeper/operations/succession.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/ledger/published.h"
#include "appliance/ledger/receipt.h"

struct work {
	const struct sr_restore_request *request;
	struct sr_backup_note note;
	struct sr_data *existing; /* with --replace: held locked */
	char path[PATH_MAX];      /* of the data directory, absolute */
	int backup_fd, dir_fd, keys_fd, ledger_fd;
	struct sr_buf kept;      /* the note of --checkpoint */
	struct sr_entry opened;  /* first entry of the epoch of the backup */
	struct sr_epoch epoch;   /* what it says */
	uint64_t highest;        /* epoch that is known of, anywhere */
	struct sr_bytes newest;  /* note of the newest checkpoint that is known; borrowed */
	struct sr_buf published; /* the note in DATA/ledger, with --replace */
	struct sr_succession next;
	uint64_t archives;
	struct sr_secret *passphrase; /* of the keys that it will have; NULL: none */
	bool made;                    /* the folders are ours to remove again */
};

static void work_dispose(struct work *work)
{
	sr_env_close(work->next.env);
	sr_secret_free(work->passphrase);
	sr_data_close(work->existing);
	sr_backup_note_dispose(&work->note);
	sr_buf_dispose(&work->kept);
	sr_buf_dispose(&work->published);
	sr_entry_dispose(&work->opened);
	sr_fd_close(work->ledger_fd);
	sr_fd_close(work->keys_fd);
	sr_fd_close(work->dir_fd);
	sr_fd_close(work->backup_fd);
}

/* --- before anything is touched -------------------------------------------------------------------- */

static enum sr_status open_backup(struct work *work, struct sr_err *err)
{
	const char *path = work->request->backup;

	work->backup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (work->backup_fd < 0)
		return sr_fail_errno(err, "open the backup %s", path);
	enum sr_status status = sr_backup_note_read(work->backup_fd, &work->note, err);
	if (status == SR_NOT_FOUND)
		return sr_fail(err, SR_NOT_FOUND,
		               "%s holds no finished backup (it has no " SR_BACKUP_FILE ")", path);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s/", path);
}

static struct sr_restore_keys keys_of(const struct work *work)
{
	return (struct sr_restore_keys){ .backup_fd = work->backup_fd,
		                         .folder = work->request->keys,
		                         .identity = work->request->identity,
		                         .source = work->note.data,
		                         .appliance = work->note.appliance,
		                         .was_protected = work->note.is_protected,
		                         .passphrase = work->passphrase };
}

static enum sr_status read_kept(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	if (!work->request->checkpoint && !work->request->accept_loss)
		return sr_fail(err, SR_USAGE,
		               "give the newest checkpoint that is known elsewhere (--checkpoint FILE; every "
		               "receipt has one), or --accept-loss");
	if (!work->request->checkpoint)
		return SR_OK;
	SR_TRY(sr_fd_read_file(AT_FDCWD, work->request->checkpoint, SR_RECEIPT_BYTES, &text, err));
	struct sr_bytes note = sr_receipt_note(sr_buf_bytes(&text));
	return sr_buf_add(&work->kept, note.data, note.size, err);
}

/* --- the data directory ---------------------------------------------------------------------------- */

static enum sr_status open_folders(struct work *work, struct sr_err *err)
{
	if (!realpath(work->request->data, work->path))
		return sr_fail_errno(err, "find %s", work->request->data);
	work->dir_fd = open(work->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (work->dir_fd < 0)
		return sr_fail_errno(err, "open %s", work->path);
	SR_TRY(sr_durable_folder(work->dir_fd, "keys", &work->keys_fd, err));
	return sr_durable_folder(work->dir_fd, "ledger", &work->ledger_fd, err);
}

static enum sr_status take_existing(struct work *work, struct sr_err *err)
{
	SR_TRY(sr_data_open(work->request->data, &work->existing, err));
	const char *appliance = sr_config_text(work->existing->config, "appliance.id");
	if (strcmp(appliance, work->note.appliance) != 0)
		return sr_fail(err, SR_EXISTS, "%s is another appliance, %s", work->request->data, appliance);
	SR_TRY(sr_data_try_lock(work->existing, err));
	SR_TRY(open_folders(work, err));
	const struct sr_restore_keys keys = keys_of(work);
	if (keys.folder || keys.identity)
		return sr_restore_keys_passphrase(&keys, work->request->passphrase, &work->passphrase, err);
	return sr_passphrase_open(work->keys_fd, work->request->passphrase, true, &work->passphrase, err);
}

static enum sr_status make_folders(struct work *work, struct sr_err *err)
{
	const struct sr_restore_keys keys = keys_of(work);

	SR_TRY(sr_restore_keys(&keys, -1, true, err));
	SR_TRY(sr_restore_keys_passphrase(&keys, work->request->passphrase, &work->passphrase, err));
	enum sr_status status = sr_data_create(work->request->data, err);
	if (status == SR_EXISTS)
		return sr_fail(err, SR_EXISTS,
		               "%s is not empty; restore into a new data directory, or say --replace: its "
		               "database is set aside then, keys and archives stay",
		               work->request->data);
	SR_TRY(status);
	work->made = true;
	return open_folders(work, err);
}

/* What failed leaves a new data directory as it was: empty. */
static void undo(const struct work *work)
{
	static const char *const names[] = { SR_DB_NEW, "db",      "keys", "ledger",
		                             "vault",   "staging", "run",  "other" };
	struct sr_err ignored;

	if (!work->made) {
		(void)!sr_durable_remove(work->dir_fd, SR_DB_NEW, &ignored);
		return;
	}
	for (size_t i = 0; work->dir_fd >= 0 && i < SR_COUNT(names); i++)
		(void)!sr_durable_remove(work->dir_fd, names[i], &ignored);
	(void)rmdir(work->request->data);
}

/* --- the snapshot ---------------------------------------------------------------------------------- */

static enum sr_status copy_snapshot(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int from = -1;
	SR_CLEANUP(sr_fd_closep) int to = -1;
	struct sr_durable_count count = { 0 };
	char path[PATH_MAX + 16];

	sr_progress_report(work->request->progress, "database", 0, 0);
	SR_TRY(sr_durable_remove(work->dir_fd, SR_DB_NEW, err));
	SR_TRY(sr_fd_open_beneath(work->backup_fd, work->note.db, O_RDONLY | O_DIRECTORY, 0, &from, err));
	SR_TRY(sr_durable_folder(work->dir_fd, SR_DB_NEW, &to, err));
	SR_TRY(sr_durable_copy(from, "data.mdb", to, "data.mdb", &count, err));
	snprintf(path, sizeof(path), "%s/" SR_DB_NEW, work->path);
	const struct sr_env_options options = { .path = path };
	return sr_env_open(&options, &work->next.env, err);
}

/* Every entry and node, and that it is the log which backup.json names. */
static enum sr_status check_snapshot(struct work *work, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf first = { 0 };
	uint64_t first_wrong;

	SR_TRY(sr_journal_verify(txn, NULL, NULL, &work->next.previous_size, &work->next.previous_root,
	                         &first_wrong, err));
	if (work->next.previous_size != work->note.size ||
	    !sr_digest_equal(&work->next.previous_root, &work->note.root))
		return sr_fail(err, SR_TAMPERED, "its log is not the one that " SR_BACKUP_FILE " names");
	SR_TRY(sr_journal_entry(txn, 0, &first, err));
	SR_TRY(sr_entry_decode(sr_buf_bytes(&first), &work->opened, err));
	return sr_epoch_read(&work->opened, &work->epoch, err);
}

/* --- checkpoints that are known -------------------------------------------------------------------- */

static enum sr_status too_old(const struct work *work, const char *whose, uint64_t known, struct sr_err *err)
{
	return sr_fail(err, SR_TAMPERED,
	               "the backup has %" PRIu64 " entries, %s says that there were %" PRIu64
	               ": restore a newer backup, or lose what came after with --accept-loss",
	               work->next.previous_size, whose, known);
}

/* Does the snapshot reach the checkpoint, with the same root?  One that is ahead is a loss. */
static enum sr_status judge_note(struct work *work, struct sr_txn *txn, const char *whose,
                                 struct sr_bytes note, struct sr_err *err)
{
	const struct sr_merkle_store store = sr_journal_store(txn);
	struct sr_checkpoint checkpoint;
	struct sr_digest root;
	uint64_t epoch;

	enum sr_status status = sr_succession_epoch_of(note, work->note.appliance, &epoch, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", whose);
	work->highest = epoch > work->highest ? epoch : work->highest;
	if (epoch < work->epoch.number)
		return SR_OK; /* older than anything the backup has */
	if (epoch > work->epoch.number) {
		work->next.lost = true;
		return work->request->accept_loss
		               ? SR_OK
		               : sr_fail(err, SR_TAMPERED,
		                         "%s is of epoch %" PRIu64 ", the backup of epoch %" PRIu64
		                         ": restore a newer backup, or lose what came "
		                         "after with --accept-loss",
		                         whose, epoch, work->epoch.number);
	}
	status = sr_checkpoint_open(note, work->epoch.verifier, &checkpoint, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", whose);
	work->newest = note;
	if (checkpoint.size > work->next.previous_size) {
		work->next.lost = true;
		return work->request->accept_loss ? SR_OK : too_old(work, whose, checkpoint.size, err);
	}
	SR_TRY(sr_merkle_root(&store, checkpoint.size, &root, err));
	if (!sr_digest_equal(&root, &checkpoint.root))
		return sr_fail(err, SR_TAMPERED, "the backup is of another history than %s", whose);
	return SR_OK;
}

static enum sr_status judge_notes(struct work *work, struct sr_txn *txn, struct sr_err *err)
{
	work->next.lost = work->request->accept_loss;
	work->highest = work->epoch.number;
	SR_TRY(judge_note(work, txn, "the backup's own checkpoint", sr_buf_bytes(&work->note.checkpoint),
	                  err));
	if (work->existing) {
		enum sr_status status = sr_fd_read_file(work->ledger_fd, "checkpoint", SR_CHECKPOINT_BYTES,
		                                        &work->published, err);

		if (status != SR_OK && status != SR_NOT_FOUND)
			return status;
		if (status == SR_OK)
			SR_TRY(judge_note(work, txn, "the checkpoint in DATA/ledger",
			                  sr_buf_bytes(&work->published), err));
	}
	if (work->kept.size > 0)
		SR_TRY(judge_note(work, txn, work->request->checkpoint, sr_buf_bytes(&work->kept), err));
	return SR_OK;
}

/* What was published after the snapshot: in the backup itself, and in the data directory that is replaced. */
static enum sr_status go_forward(struct work *work, struct sr_err *err)
{
	const char *verifier = work->epoch.verifier;
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	char path[32];

	snprintf(path, sizeof(path), "ledger/%" PRIu64, work->epoch.number);
	SR_TRY(sr_fd_open_beneath(work->backup_fd, path, O_RDONLY | O_DIRECTORY, 0, &folder, err));
	SR_TRY(sr_restore_forward(work->next.env, folder, verifier, &work->next.previous_size,
	                          &work->next.previous_root, err));
	if (!work->existing)
		return SR_OK;
	enum sr_status status = sr_restore_forward(work->next.env, work->ledger_fd, verifier,
	                                           &work->next.previous_size, &work->next.previous_root, err);
	/* Of another epoch, or damaged: its checkpoint is judged with the others. */
	return status == SR_CORRUPT || status == SR_TAMPERED ? SR_OK : status;
}

static enum sr_status examine(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(copy_snapshot(work, err));
	SR_TRY(sr_txn_read(work->next.env, &txn, err));
	enum sr_status status = check_snapshot(work, txn, err);
	sr_txn_abort(SR_MOVE(txn));
	if (status == SR_OK)
		status = go_forward(work, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "the backup: ");
	SR_TRY(sr_txn_read(work->next.env, &txn, err));
	return judge_notes(work, txn, err);
}

/* --- putting things into their places -------------------------------------------------------------- */

static enum sr_status copy_folder(struct work *work, const char *from, const char *to, bool changing,
                                  struct sr_durable_count *count, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int from_fd = -1;
	SR_CLEANUP(sr_fd_closep) int to_fd = -1;
	enum sr_status status =
		sr_fd_open_beneath(work->backup_fd, from, O_RDONLY | O_DIRECTORY, 0, &from_fd, err);

	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	sr_progress_report(work->request->progress, from, 0, 0);
	SR_TRY(sr_durable_folder(work->dir_fd, to, &to_fd, err));
	status = changing ? sr_durable_copy_changed(from_fd, to_fd, NULL, count, err)
	                  : sr_durable_copy_new(from_fd, to_fd, NULL, count, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s/", to);
}

static enum sr_status copy_all(struct work *work, struct sr_err *err)
{
	const struct sr_restore_keys keys = keys_of(work);
	struct sr_durable_count archives = { 0 }, others = { 0 };

	SR_TRY(copy_folder(work, "vault", "vault", false, &archives, err));
	SR_TRY(copy_folder(work, "other", ".", true, &others, err));
	work->archives = archives.all;
	if (work->existing && !keys.folder && !keys.identity)
		return SR_OK; /* its own keys stay */
	return sr_restore_keys(&keys, work->keys_fd, false, err);
}

/* What is there is kept: somebody may want to look how it came to this. */
static enum sr_status set_aside(struct work *work, struct sr_err *err)
{
	char name[64];

	if (!work->existing)
		return SR_OK;
	snprintf(name, sizeof(name), "before-restore-%lld", (long long)(sr_clock_now_ns() / SR_SECOND_NS));
	if (renameat(work->dir_fd, "db", work->dir_fd, name) < 0 && errno != ENOENT)
		return sr_fail_errno(err, "set the database aside as %s", name);
	return sr_fd_sync(work->dir_fd, work->path, err);
}

/* The frozen log: what was published of it, here or in the backup, and every tile up to the snapshot's end.
 */
static enum sr_status freeze(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_durable_count count = { 0 };
	char name[24];
	uint64_t running;

	if (work->published.size > 0) {
		SR_TRY(sr_succession_epoch_of(sr_buf_bytes(&work->published), work->note.appliance, &running,
		                              err));
		SR_TRY(sr_succession_freeze(work->ledger_fd, running, err));
	}
	if (work->made)
		SR_TRY(copy_folder(work, "ledger", "ledger", false, &count, err));
	SR_TRY(sr_succession_highest(work->ledger_fd, &running, err));
	work->highest = running > work->highest ? running : work->highest;
	snprintf(name, sizeof(name), "%" PRIu64, work->epoch.number);
	SR_TRY(sr_durable_folder(work->ledger_fd, name, &folder, err));
	SR_TRY(sr_txn_read(work->next.env, &txn, err));
	const struct sr_merkle_store store = sr_journal_store(txn);
	const struct sr_entry_source entries = sr_journal_source(txn);
	const struct sr_publication tiles = { .dir_fd = folder, .store = &store, .entries = &entries };
	enum sr_status status = sr_publish_tiles(&tiles, work->next.previous_size, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "ledger/%s: ", name);
}

static enum sr_status write_config(struct work *work, struct sr_err *err)
{
	struct sr_durable_count count = { 0 };

	if (work->existing)
		return SR_OK;
	return sr_durable_copy(work->backup_fd, SR_CONFIG_FILE, work->dir_fd, SR_CONFIG_FILE, &count, err);
}

static enum sr_status put_back(struct work *work, char verifier[SR_VERIFIER_TEXT], struct sr_err *err)
{
	SR_TRY(examine(work, err));
	SR_TRY(copy_all(work, err));
	SR_TRY(freeze(work, err));
	SR_TRY(set_aside(work, err));
	work->next.data = work->path;
	work->next.dir_fd = work->dir_fd;
	work->next.keys_fd = work->keys_fd;
	work->next.ledger_fd = work->ledger_fd;
	work->next.opened = work->opened.root;
	work->next.number = work->highest + 1;
	work->next.checkpoint = work->newest;
	work->next.passphrase = work->passphrase;
	SR_TRY(sr_succession_take(&work->next, verifier, err));
	/* The configuration comes last: a data directory without it was not finished. */
	return write_config(work, err);
}

enum sr_status sr_restore(const struct sr_restore_request *request, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(work_dispose)
	struct work work = {
		.request = request, .backup_fd = -1, .dir_fd = -1, .keys_fd = -1, .ledger_fd = -1
	};
	char verifier[SR_VERIFIER_TEXT], root[SR_DIGEST_HEX];

	SR_TRY(read_kept(&work, err));
	SR_TRY(open_backup(&work, err));
	SR_TRY(request->replace ? take_existing(&work, err) : make_folders(&work, err));
	enum sr_status status = put_back(&work, verifier, err);
	if (status != SR_OK) {
		sr_env_close(SR_MOVE(work.next.env));
		undo(&work);
		return status;
	}
	sr_digest_to_hex(&work.next.previous_root, root);
	return SR_JSON_PACK(reply, err, "{s:s,s:s,s:I,s:I,s:s,s:b,s:s,s:I}", "data", work.path, "appliance",
	                    work.note.appliance, "epoch", (json_int_t)work.next.number, "previous_size",
	                    (json_int_t)work.next.previous_size, "previous_root", root, "lost",
	                    work.next.lost, "verifier_key", verifier, "archives", (json_int_t)work.archives);
}
