/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/env.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/text.h"
#include "appliance/index/inside.h"
#include "appliance/index/map_gate.h"

static const char *const names[SR_DB_COUNT] = {
	[SR_DB_META] = "meta",
	[SR_DB_ENTRIES] = "entries",
	[SR_DB_HASHES] = "hashes",
	[SR_DB_PEOPLE] = "people",
	[SR_DB_ORGANS] = "organs",
	[SR_DB_DELEGATES] = "delegates",
	[SR_DB_REQUESTS] = "requests",
	[SR_DB_GRANTS] = "grants",
	[SR_DB_SECRETS] = "secrets",
	[SR_DB_SESSIONS] = "sessions",
	[SR_DB_REGISTER] = "register",
	[SR_DB_POLICY] = "policy",
	[SR_DB_DRAFTS] = "drafts",
	[SR_DB_SEALING] = "sealing",
	[SR_DB_APPLICATIONS] = "applications",
	[SR_DB_REVIEWS] = "reviews",
	[SR_DB_HOLDS] = "holds",
	[SR_DB_FIXITY] = "fixity",
	[SR_DB_CASES] = "cases",
	[SR_DB_CASE_ORDER] = "case-order",
	[SR_DB_CASE_NUMBERS] = "case-numbers",
	[SR_DB_MEMBERS] = "members",
	[SR_DB_WAITING] = "waiting",
	[SR_DB_POSTINGS] = "postings",
	[SR_DB_FACTS] = "facts",
	[SR_DB_MARKS] = "marks",
};

const char *sr_db_name(enum sr_db db)
{
	return names[db];
}

bool sr_db_is_derived(enum sr_db db)
{
	return db >= SR_DB_CASES;
}

/* The file's own need comes first: a map smaller than the file would hide its end. */
static size_t first_map_size(const struct sr_env_options *options)
{
	char path[4096];
	struct stat st;
	size_t size = options->map_start ? options->map_start : SR_MAP_START;

	if (snprintf(path, sizeof(path), "%s/data.mdb", options->path) < (int)sizeof(path) &&
	    stat(path, &st) == 0 && st.st_size > 0 && size < (size_t)st.st_size)
		size = (size_t)st.st_size;
	return (size + 0xffff) & ~(size_t)0xffff;
}

/* LMDB's descriptor of the data must not reach a program that the keeper starts. */
static enum sr_status close_on_exec(MDB_env *mdb, struct sr_err *err)
{
	int fd = -1;

	if (mdb_env_get_fd(mdb, &fd) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return sr_fail_errno(err, "database file");
	return SR_OK;
}

static enum sr_status open_mdb(struct sr_env *env, const struct sr_env_options *options, struct sr_err *err)
{
	int dead = 0;
	int code = mdb_env_create(&env->mdb);

	if (code == 0)
		code = mdb_env_set_maxdbs(env->mdb, SR_DB_COUNT);
	if (code == 0)
		code = mdb_env_set_maxreaders(env->mdb, options->readers ? options->readers : SR_READERS);
	if (code == 0)
		code = mdb_env_set_mapsize(env->mdb, first_map_size(options));
	if (code == 0)
		code = mdb_env_open(env->mdb, options->path, MDB_NOTLS, 0600);
	if (code == 0)
		code = mdb_reader_check(env->mdb, &dead);
	if (code != 0) {
		enum sr_status status = sr_fail_mdb(err, code, "open the database");

		return sr_fail_in(err, status, "%s: ", options->path);
	}
	return close_on_exec(env->mdb, err);
}

/* LMDB uses pages in order, so nothing but zeros was ever behind its last one; the writer's turn, or alone.
 */
void sr_env_make_room(struct sr_env *env)
{
	static const uint8_t zeros[1u << 16];
	MDB_envinfo info;
	MDB_stat stat;
	int fd;

	if (env->room == 0)
		return;
	mdb_env_info(env->mdb, &info);
	mdb_env_stat(env->mdb, &stat);
	size_t used = (info.me_last_pgno + 1) * stat.ms_psize;
	if (env->file_end < used)
		env->file_end = used;
	if (env->file_end - used >= env->room / 2 || mdb_env_get_fd(env->mdb, &fd) != 0)
		return;
	while (env->room > 0 && env->file_end - used < env->room) {
		if (pwrite(fd, zeros, sizeof(zeros), (off_t)env->file_end) == (ssize_t)sizeof(zeros))
			env->file_end += sizeof(zeros);
		else
			env->room = 0; /* the disk is full: what room there is, is for entries */
	}
}

static enum sr_status look_at_file(struct sr_env *env, const struct sr_env_options *options,
                                   struct sr_err *err)
{
	struct stat st;
	int fd;

	if (mdb_env_get_fd(env->mdb, &fd) != 0 || fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at the database file");
	env->file_end = (size_t)st.st_size;
	env->room = options->room;
	sr_env_make_room(env);
	return SR_OK;
}

/* Whether the root database holds nothing at all: a new file. */
static enum sr_status is_new(MDB_txn *txn, bool *out, struct sr_err *err)
{
	MDB_dbi root;
	MDB_stat stat;
	int code = mdb_dbi_open(txn, NULL, 0, &root);

	if (code == 0)
		code = mdb_stat(txn, root, &stat);
	if (code != 0)
		return sr_fail_mdb(err, code, "open the database");
	*out = stat.ms_entries == 0;
	return SR_OK;
}

static enum sr_status put_text(MDB_txn *txn, MDB_dbi dbi, const char *key, const char *value,
                               struct sr_err *err)
{
	char key_copy[32];
	char value_copy[32];

	snprintf(key_copy, sizeof(key_copy), "%s", key);
	snprintf(value_copy, sizeof(value_copy), "%s", value);
	MDB_val k = { strlen(key_copy), key_copy };
	MDB_val v = { strlen(value_copy), value_copy };
	int code = mdb_put(txn, dbi, &k, &v, 0);

	return code == 0 ? SR_OK : sr_fail_mdb(err, code, "format of the database");
}

/* Refuse what is not ours before anything is written into it. */
static enum sr_status check_format(MDB_txn *txn, MDB_dbi meta, struct sr_err *err)
{
	char name[] = SR_FORMAT_KEY;
	char found[64];
	MDB_val key = { strlen(name), name };
	MDB_val value;
	int code = mdb_get(txn, meta, &key, &value);

	if (code == MDB_NOTFOUND)
		return sr_fail(err, SR_INVALID,
		               "the database has no format record: Strongroom did not make it");
	if (code != 0)
		return sr_fail_mdb(err, code, "format of the database");
	if (value.mv_size == strlen(SR_DB_FORMAT) && memcmp(value.mv_data, SR_DB_FORMAT, value.mv_size) == 0)
		return SR_OK;

	size_t size = value.mv_size < sizeof(found) ? value.mv_size : sizeof(found) - 1;
	memcpy(found, value.mv_data, size);
	found[size] = '\0';
	sr_text_make_printable(found, sizeof(found));
	return sr_fail(
		err, SR_INVALID,
		"the database has the format \"%s\", this program knows \"%s\": use the Strongroom that "
		"made it, or a newer one",
		found, SR_DB_FORMAT);
}

static enum sr_status open_databases(struct sr_env *env, MDB_txn *txn, struct sr_err *err)
{
	bool fresh = false;

	SR_TRY(is_new(txn, &fresh, err));
	for (enum sr_db db = 0; db < SR_DB_COUNT; db++) {
		unsigned flags = db == SR_DB_META && !fresh ? 0 : MDB_CREATE;
		int code = mdb_dbi_open(txn, names[db], flags, &env->dbi[db]);

		if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE)
			return sr_fail(err, SR_INVALID, "no database of Strongroom: \"%s\" is not in it",
			               names[db]);
		if (code != 0)
			return sr_fail_mdb(err, code, names[db]);
		if (db == SR_DB_META && fresh)
			SR_TRY(put_text(txn, env->dbi[db], SR_FORMAT_KEY, SR_DB_FORMAT, err));
		if (db == SR_DB_META)
			SR_TRY(check_format(txn, env->dbi[db], err));
	}
	return fresh ? put_text(txn, env->dbi[SR_DB_MARKS], SR_FORMAT_KEY, SR_INDEX_FORMAT, err) : SR_OK;
}

static enum sr_status open_all(struct sr_env *env, struct sr_err *err)
{
	MDB_txn *txn = NULL;
	int code = mdb_txn_begin(env->mdb, NULL, 0, &txn);

	if (code != 0)
		return sr_fail_mdb(err, code, "open the database");
	enum sr_status status = open_databases(env, txn, err);
	if (status != SR_OK) {
		mdb_txn_abort(txn);
		return status;
	}
	code = mdb_txn_commit(txn);
	return code == 0 ? SR_OK : sr_fail_mdb(err, code, "open the database");
}

enum sr_status sr_env_open(const struct sr_env_options *options, struct sr_env **out, struct sr_err *err)
{
	struct sr_env *env = calloc(1, sizeof(*env));

	if (!env)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the database");
	enum sr_status status = sr_map_gate_init(env, err);
	if (status != SR_OK) {
		free(env);
		return status;
	}
	env->map_max = options->map_max ? options->map_max : SR_MAP_MAX;
	status = open_mdb(env, options, err);
	if (status == SR_OK)
		status = open_all(env, err);
	if (status == SR_OK)
		status = look_at_file(env, options, err);
	if (status != SR_OK) {
		sr_env_close(env);
		return status;
	}
	*out = env;
	return SR_OK;
}

void sr_env_close(struct sr_env *env)
{
	if (!env)
		return;
	assert(env->readers == 0 && !env->writing);
	if (env->mdb)
		mdb_env_close(env->mdb);
	if (env->release)
		env->release(env->attached);
	sr_map_gate_dispose(env);
	free(env);
}

void sr_env_attach(struct sr_env *env, void *what, void (*release)(void *what))
{
	assert(!env->release);
	env->attached = what;
	env->release = release;
}

enum sr_status sr_env_grow(struct sr_env *env, size_t more, struct sr_err *err)
{
	return sr_map_gate_grow(env, more > 0 ? more : 1, err);
}

static enum sr_status stat_databases(struct sr_txn *txn, struct sr_env_stat *out, struct sr_err *err)
{
	for (enum sr_db db = 0; db < SR_DB_COUNT; db++) {
		MDB_stat stat;
		int code = mdb_stat(txn->mdb, txn->env->dbi[db], &stat);

		if (code != 0)
			return sr_fail_mdb(err, code, names[db]);
		out->db[db].entries = stat.ms_entries;
		out->db[db].bytes =
			(stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) * stat.ms_psize;
	}
	return SR_OK;
}

enum sr_status sr_env_stat(struct sr_env *env, struct sr_env_stat *out, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_env_stat all = { 0 };
	MDB_envinfo info;
	MDB_stat stat;

	SR_TRY(sr_txn_read(env, &txn, err));
	SR_TRY(stat_databases(txn, &all, err));
	mdb_env_info(env->mdb, &info);
	mdb_env_stat(env->mdb, &stat);
	all.map_bytes = info.me_mapsize;
	all.used_bytes = (info.me_last_pgno + 1) * stat.ms_psize;
	all.reader_slots = info.me_maxreaders;
	all.last_transaction = info.me_last_txnid;
	pthread_mutex_lock(&env->lock);
	all.readers = env->readers - 1; /* without this one */
	pthread_mutex_unlock(&env->lock);
	*out = all;
	return SR_OK;
}

/* A copy takes as long as it takes: nobody should want to grow the map meanwhile. */
static enum sr_status make_room_for_copy(struct sr_env *env, struct sr_err *err)
{
	MDB_envinfo info;
	MDB_stat stat;

	mdb_env_info(env->mdb, &info);
	mdb_env_stat(env->mdb, &stat);
	size_t used = (info.me_last_pgno + 1) * stat.ms_psize;
	if (info.me_mapsize - used >= used)
		return SR_OK;
	return sr_env_grow(env, used, err);
}

enum sr_status sr_env_copy_fd(struct sr_env *env, int fd, struct sr_err *err)
{
	SR_TRY(make_room_for_copy(env, err));
	sr_map_gate_enter_reader(env);
	int code = mdb_env_copyfd2(env->mdb, fd, 0);
	sr_map_gate_leave_reader(env);
	return code == 0 ? SR_OK : sr_fail_mdb(err, code, "copy the database");
}

/* Not mdb_env_copy2: it leaves the copy's mode to the umask. */
enum sr_status sr_env_copy(struct sr_env *env, const char *path, struct sr_err *err)
{
	char file[4096];
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (snprintf(file, sizeof(file), "%s/data.mdb", path) >= (int)sizeof(file))
		return sr_fail(err, SR_INVALID, "path of the copy is too long");
	fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return sr_fail_errno(err, "%s", file);
	SR_TRY(sr_env_copy_fd(env, fd, err));
	return sr_fd_sync(fd, file, err);
}
