/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/outlet.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/safe_path.h"
#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"

#define UNFINISHED ".unfinished-XXXXXX"

struct sr_outlet {
	enum sr_outlet_form form;
	char *parent, *name; /* of the target */
	int parent_fd;
	char temporary[sizeof(UNFINISHED)]; /* "" while there is nothing */
	int64_t time_s;
	int fd; /* of the file that is written: the archive, or the one of a folder */
	int folder_fd;
	struct archive *archive;
	struct sr_hasher *whole, *one;
	struct sr_buf list, path;
	uint64_t left;         /* bytes that the file lacks */
	enum sr_status status; /* the first failure of libarchive's output */
	struct sr_err err;
};

const char *sr_outlet_form_name(enum sr_outlet_form form)
{
	switch (form) {
	case SR_OUTLET_DIRECTORY:
		return "directory";
	case SR_OUTLET_TAR:
		return "tar";
	case SR_OUTLET_ISO:
		return "iso";
	}
	return "directory";
}

enum sr_outlet_form sr_outlet_form_of(const char *path)
{
	if (sr_text_ends_with(path, ".tar"))
		return SR_OUTLET_TAR;
	return sr_text_ends_with(path, ".iso") ? SR_OUTLET_ISO : SR_OUTLET_DIRECTORY;
}

/* --- the target ------------------------------------------------------------------------------------ */

static enum sr_status take_path(struct sr_outlet *outlet, const char *path, struct sr_err *err)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf whole = { 0 };
	const char *text;
	SR_TRY(sr_buf_add(&whole, path, size, err));
	SR_TRY(sr_buf_text(&whole, &text, err));
	const char *slash = strrchr(text, '/');
	outlet->parent = slash ? strndup(text, slash == text ? 1 : (size_t)(slash - text)) : strdup(".");
	outlet->name = strdup(slash ? slash + 1 : text);
	if (!outlet->parent || !outlet->name)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a path");
	if (!outlet->name[0] || strcmp(outlet->name, ".") == 0 || strcmp(outlet->name, "..") == 0)
		return sr_fail(err, SR_INVALID, "%s is no name for something new", path);
	outlet->parent_fd = open(outlet->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (outlet->parent_fd < 0)
		return sr_fail_errno(err, "open %s", outlet->parent);
	if (faccessat(outlet->parent_fd, outlet->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return sr_fail(err, SR_EXISTS, "%s is there already", path);
	return SR_OK;
}

static enum sr_status make_temporary(struct sr_outlet *outlet, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf path = { 0 };
	const char *text;

	SR_TRY(sr_buf_printf(&path, err, "%s/%s", outlet->parent, UNFINISHED));
	SR_TRY(sr_buf_text(&path, &text, err));
	char *made = (char *)path.data;
	if (outlet->form == SR_OUTLET_DIRECTORY ? !mkdtemp(made)
	                                        : (outlet->fd = mkostemp(made, O_CLOEXEC)) < 0)
		return sr_fail_errno(err, "make a file in %s", outlet->parent);
	memcpy(outlet->temporary, made + path.size - strlen(UNFINISHED), sizeof(outlet->temporary));
	if (outlet->form != SR_OUTLET_DIRECTORY)
		return SR_OK;
	outlet->folder_fd = openat(outlet->parent_fd, outlet->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return outlet->folder_fd < 0 ? sr_fail_errno(err, "open %s", made) : SR_OK;
}

/* --- libarchive ------------------------------------------------------------------------------------ */

/* It is never told of a failure (see tarball.c); every call of ours looks at the status. */
static la_ssize_t take_bytes(struct archive *archive, void *context, const void *data, size_t size)
{
	struct sr_outlet *outlet = context;

	(void)archive;
	if (outlet->status == SR_OK)
		outlet->status = sr_fd_write_all(outlet->fd, data, size, &outlet->err);
	if (outlet->status == SR_OK)
		outlet->status = sr_hasher_add(outlet->whole, data, size, &outlet->err);
	return (la_ssize_t)size;
}

static enum sr_status outcome(const struct sr_outlet *outlet, bool good, struct sr_err *err)
{
	if (outlet->status != SR_OK) {
		*err = outlet->err;
		return outlet->status;
	}
	if (good)
		return SR_OK;
	const char *reason = archive_error_string(outlet->archive);
	return sr_fail(err, SR_IO, "%s/%s: %s", outlet->parent, outlet->name,
	               reason ? reason : "libarchive gives no reason");
}

/* Capitals, digits and '_', at most 32: what ISO 9660 has for a volume's name. */
static void volume_name(const char *label, char out[33])
{
	size_t size = 0;

	for (; *label && size < 32; label++) {
		char c = *label;

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')
			out[size++] = c;
		else if (c == '-')
			out[size++] = '_';
	}
	out[size] = 0;
}

static bool set_iso(struct archive *archive, const char *label)
{
	char volume[33];

	volume_name(label, volume);
	return archive_write_set_format_iso9660(archive) == ARCHIVE_OK &&
	       archive_write_set_format_option(archive, "iso9660", "iso-level", "3") == ARCHIVE_OK &&
	       archive_write_set_format_option(archive, "iso9660", "joliet", "long") == ARCHIVE_OK &&
	       archive_write_set_format_option(archive, "iso9660", "rockridge", "useful") == ARCHIVE_OK &&
	       (!volume[0] ||
	        archive_write_set_format_option(archive, "iso9660", "volume-id", volume) == ARCHIVE_OK);
}

static enum sr_status start_archive(struct sr_outlet *outlet, const char *label, struct sr_err *err)
{
	outlet->archive = archive_write_new();
	if (!outlet->archive)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an archive");
	/* The image's files are gathered in a nameless file: beside the target, where there is room, and not
	 * in /tmp. */
	if (outlet->form == SR_OUTLET_ISO && setenv("TMPDIR", outlet->parent, 1) < 0)
		return sr_fail_errno(err, "set TMPDIR");
	bool good = (outlet->form == SR_OUTLET_ISO
	                     ? set_iso(outlet->archive, label)
	                     : archive_write_set_format_pax_restricted(outlet->archive) == ARCHIVE_OK) &&
	            archive_write_add_filter_none(outlet->archive) == ARCHIVE_OK &&
	            archive_write_set_bytes_in_last_block(outlet->archive, 1) == ARCHIVE_OK &&
	            archive_write_open(outlet->archive, outlet, NULL, take_bytes, NULL) == ARCHIVE_OK;
	return outcome(outlet, good, err);
}

enum sr_status sr_outlet_open(enum sr_outlet_form form, const char *path, const char *label, int64_t time_s,
                              struct sr_outlet **out, struct sr_err *err)
{
	SR_CLEANUP(sr_outlet_freep) struct sr_outlet *outlet = calloc(1, sizeof(*outlet));

	if (!outlet)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an export");
	*outlet = (struct sr_outlet){
		.form = form, .time_s = time_s, .fd = -1, .folder_fd = -1, .parent_fd = -1
	};
	SR_TRY(take_path(outlet, path, err));
	SR_TRY(sr_hasher_new(&outlet->whole, err));
	SR_TRY(sr_hasher_new(&outlet->one, err));
	SR_TRY(make_temporary(outlet, err));
	if (form != SR_OUTLET_DIRECTORY)
		SR_TRY(start_archive(outlet, label, err));
	*out = SR_MOVE(outlet);
	return SR_OK;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void sr_outlet_free(struct sr_outlet *outlet)
{
	char path[4096];

	if (!outlet)
		return;
	if (outlet->status == SR_OK)
		outlet->status = SR_IO; /* nothing more is written */
	if (outlet->archive)
		archive_write_free(outlet->archive);
	if (outlet->temporary[0] &&
	    snprintf(path, sizeof(path), "%s/%s", outlet->parent, outlet->temporary) < (int)sizeof(path))
		nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	sr_fd_close(outlet->fd);
	sr_fd_close(outlet->folder_fd);
	sr_fd_close(outlet->parent_fd);
	sr_hasher_free(outlet->whole);
	sr_hasher_free(outlet->one);
	sr_buf_dispose(&outlet->list);
	sr_buf_dispose(&outlet->path);
	free(outlet->parent);
	free(outlet->name);
	free(outlet);
}

/* --- files ----------------------------------------------------------------------------------------- */

/* The file of a folder, with the folders above it. */
static enum sr_status create_file(struct sr_outlet *outlet, const char *path, struct sr_err *err)
{
	char folder[4 * SR_LIMIT_PATH_BYTES];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		if (mkdirat(outlet->folder_fd, folder, 0700) < 0 && errno != EEXIST)
			return sr_fail_errno(err, "make the folder %s", folder);
	}
	SR_TRY(sr_fd_open_beneath(outlet->folder_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600,
	                          &outlet->fd, err));
	return SR_OK;
}

static enum sr_status begin_entry(struct sr_outlet *outlet, const char *path, uint64_t size,
                                  struct sr_err *err)
{
	struct archive_entry *entry = archive_entry_new();

	if (!entry)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an entry");
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0444);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, outlet->time_s, 0);
	bool good = archive_write_header(outlet->archive, entry) == ARCHIVE_OK;
	archive_entry_free(entry);
	return outcome(outlet, good, err);
}

enum sr_status sr_outlet_begin(struct sr_outlet *outlet, const char *folder, const char *name, uint64_t size,
                               struct sr_err *err)
{
	outlet->path.size = 0;
	if (folder) {
		SR_TRY(sr_safe_path_make(folder, &outlet->path, err));
		outlet->path.data[outlet->path.size - 1] = '/'; /* in place of its NUL */
	}
	SR_TRY(sr_safe_path_make(name, &outlet->path, err));
	const char *path = (const char *)outlet->path.data;
	outlet->left = size;
	if (outlet->form == SR_OUTLET_DIRECTORY)
		return create_file(outlet, path, err);
	return begin_entry(outlet, path, size, err);
}

enum sr_status sr_outlet_add(struct sr_outlet *outlet, const void *data, size_t size, struct sr_err *err)
{
	if (size > outlet->left)
		return sr_fail(err, SR_INVALID, "more bytes than the file has");
	outlet->left -= size;
	SR_TRY(sr_hasher_add(outlet->one, data, size, err));
	if (outlet->form == SR_OUTLET_DIRECTORY)
		return sr_fd_write_all(outlet->fd, data, size, err);
	return outcome(outlet, archive_write_data(outlet->archive, data, size) == (la_ssize_t)size, err);
}

static enum sr_status close_file(struct sr_outlet *outlet, const char *path, struct sr_err *err)
{
	const struct timespec times[] = { { .tv_sec = outlet->time_s }, { .tv_sec = outlet->time_s } };

	if (futimens(outlet->fd, times) < 0)
		return sr_fail_errno(err, "set the time of %s", path);
	SR_TRY(sr_fd_sync(outlet->fd, path, err));
	sr_fd_closep(&outlet->fd);
	return SR_OK;
}

enum sr_status sr_outlet_end(struct sr_outlet *outlet, struct sr_digest *digest, struct sr_err *err)
{
	const char *path = (const char *)outlet->path.data;
	char hex[SR_DIGEST_HEX];

	if (outlet->left > 0)
		return sr_fail(err, SR_INVALID, "%s lacks %" PRIu64 " bytes", path, outlet->left);
	SR_TRY(sr_hasher_finish(outlet->one, digest, err));
	sr_digest_to_hex(digest, hex);
	SR_TRY(sr_buf_printf(&outlet->list, err, "%s  %s\n", hex, path));
	if (outlet->form == SR_OUTLET_DIRECTORY)
		return close_file(outlet, path, err);
	return outcome(outlet, archive_write_finish_entry(outlet->archive) == ARCHIVE_OK, err);
}

enum sr_status sr_outlet_put(struct sr_outlet *outlet, const char *folder, const char *name, const void *data,
                             size_t size, struct sr_err *err)
{
	struct sr_digest digest;

	SR_TRY(sr_outlet_begin(outlet, folder, name, size, err));
	SR_TRY(sr_outlet_add(outlet, data, size, err));
	return sr_outlet_end(outlet, &digest, err);
}

/* --- the end --------------------------------------------------------------------------------------- */

static int sync_folder(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	int fd;

	(void)st;
	(void)ftw;
	if (type != FTW_DP)
		return 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int result = fd < 0 ? -1 : fsync(fd);
	sr_fd_close(fd);
	return result;
}

static enum sr_status sync_folders(const struct sr_outlet *outlet, struct sr_err *err)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", outlet->parent, outlet->temporary) >= (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the path is too long");
	if (nftw(path, sync_folder, 16, FTW_DEPTH | FTW_PHYS) != 0)
		return sr_fail_errno(err, "sync %s", path);
	return SR_OK;
}

enum sr_status sr_outlet_complete(struct sr_outlet *outlet, struct sr_digest *digest, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf list = outlet->list;

	outlet->list = (struct sr_buf){ 0 };
	SR_TRY(sr_outlet_begin(outlet, NULL, SR_OUTLET_LIST, list.size, err));
	SR_TRY(sr_outlet_add(outlet, list.data, list.size, err));
	SR_TRY(sr_outlet_end(outlet, digest, err));
	if (outlet->form == SR_OUTLET_DIRECTORY)
		return sync_folders(outlet, err);
	SR_TRY(outcome(outlet, archive_write_close(outlet->archive) == ARCHIVE_OK, err));
	SR_TRY(sr_hasher_finish(outlet->whole, digest, err));
	return sr_fd_sync(outlet->fd, outlet->name, err);
}

/* Under its name, where nothing is; some file systems know no such renaming. */
enum sr_status sr_outlet_publish(struct sr_outlet *outlet, struct sr_err *err)
{
	int failed = renameat2(outlet->parent_fd, outlet->temporary, outlet->parent_fd, outlet->name,
	                       RENAME_NOREPLACE);

	if (failed && errno == EINVAL &&
	    faccessat(outlet->parent_fd, outlet->name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		failed = renameat(outlet->parent_fd, outlet->temporary, outlet->parent_fd, outlet->name);
	if (failed)
		return sr_fail_errno(err, "name %s/%s", outlet->parent, outlet->name);
	outlet->temporary[0] = 0;
	return sr_fd_sync(outlet->parent_fd, outlet->parent, err);
}
