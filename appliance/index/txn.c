/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/txn.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/inside.h"
#include "appliance/index/map_gate.h"
#include "appliance/index/walk.h"

/* LMDB's struct has no const; it does not write through a key or a value that is put. */
static MDB_val val_of(struct sr_bytes bytes)
{
	union {
		const void *in;
		void *out;
	} data = { .in = bytes.data };

	return (MDB_val){ .mv_size = bytes.size, .mv_data = data.out };
}

/*
 * LMDB (0.9) takes the number of the last commit, and then copies the roots from the one of two places that
 * this number names; commits write them in turn.  Where the reader is held up between the two while one
 * commit ends and the next begins, it has the roots of that next one, or parts of both: it would see what is
 * not durable yet, and the next reader would see time go back.  So a reader counts only if no commit but the
 * one after its own had begun when it had its roots.
 */
static int settle(struct sr_env *env, MDB_txn *txn)
{
	int code = 0;

	/* Not a mere load: what was read before must have been read before. */
	while (code == 0 && atomic_fetch_add(&env->committing, 0) > mdb_txn_id(txn) + 1) {
		mdb_txn_reset(txn);
		code = mdb_txn_renew(txn);
	}
	return code;
}

/* Begin at LMDB; the gate is passed already.  @resized: another process enlarged the file. */
static enum sr_status begin(struct sr_env *env, bool write, struct sr_txn **out, bool *resized,
                            struct sr_err *err)
{
	struct sr_txn *txn = calloc(1, sizeof(*txn));

	if (!txn)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a transaction");
	int code = mdb_txn_begin(env->mdb, NULL, write ? 0 : MDB_RDONLY, &txn->mdb);
	if (code == 0 && !write && (code = settle(env, txn->mdb)) != 0)
		mdb_txn_abort(txn->mdb);
	if (code != 0) {
		free(txn);
		*resized = code == MDB_MAP_RESIZED;
		return sr_fail_mdb(err, code, "begin a transaction");
	}
	txn->env = env;
	txn->write = write;
	*out = txn;
	return SR_OK;
}

static enum sr_status enter_and_begin(struct sr_env *env, bool write, struct sr_txn **out, bool *resized,
                                      struct sr_err *err)
{
	if (write)
		SR_TRY(sr_map_gate_enter_writer(env, err));
	else
		sr_map_gate_enter_reader(env);
	enum sr_status status = begin(env, write, out, resized, err);
	if (status != SR_OK && write)
		sr_map_gate_leave_writer(env, false);
	else if (status != SR_OK)
		sr_map_gate_leave_reader(env);
	return status;
}

static enum sr_status begin_with_this_size(struct sr_env *env, bool write, struct sr_txn **out,
                                           struct sr_err *err)
{
	bool resized = false;
	enum sr_status status = enter_and_begin(env, write, out, &resized, err);

	if (!resized)
		return status;
	SR_TRY(sr_map_gate_grow(env, 0, err));
	return enter_and_begin(env, write, out, &resized, err);
}

enum sr_status sr_txn_read(struct sr_env *env, struct sr_txn **out, struct sr_err *err)
{
	return begin_with_this_size(env, false, out, err);
}

enum sr_status sr_txn_write(struct sr_env *env, struct sr_txn **out, struct sr_err *err)
{
	return begin_with_this_size(env, true, out, err);
}

enum sr_status sr_txn_renew(struct sr_txn *txn, struct sr_err *err)
{
	assert(!txn->write);
	mdb_txn_reset(txn->mdb);
	sr_map_gate_leave_reader(txn->env);
	sr_map_gate_enter_reader(txn->env);
	int code = mdb_txn_renew(txn->mdb);
	if (code == 0)
		code = settle(txn->env, txn->mdb);
	return code == 0 ? SR_OK : sr_fail_mdb(err, code, "renew a transaction");
}

/*
 * LMDB goes on writing into a file that somebody removed or replaced: nothing of it would be there after the
 * next start.
 */
static enum sr_status require_in_place(const struct sr_env *env, struct sr_err *err)
{
	char path[PATH_MAX];
	const char *folder;
	struct stat open, named;
	mdb_filehandle_t fd;

	if (mdb_env_get_fd(env->mdb, &fd) != 0 || mdb_env_get_path(env->mdb, &folder) != 0 ||
	    snprintf(path, sizeof(path), "%s/data.mdb", folder) >= (int)sizeof(path) || fstat(fd, &open) < 0)
		return sr_fail(err, SR_IO, "the database cannot be looked at");
	if (stat(path, &named) == 0 && named.st_dev == open.st_dev && named.st_ino == open.st_ino)
		return SR_OK;
	return sr_fail(
		err, SR_IO,
		"%s was removed or replaced while it was open: nothing is written any more. Put it back "
		"with: strongroom restore",
		path);
}

/* Takes @txn. */
static enum sr_status commit(struct sr_txn *txn, bool *full, struct sr_err *err)
{
	assert(txn->write);
	enum sr_status status = require_in_place(txn->env, err);
	if (status != SR_OK) {
		sr_txn_abort(txn);
		return status;
	}
	atomic_store(&txn->env->committing, mdb_txn_id(txn->mdb));
	int code = mdb_txn_commit(txn->mdb);
	*full = txn->was_full || code == MDB_MAP_FULL;
	if (code == 0)
		sr_env_make_room(txn->env);
	sr_map_gate_leave_writer(txn->env, *full);
	free(txn);
	return code == 0 ? SR_OK : sr_fail_mdb(err, code, "commit");
}

enum sr_status sr_txn_commit(struct sr_txn **txn, struct sr_err *err)
{
	bool full = false;

	return commit(SR_MOVE(*txn), &full, err);
}

void sr_txn_abort(struct sr_txn *txn)
{
	if (!txn)
		return;
	mdb_txn_abort(txn->mdb);
	if (txn->write)
		sr_map_gate_leave_writer(txn->env, txn->was_full);
	else
		sr_map_gate_leave_reader(txn->env);
	free(txn);
}

enum sr_status sr_txn_run(struct sr_env *env,
                          enum sr_status (*work)(void *context, struct sr_txn *txn, struct sr_err *err),
                          void *context, struct sr_err *err)
{
	for (;;) {
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

		/* The map doubles at each turn, so the end is success or SR_LIMIT. */
		SR_TRY(sr_txn_write(env, &txn, err));
		assert(txn != NULL);
		enum sr_status status = work(context, txn, err);
		bool full = txn->was_full;
		if (status == SR_OK)
			status = commit(SR_MOVE(txn), &full, err);
		if (status == SR_OK || !full)
			return status;
	}
}

/* Remember what the next transaction needs to know. */
static enum sr_status fail(struct sr_txn *txn, enum sr_db db, int code, struct sr_err *err)
{
	txn->was_full = txn->was_full || code == MDB_MAP_FULL;
	return sr_fail_mdb(err, code, sr_db_name(db));
}

enum sr_status sr_txn_look(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, bool *found,
                           struct sr_bytes *value, struct sr_err *err)
{
	MDB_val k = val_of(key);
	MDB_val v;
	int code = mdb_get(txn->mdb, txn->env->dbi[db], &k, &v);

	if (code != 0 && code != MDB_NOTFOUND)
		return fail(txn, db, code, err);
	*found = code == 0;
	if (code == 0)
		*value = (struct sr_bytes){ .data = v.mv_data, .size = v.mv_size };
	return SR_OK;
}

enum sr_status sr_txn_get(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, struct sr_bytes *value,
                          struct sr_err *err)
{
	bool found = false;

	SR_TRY(sr_txn_look(txn, db, key, &found, value, err));
	return found ? SR_OK : fail(txn, db, MDB_NOTFOUND, err);
}

static int cursor_of(struct sr_txn *txn, enum sr_db db, MDB_cursor **out)
{
	int code = 0;

	if (!txn->cursors[db])
		code = mdb_cursor_open(txn->mdb, txn->env->dbi[db], &txn->cursors[db]);
	*out = txn->cursors[db];
	return code;
}

/* A key behind all others is appended: pages of rising keys then stay full, not half full. */
static int put(struct sr_txn *txn, enum sr_db db, MDB_val *key, MDB_val *value)
{
	MDB_cursor *cursor;
	unsigned flags = 0;
	MDB_val last;
	int code = cursor_of(txn, db, &cursor);

	if (code != 0)
		return code;
	code = mdb_cursor_get(cursor, &last, NULL, MDB_LAST);
	if (code == 0 && mdb_cmp(txn->mdb, txn->env->dbi[db], key, &last) > 0)
		flags = MDB_APPEND;
	if (code == 0 || code == MDB_NOTFOUND)
		code = mdb_cursor_put(cursor, key, value, flags);
	return code;
}

/* New keys mostly come in rising order; LMDB says when this one does not. */
static int put_new(struct sr_txn *txn, enum sr_db db, MDB_val *key, MDB_val *value)
{
	MDB_cursor *cursor;
	int code = cursor_of(txn, db, &cursor);

	if (code == 0)
		code = mdb_cursor_put(cursor, key, value, MDB_APPEND | MDB_NOOVERWRITE);
	if (code == MDB_KEYEXIST)
		code = mdb_cursor_put(cursor, key, value, MDB_NOOVERWRITE);
	return code;
}

enum sr_status sr_txn_put(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, struct sr_bytes value,
                          struct sr_err *err)
{
	MDB_val k = val_of(key);
	MDB_val v = val_of(value);

	assert(txn->write);
	int code = put(txn, db, &k, &v);
	return code == 0 ? SR_OK : fail(txn, db, code, err);
}

enum sr_status sr_txn_put_new(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, struct sr_bytes value,
                              struct sr_err *err)
{
	MDB_val k = val_of(key);
	MDB_val v = val_of(value);

	assert(txn->write);
	int code = put_new(txn, db, &k, &v);
	return code == 0 ? SR_OK : fail(txn, db, code, err);
}

enum sr_status sr_txn_del(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, struct sr_err *err)
{
	MDB_val k = val_of(key);

	assert(txn->write);
	int code = mdb_del(txn->mdb, txn->env->dbi[db], &k, NULL);
	return code == 0 ? SR_OK : fail(txn, db, code, err);
}

enum sr_status sr_txn_clear(struct sr_txn *txn, enum sr_db db, struct sr_err *err)
{
	assert(txn->write);
	int code = mdb_drop(txn->mdb, txn->env->dbi[db], 0);
	return code == 0 ? SR_OK : fail(txn, db, code, err);
}

enum sr_status sr_txn_count(struct sr_txn *txn, enum sr_db db, uint64_t *out, struct sr_err *err)
{
	MDB_stat stat;
	int code = mdb_stat(txn->mdb, txn->env->dbi[db], &stat);

	if (code != 0)
		return fail(txn, db, code, err);
	*out = stat.ms_entries;
	return SR_OK;
}

void *sr_txn_attached(const struct sr_txn *txn)
{
	return txn->env->attached;
}

static const struct sr_bytes format_key = { .data = (const uint8_t *)SR_FORMAT_KEY,
	                                    .size = sizeof(SR_FORMAT_KEY) - 1 };
static const struct sr_bytes index_format = { .data = (const uint8_t *)SR_INDEX_FORMAT,
	                                      .size = sizeof(SR_INDEX_FORMAT) - 1 };

enum sr_status sr_index_drop(struct sr_txn *txn, struct sr_err *err)
{
	assert(txn->write);
	for (enum sr_db db = SR_DB_CASES; db < SR_DB_COUNT; db++)
		SR_TRY(sr_txn_clear(txn, db, err));
	return SR_OK;
}

enum sr_status sr_index_finish(struct sr_txn *txn, struct sr_err *err)
{
	return sr_txn_put(txn, SR_DB_MARKS, format_key, index_format, err);
}

enum sr_status sr_index_is_current(struct sr_txn *txn, bool *out, struct sr_err *err)
{
	struct sr_bytes value = { 0 };
	bool found = false;

	SR_TRY(sr_txn_look(txn, SR_DB_MARKS, format_key, &found, &value, err));
	*out = found && value.size == index_format.size &&
	       memcmp(value.data, index_format.data, value.size) == 0;
	return SR_OK;
}

enum sr_status sr_index_each(struct sr_txn *txn,
                             enum sr_status (*each)(void *context, const char *db, struct sr_bytes key,
                                                    struct sr_bytes value, struct sr_err *err),
                             void *context, struct sr_err *err)
{
	for (enum sr_db db = SR_DB_CASES; db < SR_DB_COUNT; db++) {
		SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
		struct sr_range all = { 0 };
		struct sr_bytes key = { 0 };
		struct sr_bytes value = { 0 };
		bool more = false;

		SR_TRY(sr_walk_open(txn, db, &all, SR_UP, &walk, err));
		SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
		while (more) {
			SR_TRY(each(context, sr_db_name(db), key, value, err));
			SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
		}
	}
	return SR_OK;
}
