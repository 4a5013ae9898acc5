/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder that is handed in, seen through one descriptor: nothing outside it is ever opened.
 * Files are opened one at a time (openat2, RESOLVE_BENEATH, regular files only).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

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
 * Lists everything below @path, sorted by bytes; case.json in the top folder is left out of the list.  A link
 * to a regular file inside the folder is listed with that file's size, every other link is odd; none is
 * walked into.  SR_NOT_FOUND, SR_DENIED: there is no such folder, or one in it cannot be read (named);
 * SR_INVALID: @path is no folder; SR_LIMIT over twice SR_LIMIT_MEMBERS files, as many folders, or
 * SR_LIMIT_FOLDER_DEPTH levels.
 */
SR_CHECKED enum sr_status sr_folder_open(const char *path, struct sr_folder **out, struct sr_err *err);
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
