/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the filesystem is mounted: by mount(2) as root, else by fusermount3.  Who mounts keeps the folder and
 * hands the connection's descriptor to the process that serves it.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "appliance/base/err.h"

#define SR_MOUNT_READ_BYTES (1u << 20) /* of one READ request */

struct sr_mountpoint {
	char path[PATH_MAX]; /* absolute */
	bool attached;
};

/*
 * Take @dir, an existing folder.  A mount of ours that a killed process left there is detached; SR_EXISTS
 * when something else is mounted there, SR_NOT_FOUND when there is no such folder.
 */
SR_CHECKED enum sr_status sr_mountpoint_take(const char *dir, struct sr_mountpoint *out, struct sr_err *err);

/*
 * Mount, read-only and for all users; *fuse_fd is the connection, the caller's.  Without root and without
 * user_allow_other in /etc/fuse.conf it is for the caller alone, and the log says so.
 */
SR_CHECKED enum sr_status sr_mountpoint_attach(struct sr_mountpoint *mountpoint, int *fuse_fd,
                                               struct sr_err *err);

/* Take the mount out of the file system at once, whoever has files of it open.  A failure is logged. */
void sr_mountpoint_detach(struct sr_mountpoint *mountpoint);
