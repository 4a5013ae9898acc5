/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

enum sr_status sr_dir_open(int dir_fd, DIR **out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return sr_fail_errno(err, "list a folder");
	(void)sr_fd_move(&fd); /* the DIR's now */
	*out = dir;
	return SR_OK;
}

enum sr_status sr_dir_next(DIR *dir, const char **name, struct sr_err *err)
{
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(dir);

		if (!entry && errno != 0)
			return sr_fail_errno(err, "list a folder");
		*name = entry ? entry->d_name : NULL;
		if (!entry || (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0))
			return SR_OK;
	}
}
