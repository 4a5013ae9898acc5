/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/backup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/crypto/age.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/keys/durable_copy.h"
#include "appliance/keeper/operations/backup_note.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/ledger/published.h"

#define TRIES 3 /* of copying a log that is published meanwhile */
#define PUBLISH_WAIT_MS 2000

struct work {
	const struct sr_backup *backup;
	struct sr_keeper *keeper;
	struct sr_backup_result result;
	struct sr_buf note;              /* the published checkpoint that is in the backup */
	struct sr_checkpoint checkpoint; /* the same */
	char db[64];
	int64_t now_ns;
};

static void work_dispose(struct work *work)
{
	sr_buf_dispose(&work->note);
}

static struct sr_durable_count counting(const struct work *work)
{
	return (struct sr_durable_count){ .stop = work->backup->stop, .context = work->backup->context };
}

static void tell(const struct work *work, const char *what, uint64_t done)
{
	if (work->backup->progress)
		work->backup->progress(work->backup->context, what, done);
}

/* --- the folder ------------------------------------------------------------------------------------ */

static bool is_ours(const char *name)
{
	static const char *const names[] = { "ledger", "vault",           "keys",
		                             "other",  "strongroom.conf", SR_BACKUP_FILE };

	for (size_t i = 0; i < SR_COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return name[0] == '.' || sr_text_starts_with(name, "db-") || strcmp(name, "lost+found") == 0;
}

/* Empty, or a backup of this appliance: what somebody else keeps there is not mixed up with it. */
static enum sr_status check_folder(struct work *work, struct sr_err *err)
{
	const char *appliance = sr_config_text(work->keeper->data->config, "appliance.id");
	SR_CLEANUP(sr_backup_note_dispose) struct sr_backup_note note = { 0 };
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	const char *name;

	enum sr_status status = sr_backup_note_read(work->backup->dir_fd, &note, err);
	if (status == SR_OK && strcmp(note.appliance, appliance) != 0)
		return sr_fail(err, SR_EXISTS, "the folder holds the backup of another appliance, %s",
		               note.appliance);
	if (status != SR_OK && status != SR_NOT_FOUND)
		return status;
	SR_TRY(sr_dir_open(work->backup->dir_fd, &dir, err));
	assert(dir != NULL);
	for (;;) {
		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			return SR_OK;
		if (!is_ours(name))
			return sr_fail(err, SR_EXISTS,
			               "the folder holds \"%.100s\", which is no part of a backup; choose "
			               "an empty one",
			               name);
	}
}

/* --- the published log ----------------------------------------------------------------------------- */

/* What is committed by now is published soon: the closer the two are, the more a restore can prove. */
static enum sr_status await_publication(struct work *work, struct sr_err *err)
{
	const struct timespec pause = { .tv_nsec = 50000000l };
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t size;

	SR_TRY(sr_txn_read(work->keeper->env, &txn, err));
	SR_TRY(sr_journal_size(txn, &size, err));
	sr_txn_abort(SR_MOVE(txn));
	for (int waited = 0; waited < PUBLISH_WAIT_MS; waited += 50) {
		if (sr_publisher_size(work->keeper->publisher) >= size)
			break;
		nanosleep(&pause, NULL);
	}
	return SR_OK;
}

/* All but the folders of other epochs, and the checkpoint, which is written last. */
static bool is_no_tile(const char *name)
{
	return strcmp(name, "tile") != 0;
}

/* The frozen ones: all that is no part of the running epoch. */
static bool is_running(const char *name)
{
	return strspn(name, "0123456789") != strlen(name);
}

static enum sr_status pass_over(void *context, uint64_t seq, struct sr_bytes entry, struct sr_err *err)
{
	(void)context;
	(void)seq;
	(void)entry;
	(void)err;
	return SR_OK;
}

static enum sr_status copy_tiles(struct work *work, int to_fd, struct sr_err *err)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct sr_durable_count count = counting(work);

	SR_TRY(sr_durable_copy_new(work->keeper->ledger_fd, to_fd, is_no_tile, &count, err));
	SR_TRY(sr_published_open(to_fd, work->checkpoint.size, &work->checkpoint.root, &published, err));
	return sr_published_entries(published, 0, pass_over, NULL, err);
}

/* The running epoch, up to the checkpoint of now; files of partial tiles may go while they are copied. */
static enum sr_status copy_running(struct work *work, int ledger_fd, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int to_fd = -1;
	const char *epoch = strrchr(work->keeper->origin, '/') + 1;
	enum sr_status status = SR_CORRUPT;

	SR_TRY(sr_durable_folder(ledger_fd, epoch, &to_fd, err));
	for (int i = 0; status == SR_CORRUPT && i < TRIES; i++) {
		work->note.size = 0;
		SR_TRY(sr_published_checkpoint(work->keeper->ledger_fd, work->keeper->verifier, &work->note,
		                               &work->checkpoint, err));
		status = copy_tiles(work, to_fd, err);
	}
	SR_TRY(status);
	return sr_fd_write_file(to_fd, "checkpoint", 0600, work->note.data, work->note.size, err);
}

static enum sr_status copy_ledger(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int to_fd = -1;
	struct sr_durable_count count = counting(work);

	tell(work, "ledger", 0);
	SR_TRY(await_publication(work, err));
	SR_TRY(sr_durable_folder(work->backup->dir_fd, "ledger", &to_fd, err));
	SR_TRY(sr_durable_copy_new(work->keeper->ledger_fd, to_fd, is_running, &count, err));
	return copy_running(work, to_fd, err);
}

/* --- the database ---------------------------------------------------------------------------------- */

static enum sr_status write_snapshot(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	int64_t second = work->now_ns / SR_SECOND_NS;

	do {
		snprintf(work->db, sizeof(work->db), "db-%lld", (long long)second++);
	} while (mkdirat(work->backup->dir_fd, work->db, 0700) < 0 && errno == EEXIST);
	SR_TRY(sr_fd_open_beneath(work->backup->dir_fd, work->db, O_RDONLY | O_DIRECTORY, 0, &folder, err));
	fd = openat(folder, "data.mdb", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return sr_fail_errno(err, "make the copy of the database");
	SR_TRY(sr_env_copy_fd(work->keeper->env, fd, err));
	SR_TRY(sr_fd_sync(fd, "the copy of the database", err));
	SR_TRY(sr_fd_sync(folder, "its folder", err));
	return sr_fd_sync(work->backup->dir_fd, "the backup's folder", err);
}

/* Every entry of the copy, its tree, and that it extends the checkpoint that the backup holds. */
static enum sr_status check_log(struct work *work, struct sr_env *env, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_backup_result *result = &work->result;
	struct sr_digest root;
	uint64_t first_wrong;

	SR_TRY(sr_txn_read(env, &txn, err));
	SR_TRY(sr_journal_verify(txn, NULL, NULL, &result->size, &result->root, &first_wrong, err));
	const struct sr_merkle_store store = sr_journal_store(txn);
	if (work->checkpoint.size > result->size)
		return sr_fail(err, SR_TAMPERED, "the copy has fewer entries than are published");
	SR_TRY(sr_merkle_root(&store, work->checkpoint.size, &root, err));
	if (!sr_digest_equal(&root, &work->checkpoint.root))
		return sr_fail(err, SR_TAMPERED, "the copy is of another history than the published log");
	return SR_OK;
}

static enum sr_status check_snapshot(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	char path[128];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", work->backup->dir_fd, work->db);
	const struct sr_env_options options = { .path = path };
	SR_TRY(sr_env_open(&options, &env, err));
	enum sr_status status = check_log(work, env, err);
	snprintf(path, sizeof(path), "%s/lock.mdb", work->db);
	(void)unlinkat(work->backup->dir_fd, path, 0);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "the copy of the database: ");
}

/* --- the rest -------------------------------------------------------------------------------------- */

static enum sr_status copy_archives(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int to_fd = -1;
	struct sr_durable_count count = counting(work);

	tell(work, "archives", 0);
	SR_TRY(sr_durable_folder(work->backup->dir_fd, "vault", &to_fd, err));
	if (work->backup->archives)
		SR_TRY(sr_durable_copy_new(work->keeper->data->vault_fd, to_fd, NULL, &count, err));
	work->result.archives = count.all;
	work->result.bytes = count.all_bytes;
	work->result.copied = count.files;
	return SR_OK;
}

static enum sr_status read_recipient(struct work *work, struct sr_age_recipient *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char line[SR_AGE_RECIPIENT_TEXT + 1] = "";

	SR_TRY(sr_fd_read_file(work->keeper->data->keys_fd, SR_KEY_ESCROW_AGE, sizeof(line) - 1, &text, err));
	memcpy(line, text.data, text.size);
	line[strcspn(line, "\r\n")] = 0;
	return sr_age_recipient_from_text(line, out, err);
}

/* Without the passphrase, which may be forgotten: the escrow opens every archive anyway. */
static enum sr_status read_private(const struct sr_data *data, const char *name, struct sr_secret **out,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *file = NULL;
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;

	SR_TRY(sr_key_file_read(data->keys_fd, name, &file, err));
	if (!sr_passphrase_protects(file)) {
		*out = SR_MOVE(file);
		return SR_OK;
	}
	enum sr_status status = sr_key_parse(file, data->passphrase, &key, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "keys/%s: ", name);
	return sr_key_compose(key, NULL, out, err);
}

/* A private key leaves the machine only under the escrow recipient. */
static enum sr_status put_private(struct work *work, const struct sr_age_recipient *recipient, int to_fd,
                                  const char *name, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *key = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf sealed = { 0 };
	char to[SR_LIMIT_NAME_BYTES + 8];

	SR_TRY(read_private(work->keeper->data, name, &key, err));
	assert(key != NULL);
	const struct sr_bytes plain = { key->data, key->size };
	SR_TRY(sr_age_encrypt(recipient, 1, plain, &sealed, err));
	snprintf(to, sizeof(to), "%s.age", name);
	return sr_fd_write_file(to_fd, to, 0600, sealed.data, sealed.size, err);
}

static enum sr_status copy_keys(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int to_fd = -1;
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	struct sr_durable_count count = counting(work);
	struct sr_age_recipient recipient;

	tell(work, "keys", 0);
	SR_TRY(read_recipient(work, &recipient, err));
	SR_TRY(sr_durable_folder(work->backup->dir_fd, "keys", &to_fd, err));
	SR_TRY(sr_dir_open(work->keeper->data->keys_fd, &dir, err));
	assert(dir != NULL);
	for (;;) {
		const char *name;

		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			return SR_OK;
		if (name[0] == '.' || strcmp(name, SR_KEY_LEDGER) == 0)
			continue;
		if (sr_text_ends_with(name, ".key"))
			SR_TRY(put_private(work, &recipient, to_fd, name, err));
		else
			SR_TRY(sr_durable_copy(work->keeper->data->keys_fd, name, to_fd, name, &count, err));
	}
}

/* What the parts above have, or must not have. */
/* What is copied in its own way or not at all: api is closed to the keeper and makes its certificate anew. */
static bool is_no_other(const char *name)
{
	static const char *const names[] = { "db",      "ledger", "vault",           "keys",
		                             "staging", "run",    "escrow",          "lock",
		                             "other",   "api",    "strongroom.conf", "lost+found" };

	for (size_t i = 0; i < SR_COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	/* What a change, a restore or a rebuild that was cut short left behind. */
	return sr_text_starts_with(name, "keys.") || sr_text_starts_with(name, "db.") ||
	       sr_text_starts_with(name, "before-restore");
}

/* Scans of papers that requests refer to by their digests: they lie in staging/ and never change. */
static enum sr_status copy_papers(struct work *work, int others_fd, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int from = -1;
	SR_CLEANUP(sr_fd_closep) int staging = -1;
	SR_CLEANUP(sr_fd_closep) int to = -1;
	struct sr_durable_count count = counting(work);
	enum sr_status status =
		sr_fd_open_beneath(work->keeper->staging_fd, "papers", O_RDONLY | O_DIRECTORY, 0, &from, err);

	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_durable_folder(others_fd, "staging", &staging, err));
	SR_TRY(sr_durable_folder(staging, "papers", &to, err));
	return sr_durable_copy_new(from, to, NULL, &count, err);
}

static enum sr_status copy_others(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int to_fd = -1;
	struct sr_durable_count count = counting(work);

	SR_TRY(sr_durable_folder(work->backup->dir_fd, "other", &to_fd, err));
	SR_TRY(sr_durable_copy_changed(work->keeper->data->dir_fd, to_fd, is_no_other, &count, err));
	SR_TRY(copy_papers(work, to_fd, err));
	return sr_durable_copy(work->keeper->data->dir_fd, SR_CONFIG_FILE, work->backup->dir_fd,
	                       SR_CONFIG_FILE, &count, err);
}

/* --- the note -------------------------------------------------------------------------------------- */

static enum sr_status write_note(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *note = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const struct sr_keeper *keeper = work->keeper;
	char root[SR_DIGEST_HEX], time[SR_TIME_TEXT];

	sr_digest_to_hex(&work->result.root, root);
	sr_time_format_utc(work->now_ns, time);
	SR_TRY(SR_JSON_PACK(
		&note, err, "{s:i,s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s%,s:I,s:I,s:s,s:s,s:b}", "format",
		SR_BACKUP_FORMAT, "appliance", sr_config_text(keeper->data->config, "appliance.id"), "time",
		time, "db", work->db, "epoch",
		(json_int_t)strtoull(strrchr(keeper->origin, '/') + 1, NULL, 10), "size",
		(json_int_t)work->result.size, "root", root, "verifier_key", keeper->verifier, "checkpoint",
		(const char *)work->note.data, work->note.size, "archives", (json_int_t)work->result.archives,
		"bytes", (json_int_t)work->result.bytes, "version", SR_VERSION, "data", keeper->data->path,
		"passphrase", keeper->data->passphrase != NULL));
	SR_TRY(sr_json_write_pretty(note, &text, err));
	return sr_fd_write_file(work->backup->dir_fd, SR_BACKUP_FILE, 0600, text.data, text.size, err);
}

/* Snapshots that no note names any more. */
static enum sr_status remove_old(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;

	SR_TRY(sr_dir_open(work->backup->dir_fd, &dir, err));
	assert(dir != NULL);
	for (;;) {
		const char *name;

		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			return SR_OK;
		if (sr_text_starts_with(name, "db-") && strcmp(name, work->db) != 0)
			SR_TRY(sr_durable_remove(work->backup->dir_fd, name, err));
	}
}

static enum sr_status make_all(struct work *work, struct sr_err *err)
{
	tell(work, "database", 0);
	SR_TRY(write_snapshot(work, err));
	SR_TRY(check_snapshot(work, err));
	SR_TRY(copy_archives(work, err));
	SR_TRY(copy_keys(work, err));
	SR_TRY(copy_others(work, err));
	return write_note(work, err);
}

enum sr_status sr_backup_make(const struct sr_backup *backup, struct sr_backup_result *out,
                              struct sr_err *err)
{
	SR_CLEANUP(work_dispose)
	struct work work = { .backup = backup, .keeper = backup->keeper, .now_ns = sr_clock_now_ns() };
	struct sr_err ignored;

	SR_TRY(check_folder(&work, err));
	SR_TRY(copy_ledger(&work, err)); /* before the database, which then extends it */
	enum sr_status status = make_all(&work, err);
	if (status != SR_OK) {
		if (work.db[0])
			(void)!sr_durable_remove(backup->dir_fd, work.db, &ignored);
		return status;
	}
	SR_TRY(remove_old(&work, err));
	*out = work.result;
	return SR_OK;
}

enum sr_status sr_backup_follow(const struct sr_backup *backup, struct sr_err *err)
{
	SR_CLEANUP(work_dispose) struct work work = { .backup = backup, .keeper = backup->keeper };

	return copy_ledger(&work, err);
}
