/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/store/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/base/uuid.h"

struct sr_store {
	int dir_fd; /* borrowed */
};

struct sr_store_new {
	int year_fd; /* the folder it will appear in */
	int fd;
	char name[SR_STORE_NAME];
	char unfinished[64]; /* its name until published, or empty for a nameless file */
};

enum sr_status sr_store_open(int dir_fd, struct sr_store **out, struct sr_err *err)
{
	struct sr_store *store = calloc(1, sizeof(*store));

	if (!store)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the store");
	store->dir_fd = dir_fd;
	*out = store;
	return SR_OK;
}

void sr_store_close(struct sr_store *store)
{
	free(store);
}

enum sr_status sr_store_name(const char *case_id, unsigned part, char out[SR_STORE_NAME], struct sr_err *err)
{
	if (!sr_uuid_is_valid(case_id))
		return sr_fail(err, SR_INVALID, "%s is no case id", case_id);
	if (part < 1 || part > SR_LIMIT_PARTS)
		return sr_fail(err, SR_INVALID, "part %u is not between 1 and %u", part, SR_LIMIT_PARTS);
	snprintf(out, SR_STORE_NAME, "%.36s-%03u", case_id, part % 1000);
	return SR_OK;
}

bool sr_store_name_is_valid(const char *name)
{
	char id[SR_UUID_TEXT];

	if (strlen(name) != SR_STORE_NAME - 1 || name[36] != '-')
		return false;
	memcpy(id, name, SR_UUID_TEXT - 1);
	id[SR_UUID_TEXT - 1] = 0;
	for (int i = 37; i < 40; i++)
		if (name[i] < '0' || name[i] > '9')
			return false;
	return sr_uuid_is_valid(id) && strcmp(name + 37, "000") != 0;
}

/* The year (UTC) of the milliseconds that a case id begins with. */
static int year_of(const char *name)
{
	char hex[13];
	uint8_t bytes[6] = { 0 };
	int64_t milliseconds = 0;
	int year, month, day;

	snprintf(hex, sizeof(hex), "%.8s%.4s", name, name + 9);
	(void)sr_hex_decode(hex, 12, true, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		milliseconds = milliseconds << 8 | bytes[i];
	sr_date_split(milliseconds / 1000 / SR_DAY_S, &year, &month, &day);
	return year;
}

void sr_store_path(const char *name, char out[SR_STORE_PATH])
{
	snprintf(out, SR_STORE_PATH, "%04d/%.40s.tar", year_of(name) % 10000, name);
}

static enum sr_status open_year(struct sr_store *store, const char *name, int *out, struct sr_err *err)
{
	char year[8];

	snprintf(year, sizeof(year), "%04d", year_of(name) % 10000);
	if (mkdirat(store->dir_fd, year, 0700) == 0) {
		SR_TRY(sr_fd_sync(store->dir_fd, "vault", err));
	} else if (errno != EEXIST) {
		return sr_fail_errno(err, "make the vault's folder %s", year);
	}
	*out = openat(store->dir_fd, year, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*out < 0)
		return sr_fail_errno(err, "open the vault's folder %s", year);
	return SR_OK;
}

/* A file without a name, or with a random one where the file system cannot do that. */
static enum sr_status open_unfinished(struct sr_store_new *archive, struct sr_err *err)
{
	uint8_t random[12];
	char hex[2 * sizeof(random) + 1];

	archive->fd = openat(archive->year_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0400);
	if (archive->fd >= 0)
		return SR_OK;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
		return sr_fail_errno(err, "create the archive");
	SR_TRY(sr_random_fill(random, sizeof(random), err));
	sr_hex_encode(random, sizeof(random), hex);
	snprintf(archive->unfinished, sizeof(archive->unfinished), SR_STORE_UNFINISHED "%s", hex);
	archive->fd =
		openat(archive->year_fd, archive->unfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
	if (archive->fd < 0) {
		archive->unfinished[0] = 0;
		return sr_fail_errno(err, "create the archive");
	}
	return SR_OK;
}

enum sr_status sr_store_create(struct sr_store *store, const char *name, struct sr_store_new **out,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_store_new_freep) struct sr_store_new *archive = calloc(1, sizeof(*archive));

	if (!archive)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an archive");
	archive->fd = -1;
	archive->year_fd = -1;
	if (!sr_store_name_is_valid(name))
		return sr_fail(err, SR_INVALID, "%s is no name of an archive", name);
	snprintf(archive->name, sizeof(archive->name), "%.40s", name);
	SR_TRY(open_year(store, name, &archive->year_fd, err));
	SR_TRY(open_unfinished(archive, err));
	*out = SR_MOVE(archive);
	return SR_OK;
}

int sr_store_new_fd(const struct sr_store_new *archive)
{
	return archive->fd;
}

/* linkat never replaces: a name that is taken stays what it is. */
enum sr_status sr_store_publish(struct sr_store_new *archive, struct sr_err *err)
{
	char file[SR_STORE_NAME + 4];
	char proc[64];
	int linked;

	snprintf(file, sizeof(file), "%s.tar", archive->name);
	if (fsync(archive->fd) < 0)
		return sr_fail_errno(err, "sync archive %s", archive->name);
	if (archive->unfinished[0]) {
		linked = linkat(archive->year_fd, archive->unfinished, archive->year_fd, file, 0);
	} else {
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", archive->fd);
		linked = linkat(AT_FDCWD, proc, archive->year_fd, file, AT_SYMLINK_FOLLOW);
	}
	if (linked < 0)
		return sr_fail_errno(err, "publish archive %s", archive->name);
	if (archive->unfinished[0] && unlinkat(archive->year_fd, archive->unfinished, 0) == 0)
		archive->unfinished[0] = 0;
	return sr_fd_sync(archive->year_fd, "the vault's folder", err);
}

void sr_store_new_free(struct sr_store_new *archive)
{
	if (!archive)
		return;
	if (archive->unfinished[0])
		unlinkat(archive->year_fd, archive->unfinished, 0);
	sr_fd_close(archive->fd);
	sr_fd_close(archive->year_fd);
	free(archive);
}

/* The folder of a published archive's year, and its file's name in it. */
static enum sr_status open_place(struct sr_store *store, const char *name, int *year_fd,
                                 char file[SR_STORE_NAME + 4], struct sr_err *err)
{
	char path[SR_STORE_PATH];

	if (!sr_store_name_is_valid(name))
		return sr_fail(err, SR_INVALID, "%s is no name of an archive", name);
	sr_store_path(name, path);
	path[strcspn(path, "/")] = 0;
	snprintf(file, SR_STORE_NAME + 4, "%.40s.tar", name);
	*year_fd = openat(store->dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*year_fd < 0)
		return sr_fail_errno(err, "open the vault's folder %s", path);
	return SR_OK;
}

enum sr_status sr_store_withdraw(struct sr_store *store, const char *name, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int year_fd = -1;
	char file[SR_STORE_NAME + 4];

	SR_TRY(open_place(store, name, &year_fd, file, err));
	if (unlinkat(year_fd, file, 0) < 0)
		return sr_fail_errno(err, "take back the archive %s", name);
	return sr_fd_sync(year_fd, "the vault's folder", err);
}

enum sr_status sr_store_put_aside(struct sr_store *store, const char *name, char path[SR_STORE_PATH],
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int year_fd = -1;
	SR_CLEANUP(sr_fd_closep) int aside_fd = -1;
	char file[SR_STORE_NAME + 4];
	char other[SR_STORE_NAME + 8];

	SR_TRY(open_place(store, name, &year_fd, file, err));
	if (mkdirat(store->dir_fd, SR_STORE_UNKNOWN, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the vault's folder " SR_STORE_UNKNOWN);
	aside_fd = openat(store->dir_fd, SR_STORE_UNKNOWN, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (aside_fd < 0)
		return sr_fail_errno(err, "open the vault's folder " SR_STORE_UNKNOWN);
	snprintf(other, sizeof(other), "%s", file);
	for (unsigned i = 2; renameat2(year_fd, file, aside_fd, other, RENAME_NOREPLACE) < 0; i++) {
		if (errno != EEXIST || i > 99)
			return sr_fail_errno(err, "put the archive %s aside", name);
		snprintf(other, sizeof(other), "%.40s.%u.tar", name, i);
	}
	snprintf(path, SR_STORE_PATH, SR_STORE_UNKNOWN "/%s", other);
	SR_TRY(sr_fd_sync(aside_fd, "the vault's folder " SR_STORE_UNKNOWN, err));
	return sr_fd_sync(year_fd, "the vault's folder", err);
}

enum sr_status sr_store_open_archive(struct sr_store *store, const char *name, int *fd, struct sr_err *err)
{
	char path[SR_STORE_PATH];

	if (!sr_store_name_is_valid(name))
		return sr_fail(err, SR_INVALID, "%s is no name of an archive", name);
	sr_store_path(name, path);
	return sr_fd_open_regular(store->dir_fd, path, fd, err);
}

static int not_dotted(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int any_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* scandir(3) result that frees itself. */
struct listing {
	struct dirent **entries;
	int count;
};

static void listing_dispose(struct listing *listing)
{
	for (int i = 0; i < listing->count; i++)
		free(listing->entries[i]);
	free(listing->entries);
}

static enum sr_status list_folder(int dir_fd, const char *name, int (*filter)(const struct dirent *),
                                  struct listing *out, struct sr_err *err)
{
	out->count = scandirat(dir_fd, name, &out->entries, filter, by_bytes);
	if (out->count < 0) {
		out->count = 0;
		return sr_fail_errno(err, "list the vault's folder %s", name);
	}
	return SR_OK;
}

static bool is_year(const char *name)
{
	return strlen(name) == 4 && strspn(name, "0123456789") == 4;
}

/* One file of a year's folder: an archive under its right path, or foreign. */
static enum sr_status pass_file(const char *year, const char *file,
                                enum sr_status (*each)(void *, const char *, bool, struct sr_err *),
                                void *context, struct sr_err *err)
{
	char name[SR_STORE_NAME] = "";
	char path[sizeof(struct dirent)];
	char right[SR_STORE_PATH];

	snprintf(path, sizeof(path), "%s/%s", year, file);
	if (strlen(file) == SR_STORE_NAME + 3 && sr_text_ends_with(file, ".tar"))
		snprintf(name, sizeof(name), "%.40s", file);
	if (!sr_store_name_is_valid(name))
		return each(context, path, true, err);
	sr_store_path(name, right);
	if (strcmp(right, path) != 0)
		return each(context, path, true, err);
	return each(context, name, false, err);
}

enum sr_status sr_store_list(struct sr_store *store,
                             enum sr_status (*each)(void *context, const char *name, bool foreign,
                                                    struct sr_err *err),
                             void *context, struct sr_err *err)
{
	SR_CLEANUP(listing_dispose) struct listing years = { 0 };

	SR_TRY(list_folder(store->dir_fd, ".", not_dotted, &years, err));
	for (int y = 0; y < years.count; y++) {
		SR_CLEANUP(listing_dispose) struct listing files = { 0 };
		const char *year = years.entries[y]->d_name;

		if (!is_year(year)) {
			SR_TRY(each(context, year, true, err));
			continue;
		}
		SR_TRY(list_folder(store->dir_fd, year, not_dotted, &files, err));
		for (int f = 0; f < files.count; f++)
			SR_TRY(pass_file(year, files.entries[f]->d_name, each, context, err));
	}
	return SR_OK;
}

enum sr_status sr_store_list_aside(struct sr_store *store,
                                   enum sr_status (*each)(void *context, const char *file,
                                                          struct sr_err *err),
                                   void *context, struct sr_err *err)
{
	SR_CLEANUP(listing_dispose) struct listing files = { 0 };

	if (faccessat(store->dir_fd, SR_STORE_UNKNOWN, F_OK, 0) < 0 && errno == ENOENT)
		return SR_OK;
	SR_TRY(list_folder(store->dir_fd, SR_STORE_UNKNOWN, not_dotted, &files, err));
	for (int f = 0; f < files.count; f++)
		SR_TRY(each(context, files.entries[f]->d_name, err));
	return SR_OK;
}

enum sr_status sr_store_open_aside(struct sr_store *store, const char *file, int *fd, struct sr_err *err)
{
	char path[sizeof(SR_STORE_UNKNOWN) + 256];

	if (strchr(file, '/') ||
	    snprintf(path, sizeof(path), SR_STORE_UNKNOWN "/%s", file) >= (int)sizeof(path))
		return sr_fail(err, SR_INVALID, "%s is no file that was put aside", file);
	return sr_fd_open_regular(store->dir_fd, path, fd, err);
}

enum sr_status sr_store_sweep(struct sr_store *store, struct sr_err *err)
{
	SR_CLEANUP(listing_dispose) struct listing years = { 0 };

	SR_TRY(list_folder(store->dir_fd, ".", not_dotted, &years, err));
	for (int y = 0; y < years.count; y++) {
		SR_CLEANUP(listing_dispose) struct listing files = { 0 };
		SR_CLEANUP(sr_fd_closep) int year_fd = -1;
		const char *year = years.entries[y]->d_name;

		if (!is_year(year))
			continue;
		SR_TRY(list_folder(store->dir_fd, year, any_name, &files, err));
		year_fd = openat(store->dir_fd, year, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (year_fd < 0)
			return sr_fail_errno(err, "open the vault's folder %s", year);
		for (int f = 0; f < files.count; f++) {
			const char *file = files.entries[f]->d_name;

			if (sr_text_starts_with(file, SR_STORE_UNFINISHED) && unlinkat(year_fd, file, 0) < 0)
				return sr_fail_errno(err, "remove unfinished archive %s", file);
		}
	}
	return SR_OK;
}
