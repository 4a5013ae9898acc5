/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/walk.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/index/inside.h"

struct bound {
	uint8_t bytes[SR_KEY_BYTES];
	size_t size; /* 0: open */
};

struct sr_walk {
	struct sr_txn *txn;
	enum sr_db db;
	enum sr_direction direction;
	MDB_cursor *cursor;
	struct bound from;
	struct bound to;
	bool begun;
	bool ended;
};

static enum sr_status fail(const struct sr_walk *walk, int code, struct sr_err *err)
{
	return sr_fail_mdb(err, code, sr_db_name(walk->db));
}

static enum sr_status copy_bound(struct sr_bytes bytes, struct bound *out, struct sr_err *err)
{
	if (bytes.size > SR_KEY_BYTES)
		return sr_fail(err, SR_INVALID, "a key has at most %u bytes", SR_KEY_BYTES);
	if (bytes.size > 0)
		memcpy(out->bytes, bytes.data, bytes.size);
	out->size = bytes.size;
	return SR_OK;
}

enum sr_status sr_walk_restart(struct sr_walk *walk, const struct sr_range *range, struct sr_err *err)
{
	SR_TRY(copy_bound(range->from, &walk->from, err));
	SR_TRY(copy_bound(range->to, &walk->to, err));
	walk->begun = false;
	walk->ended = false;
	return SR_OK;
}

enum sr_status sr_walk_open(struct sr_txn *txn, enum sr_db db, const struct sr_range *range,
                            enum sr_direction direction, struct sr_walk **out, struct sr_err *err)
{
	struct sr_walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a walk over the database");
	walk->txn = txn;
	walk->db = db;
	walk->direction = direction;
	enum sr_status status = sr_walk_restart(walk, range, err);
	int code = status == SR_OK ? mdb_cursor_open(txn->mdb, txn->env->dbi[db], &walk->cursor) : 0;
	if (code != 0)
		status = fail(walk, code, err);
	if (status != SR_OK) {
		free(walk);
		return status;
	}
	*out = walk;
	return SR_OK;
}

enum sr_status sr_walk_open_prefix(struct sr_txn *txn, enum sr_db db, struct sr_bytes prefix,
                                   enum sr_direction direction, struct sr_walk **out, struct sr_err *err)
{
	struct bound end = { 0 };

	SR_TRY(copy_bound(prefix, &end, err));
	/* The first key behind the prefix: its last byte that is not 0xff, plus one. */
	while (end.size > 0 && end.bytes[end.size - 1] == 0xff)
		end.size--;
	if (end.size > 0)
		end.bytes[end.size - 1]++;
	struct sr_range range = { .from = prefix, .to = { end.bytes, end.size } };
	return sr_walk_open(txn, db, &range, direction, out, err);
}

void sr_walk_close(struct sr_walk *walk)
{
	if (!walk)
		return;
	mdb_cursor_close(walk->cursor);
	free(walk);
}

static MDB_val val_of(struct bound *bound)
{
	return (MDB_val){ .mv_size = bound->size, .mv_data = bound->bytes };
}

/* Onto the first entry of the walk's direction; the other bound is not looked at. */
static int enter(struct sr_walk *walk, MDB_val *key, MDB_val *value)
{
	struct bound *at = walk->direction == SR_UP ? &walk->from : &walk->to;

	if (at->size == 0)
		return mdb_cursor_get(walk->cursor, key, value,
		                      walk->direction == SR_UP ? MDB_FIRST : MDB_LAST);
	*key = val_of(at);
	int code = mdb_cursor_get(walk->cursor, key, value, MDB_SET_RANGE);
	if (walk->direction == SR_UP || (code != 0 && code != MDB_NOTFOUND))
		return code;
	/* The entry before the bound, or the last one where nothing lies behind it. */
	return mdb_cursor_get(walk->cursor, key, value, code == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

static bool is_inside(const struct sr_walk *walk, const MDB_val *key)
{
	const struct bound *end = walk->direction == SR_UP ? &walk->to : &walk->from;
	size_t common = key->mv_size < end->size ? key->mv_size : end->size;

	if (end->size == 0)
		return true;
	int order = memcmp(key->mv_data, end->bytes, common);
	if (order == 0)
		order = (key->mv_size > end->size) - (key->mv_size < end->size);
	return walk->direction == SR_UP ? order < 0 : order >= 0;
}

enum sr_status sr_walk_next(struct sr_walk *walk, bool *more, struct sr_bytes *key, struct sr_bytes *value,
                            struct sr_err *err)
{
	MDB_val k = { 0 };
	MDB_val v = { 0 };
	int code = MDB_NOTFOUND;

	if (!walk->ended && !walk->begun)
		code = enter(walk, &k, &v);
	else if (!walk->ended)
		code = mdb_cursor_get(walk->cursor, &k, &v, walk->direction == SR_UP ? MDB_NEXT : MDB_PREV);
	if (code != 0 && code != MDB_NOTFOUND)
		return fail(walk, code, err);

	walk->begun = true;
	walk->ended = code == MDB_NOTFOUND || !is_inside(walk, &k);
	*more = !walk->ended;
	if (walk->ended)
		return SR_OK;
	*key = (struct sr_bytes){ .data = k.mv_data, .size = k.mv_size };
	*value = (struct sr_bytes){ .data = v.mv_data, .size = v.mv_size };
	return SR_OK;
}

enum sr_status sr_walk_del(struct sr_walk *walk, struct sr_err *err)
{
	int code = mdb_cursor_del(walk->cursor, 0);

	if (code != 0)
		walk->txn->was_full = walk->txn->was_full || code == MDB_MAP_FULL;
	return code == 0 ? SR_OK : fail(walk, code, err);
}
