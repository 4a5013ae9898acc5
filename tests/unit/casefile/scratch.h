/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of one's own under /tmp for a test, and quick ways to put things into it. */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define SCRATCH_PATH 4096

struct scratch {
	char root[64];
};

static inline void scratch_make(struct scratch *scratch)
{
	snprintf(scratch->root, sizeof(scratch->root), "/tmp/strongroom-test-XXXXXX");
	assert_non_null(mkdtemp(scratch->root));
	assert_int_equal(chmod(scratch->root, 0755), 0);
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

static inline void scratch_remove(struct scratch *scratch)
{
	assert_int_equal(nftw(scratch->root, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The full path of @name; the same array each time. */
static inline const char *scratch_path(const struct scratch *scratch, const char *name)
{
	static char path[SCRATCH_PATH];

	snprintf(path, sizeof(path), "%s/%s", scratch->root, name);
	return path;
}

static inline void scratch_folder(const struct scratch *scratch, const char *name)
{
	assert_int_equal(mkdir(scratch_path(scratch, name), 0755), 0);
}

static inline void scratch_file(const struct scratch *scratch, const char *name, const void *data,
                                size_t size)
{
	int fd = open(scratch_path(scratch, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	assert_int_equal(close(fd), 0);
}

static inline void scratch_text(const struct scratch *scratch, const char *name, const char *text)
{
	scratch_file(scratch, name, text, strlen(text));
}

static inline void scratch_link(const struct scratch *scratch, const char *target, const char *name)
{
	assert_int_equal(symlink(target, scratch_path(scratch, name)), 0);
}
