/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/drafts/draft_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/member_path.h"

#define DESCRIPTION "case.json"
#define PIECE_BYTES (1u << 20)
#define SPACE_BYTES (2ull << 30)
#define LOCK_PAUSE_NS 20000000
#define LOCK_TRIES 250 /* five seconds */
#define SPACE_PART 20  /* 5 % */

/* --- the folder ------------------------------------------------------------------------------------ */

/* A seal takes as long as it takes; nobody's thread waits for that. */
static enum sr_status wait_for_lock(int fd, const char *draft, struct sr_err *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return SR_OK;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return sr_fail_errno(err, "lock staging/%s", draft);
		(void)nanosleep(&pause, NULL);
	}
	return sr_fail(err, SR_BUSY, "somebody works on the draft %s; try again in a while", draft);
}

enum sr_status sr_draft_folder_open(int staging_fd, const char *draft, struct sr_draft_folder *out,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (mkdirat(staging_fd, draft, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make staging/%s", draft);
	fd = openat(staging_fd, draft, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open staging/%s", draft);
	SR_TRY(wait_for_lock(fd, draft, err));
	*out = (struct sr_draft_folder){ .staging_fd = staging_fd, .fd = sr_fd_move(&fd) };
	snprintf(out->name, sizeof(out->name), "%s", draft);
	return SR_OK;
}

void sr_draft_folder_close(struct sr_draft_folder *folder)
{
	sr_fd_close(folder->fd); /* lets go of the lock */
	folder->fd = -1;
}

/* The folder that @path lies in; *name is its last component.  The caller closes *fd. */
static enum sr_status open_parent(const struct sr_draft_folder *folder, const char *path, bool make, int *out,
                                  const char **name, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = dup(folder->fd);
	const char *slash;

	if (fd < 0)
		return sr_fail_errno(err, "open staging/%s", folder->name);
	for (; (slash = strchr(path, '/')); path = slash + 1) {
		char part[SR_LIMIT_NAME_BYTES + 1];

		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (make && mkdirat(fd, part, 0700) < 0 && errno != EEXIST)
			return sr_fail_errno(err, "make the folder %s of the draft", part);
		int next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return errno == ENOTDIR ? sr_fail(err, SR_INVALID,
			                                  "%s is a file of the draft, not a folder", part)
			                        : sr_fail_errno(err, "open the folder %s of the draft", part);
		sr_fd_close(fd);
		fd = next;
	}
	*name = path;
	*out = sr_fd_move(&fd);
	return SR_OK;
}

/* --- the description ------------------------------------------------------------------------------- */

enum sr_status sr_draft_folder_description(const struct sr_draft_folder *folder, json_t **out,
                                           struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };

	enum sr_status status =
		sr_fd_read_file(folder->fd, DESCRIPTION, SR_LIMIT_CASE_JSON_BYTES, &text, err);
	if (status == SR_NOT_FOUND)
		return SR_JSON_PACK(out, err, "{s:s,s:[]}", "format", "strongroom-case-description/1",
		                    "members");
	SR_TRY(status);
	return sr_json_parse(text.data, text.size, SR_LIMIT_CASE_JSON_BYTES, out, err);
}

enum sr_status sr_draft_description_check(const json_t *description, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *parsed = NULL;

	SR_TRY(sr_json_write(description, &text, err));
	SR_TRY(sr_findings_new(&findings, err));
	return sr_case_read(text.data, text.size, findings, &parsed, err);
}

enum sr_status sr_draft_folder_describe(const struct sr_draft_folder *folder, const json_t *description,
                                        struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };

	SR_TRY(sr_draft_description_check(description, err));
	SR_TRY(sr_json_write_pretty(description, &text, err));
	if (text.size > SR_LIMIT_CASE_JSON_BYTES)
		return sr_fail(err, SR_LIMIT, "case.json would be %zu bytes, at most %u are allowed",
		               text.size, SR_LIMIT_CASE_JSON_BYTES);
	return sr_fd_write_file(folder->fd, DESCRIPTION, 0600, text.data, text.size, err);
}

/* --- files ----------------------------------------------------------------------------------------- */

void sr_draft_incoming_dispose(struct sr_draft_incoming *incoming)
{
	if (incoming->name[0])
		(void)unlinkat(incoming->staging_fd, incoming->name, 0);
	incoming->name[0] = 0;
}

static enum sr_status make_incoming(struct sr_draft_incoming *incoming, int *fd, struct sr_err *err)
{
	uint8_t random[16];
	char hex[2 * sizeof(random) + 1];

	SR_TRY(sr_random_fill(random, sizeof(random), err));
	sr_hex_encode(random, sizeof(random), hex);
	snprintf(incoming->name, sizeof(incoming->name), ".incoming-%s", hex);
	*fd = openat(incoming->staging_fd, incoming->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return SR_OK;
	incoming->name[0] = 0;
	return sr_fail_errno(err, "make a file in staging");
}

/* Read @from from its beginning to its end; into @to unless that is -1. */
static enum sr_status copy_and_digest(int from, int to, struct sr_digest *digest, uint64_t *bytes,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *piece = NULL;
	size_t got = 0;

	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_secret_new(PIECE_BYTES, &piece, err));
	*bytes = 0;
	do {
		SR_TRY(sr_fd_pread(from, piece->data, piece->size, *bytes, &got, err));
		SR_TRY(sr_hasher_add(hasher, piece->data, got, err));
		if (to >= 0)
			SR_TRY(sr_fd_write_all(to, piece->data, got, err));
		*bytes += got;
		if (*bytes > SR_LIMIT_MEMBER_BYTES)
			return sr_fail(err, SR_LIMIT, "the file is over %llu bytes", SR_LIMIT_MEMBER_BYTES);
	} while (got == piece->size);
	return sr_hasher_finish(hasher, digest, err);
}

enum sr_status sr_draft_receive(int staging_fd, int fd, struct sr_draft_incoming *out, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_incoming_dispose)
	struct sr_draft_incoming incoming = { .staging_fd = staging_fd };
	SR_CLEANUP(sr_fd_closep) int to = -1;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at the file that was handed over");
	if (!S_ISREG(st.st_mode))
		return sr_fail(err, SR_INVALID, "what was handed over is no regular file");
	SR_TRY(sr_draft_require_space(staging_fd, err));
	SR_TRY(make_incoming(&incoming, &to, err));
	SR_TRY(copy_and_digest(fd, to, &incoming.digest, &incoming.bytes, err));
	SR_TRY(sr_fd_sync(to, "a file of a draft", err));
	*out = incoming;
	incoming.name[0] = 0;
	return SR_OK;
}

enum sr_status sr_draft_folder_place(const struct sr_draft_folder *folder, const char *path,
                                     struct sr_draft_incoming *incoming, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int parent = -1;
	const char *name;

	SR_TRY(sr_member_path_check(path, err));
	if (strcmp(path, DESCRIPTION) == 0)
		return sr_fail(err, SR_INVALID, "case.json is the description, not a file of the case");
	SR_TRY(open_parent(folder, path, true, &parent, &name, err));
	if (renameat(incoming->staging_fd, incoming->name, parent, name) < 0)
		return sr_fail_errno(err, "put %s into the draft", path);
	incoming->name[0] = 0;
	return sr_fd_sync(parent, "the draft's folder", err);
}

enum sr_status sr_draft_folder_remove(const struct sr_draft_folder *folder, const char *path,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int parent = -1;
	char above[SR_LIMIT_PATH_BYTES + 1];
	const char *name;
	char *slash;

	SR_TRY(sr_member_path_check(path, err));
	if (strcmp(path, DESCRIPTION) == 0)
		return sr_fail(err, SR_INVALID, "case.json is the description, not a file of the case");
	SR_TRY(open_parent(folder, path, false, &parent, &name, err));
	if (unlinkat(parent, name, 0) < 0)
		return sr_fail_errno(err, "remove %s from the draft", path);
	snprintf(above, sizeof(above), "%s", path);
	while ((slash = strrchr(above, '/'))) {
		*slash = 0;
		if (unlinkat(folder->fd, above, AT_REMOVEDIR) < 0)
			break;
	}
	return SR_OK;
}

enum sr_status sr_draft_folder_digest(const struct sr_draft_folder *folder, const char *path,
                                      struct sr_digest *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	uint64_t bytes;

	SR_TRY(sr_fd_open_regular(folder->fd, path, &fd, err));
	return copy_and_digest(fd, -1, out, &bytes, err);
}

/* --- the end --------------------------------------------------------------------------------------- */

static enum sr_status erase_at(int dir_fd, const char *name, unsigned depth, struct sr_err *err);

static enum sr_status erase_inside(int fd, unsigned depth, struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	const char *name;

	SR_TRY(sr_dir_open(fd, &dir, err));
	for (;;) {
		SR_TRY(sr_dir_next(dir, &name, err));
		if (!name)
			return SR_OK;
		SR_TRY(erase_at(fd, name, depth + 1, err));
	}
}

static enum sr_status erase_at(int dir_fd, const char *name, unsigned depth, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep)
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && depth > SR_LIMIT_FOLDER_DEPTH + 1)
		return sr_fail(err, SR_LIMIT, "a draft has over %u folders in each other",
		               SR_LIMIT_FOLDER_DEPTH);
	if (fd >= 0)
		SR_TRY(erase_inside(fd, depth, err));
	if (unlinkat(dir_fd, name, fd >= 0 ? AT_REMOVEDIR : 0) < 0 && errno != ENOENT)
		return sr_fail_errno(err, "remove %s of a draft", name);
	return SR_OK;
}

enum sr_status sr_draft_folder_erase(int staging_fd, const char *name, struct sr_err *err)
{
	return erase_at(staging_fd, name, 0, err);
}

enum sr_status sr_draft_require_space(int staging_fd, struct sr_err *err)
{
	struct statvfs room;

	if (fstatvfs(staging_fd, &room) < 0)
		return sr_fail_errno(err, "ask for the free space of staging");
	uint64_t left = (uint64_t)room.f_bavail * room.f_frsize;
	uint64_t whole = (uint64_t)room.f_blocks * room.f_frsize;
	if (left < SPACE_BYTES || left < whole / SPACE_PART)
		return sr_fail(err, SR_LIMIT,
		               "less than 5 %% or 2 GiB are free: drafts stop, so that readings still fit; "
		               "make room in the data directory");
	return SR_OK;
}
