/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder that is handed in, seen through one descriptor: nothing outside it is ever opened.
 * Files are opened one at a time (openat2, RESOLVE_BENEATH, regular files only).  Where this process may not
 * enter the folder, its owner's process looks and opens instead (struct sr_folder_access).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/fd.h"

/* One file of the folder, or one thing in it that cannot be read as a file. */
struct sr_folder_file {
	const char *path; /* relative, the file system's own bytes: neither UTF-8 nor printable for sure */
	uint64_t bytes;
	struct sr_file_mark mark; /* as it was listed */
	const char *odd;          /* NULL for a regular file; else what it is: "FIFO", "device", "socket",
	                           * "link that leads outside the folder", … */
	const char *odd_zh;       /* the same in Chinese */
};

struct sr_folder;

/*
 * Somebody who may enter the folder, instead of this process.  Paths are relative to the folder, "." is the
 * folder itself.  What it says is believed no more than the files themselves: whatever is opened is compared
 * with what was listed.  Called from several threads.
 */
struct sr_folder_access {
	/* 0 and *fd, a folder or a file open for reading, or an errno.  The caller closes *fd. */
	int (*open)(void *context, const char *path, bool folder, int *fd);
	/* lstat, or with @follow what a link leads to as long as that is inside the folder; 0 or an errno. */
	int (*look)(void *context, const char *path, bool follow, struct stat *out);
	void *context;
};

/*
 * Lists everything below @path, sorted by bytes; case.json in the top folder is left out of the list.  A link
 * to a regular file inside the folder is listed with that file's size, every other link is odd; none is
 * walked into.  SR_NOT_FOUND, SR_DENIED: there is no such folder, or one in it cannot be read (named);
 * SR_INVALID: @path is no folder; SR_LIMIT over twice SR_LIMIT_MEMBERS files, as many folders, or
 * SR_LIMIT_FOLDER_DEPTH levels.
 */
SR_CHECKED enum sr_status sr_folder_open(const char *path, struct sr_folder **out, struct sr_err *err);
/*
 * The same for the folder @fd, which is taken in every case; @name is for messages.  @access (copied; its
 * context must last as long as the folder) does what this process may not; NULL: it may.
 */
SR_CHECKED enum sr_status sr_folder_open_at(int fd, const char *name, const struct sr_folder_access *access,
                                            struct sr_folder **out, struct sr_err *err);
void sr_folder_close(struct sr_folder *folder); /* NULL is allowed */
static inline void sr_folder_closep(struct sr_folder **folder)
{
	sr_folder_close(*folder);
	*folder = NULL;
}
size_t sr_folder_count(const struct sr_folder *folder);
const struct sr_folder_file *sr_folder_at(const struct sr_folder *folder, size_t index);
/* By path, bytes equal; NULL when there is none. */
const struct sr_folder_file *sr_folder_find(const struct sr_folder *folder, const char *path);
/* Listed regular files only: SR_NOT_FOUND for a path that is not in the list, SR_INVALID for an odd one, and
 * for one that changed since it was listed: what is read first and last is one file.  The caller closes *fd,
 * which is open for reading.  Errors name @path. */
SR_CHECKED enum sr_status sr_folder_open_file(const struct sr_folder *folder, const char *path, int *fd,
                                              struct sr_err *err);
/* case.json, at most SR_LIMIT_CASE_JSON_BYTES.  SR_NOT_FOUND says what is expected there. */
SR_CHECKED enum sr_status sr_folder_read_description(const struct sr_folder *folder, struct sr_buf *out,
                                                     struct sr_err *err);
