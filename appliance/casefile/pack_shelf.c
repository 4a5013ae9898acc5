/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/pack_shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/calendar.h"
#include "appliance/casefile/packs.h"
#include "appliance/casefile/rulebook_head.h"

#define NAME_BYTES 64u
#define SUFFIX ".json"

/* A pack of the folder. */
struct own {
	char name[NAME_BYTES];
	struct sr_buf text;
};

static struct {
	pthread_mutex_t lock; /* what follows; what lists show stays as it is */
	const char *folder;
	bool read;
	enum sr_status status; /* of the reading, with why */
	struct sr_err why;
	struct own own[SR_LIMIT_OWN_PACKS];
	size_t own_count;
	struct sr_pack *packs;
	size_t count;
	struct sr_buf holidays_text;
	json_t *holidays;
} shelf = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void clear(void)
{
	for (size_t i = 0; i < shelf.own_count; i++)
		sr_buf_dispose(&shelf.own[i].text);
	shelf.own_count = 0;
	free(shelf.packs);
	shelf.packs = NULL;
	shelf.count = 0;
	sr_buf_dispose(&shelf.holidays_text);
	json_decref(shelf.holidays);
	shelf.holidays = NULL;
	shelf.read = false;
}

void sr_pack_shelf_use(const char *path)
{
	pthread_mutex_lock(&shelf.lock);
	clear();
	shelf.folder = path;
	pthread_mutex_unlock(&shelf.lock);
}

/* --- the folder ----------------------------------------------------------------------------------------- */

/* Who may write a pack decides how cases are judged. */
static enum sr_status check_writers(int fd, struct sr_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at it");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return sr_fail(err, SR_INVALID, "belongs to uid %u; it must belong to root (chown root FILE)",
		               (unsigned)st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return sr_fail(err, SR_INVALID, "others may write it (chmod go-w FILE)");
	return SR_OK;
}

static enum sr_status read_file(int dir_fd, const char *file, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	SR_TRY(sr_fd_open_regular(dir_fd, file, &fd, err));
	SR_TRY(check_writers(fd, err));
	return sr_fd_read_to_end(fd, SR_LIMIT_PACK_BYTES, out, err);
}

enum sr_status sr_own_holidays_parse(struct sr_bytes text, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *years = NULL;
	enum sr_status status = sr_json_parse(text.data, text.size, SR_LIMIT_PACK_BYTES, &years, err);

	if (status != SR_OK)
		return status == SR_CORRUPT ? SR_INVALID : status;
	SR_TRY(sr_calendar_check(years, err));
	return SR_JSON_PACK(out, err, "{s:O}", SR_OWN_HOLIDAYS, years);
}

static enum sr_status take_holidays(int dir_fd, const char *file, struct sr_err *err)
{
	SR_TRY(read_file(dir_fd, file, &shelf.holidays_text, err));
	return sr_own_holidays_parse(sr_buf_bytes(&shelf.holidays_text), &shelf.holidays, err);
}

static bool is_embedded(const char *name)
{
	for (size_t i = 0; i < sr_embedded_pack_count; i++)
		if (strcmp(sr_embedded_packs[i].name, name) == 0)
			return true;
	return false;
}

static enum sr_status take_pack(int dir_fd, const char *file, const char *name, struct sr_err *err)
{
	if (!sr_rulebook_is_name(name))
		return sr_fail(
			err, SR_INVALID,
			"a pack's name is of small letters, digits and hyphens, and its file NAME.json");
	if (is_embedded(name))
		return sr_fail(
			err, SR_INVALID,
			"a pack of this version has that name; give yours another one, and extend that one");
	if (shelf.own_count == SR_LIMIT_OWN_PACKS)
		return sr_fail(err, SR_LIMIT, "over %u packs", SR_LIMIT_OWN_PACKS);
	struct own *own = &shelf.own[shelf.own_count];

	memset(own, 0, sizeof(*own));
	snprintf(own->name, sizeof(own->name), "%s", name);
	shelf.own_count++;
	return read_file(dir_fd, file, &own->text, err);
}

/* Hidden files and what editors and package managers leave beside a file are passed over. */
static enum sr_status take_file(int dir_fd, const char *file, struct sr_err *err)
{
	const size_t size = strlen(file), end = strlen(SUFFIX);
	char name[NAME_BYTES];

	if (file[0] == '.' || size <= end || strcmp(file + size - end, SUFFIX) != 0)
		return SR_OK;
	snprintf(name, sizeof(name), "%.*s", (int)(size - end), file);
	if (strcmp(name, SR_OWN_HOLIDAYS) == 0)
		return take_holidays(dir_fd, file, err);
	return take_pack(dir_fd, file, size - end < sizeof(name) ? name : "", err);
}

static enum sr_status read_folder(struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;

	if (!shelf.folder || !shelf.folder[0])
		return SR_OK;
	fd = open(shelf.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return SR_OK;
	if (fd < 0)
		return sr_fail_errno(err, "open the folder of rulebooks %s", shelf.folder);
	SR_TRY(sr_dir_open(fd, &dir, err));
	for (;;) {
		const char *file;

		SR_TRY(sr_dir_next(dir, &file, err));
		if (!file)
			return SR_OK;
		enum sr_status status = take_file(fd, file, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "%s/%s: ", shelf.folder, file);
	}
}

/* --- all of them ---------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct own *)a)->name, ((const struct own *)b)->name);
}

static enum sr_status fill(struct sr_err *err)
{
	SR_TRY(read_folder(err));
	qsort(shelf.own, shelf.own_count, sizeof(shelf.own[0]), by_name);
	shelf.packs = calloc(sr_embedded_pack_count + shelf.own_count, sizeof(*shelf.packs));
	if (!shelf.packs)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the rulebooks");
	for (size_t i = 0; i < sr_embedded_pack_count; i++)
		shelf.packs[shelf.count++] =
			(struct sr_pack){ .name = sr_embedded_packs[i].name,
			                  .text = { sr_embedded_packs[i].text, sr_embedded_packs[i].size } };
	for (size_t i = 0; i < shelf.own_count; i++)
		shelf.packs[shelf.count++] = (struct sr_pack){ .name = shelf.own[i].name,
			                                       .text = sr_buf_bytes(&shelf.own[i].text),
			                                       .own = true };
	return SR_OK;
}

/* Read at the first call; what was wrong then is said each time. */
static enum sr_status ready(struct sr_err *err)
{
	pthread_mutex_lock(&shelf.lock);
	if (!shelf.read) {
		shelf.status = fill(&shelf.why);
		shelf.read = true;
	}
	enum sr_status status = shelf.status;
	pthread_mutex_unlock(&shelf.lock);
	if (status != SR_OK)
		*err = shelf.why;
	return status;
}

enum sr_status sr_pack_shelf_list(const struct sr_pack **out, size_t *count, struct sr_err *err)
{
	SR_TRY(ready(err));
	*out = shelf.packs;
	*count = shelf.count;
	return SR_OK;
}

enum sr_status sr_pack_shelf_find(const char *name, const struct sr_pack **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf names = { 0 };
	const char *text;

	SR_TRY(ready(err));
	for (size_t i = 0; i < shelf.count; i++) {
		*out = &shelf.packs[i];
		if (strcmp(shelf.packs[i].name, name) == 0)
			return SR_OK;
		SR_TRY(sr_buf_printf(&names, err, "%s%s", i > 0 ? ", " : "", shelf.packs[i].name));
	}
	SR_TRY(sr_buf_text(&names, &text, err));
	return sr_fail(err, SR_NOT_FOUND, "there is no rulebook \"%.64s\"; there are: %s", name, text);
}

enum sr_status sr_pack_shelf_holidays(const json_t **out, struct sr_bytes *text, struct sr_err *err)
{
	SR_TRY(ready(err));
	*out = shelf.holidays;
	*text = sr_buf_bytes(&shelf.holidays_text);
	return SR_OK;
}
