/* SPDX-License-Identifier: Apache-2.0 */
/* The names in a folder.  An error while they are read is told: it is not taken for the end. */
#pragma once

#include <dirent.h>
#include <stddef.h>

#include "appliance/base/err.h"

/* List the folder @dir_fd (borrowed) from its beginning, by a descriptor of its own.  The caller closes *out.
 */
SR_CHECKED enum sr_status sr_dir_open(int dir_fd, DIR **out, struct sr_err *err);
/* The next name but "." and ".."; NULL behind the last.  Valid until the next call. */
SR_CHECKED enum sr_status sr_dir_next(DIR *dir, const char **name, struct sr_err *err);
/* For SR_CLEANUP; NULL is allowed. */
static inline void sr_dir_closep(DIR **dir)
{
	if (*dir)
		closedir(*dir);
	*dir = NULL;
}
