/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/ledger/entry.h"
#include "appliance/ledger/published.h"
#include "appliance/ledger/tile.h"

#define FILE_MODE 0600
#define FOLDER_MODE 0700

/* --- the bytes of a tile or bundle -------------------------------------------------------------- */

static enum sr_status hashes_of(const struct sr_publication *p, int level, uint64_t index, unsigned width,
                                struct sr_buf *out, struct sr_err *err)
{
	for (unsigned i = 0; i < width; i++) {
		struct sr_digest hash;

		SR_TRY(p->store->get(p->store->context, 8 * (unsigned)level, index * SR_TILE_WIDTH + i, &hash,
		                     err));
		SR_TRY(sr_buf_add(out, hash.bytes, SR_DIGEST_BYTES, err));
	}
	return SR_OK;
}

/* Each entry behind its size in two bytes, big-endian. */
static enum sr_status bundle_of(const struct sr_publication *p, uint64_t index, unsigned width,
                                struct sr_buf *out, struct sr_err *err)
{
	for (unsigned i = 0; i < width; i++) {
		uint64_t seq = index * SR_TILE_WIDTH + i;
		size_t start = out->size;

		SR_TRY(sr_buf_add(out, "\0", 2, err));
		SR_TRY(p->entries->get(p->entries->context, seq, out, err));
		size_t size = out->size - start - 2;
		if (size > SR_ENTRY_BYTES)
			return sr_fail(err, SR_LIMIT, "entry %llu has over %u bytes", (unsigned long long)seq,
			               SR_ENTRY_BYTES);
		out->data[start] = (uint8_t)(size >> 8);
		out->data[start + 1] = (uint8_t)size;
	}
	return SR_OK;
}

/* --- files -------------------------------------------------------------------------------------- */

/*
 * Make the folders of @path (up to its last '/') one by one, each durable before anything is put into it; one
 * that is there already may be left from a call that was killed before its sync.
 */
static enum sr_status make_folders(int dir_fd, const char *path, struct sr_err *err)
{
	char part[SR_TILE_PATH];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		SR_CLEANUP(sr_fd_closep) int parent = -1;
		size_t size = (size_t)(slash - path);

		memcpy(part, path, size);
		part[size] = 0;
		if (mkdirat(dir_fd, part, FOLDER_MODE) < 0 && errno != EEXIST)
			return sr_fail_errno(err, "create the folder %s", part);
		char *above = strrchr(part, '/');
		if (above)
			*above = 0;
		SR_TRY(sr_fd_open_beneath(dir_fd, above ? part : ".", O_RDONLY | O_DIRECTORY, 0, &parent,
		                          err));
		SR_TRY(sr_fd_sync(parent, "a folder of the ledger", err));
	}
	return SR_OK;
}

/* Is there a file of that name?  Then it must have these bytes: what was published does not change. */
static enum sr_status look_for(int folder, const char *name, const struct sr_buf *content, bool *there,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf old = { 0 };
	enum sr_status status = sr_fd_read_file(folder, name, content->size, &old, err);

	*there = status == SR_OK;
	if (status == SR_NOT_FOUND)
		return SR_OK;
	bool same = status == SR_OK && old.size == content->size && content->size > 0 &&
	            memcmp(old.data, content->data, content->size) == 0;
	if (status == SR_LIMIT || (status == SR_OK && !same))
		return sr_fail(
			err, SR_TAMPERED,
			"the published file differs from the log; compare it with a copy, then move it away");
	return status;
}

static enum sr_status put_file(int dir_fd, const char *path, const struct sr_buf *content, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	const char *slash = strrchr(path, '/');
	char folder_path[SR_TILE_PATH] = { 0 };
	bool there;

	memcpy(folder_path, path, (size_t)(slash - path));
	SR_TRY(sr_fd_open_beneath(dir_fd, folder_path, O_RDONLY | O_DIRECTORY, 0, &folder, err));
	SR_TRY(look_for(folder, slash + 1, content, &there, err));
	if (there) /* its bytes were synced before its name; its name perhaps not */
		return sr_fd_sync(folder, folder_path, err);
	return sr_fd_write_file(folder, slash + 1, FILE_MODE, content->data, content->size, err);
}

static enum sr_status put_tile(const struct sr_publication *p, int level, uint64_t index, uint64_t old,
                               uint64_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf content = { 0 };
	unsigned width = sr_tile_width(level, index, size);
	uint64_t in_folder =
		width < SR_TILE_WIDTH ? index : index - index % 1000; /* first tile of its folder */
	char path[SR_TILE_PATH];

	sr_tile_path(level, index, width, path);
	if (level == SR_TILE_ENTRIES)
		SR_TRY(bundle_of(p, index, width, &content, err));
	else
		SR_TRY(hashes_of(p, level, index, width, &content, err));
	/* A folder with a tile of the published checkpoint in it is durable. */
	if (sr_tile_width(level, in_folder, old) == 0)
		SR_TRY(make_folders(p->dir_fd, path, err));
	enum sr_status status = put_file(p->dir_fd, path, &content, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", path);
	return SR_OK;
}

/* --- partial tiles that are no longer needed ---------------------------------------------------- */

/* Everything in the folder "…/000.p", then the folder; a folder that is not there is as good. */
static enum sr_status remove_folder(int dir_fd, const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	const char *name;
	enum sr_status status = sr_fd_open_beneath(dir_fd, path, O_RDONLY | O_DIRECTORY, 0, &fd, err);

	if (status == SR_NOT_FOUND)
		return SR_OK;
	if (status != SR_OK)
		return status;
	SR_TRY(sr_dir_open(fd, &dir, err));
	for (;;) {
		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			break;
		if (unlinkat(fd, name, 0) < 0 && errno != ENOENT)
			return sr_fail_errno(err, "remove %s/%s", path, name);
	}
	if (unlinkat(dir_fd, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return sr_fail_errno(err, "remove %s", path);
	return SR_OK;
}

static enum sr_status remove_partials_of(int dir_fd, int level, uint64_t index, struct sr_err *err)
{
	char path[SR_TILE_PATH];
	struct stat st;

	sr_tile_path(level, index, SR_TILE_WIDTH, path);
	if (fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return sr_fail_errno(err, "look at %s", path);
	sr_tile_path(level, index, 1, path);
	*strrchr(path, '/') = 0;
	return remove_folder(dir_fd, path, err);
}

/*
 * Where tiles of a level became full.  A call that was killed may have left partial ones of the tiles before,
 * so the search begins with the thousand that the last published tile is in.
 */
static enum sr_status remove_partials(int dir_fd, int level, uint64_t old, uint64_t size, struct sr_err *err)
{
	uint64_t before = sr_tile_hashes(level, old) / SR_TILE_WIDTH;
	uint64_t full = sr_tile_hashes(level, size) / SR_TILE_WIDTH;
	uint64_t first = before > 0 ? before - 1 : 0;

	if (before == full && old != size)
		return SR_OK;
	for (uint64_t index = first - first % 1000; index < full; index++)
		SR_TRY(remove_partials_of(dir_fd, level, index, err));
	return SR_OK;
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* Size of the folder's checkpoint, which the log must extend; 0 and false without one. */
static enum sr_status published_size(const struct sr_publication *p, uint64_t size, uint64_t *old,
                                     bool *there, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf verifier = { 0 };
	struct sr_checkpoint checkpoint;
	const char *text;

	SR_TRY(sr_note_verifier_key(p->origin, p->key, &verifier, err));
	SR_TRY(sr_buf_text(&verifier, &text, err));
	enum sr_status status = sr_published_check(p->dir_fd, text, p->store, size, &checkpoint, err);
	if (status != SR_OK && status != SR_NOT_FOUND)
		return status;
	*there = status == SR_OK;
	*old = *there ? checkpoint.size : 0;
	return SR_OK;
}

static enum sr_status put_checkpoint(const struct sr_publication *p, uint64_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	struct sr_checkpoint checkpoint = { .size = size };

	if (strlen(p->origin) >= sizeof(checkpoint.origin))
		return sr_fail(err, SR_INVALID, "the ledger's origin has over %d characters",
		               SR_ORIGIN_TEXT - 1);
	memcpy(checkpoint.origin, p->origin, strlen(p->origin) + 1);
	SR_TRY(sr_merkle_root(p->store, size, &checkpoint.root, err));
	SR_TRY(sr_checkpoint_sign(&checkpoint, p->key, &note, err));
	return sr_fd_write_file(p->dir_fd, "checkpoint", FILE_MODE, note.data, note.size, err);
}

/* Those that a log of @size has and one of @old has not. */
static enum sr_status put_tiles(const struct sr_publication *p, uint64_t old, uint64_t size,
                                struct sr_err *err)
{
	for (int level = SR_TILE_ENTRIES; level < (int)SR_TILE_LEVELS; level++) {
		uint64_t after = sr_tile_hashes(level, size);

		if (after == sr_tile_hashes(level, old))
			continue;
		for (uint64_t index = sr_tile_hashes(level, old) / SR_TILE_WIDTH;
		     index * SR_TILE_WIDTH < after; index++)
			SR_TRY(put_tile(p, level, index, old, size, err));
	}
	return SR_OK;
}

enum sr_status sr_publish_tiles(const struct sr_publication *p, uint64_t size, struct sr_err *err)
{
	return put_tiles(p, 0, size, err);
}

enum sr_status sr_publish(const struct sr_publication *p, uint64_t size, struct sr_err *err)
{
	uint64_t old;
	bool there;

	SR_TRY(published_size(p, size, &old, &there, err));
	SR_TRY(put_tiles(p, old, size, err));
	if (there && old == size) /* perhaps renamed, but not synced, by a call that was killed */
		SR_TRY(sr_fd_sync(p->dir_fd, "the ledger's folder", err));
	else
		SR_TRY(put_checkpoint(p, size, err));
	for (int level = SR_TILE_ENTRIES; level < (int)SR_TILE_LEVELS; level++)
		SR_TRY(remove_partials(p->dir_fd, level, old, size, err));
	return SR_OK;
}
