/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/ops.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "fs/top.h"

/* --- the tree of an inode -------------------------------------------------------------------------- */

/* A node that the caller may look into; `tree` is locked until leave. */
struct place {
	struct sr_fs_grant *grant;
	const struct sr_fs_tree *tree;
	uint32_t number;
};

static void leave(struct place *place)
{
	if (place->tree)
		sr_fs_grant_leave(place->grant);
	place->tree = NULL;
}

/* 0 or an errno.  The tree is loaded where nobody did. */
static int enter(fuse_req_t req, fuse_ino_t ino, struct place *place)
{
	struct sr_fs *fs = sr_fs_of(req);
	struct sr_err err;

	*place = (struct place){ .grant = sr_fs_grant_of(fs, ino), .number = (uint32_t)ino };
	int refused = sr_fs_may(req, place->grant);
	if (refused)
		return refused;
	enum sr_status status = sr_fs_grant_load(place->grant, fs->front, fuse_req_ctx(req)->pid, &err);
	if (status != SR_OK && status != SR_DENIED)
		sr_log(SR_LOG_ERROR, "grant %s: %s", place->grant->id, err.text);
	if (status != SR_OK)
		return sr_fs_errno(status);
	place->tree = sr_fs_grant_enter(place->grant);
	return place->tree && place->number < place->tree->node_count ? 0 : EACCES;
}

static void fill_entry(const struct sr_fs *fs, const struct place *place, uint32_t node,
                       struct fuse_entry_param *entry)
{
	*entry = (struct fuse_entry_param){ .ino = sr_fs_ino(place->grant, node),
		                            .attr_timeout = SR_FS_FOREVER,
		                            .entry_timeout = SR_FS_FOREVER };
	sr_fs_attributes(place->grant, place->tree, node, fs->mounted_s, &entry->attr);
}

/* --- looking up ------------------------------------------------------------------------------------ */

static void fill_grant(const struct sr_fs *fs, struct sr_fs_grant *grant, struct fuse_entry_param *entry)
{
	/*
	 * The name is never cached: who asks next may be somebody else, or the grant may have ended.  So
	 * every walk asks for it, and its attributes need to last no longer than that one's look at the mode.
	 */
	*entry = (struct fuse_entry_param){ .ino = sr_fs_ino(grant, 0), .attr_timeout = SR_FS_WALK };
	const struct sr_fs_tree *tree = sr_fs_grant_enter(grant);
	sr_fs_attributes(grant, tree, 0, fs->mounted_s, &entry->attr);
	if (tree)
		sr_fs_grant_leave(grant);
}

static void look_up_grant(fuse_req_t req, const char *name)
{
	struct sr_fs *fs = sr_fs_of(req);
	struct sr_fs_grant *grant;
	struct fuse_entry_param entry;
	struct sr_err err;

	enum sr_status status = sr_fs_top_find(fs, fuse_req_ctx(req), name, &grant, &err);
	if (status != SR_OK) {
		fuse_reply_err(req, status == SR_NOT_FOUND ? ENOENT : sr_fs_errno(status));
		return;
	}
	fill_grant(fs, grant, &entry);
	fuse_reply_entry(req, &entry);
}

static void look_up(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	SR_CLEANUP(leave) struct place place = { 0 };
	struct fuse_entry_param entry;
	uint32_t node;

	if (parent == FUSE_ROOT_ID) {
		look_up_grant(req, name);
		return;
	}
	int refused = enter(req, parent, &place);
	if (refused) {
		fuse_reply_err(req, refused);
		return;
	}
	assert(place.tree != NULL);
	if (place.tree->nodes[place.number].kind != SR_FS_FOLDER) {
		fuse_reply_err(req, ENOTDIR);
		return;
	}
	/* That a name is not there does not change either. */
	if (!sr_fs_tree_find(place.tree, place.number, name, &node))
		entry = (struct fuse_entry_param){ .entry_timeout = SR_FS_FOREVER };
	else
		fill_entry(sr_fs_of(req), &place, node, &entry);
	leave(&place);
	fuse_reply_entry(req, &entry);
}

static void get_attributes(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct sr_fs *fs = sr_fs_of(req);
	struct stat st;

	(void)info;
	if (ino == FUSE_ROOT_ID) {
		sr_fs_top_attributes(fs, &st);
		fuse_reply_attr(req, &st, SR_FS_FOREVER); /* for everybody and always the same */
		return;
	}
	/* Of a name that somebody knows they may learn mode and owner, so no question of who asks. */
	struct sr_fs_grant *grant = sr_fs_grant_of(fs, ino);
	const struct sr_fs_tree *tree = grant ? sr_fs_grant_enter(grant) : NULL;
	uint32_t number = (uint32_t)ino;
	bool there = grant && atomic_load(&grant->state) != SR_FS_ENDED &&
	             (tree ? number < tree->node_count : number == 0);
	if (there)
		sr_fs_attributes(grant, tree, number, fs->mounted_s, &st);
	if (tree)
		sr_fs_grant_leave(grant);
	if (there)
		fuse_reply_attr(req, &st, number == 0 ? SR_FS_WALK : SR_FS_FOREVER);
	else
		fuse_reply_err(req, EACCES);
}

static void may_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	(void)mask;
	fuse_reply_err(req, ino == FUSE_ROOT_ID ? 0 : sr_fs_may(req, sr_fs_grant_of(sr_fs_of(req), ino)));
}

/* --- folders --------------------------------------------------------------------------------------- */

static void open_folder(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	struct sr_err err;

	if (ino != FUSE_ROOT_ID) {
		int refused = sr_fs_may(req, sr_fs_grant_of(sr_fs_of(req), ino));

		info->cache_readdir = info->keep_cache = 1;
		if (refused)
			fuse_reply_err(req, refused);
		else
			fuse_reply_open(req, info);
		return;
	}
	enum sr_status status = sr_fs_top_list(sr_fs_of(req), fuse_req_ctx(req), NULL, &list, &err);
	if (status != SR_OK) {
		fuse_reply_err(req, sr_fs_errno(status));
		return;
	}
	info->fh = (uint64_t)(uintptr_t)list;
	if (fuse_reply_open(req, info) == 0)
		list = NULL;
}

static void release_folder(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	if (ino == FUSE_ROOT_ID)
		json_decref((json_t *)(uintptr_t)info->fh);
	fuse_reply_err(req, 0);
}

/* What a listing is written into. */
struct listing {
	fuse_req_t req;
	bool plus; /* with attributes */
	char *data;
	size_t size, used;
};

/* False when it is full. */
static bool add(struct listing *listing, const char *name, const struct fuse_entry_param *entry, off_t next)
{
	size_t left = listing->size - listing->used;
	size_t took = listing->plus ? fuse_add_direntry_plus(listing->req, listing->data + listing->used,
	                                                     left, name, entry, next)
	                            : fuse_add_direntry(listing->req, listing->data + listing->used, left,
	                                                name, &entry->attr, next);

	if (took > left)
		return false;
	listing->used += took;
	return true;
}

/* "." and "..": the kernel keeps their inodes itself, so they have no entry. */
static bool add_dots(struct listing *listing, fuse_ino_t self, fuse_ino_t parent, off_t *at)
{
	static const char *const names[] = { ".", ".." };
	const fuse_ino_t inodes[] = { self, parent };

	for (; *at < 2; (*at)++) {
		struct fuse_entry_param entry = { .attr = { .st_ino = inodes[*at], .st_mode = S_IFDIR } };

		if (!add(listing, names[*at], &entry, *at + 1))
			return false;
	}
	return true;
}

static void list_top(struct listing *listing, const json_t *ids, off_t at)
{
	struct sr_fs *fs = sr_fs_of(listing->req);
	struct sr_err err;

	if (!add_dots(listing, FUSE_ROOT_ID, FUSE_ROOT_ID, &at))
		return;
	for (; (size_t)at - 2 < json_array_size(ids); at++) {
		const char *id = json_string_value(json_array_get(ids, (size_t)at - 2));
		struct fuse_entry_param entry;
		struct sr_fs_grant *grant;

		if (sr_fs_grants_get(fs->grants, id, fuse_req_ctx(listing->req)->uid, &grant, &err) != SR_OK)
			return;
		if (atomic_load(&grant->state) == SR_FS_ENDED)
			continue;
		fill_grant(fs, grant, &entry);
		if (!add(listing, id, &entry, at + 1))
			return;
	}
}

static void list_folder(struct listing *listing, const struct place *place, off_t at)
{
	const struct sr_fs *fs = sr_fs_of(listing->req);
	const struct sr_fs_node *folder = &place->tree->nodes[place->number];
	fuse_ino_t parent =
		place->number == 0 ? (fuse_ino_t)FUSE_ROOT_ID : sr_fs_ino(place->grant, folder->parent);

	if (!add_dots(listing, sr_fs_ino(place->grant, place->number), parent, &at))
		return;
	for (; (uint64_t)at - 2 < folder->count; at++) {
		const struct sr_fs_name *name = &place->tree->names[folder->first + (uint32_t)(at - 2)];
		struct fuse_entry_param entry;

		fill_entry(fs, place, name->node, &entry);
		if (!add(listing, name->text, &entry, at + 1))
			return;
	}
}

static void read_folder(fuse_req_t req, fuse_ino_t ino, size_t size, off_t at, struct fuse_file_info *info,
                        bool plus)
{
	SR_CLEANUP(leave) struct place place = { 0 };
	struct listing listing = { .req = req, .plus = plus, .data = malloc(size), .size = size };
	int refused = listing.data ? 0 : ENOMEM;

	if (!refused && ino != FUSE_ROOT_ID)
		refused = enter(req, ino, &place);
	if (refused) {
		fuse_reply_err(req, refused);
	} else {
		assert(ino == FUSE_ROOT_ID || place.tree != NULL);
		if (ino == FUSE_ROOT_ID)
			list_top(&listing, (const json_t *)(uintptr_t)info->fh, at);
		else
			list_folder(&listing, &place, at);
		leave(&place);
		fuse_reply_buf(req, listing.data, listing.used);
	}
	free(listing.data);
}

static void read_plain(fuse_req_t req, fuse_ino_t ino, size_t size, off_t at, struct fuse_file_info *info)
{
	read_folder(req, ino, size, at, info, false);
}

static void read_plus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t at, struct fuse_file_info *info)
{
	read_folder(req, ino, size, at, info, true);
}

/* --- the whole ------------------------------------------------------------------------------------- */

static void statistics(fuse_req_t req, fuse_ino_t ino)
{
	struct sr_fs_grant *grant = sr_fs_grant_of(sr_fs_of(req), ino);
	struct statvfs st = { .f_bsize = 65536, .f_frsize = 512, .f_namemax = 255, .f_flag = ST_RDONLY };

	const struct sr_fs_tree *tree = sr_fs_may(req, grant) == 0 ? sr_fs_grant_enter(grant) : NULL;
	if (tree) {
		st.f_blocks = (tree->bytes + 511) / 512;
		st.f_files = tree->node_count;
		sr_fs_grant_leave(grant);
	}
	fuse_reply_statfs(req, &st);
}

void sr_fs_folder_ops(struct fuse_lowlevel_ops *ops)
{
	ops->lookup = look_up;
	ops->getattr = get_attributes;
	ops->access = may_access;
	ops->opendir = open_folder;
	ops->releasedir = release_folder;
	ops->readdir = read_plain;
	ops->readdirplus = read_plus;
	ops->statfs = statistics;
}
