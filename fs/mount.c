/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount.h"

#include <errno.h>
#include <sys/stat.h>

struct sr_fs_grant *sr_fs_grant_of(struct sr_fs *fs, fuse_ino_t ino)
{
	return sr_fs_grants_at(fs->grants, (uint32_t)(ino >> 32));
}

int sr_fs_errno(enum sr_status status)
{
	switch (status) {
	case SR_OK:
		return 0;
	case SR_DENIED:
	case SR_NOT_FOUND: /* in the keeper's words for what one may not know of */
		return EACCES;
	case SR_BUSY:
		return EBUSY;
	case SR_LIMIT:
		return EMFILE;
	case SR_NO_MEMORY:
		return ENOMEM;
	case SR_INVALID:
	case SR_USAGE:
	case SR_EXISTS:
	case SR_BLOCKED:
	case SR_CORRUPT:
	case SR_TAMPERED:
	case SR_IO:
		return EIO;
	}
	return EIO;
}

int sr_fs_may(fuse_req_t req, struct sr_fs_grant *grant)
{
	if (!grant || atomic_load(&grant->state) == SR_FS_ENDED ||
	    fuse_req_ctx(req)->uid != atomic_load(&grant->uid))
		return EACCES;
	return 0;
}

void sr_fs_attributes(const struct sr_fs_grant *grant, const struct sr_fs_tree *tree, uint32_t number,
                      int64_t mounted_s, struct stat *out)
{
	static const struct sr_fs_node unknown = { .kind = SR_FS_FOLDER, .links = 2 };
	const struct sr_fs_node *node = tree ? &tree->nodes[number] : &unknown;

	*out = (struct stat){ .st_ino = sr_fs_ino(grant, number),
		              .st_nlink = node->links,
		              .st_mode = node->kind == SR_FS_FOLDER ? S_IFDIR | 0500 : S_IFREG | 0400,
		              .st_uid = atomic_load(&grant->uid),
		              .st_gid = SR_FS_GROUP,
		              .st_size = (off_t)node->bytes,
		              .st_blksize = 65536,
		              .st_blocks = (blkcnt_t)((node->bytes + 511) / 512) };
	out->st_mtim.tv_sec = node->time_s ? node->time_s : mounted_s;
	out->st_atim = out->st_ctim = out->st_mtim;
}

void sr_fs_top_attributes(const struct sr_fs *fs, struct stat *out)
{
	*out = (struct stat){ .st_ino = FUSE_ROOT_ID,
		              .st_nlink = 2,
		              .st_mode = S_IFDIR | 0555,
		              .st_gid = SR_FS_GROUP,
		              .st_uid = SR_FS_GROUP,
		              .st_blksize = 65536 };
	out->st_mtim.tv_sec = fs->mounted_s;
	out->st_atim = out->st_ctim = out->st_mtim;
}
