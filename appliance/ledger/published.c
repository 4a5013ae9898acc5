/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/published.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/cursor.h"
#include "appliance/base/fd.h"
#include "appliance/ledger/entry.h"
#include "appliance/ledger/tile.h"

#define BUNDLE_BYTES ((size_t)SR_TILE_WIDTH * (2u + SR_ENTRY_BYTES))

/* --- checkpoint --------------------------------------------------------------------------------- */

enum sr_status sr_published_checkpoint(int dir_fd, const char *verifier, struct sr_buf *note,
                                       struct sr_checkpoint *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

	enum sr_status status = sr_fd_read_file(dir_fd, "checkpoint", SR_CHECKPOINT_BYTES, &bytes, err);
	if (status == SR_LIMIT)
		return sr_fail_in(err, SR_CORRUPT, "the published checkpoint: ");
	if (status != SR_OK)
		return status;
	status = sr_checkpoint_open(sr_buf_bytes(&bytes), verifier, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "the published checkpoint: ");
	if (note)
		return sr_buf_add(note, bytes.data, bytes.size, err);
	return SR_OK;
}

enum sr_status sr_published_check(int dir_fd, const char *verifier, const struct sr_merkle_store *store,
                                  uint64_t size, struct sr_checkpoint *out, struct sr_err *err)
{
	struct sr_checkpoint checkpoint = { 0 };
	struct sr_digest root = { 0 };

	SR_TRY(sr_published_checkpoint(dir_fd, verifier, NULL, &checkpoint, err));
	if (checkpoint.size > size)
		return sr_fail(
			err, SR_TAMPERED,
			"the log is older than the published checkpoint: it has %llu entries, the checkpoint "
			"%llu; restore a newer backup",
			(unsigned long long)size, (unsigned long long)checkpoint.size);
	SR_TRY(sr_merkle_root(store, checkpoint.size, &root, err));
	if (!sr_digest_equal(&root, &checkpoint.root))
		return sr_fail(
			err, SR_TAMPERED,
			"the log's first %llu entries are not those of the published checkpoint: one of both "
			"is of another history",
			(unsigned long long)checkpoint.size);
	*out = checkpoint;
	return SR_OK;
}

/* --- tiles -------------------------------------------------------------------------------------- */

struct tile {
	uint64_t index;
	unsigned count; /* of hashes; 0: nothing read yet */
	struct sr_digest hashes[SR_TILE_WIDTH];
};

struct sr_published {
	int dir_fd; /* borrowed */
	uint64_t size;
	struct tile edge[SR_TILE_LEVELS]; /* the partial tile of each level, where there is one */
	struct tile full[SR_TILE_LEVELS]; /* the full one that was read last */
};

/*
 * A tile or bundle as it was for our size.  When the log has grown, its partial form may be gone and the full
 * one there, which begins with the same bytes: *longer.
 */
static enum sr_status read_cut(const struct sr_published *p, int level, uint64_t index, struct sr_buf *out,
                               bool *longer, struct sr_err *err)
{
	size_t max = level == SR_TILE_ENTRIES ? BUNDLE_BYTES : (size_t)SR_TILE_WIDTH * SR_DIGEST_BYTES;
	unsigned width = sr_tile_width(level, index, p->size);
	char path[SR_TILE_PATH];

	sr_tile_path(level, index, width, path);
	*longer = false;
	enum sr_status status = sr_fd_read_file(p->dir_fd, path, max, out, err);
	if (status == SR_NOT_FOUND && width < SR_TILE_WIDTH) {
		sr_tile_path(level, index, SR_TILE_WIDTH, path);
		*longer = true;
		status = sr_fd_read_file(p->dir_fd, path, max, out, err);
	}
	if (status == SR_NOT_FOUND || status == SR_LIMIT)
		return sr_fail_in(err, SR_CORRUPT, "the published log is not whole: ");
	return status;
}

static enum sr_status read_tile(const struct sr_published *p, int level, uint64_t index, struct tile *out,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	unsigned width = sr_tile_width(level, index, p->size);
	bool longer;

	out->count = 0;
	SR_TRY(read_cut(p, level, index, &bytes, &longer, err));
	if (bytes.size != SR_DIGEST_BYTES * (size_t)(longer ? SR_TILE_WIDTH : width))
		return sr_fail(err, SR_CORRUPT, "tile %llu of level %d has %zu bytes",
		               (unsigned long long)index, level, bytes.size);
	memcpy(out->hashes, bytes.data, SR_DIGEST_BYTES * (size_t)width);
	out->index = index;
	out->count = width;
	return SR_OK;
}

/* Root over a power of two of hashes, at most a tile's. */
static enum sr_status fold(const struct sr_digest *hashes, unsigned count, struct sr_digest *out,
                           struct sr_err *err)
{
	struct sr_digest level[SR_TILE_WIDTH];

	memcpy(level, hashes, count * sizeof(level[0]));
	for (; count > 1; count /= 2)
		for (size_t i = 0; i < count / 2; i++)
			SR_TRY(sr_merkle_node(&level[2 * i], &level[2 * i + 1], &level[i], err));
	*out = level[0];
	return SR_OK;
}

static struct tile *place_of(struct sr_published *p, int level, uint64_t index)
{
	bool full = sr_tile_width(level, index, p->size) == SR_TILE_WIDTH;

	return full ? &p->full[level] : &p->edge[level];
}

/*
 * Have tile @index of @level, checked, in its place: those of the edge were when the log was opened, a full
 * one is by the hash that the level above has for it.  Recursion is at most SR_TILE_LEVELS deep.
 */
static enum sr_status load(struct sr_published *p, int level, uint64_t index, struct sr_err *err)
{
	struct tile *tile = place_of(p, level, index);
	struct sr_digest root = { 0 };

	if (tile == &p->edge[level] || (tile->count > 0 && tile->index == index))
		return SR_OK;
	SR_TRY(read_tile(p, level, index, tile, err));
	tile->count = 0; /* until it is checked */
	SR_TRY(fold(tile->hashes, SR_TILE_WIDTH, &root, err));
	SR_TRY(load(p, level + 1, index / SR_TILE_WIDTH, err));
	const struct tile *above = place_of(p, level + 1, index / SR_TILE_WIDTH);
	if (!sr_digest_equal(&root, &above->hashes[index % SR_TILE_WIDTH]))
		return sr_fail(err, SR_TAMPERED, "tile %llu of level %d is not that of the checkpoint",
		               (unsigned long long)index, level);
	tile->count = SR_TILE_WIDTH;
	return SR_OK;
}

static enum sr_status get_hash(void *context, unsigned level, uint64_t index, struct sr_digest *out,
                               struct sr_err *err)
{
	struct sr_published *p = context;
	unsigned deep = level % 8; /* below the hashes of our tile */
	uint64_t first = index << deep;
	int tiles = (int)(level / 8);

	if (level >= SR_MERKLE_LEVELS || index >= p->size >> level)
		return sr_fail(err, SR_INVALID, "the published log has no subtree %llu of level %u",
		               (unsigned long long)index, level);
	SR_TRY(load(p, tiles, first / SR_TILE_WIDTH, err));
	const struct tile *tile = place_of(p, tiles, first / SR_TILE_WIDTH);
	return fold(tile->hashes + first % SR_TILE_WIDTH, 1u << deep, out, err);
}

struct sr_merkle_store sr_published_store(struct sr_published *published)
{
	return (struct sr_merkle_store){ .get = get_hash, .context = published };
}

/* The partial tiles hold exactly the subtrees that the root of this size is made of. */
static enum sr_status check_edge(struct sr_published *p, const struct sr_digest *root, struct sr_err *err)
{
	struct sr_merkle_store store = sr_published_store(p);
	struct sr_digest actual = { 0 };

	for (int level = 0; level < (int)SR_TILE_LEVELS; level++) {
		uint64_t index = sr_tile_hashes(level, p->size) / SR_TILE_WIDTH;

		if (sr_tile_width(level, index, p->size) > 0)
			SR_TRY(read_tile(p, level, index, &p->edge[level], err));
	}
	SR_TRY(sr_merkle_root(&store, p->size, &actual, err));
	if (!sr_digest_equal(&actual, root))
		return sr_fail(
			err, SR_TAMPERED,
			"the published tiles at the end of %llu entries do not give the checkpoint's root",
			(unsigned long long)p->size);
	return SR_OK;
}

enum sr_status sr_published_open(int dir_fd, uint64_t size, const struct sr_digest *root,
                                 struct sr_published **out, struct sr_err *err)
{
	struct sr_published *p = calloc(1, sizeof(*p));

	if (!p)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the tiles of the ledger");
	p->dir_fd = dir_fd;
	p->size = size;
	enum sr_status status = check_edge(p, root, err);
	if (status != SR_OK) {
		sr_published_free(p);
		return status;
	}
	*out = p;
	return SR_OK;
}

void sr_published_free(struct sr_published *published)
{
	free(published);
}

/* --- entries ------------------------------------------------------------------------------------ */

static enum sr_status check_entry(struct sr_published *p, uint64_t seq, struct sr_bytes entry,
                                  struct sr_err *err)
{
	struct sr_digest leaf = { 0 };

	SR_TRY(load(p, 0, seq / SR_TILE_WIDTH, err));
	const struct tile *tile = place_of(p, 0, seq / SR_TILE_WIDTH);
	SR_TRY(sr_merkle_leaf(entry.data, entry.size, &leaf, err));
	if (!sr_digest_equal(&leaf, &tile->hashes[seq % SR_TILE_WIDTH]))
		return sr_fail(err, SR_TAMPERED, "entry %llu is not what the ledger's tree says",
		               (unsigned long long)seq);
	return SR_OK;
}

enum sr_status sr_published_entries(struct sr_published *p, uint64_t first,
                                    enum sr_status (*each)(void *context, uint64_t seq, struct sr_bytes entry,
                                                           struct sr_err *err),
                                    void *context, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bundle = { 0 };
	struct sr_cursor c = { 0 };
	bool longer = false;

	for (uint64_t seq = first - first % SR_TILE_WIDTH; seq < p->size; seq++) {
		if (seq % SR_TILE_WIDTH == 0) {
			bundle.size = 0;
			SR_TRY(read_cut(p, SR_TILE_ENTRIES, seq / SR_TILE_WIDTH, &bundle, &longer, err));
			c = (struct sr_cursor){ .next = bundle.data, .left = bundle.size };
		}
		struct sr_bytes entry = { .size = (size_t)sr_cursor_be(&c, 2) };
		entry.data = sr_cursor_take(&c, entry.size);
		bool last = seq + 1 == p->size || (seq + 1) % SR_TILE_WIDTH == 0;
		if (c.bad || (last && !longer && c.left > 0))
			return sr_fail(err, SR_CORRUPT,
			               "the bundle of entry %llu is cut or has bytes too many",
			               (unsigned long long)seq);
		SR_TRY(check_entry(p, seq, entry, err));
		if (seq >= first)
			SR_TRY(each(context, seq, entry, err));
	}
	return SR_OK;
}
