/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/ops.h"

#include <errno.h>

/*
 * The mount is read-only, so the kernel refuses before we are asked; somebody with the right to remount it
 * gets the same answer from here.
 */
static void set_attributes(fuse_req_t req, fuse_ino_t ino, struct stat *st, int what,
                           struct fuse_file_info *info)
{
	(void)ino, (void)st, (void)what, (void)info;
	fuse_reply_err(req, EROFS);
}

static void make_node(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	(void)parent, (void)name, (void)mode, (void)device;
	fuse_reply_err(req, EROFS);
}

static void make_folder(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent, (void)name, (void)mode;
	fuse_reply_err(req, EROFS);
}

static void remove_name(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent, (void)name;
	fuse_reply_err(req, EROFS);
}

static void make_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target, (void)parent, (void)name;
	fuse_reply_err(req, EROFS);
}

static void rename_name(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to,
                        const char *new_name, unsigned flags)
{
	(void)parent, (void)name, (void)to, (void)new_name, (void)flags;
	fuse_reply_err(req, EROFS);
}

static void make_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to, const char *name)
{
	(void)ino, (void)to, (void)name;
	fuse_reply_err(req, EROFS);
}

static void create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                   struct fuse_file_info *info)
{
	(void)parent, (void)name, (void)mode, (void)info;
	fuse_reply_err(req, EROFS);
}

static void write_bytes(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t at,
                        struct fuse_file_info *info)
{
	(void)ino, (void)data, (void)size, (void)at, (void)info;
	fuse_reply_err(req, EROFS);
}

static void allocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t at, off_t size,
                     struct fuse_file_info *info)
{
	(void)ino, (void)mode, (void)at, (void)size, (void)info;
	fuse_reply_err(req, EROFS);
}

static void set_xattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size,
                      int flags)
{
	(void)ino, (void)name, (void)value, (void)size, (void)flags;
	fuse_reply_err(req, EROFS);
}

static void remove_xattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	(void)ino, (void)name;
	fuse_reply_err(req, EROFS);
}

void sr_fs_write_ops(struct fuse_lowlevel_ops *ops)
{
	ops->setattr = set_attributes;
	ops->mknod = make_node;
	ops->mkdir = make_folder;
	ops->unlink = remove_name;
	ops->rmdir = remove_name;
	ops->symlink = make_symlink;
	ops->rename = rename_name;
	ops->link = make_link;
	ops->create = create;
	ops->write = write_bytes;
	ops->fallocate = allocate;
	ops->setxattr = set_xattr;
	ops->removexattr = remove_xattr;
}
