/* SPDX-License-Identifier: Apache-2.0 */
/* The filesystem's callbacks, by what they are about; each file fills in its own. */
#pragma once

#include "fs/mount.h"

void sr_fs_folder_ops(struct fuse_lowlevel_ops *ops); /* look-up, attributes, folders, statfs, xattr */
void sr_fs_file_ops(struct fuse_lowlevel_ops *ops);   /* open, read, release */
void sr_fs_write_ops(struct fuse_lowlevel_ops *ops);  /* whatever would write: EROFS */

/* Give CloseMember for a handle, once; @why may be NULL.  A failure is logged. */
void sr_fs_close_member(struct sr_fs *fs, struct sr_fs_handle *handle, const char *why);
