/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/bag_hash.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

#define READ_BYTES (1u << 20)

struct walk {
	struct sr_bag_tree *tree;
	struct sr_bag_verdict *verdict;
	char path[SR_LIMIT_BAG_PATH_BYTES + 1]; /* of the folder at hand, "" or ending in '/' */
	size_t size;
};

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
	*folder = NULL;
}

static const char *kind_of(mode_t mode)
{
	if (S_ISLNK(mode))
		return "a symbolic link";
	if (S_ISFIFO(mode))
		return "a pipe";
	if (S_ISSOCK(mode))
		return "a socket";
	return "a device";
}

static enum sr_status walk_folder(struct walk *walk, DIR *folder, struct sr_err *err);

/* Walk the folder @name of @parent; "." is @parent itself. */
static enum sr_status walk_below(struct walk *walk, int parent, const char *name, struct sr_err *err)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	SR_CLEANUP(close_folder) DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder) {
		enum sr_status status = sr_fail_errno(err, "open the folder %s", walk->path);
		sr_fd_close(fd);
		return status;
	}
	return walk_folder(walk, folder, err);
}

static enum sr_status walk_entry(struct walk *walk, DIR *folder, const char *name, struct sr_err *err)
{
	size_t before = walk->size;
	size_t size = strlen(name);
	struct stat st;

	if (before + size + 1 > SR_LIMIT_BAG_PATH_BYTES)
		return sr_fail(err, SR_LIMIT, "a path of the bag has more than %u bytes",
		               SR_LIMIT_BAG_PATH_BYTES);
	memcpy(walk->path + before, name, size + 1);
	if (fstatat(dirfd(folder), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return sr_fail_errno(err, "look at %s", walk->path);

	struct sr_bag_file file = { .size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0 };
	if (S_ISDIR(st.st_mode)) {
		memcpy(walk->path + before + size, "/", 2);
		walk->size = before + size + 1;
		SR_TRY(sr_bag_tree_add(walk->tree, walk->path, &file, err));
		SR_TRY(walk_below(walk, dirfd(folder), name, err));
	} else if (S_ISREG(st.st_mode)) {
		SR_TRY(sr_bag_tree_add(walk->tree, walk->path, &file, err));
	} else {
		SR_TRY(sr_bag_add_problem(walk->verdict, err, walk->path,
		                          "is %s; a bag holds regular files only", kind_of(st.st_mode)));
	}
	walk->size = before;
	walk->path[before] = 0;
	return SR_OK;
}

static enum sr_status walk_folder(struct walk *walk, DIR *folder, struct sr_err *err)
{
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(folder);

		if (!entry && errno != 0)
			return sr_fail_errno(err, "read the folder %s", walk->path);
		if (!entry)
			return SR_OK;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			SR_TRY(walk_entry(walk, folder, entry->d_name, err));
	}
}

/* Hash one file, and keep its bytes where @text is not NULL. */
static enum sr_status read_file(int dir_fd, struct sr_bag_tree *tree, struct sr_bag_file *file,
                                struct sr_bag_text *text, struct sr_bag_hasher *hasher, struct sr_buf *block,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	uint64_t done = 0;
	size_t got;

	SR_TRY(sr_fd_open_regular(dir_fd, sr_bag_tree_path(tree, file), &fd, err));
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* a hint; nothing depends on it */
	do {
		SR_TRY(sr_fd_pread(fd, block->data, READ_BYTES, done, &got, err));
		SR_TRY(sr_bag_hasher_add(hasher, block->data, got, err));
		if (text)
			SR_TRY(sr_bag_tree_keep_bytes(tree, text, block->data, got, err));
		done += got;
	} while (got == READ_BYTES);
	file->size = done;
	return sr_bag_hasher_finish(hasher, file, err);
}

/* The bytes that are parsed are the bytes that are hashed: texts are read once. */
static enum sr_status read_texts(int dir_fd, struct sr_bag_tree *tree, struct sr_err *err)
{
	SR_CLEANUP(sr_bag_hasher_dispose) struct sr_bag_hasher hasher = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf block = { 0 };

	SR_TRY(sr_bag_hasher_init(&hasher, true, true, err));
	SR_TRY(sr_buf_reserve(&block, READ_BYTES, err));
	for (size_t i = 0; i < sr_bag_tree_count(tree); i++) {
		struct sr_bag_file *file = sr_bag_tree_at(tree, i);
		struct sr_bag_text *text = NULL;

		if (file->is_folder)
			continue;
		SR_TRY(sr_bag_tree_keep(tree, sr_bag_tree_path(tree, file), &text, err));
		if (text)
			SR_TRY(read_file(dir_fd, tree, file, text, &hasher, &block, err));
	}
	return SR_OK;
}

enum sr_status sr_bag_folder_list(int dir_fd, struct sr_bag_tree *tree, struct sr_bag_verdict *verdict,
                                  struct sr_err *err)
{
	struct walk walk = { .tree = tree, .verdict = verdict };

	SR_TRY(walk_below(&walk, dir_fd, ".", err));
	sr_bag_tree_sort(tree);
	return read_texts(dir_fd, tree, err);
}

enum sr_status sr_bag_folder_hash(int dir_fd, struct sr_bag_tree *tree, bool sha256, bool sha512,
                                  const struct sr_progress *progress, struct sr_err *err)
{
	SR_CLEANUP(sr_bag_hasher_dispose) struct sr_bag_hasher hasher = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf block = { 0 };
	uint64_t total = 0;
	uint64_t done = 0;

	SR_TRY(sr_bag_hasher_init(&hasher, sha256, sha512, err));
	SR_TRY(sr_buf_reserve(&block, READ_BYTES, err));
	for (size_t i = 0; i < sr_bag_tree_count(tree); i++)
		total += sr_bag_tree_at(tree, i)->size;
	for (size_t i = 0; i < sr_bag_tree_count(tree); i++) {
		struct sr_bag_file *file = sr_bag_tree_at(tree, i);

		if (!file->is_folder && !file->to_fetch && !file->has_sha256 && !file->has_sha512)
			SR_TRY(read_file(dir_fd, tree, file, NULL, &hasher, &block, err));
		done += file->size;
		sr_progress_report(progress, "verify", done, total);
	}
	return SR_OK;
}
