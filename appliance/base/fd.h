/* SPDX-License-Identifier: Apache-2.0 */
/* File descriptors: whole reads and writes, opening beneath a folder.  EINTR is handled here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* Close unless -1; errno is kept. */
void sr_fd_close(int fd);
static inline void sr_fd_closep(int *fd)
{
	sr_fd_close(*fd);
	*fd = -1;
}

/* Hand a descriptor over and forget it: `*out = sr_fd_move(&fd);`. */
static inline int sr_fd_move(int *fd)
{
	int moved = *fd;

	*fd = -1;
	return moved;
}

/*
 * Give the standard descriptors that the caller closed something that can neither be read nor written.
 * Otherwise the next file that is opened would take their place, and messages would be written into it.
 */
SR_CHECKED enum sr_status sr_fd_fill_standard(struct sr_err *err);

/* Write all of it, or fail. */
SR_CHECKED enum sr_status sr_fd_write_all(int fd, const void *data, size_t size, struct sr_err *err);

/* Up to @size bytes at @offset; less only at the end of the file.  *got is set on SR_OK. */
SR_CHECKED enum sr_status sr_fd_pread(int fd, void *data, size_t size, uint64_t offset, size_t *got,
                                      struct sr_err *err);

/* Exactly @size bytes at @offset; SR_CORRUPT when the file ends before. */
SR_CHECKED enum sr_status sr_fd_pread_all(int fd, void *data, size_t size, uint64_t offset,
                                          struct sr_err *err);

/* Append everything from the current position to the end; SR_LIMIT over @max bytes. */
SR_CHECKED enum sr_status sr_fd_read_to_end(int fd, size_t max, struct sr_buf *out, struct sr_err *err);

/*
 * Open @path (relative, '/' between components) below the folder @dir_fd and nowhere else:
 * openat2 with RESOLVE_BENEATH, so neither ".." nor a link leads out.  @flags as open(2);
 * O_CLOEXEC is added.  SR_DENIED for a way out, SR_NOT_FOUND where nothing is there.
 */
SR_CHECKED enum sr_status sr_fd_open_beneath(int dir_fd, const char *path, int flags, mode_t mode, int *out,
                                             struct sr_err *err);

/* The same, regular files only (SR_INVALID for a FIFO, device, folder); read-only, never blocks. */
SR_CHECKED enum sr_status sr_fd_open_regular(int dir_fd, const char *path, int *out, struct sr_err *err);

/* Read a whole regular file below @dir_fd (AT_FDCWD: anywhere); SR_LIMIT over @max bytes. */
SR_CHECKED enum sr_status sr_fd_read_file(int dir_fd, const char *path, size_t max, struct sr_buf *out,
                                          struct sr_err *err);

/*
 * Write a new file durably: temporary name, fsync, rename onto @name, fsync of the folder.  Somebody
 * who looks sees the old file or the new one.
 */
SR_CHECKED enum sr_status sr_fd_write_file(int dir_fd, const char *name, mode_t mode, const void *data,
                                           size_t size, struct sr_err *err);

SR_CHECKED enum sr_status sr_fd_sync(int fd, const char *what, struct sr_err *err);

/* What tells that a file is still the one that was looked at, and that nobody has written to it since. */
struct sr_file_mark {
	dev_t device;
	ino_t inode;
	uint64_t bytes;
	struct timespec modified, changed;
};

struct sr_file_mark sr_file_mark_of(const struct stat *st);
bool sr_file_mark_equal(const struct sr_file_mark *a, const struct sr_file_mark *b);

/* Raise this process's limit of open descriptors to @wanted, or as near as it may. */
void sr_fd_raise_limit(size_t wanted);
