/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for a test, below /tmp, removed at the end. */
#pragma once

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct test_folder {
	char path[64];
	int fd;
};

static inline int test_folder_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void test_folder_open(struct test_folder *folder)
{
	snprintf(folder->path, sizeof(folder->path), "/tmp/strongroom-unit-XXXXXX");
	if (!mkdtemp(folder->path))
		abort();
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		abort();
}

static inline void test_folder_close(struct test_folder *folder)
{
	close(folder->fd);
	nftw(folder->path, test_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Number of entries of a folder, "." and ".." left out; -1 when it is not there. */
static inline int test_folder_count(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	if (!dir)
		return -1;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}
