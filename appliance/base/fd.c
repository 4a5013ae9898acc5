/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"

void sr_fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

enum sr_status sr_fd_fill_standard(struct sr_err *err)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		int got = open("/", O_PATH); /* the lowest number that is free: this one; stays open */
		if (got != fd)
			return sr_fail_errno(err, "fill standard descriptor %d", fd);
	}
	return SR_OK;
}

enum sr_status sr_fd_write_all(int fd, const void *data, size_t size, struct sr_err *err)
{
	const uint8_t *at = data;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sr_fail_errno(err, "write");
		at += n;
		size -= (size_t)n;
	}
	return SR_OK;
}

enum sr_status sr_fd_pread(int fd, void *data, size_t size, uint64_t offset, size_t *got, struct sr_err *err)
{
	uint8_t *at = data;
	size_t done = 0;

	if (offset > INT64_MAX - size)
		return sr_fail(err, SR_INVALID, "offset %llu is out of range", (unsigned long long)offset);
	while (done < size) {
		ssize_t n = pread(fd, at + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sr_fail_errno(err, "read");
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*got = done;
	return SR_OK;
}

enum sr_status sr_fd_pread_all(int fd, void *data, size_t size, uint64_t offset, struct sr_err *err)
{
	size_t got;

	SR_TRY(sr_fd_pread(fd, data, size, offset, &got, err));
	if (got < size)
		return sr_fail(err, SR_CORRUPT, "file ends at %" PRIu64 ", %zu bytes too early", offset + got,
		               size - got);
	return SR_OK;
}

enum sr_status sr_fd_read_to_end(int fd, size_t max, struct sr_buf *out, struct sr_err *err)
{
	size_t before = out->size;

	for (;;) {
		SR_TRY(sr_buf_reserve(out, 65536, err));
		ssize_t n = read(fd, out->data + out->size, out->capacity - out->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sr_fail_errno(err, "read");
		if (n == 0)
			return SR_OK;
		out->size += (size_t)n;
		if (out->size - before > max)
			return sr_fail(err, SR_LIMIT, "more than %zu bytes", max);
	}
}

enum sr_status sr_fd_open_beneath(int dir_fd, const char *path, int flags, mode_t mode, int *out,
                                  struct sr_err *err)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	do
		fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	if (fd < 0 && (errno == EXDEV || errno == ELOOP))
		return sr_fail(err, SR_DENIED, "%s leads out of the folder", path);
	if (fd < 0)
		return sr_fail_errno(err, "open %s", path);
	*out = (int)fd;
	return SR_OK;
}

static enum sr_status require_regular(int fd, const char *path, struct sr_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return sr_fail(err, SR_INVALID, "%s is not a regular file", path);
	return SR_OK;
}

enum sr_status sr_fd_open_regular(int dir_fd, const char *path, int *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	SR_TRY(sr_fd_open_beneath(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd, err));
	SR_TRY(require_regular(fd, path, err));
	*out = fd;
	fd = -1;
	return SR_OK;
}

enum sr_status sr_fd_read_file(int dir_fd, const char *path, size_t max, struct sr_buf *out,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (dir_fd != AT_FDCWD) {
		SR_TRY(sr_fd_open_regular(dir_fd, path, &fd, err));
	} else {
		fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			return sr_fail_errno(err, "open %s", path);
		SR_TRY(require_regular(fd, path, err));
	}
	enum sr_status status = sr_fd_read_to_end(fd, max, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", path);
	return SR_OK;
}

enum sr_status sr_fd_write_file(int dir_fd, const char *name, mode_t mode, const void *data, size_t size,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	char temporary[64];

	SR_TRY(sr_random_fill(random, sizeof(random), err));
	sr_hex_encode(random, sizeof(random), hex);
	snprintf(temporary, sizeof(temporary), ".new-%s", hex);
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return sr_fail_errno(err, "create %s", name);

	enum sr_status status = sr_fd_write_all(fd, data, size, err);
	if (status == SR_OK)
		status = sr_fd_sync(fd, name, err);
	if (status == SR_OK && renameat(dir_fd, temporary, dir_fd, name) < 0)
		status = sr_fail_errno(err, "rename to %s", name);
	if (status != SR_OK) {
		unlinkat(dir_fd, temporary, 0);
		return sr_fail_in(err, status, "%s: ", name);
	}
	return sr_fd_sync(dir_fd, "folder", err);
}

enum sr_status sr_fd_sync(int fd, const char *what, struct sr_err *err)
{
	if (fsync(fd) < 0)
		return sr_fail_errno(err, "sync %s", what);
	return SR_OK;
}

struct sr_file_mark sr_file_mark_of(const struct stat *st)
{
	return (struct sr_file_mark){ .device = st->st_dev,
		                      .inode = st->st_ino,
		                      .bytes = (uint64_t)st->st_size,
		                      .modified = st->st_mtim,
		                      .changed = st->st_ctim };
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool sr_file_mark_equal(const struct sr_file_mark *a, const struct sr_file_mark *b)
{
	return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
	       same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

void sr_fd_raise_limit(size_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}
