/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keys/durable_copy.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/digest.h"

#define PIECE ((size_t)1 << 20)
#define DEPTH 16 /* of folders */

enum sr_status sr_durable_folder(int dir_fd, const char *name, int *out, struct sr_err *err)
{
	if (mkdirat(dir_fd, name, 0700) == 0)
		SR_TRY(sr_fd_sync(dir_fd, name, err));
	else if (errno != EEXIST)
		return sr_fail_errno(err, "make the folder %s", name);
	return sr_fd_open_beneath(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, out, err);
}

/* --- one file -------------------------------------------------------------------------------------- */

/* From the beginning to the end; @to -1: only the digest is wanted. */
static enum sr_status pump(int from, int to, struct sr_digest *digest, uint64_t *bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf piece = { 0 };
	size_t got = PIECE;

	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_buf_reserve(&piece, PIECE, err));
	for (*bytes = 0; got == PIECE; *bytes += got) {
		SR_TRY(sr_fd_pread(from, piece.data, PIECE, *bytes, &got, err));
		SR_TRY(sr_hasher_add(hasher, piece.data, got, err));
		if (to >= 0)
			SR_TRY(sr_fd_write_all(to, piece.data, got, err));
	}
	return sr_hasher_finish(hasher, digest, err);
}

/* Written, synced and read back from the disk as far as the system lets us ask for it. */
static enum sr_status fill(int from, int to, uint64_t *bytes, struct sr_err *err)
{
	struct sr_digest wanted, got;
	uint64_t size;

	SR_TRY(pump(from, to, &wanted, bytes, err));
	SR_TRY(sr_fd_sync(to, "the copy", err));
	(void)posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
	SR_TRY(pump(to, -1, &got, &size, err));
	if (size != *bytes || !sr_digest_equal(&wanted, &got))
		return sr_fail(err, SR_CORRUPT, "the copy reads back other bytes than were written");
	return SR_OK;
}

static enum sr_status copy_open(int from, int to_fd, const char *to, const struct stat *st, uint64_t *bytes,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	char temporary[SR_LIMIT_NAME_BYTES + 32];

	snprintf(temporary, sizeof(temporary), ".new-%d", (int)getpid());
	(void)unlinkat(to_fd, temporary, 0);
	fd = openat(to_fd, temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sr_fail_errno(err, "make a copy of %s", to);
	enum sr_status status = fill(from, fd, bytes, err);
	if (status == SR_OK && (fchmod(fd, st->st_mode & 0777) < 0 || futimens(fd, times) < 0 ||
	                        renameat(to_fd, temporary, to_fd, to) < 0))
		status = sr_fail_errno(err, "name the copy %s", to);
	if (status == SR_OK)
		return sr_fd_sync(to_fd, "the folder of the copy", err);
	(void)unlinkat(to_fd, temporary, 0);
	return sr_fail_in(err, status, "%s: ", to);
}

enum sr_status sr_durable_copy(int from_fd, const char *from, int to_fd, const char *to,
                               struct sr_durable_count *count, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	uint64_t bytes = 0;
	struct stat st;

	SR_TRY(sr_fd_open_regular(from_fd, from, &fd, err));
	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at %s", from);
	SR_TRY(copy_open(fd, to_fd, to, &st, &bytes, err));
	count->files++;
	count->bytes += bytes;
	count->all++;
	count->all_bytes += bytes;
	return SR_OK;
}

/* --- folders --------------------------------------------------------------------------------------- */

struct walk {
	bool changing;
	bool (*skip)(const char *name);
	struct sr_durable_count *count;
};

/* Is it there already, as it must be? */
static enum sr_status is_present(const struct walk *walk, int to_fd, const char *name,
                                 const struct stat *from, bool *out, struct sr_err *err)
{
	struct stat to;

	*out = false;
	if (fstatat(to_fd, name, &to, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? SR_OK : sr_fail_errno(err, "look at %s", name);
	*out = S_ISREG(to.st_mode) && to.st_size == from->st_size &&
	       (!walk->changing ||
	        (to.st_mtim.tv_sec == from->st_mtim.tv_sec && to.st_mtim.tv_nsec == from->st_mtim.tv_nsec));
	if (!*out && !walk->changing)
		return sr_fail(err, SR_TAMPERED,
		               "%s is there with another size: one of both is damaged or of another history; "
		               "nothing was overwritten",
		               name);
	return SR_OK;
}

static enum sr_status copy_one(const struct walk *walk, int from_fd, int to_fd, const char *name,
                               const struct stat *st, struct sr_err *err)
{
	struct sr_durable_count *count = walk->count;
	bool present;

	if (count->stop && count->stop(count->context))
		return sr_fail(err, SR_BUSY, "the copying was stopped");
	SR_TRY(is_present(walk, to_fd, name, st, &present, err));
	if (!present) {
		enum sr_status status = sr_durable_copy(from_fd, name, to_fd, name, count, err);

		return status == SR_NOT_FOUND ? SR_OK : status;
	}
	count->present++;
	count->all++;
	count->all_bytes += (uint64_t)st->st_size;
	return SR_OK;
}

static enum sr_status copy_folder(const struct walk *walk, int from_fd, int to_fd, int depth,
                                  struct sr_err *err);

static enum sr_status copy_any(const struct walk *walk, int from_fd, int to_fd, const char *name, int depth,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int from = -1;
	SR_CLEANUP(sr_fd_closep) int to = -1;
	struct stat st;

	if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? SR_OK : sr_fail_errno(err, "look at %s", name);
	if (S_ISREG(st.st_mode))
		return copy_one(walk, from_fd, to_fd, name, &st, err);
	if (!S_ISDIR(st.st_mode))
		return SR_OK;
	enum sr_status status = sr_fd_open_beneath(from_fd, name, O_RDONLY | O_DIRECTORY, 0, &from, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_durable_folder(to_fd, name, &to, err));
	status = copy_folder(walk, from, to, depth + 1, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "%s/", name);
}

static enum sr_status copy_folder(const struct walk *walk, int from_fd, int to_fd, int depth,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;

	if (depth > DEPTH)
		return sr_fail(err, SR_LIMIT, "folders are more than %d deep", DEPTH);
	SR_TRY(sr_dir_open(from_fd, &dir, err));
	assert(dir != NULL);
	for (;;) {
		const char *name;

		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			return SR_OK;
		if (name[0] != '.' && !(depth == 0 && walk->skip && walk->skip(name)))
			SR_TRY(copy_any(walk, from_fd, to_fd, name, depth, err));
	}
}

enum sr_status sr_durable_copy_new(int from_fd, int to_fd, bool (*skip)(const char *name),
                                   struct sr_durable_count *count, struct sr_err *err)
{
	const struct walk walk = { .skip = skip, .count = count };

	return copy_folder(&walk, from_fd, to_fd, 0, err);
}

enum sr_status sr_durable_copy_changed(int from_fd, int to_fd, bool (*skip)(const char *name),
                                       struct sr_durable_count *count, struct sr_err *err)
{
	const struct walk walk = { .changing = true, .skip = skip, .count = count };

	return copy_folder(&walk, from_fd, to_fd, 0, err);
}

/* --- removing -------------------------------------------------------------------------------------- */

static enum sr_status remove_at_depth(int dir_fd, const char *name, int depth, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	const char *inside;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return SR_OK;
	if (errno != EISDIR && errno != EPERM)
		return sr_fail_errno(err, "remove %s", name);
	if (depth > DEPTH)
		return sr_fail(err, SR_LIMIT, "folders are more than %d deep", DEPTH);
	SR_TRY(sr_fd_open_beneath(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, &fd, err));
	SR_TRY(sr_dir_open(fd, &dir, err));
	assert(dir != NULL);
	SR_TRY(sr_dir_next(dir, &inside, err));
	while (inside) {
		SR_TRY(remove_at_depth(fd, inside, depth + 1, err));
		SR_TRY(sr_dir_next(dir, &inside, err));
	}
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
		return sr_fail_errno(err, "remove %s", name);
	return SR_OK;
}

enum sr_status sr_durable_remove(int dir_fd, const char *name, struct sr_err *err)
{
	return remove_at_depth(dir_fd, name, 0, err);
}
