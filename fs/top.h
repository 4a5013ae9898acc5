/* SPDX-License-Identifier: Apache-2.0 */
/* The top folder: the caller's own live grants for this channel, asked of the keeper each time. */
#pragma once

#include <jansson.h>

#include "fs/mount.h"

/* A list of ids.  @only: that one alone; NULL: all.  The caller owns *out. */
SR_CHECKED enum sr_status sr_fs_top_list(struct sr_fs *fs, const struct fuse_ctx *caller, const char *only,
                                         json_t **out, struct sr_err *err);

/*
 * The grant of that name.  One that somebody looked at before is found by everybody, who learns whose it is;
 * any other by its reader alone.  SR_NOT_FOUND.
 */
SR_CHECKED enum sr_status sr_fs_top_find(struct sr_fs *fs, const struct fuse_ctx *caller, const char *name,
                                         struct sr_fs_grant **out, struct sr_err *err);
