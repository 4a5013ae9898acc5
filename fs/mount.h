/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the callbacks of the filesystem share, and how they name things: the upper half of an inode number is
 * the grant's slot, the lower half the number of the node in its tree.  1 is the top folder.
 */
#pragma once

#define FUSE_USE_VERSION 314
#include <fuse3/fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>

#include "fs/buffers.h"
#include "fs/grants.h"
#include "fs/recent.h"

#define SR_FS_GROUP 65534        /* of all files: their modes give groups nothing */
#define SR_FS_FOREVER 31536000.0 /* seconds: a sealed case does not change */
#define SR_FS_WALK 0.02          /* seconds: from the look-up of a grant to the look at its mode */

struct sr_fs {
	struct sr_front *front;
	struct sr_fs_grants *grants;
	struct sr_fs_buffers *buffers;
	struct sr_fs_recent *recent;
	struct fuse_session *session;
	bool keep_cache; /* what was read stays in the page cache for the next opening */
	int64_t mounted_s;
};

static inline fuse_ino_t sr_fs_ino(const struct sr_fs_grant *grant, uint32_t node)
{
	return (fuse_ino_t)grant->slot << 32 | node;
}

static inline struct sr_fs *sr_fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* The grant of an inode; NULL for the top folder and for what there is not. */
struct sr_fs_grant *sr_fs_grant_of(struct sr_fs *fs, fuse_ino_t ino);

/* As errno. */
int sr_fs_errno(enum sr_status status);

/* Is it the caller's, and does it live?  0 or EACCES. */
int sr_fs_may(fuse_req_t req, struct sr_fs_grant *grant);

/* The attributes of node @number; @tree may be NULL for the grant's own folder. */
void sr_fs_attributes(const struct sr_fs_grant *grant, const struct sr_fs_tree *tree, uint32_t number,
                      int64_t mounted_s, struct stat *out);
void sr_fs_top_attributes(const struct sr_fs *fs, struct stat *out);
