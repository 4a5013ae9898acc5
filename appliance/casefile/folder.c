/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"

#define DESCRIPTION "case.json"
#define THINGS_MAX ((size_t)2 * SR_LIMIT_MEMBERS)

struct sr_folder {
	int fd;
	bool by_access; /* @access is used instead of @fd */
	struct sr_folder_access access;
	struct sr_buf paths;          /* NUL-terminated, one after the other */
	struct sr_folder_file *files; /* sorted by path */
	size_t count;
};

struct oddity {
	const char *en;
	const char *zh;
};

static const struct oddity fifo = { "FIFO", "命名管道" };
static const struct oddity device = { "device", "设备文件" };
static const struct oddity local_socket = { "socket", "套接字" };
static const struct oddity link_out = { "link that leads outside the folder", "指向案卷文件夹之外的链接" };
static const struct oddity link_broken = { "link to nothing", "所指文件不存在的链接" };
static const struct oddity link_circle = { "link that leads in a circle", "循环指向的链接" };
static const struct oddity link_folder = { "link to a folder", "指向文件夹的链接" };
static const struct oddity link_unreadable = { "link that cannot be followed", "无法打开的链接" };
static const struct oddity unknown_thing = { "thing that is no file", "不是普通文件的对象" };

/* A listed file while the list grows and its texts may still move. */
struct entry {
	size_t path_at; /* in paths */
	struct sr_file_mark mark;
	const struct oddity *odd; /* NULL: a regular file */
};

struct listing {
	const struct sr_folder *folder;
	struct sr_buf paths;
	struct sr_buf entries; /* struct entry */
	struct sr_buf prefix;  /* of the folder being listed: "documents/", or empty */
	size_t files;
	size_t folders;
};

static void listing_dispose(struct listing *listing)
{
	sr_buf_dispose(&listing->paths);
	sr_buf_dispose(&listing->entries);
	sr_buf_dispose(&listing->prefix);
}

static void close_dirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static const struct oddity *odd_of_mode(mode_t mode)
{
	if (S_ISREG(mode))
		return NULL;
	if (S_ISFIFO(mode))
		return &fifo;
	if (S_ISSOCK(mode))
		return &local_socket;
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return &device;
	return &unknown_thing;
}

static const struct oddity *odd_of_link_error(int error)
{
	if (error == EXDEV)
		return &link_out;
	if (error == ENOENT || error == ENOTDIR)
		return &link_broken;
	if (error == ELOOP)
		return &link_circle;
	return &link_unreadable;
}

/* Where a link ends, as long as that is inside the folder; nothing is opened but the place (O_PATH). */
static int follow_here(int top_fd, const char *path, struct stat *out)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	do
		fd = (int)syscall(SYS_openat2, top_fd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd < 0 || fstat(fd, out) < 0 ? errno : 0;
}

static const struct oddity *follow_link(const struct sr_folder *folder, const char *path,
                                        struct sr_file_mark *mark)
{
	struct stat st = { 0 };
	int error = folder->by_access ? folder->access.look(folder->access.context, path, true, &st)
	                              : follow_here(folder->fd, path, &st);

	if (error != 0)
		return odd_of_link_error(error);
	if (S_ISDIR(st.st_mode))
		return &link_folder;
	*mark = sr_file_mark_of(&st);
	return odd_of_mode(st.st_mode);
}

static enum sr_status add_file(struct listing *listing, const char *name, const struct stat *st,
                               struct sr_err *err)
{
	struct entry entry = { .path_at = listing->paths.size };

	if (++listing->files > THINGS_MAX)
		return sr_fail(err, SR_LIMIT, "the case folder holds more than %zu files", THINGS_MAX);
	SR_TRY(sr_buf_add(&listing->paths, listing->prefix.data, listing->prefix.size, err));
	SR_TRY(sr_buf_add(&listing->paths, name, strlen(name) + 1, err));
	if (S_ISLNK(st->st_mode)) {
		const char *path = (const char *)listing->paths.data + entry.path_at;

		entry.odd = follow_link(listing->folder, path, &entry.mark);
	} else {
		entry.odd = odd_of_mode(st->st_mode);
		entry.mark = sr_file_mark_of(st);
	}
	return sr_buf_add(&listing->entries, &entry, sizeof(entry), err);
}

static enum sr_status list_folder(struct listing *listing, int fd, unsigned depth, struct sr_err *err);

/* The path of the folder being listed is in prefix, with '/' behind it. */
static enum sr_status list_subfolder(struct listing *listing, int parent_fd, const char *name, unsigned depth,
                                     struct sr_err *err)
{
	size_t before = listing->prefix.size;
	const char *path;

	if (depth > SR_LIMIT_FOLDER_DEPTH)
		return sr_fail(err, SR_LIMIT, "folder %s lies more than %u levels deep", name,
		               SR_LIMIT_FOLDER_DEPTH);
	if (++listing->folders > THINGS_MAX)
		return sr_fail(err, SR_LIMIT, "the case folder holds more than %zu folders", THINGS_MAX);
	SR_TRY(sr_buf_add_text(&listing->prefix, name, err));
	SR_TRY(sr_buf_add_text(&listing->prefix, "/", err));
	SR_TRY(sr_buf_text(&listing->prefix, &path, err));

	const struct sr_folder_access *access = listing->folder->by_access ? &listing->folder->access : NULL;
	int fd = -1;
	if (access)
		errno = access->open(access->context, path, true, &fd);
	else
		fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "cannot read the folder %s", path);
	SR_TRY(list_folder(listing, fd, depth, err));
	listing->prefix.size = before;
	return SR_OK;
}

/* lstat of @name in the folder being listed, which is @fd. */
static enum sr_status look_at(const struct listing *listing, int fd, const char *name, struct stat *out,
                              struct sr_err *err)
{
	const struct sr_folder_access *access = &listing->folder->access;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf buf = { 0 };
	const char *path;

	if (!listing->folder->by_access) {
		errno = fstatat(fd, name, out, AT_SYMLINK_NOFOLLOW) < 0 ? errno : 0;
	} else {
		SR_TRY(sr_buf_add(&buf, listing->prefix.data, listing->prefix.size, err));
		SR_TRY(sr_buf_add_text(&buf, name, err));
		SR_TRY(sr_buf_text(&buf, &path, err));
		errno = access->look(access->context, path, false, out);
	}
	if (errno == 0)
		return SR_OK;
	return sr_fail_errno(err, "cannot look at %.*s%s", (int)listing->prefix.size,
	                     listing->prefix.data ? (const char *)listing->prefix.data : "", name);
}

static enum sr_status list_thing(struct listing *listing, int fd, const char *name, unsigned depth,
                                 struct sr_err *err)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return SR_OK;
	if (depth == 0 && strcmp(name, DESCRIPTION) == 0)
		return SR_OK;
	enum sr_status status = look_at(listing, fd, name, &st, err);
	if (status == SR_NOT_FOUND) /* taken away since the folder was read */
		return SR_OK;
	SR_TRY(status);
	if (S_ISDIR(st.st_mode))
		return list_subfolder(listing, fd, name, depth + 1, err);
	return add_file(listing, name, &st, err);
}

/* Takes @fd over.  Depth is bounded by list_subfolder, so the recursion is too. */
static enum sr_status list_folder(struct listing *listing, int fd, unsigned depth, struct sr_err *err)
{
	SR_CLEANUP(close_dirp) DIR *dir = fdopendir(fd);

	if (!dir) {
		sr_fd_close(fd);
		return sr_fail_errno(err, "cannot list the folder");
	}
	for (;;) {
		errno = 0;
		const struct dirent *next = readdir(dir);

		if (!next && errno != 0)
			return sr_fail_errno(err, "cannot list the folder %.*s", (int)listing->prefix.size,
			                     listing->prefix.data ? (const char *)listing->prefix.data : "");
		if (!next)
			return SR_OK;
		SR_TRY(list_thing(listing, dirfd(dir), next->d_name, depth, err));
	}
}

static int compare_files(const void *left, const void *right)
{
	return strcmp(((const struct sr_folder_file *)left)->path,
	              ((const struct sr_folder_file *)right)->path);
}

/* The paths no longer move: turn the entries into the sorted list. */
static enum sr_status finish_list(struct sr_folder *folder, struct listing *listing, struct sr_err *err)
{
	const struct entry *entries = (const struct entry *)(const void *)listing->entries.data;
	size_t count = listing->entries.size / sizeof(struct entry);

	folder->paths = listing->paths;
	listing->paths = (struct sr_buf){ 0 };
	folder->files = calloc(count ? count : 1, sizeof(*folder->files));
	if (!folder->files)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list of %zu files", count);
	for (size_t i = 0; i < count; i++) {
		folder->files[i] = (struct sr_folder_file){
			.path = (const char *)folder->paths.data + entries[i].path_at,
			.bytes = entries[i].odd ? 0 : entries[i].mark.bytes,
			.mark = entries[i].mark,
			.odd = entries[i].odd ? entries[i].odd->en : NULL,
			.odd_zh = entries[i].odd ? entries[i].odd->zh : NULL,
		};
	}
	folder->count = count;
	qsort(folder->files, count, sizeof(*folder->files), compare_files);
	return SR_OK;
}

static enum sr_status list_all(struct sr_folder *folder, struct sr_err *err)
{
	SR_CLEANUP(listing_dispose) struct listing listing = { .folder = folder };
	int fd = -1;

	if (folder->by_access)
		errno = folder->access.open(folder->access.context, ".", true, &fd);
	else
		fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "cannot list the folder");
	SR_TRY(list_folder(&listing, fd, 0, err));
	return finish_list(folder, &listing, err);
}

enum sr_status sr_folder_open_at(int fd, const char *name, const struct sr_folder_access *access,
                                 struct sr_folder **out, struct sr_err *err)
{
	struct sr_folder *folder = calloc(1, sizeof(*folder));

	if (!folder) {
		sr_fd_close(fd);
		return sr_fail(err, SR_NO_MEMORY, "no memory for the folder %s", name);
	}
	folder->fd = fd;
	folder->by_access = access != NULL;
	if (access)
		folder->access = *access;
	enum sr_status status = list_all(folder, err);
	if (status != SR_OK) {
		sr_folder_close(folder);
		return sr_fail_in(err, status, "%s: ", name);
	}
	*out = folder;
	return SR_OK;
}

enum sr_status sr_folder_open(const char *path, struct sr_folder **out, struct sr_err *err)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOTDIR)
		return sr_fail(err, SR_INVALID, "%s is not a folder; name the folder that holds " DESCRIPTION,
		               path);
	if (fd < 0)
		return sr_fail_errno(err, "open the case folder %s", path);
	return sr_folder_open_at(fd, path, NULL, out, err);
}

void sr_folder_close(struct sr_folder *folder)
{
	if (!folder)
		return;
	sr_fd_close(folder->fd);
	sr_buf_dispose(&folder->paths);
	free(folder->files);
	free(folder);
}

size_t sr_folder_count(const struct sr_folder *folder)
{
	return folder->count;
}

const struct sr_folder_file *sr_folder_at(const struct sr_folder *folder, size_t index)
{
	return index < folder->count ? &folder->files[index] : NULL;
}

const struct sr_folder_file *sr_folder_find(const struct sr_folder *folder, const char *path)
{
	struct sr_folder_file wanted = { .path = path };

	return bsearch(&wanted, folder->files, folder->count, sizeof(wanted), compare_files);
}

static enum sr_status open_regular(const struct sr_folder *folder, const char *path, int *out,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct stat st;

	if (!folder->by_access)
		return sr_fd_open_regular(folder->fd, path, out, err);
	errno = folder->access.open(folder->access.context, path, false, &fd);
	if (fd < 0)
		return sr_fail_errno(err, "open %s", path);
	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at %s", path);
	if (!S_ISREG(st.st_mode))
		return sr_fail(err, SR_INVALID, "%s is not a regular file", path);
	*out = fd;
	fd = -1;
	return SR_OK;
}

enum sr_status sr_folder_open_file(const struct sr_folder *folder, const char *path, int *fd,
                                   struct sr_err *err)
{
	const struct sr_folder_file *file = sr_folder_find(folder, path);

	if (!file)
		return sr_fail(err, SR_NOT_FOUND, "%s: there is no such file in the case folder", path);
	if (file->odd)
		return sr_fail(err, SR_INVALID, "%s is a %s, not a regular file", path, file->odd);

	SR_CLEANUP(sr_fd_closep) int opened = -1;
	struct stat st;
	SR_TRY(open_regular(folder, path, &opened, err));
	if (fstat(opened, &st) < 0)
		return sr_fail_errno(err, "look at %s", path);
	struct sr_file_mark now = sr_file_mark_of(&st);
	if (!sr_file_mark_equal(&now, &file->mark))
		return sr_fail(err, SR_INVALID,
		               "%s changed since the folder was read; try again when nobody writes to it",
		               path);
	*fd = opened;
	opened = -1;
	return SR_OK;
}

enum sr_status sr_folder_read_description(const struct sr_folder *folder, struct sr_buf *out,
                                          struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	enum sr_status status = open_regular(folder, DESCRIPTION, &fd, err);

	if (status == SR_OK) {
		status = sr_fd_read_to_end(fd, SR_LIMIT_CASE_JSON_BYTES, out, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, DESCRIPTION ": ");
	}
	if (status == SR_NOT_FOUND)
		return sr_fail(err, status,
		               "there is no " DESCRIPTION " in the case folder; it must describe the case "
		               "and name each file (docs/CASE.md)");
	return status;
}
