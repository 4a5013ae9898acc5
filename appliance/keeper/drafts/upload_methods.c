/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads of browsers and programs: CreateUpload, UploadState, ListUploads, DropUpload.
 * DATA/staging/uploads/ID holds the bytes that came so far, written by the HTTP front end through the
 * descriptor that it gets; ID.json beside it says whose it is, how long it will be and when it ends.  The
 * bytes that are there are its state, so an upload goes on after a restart of everything.
 */
#include "appliance/keeper/drafts/methods.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/uploads.h"

#define FOLDER "uploads"
#define ID_BYTES 16u
#define ID_TEXT (1 + 2 * ID_BYTES + 1) /* "U", hexadecimal digits, NUL */
#define NAME_TEXT 64u
#define RECORD_BYTES 16384u
#define OF_USER 64u                          /* uploads of one user */
#define USER_BYTES (256ull << 30)            /* of them together, as far as they will grow */
#define SPARE_BYTES (1ull << 30)             /* of the disk: the ledger must go on */
#define LIFE_NS (48ll * 3600 * SR_SECOND_NS) /* since the last byte */

/* What ID.json says. */
struct upload {
	char id[ID_TEXT];
	json_t *record;  /* owned */
	uint64_t bytes;  /* that it will have */
	uint64_t offset; /* that are there */
	int64_t expires_ns;
	int fd; /* of the bytes, open for writing; -1 */
};

static void upload_dispose(struct upload *upload)
{
	json_decref(upload->record);
	sr_fd_close(upload->fd);
}

/* --- the folder ------------------------------------------------------------------------------------ */

/* Locked: one at a time counts, makes and removes. */
static enum sr_status open_folder(const struct sr_keeper *keeper, int *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (mkdirat(keeper->staging_fd, FOLDER, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make staging/" FOLDER);
	fd = openat(keeper->staging_fd, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return sr_fail_errno(err, "open staging/" FOLDER);
	*out = sr_fd_move(&fd);
	return SR_OK;
}

static bool is_id(const char *text)
{
	uint8_t bytes[ID_BYTES];

	return strlen(text) == ID_TEXT - 1 && text[0] == 'U' &&
	       sr_hex_decode(text + 1, 2 * sizeof(bytes), true, bytes, sizeof(bytes));
}

static void remove_upload(int folder, const char *id)
{
	char record[NAME_TEXT];

	snprintf(record, sizeof(record), "%s.json", id);
	unlinkat(folder, id, 0);
	unlinkat(folder, record, 0);
}

/* SR_NOT_FOUND where either file is missing: a draft took the bytes, or they are gone. */
static enum sr_status load(int folder, const char *id, struct upload *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char name[NAME_TEXT];
	const char *user;
	struct stat st;

	snprintf(out->id, sizeof(out->id), "%s", id);
	snprintf(name, sizeof(name), "%s.json", id);
	SR_TRY(sr_fd_read_file(folder, name, RECORD_BYTES, &text, err));
	SR_TRY(sr_json_parse(text.data, text.size, RECORD_BYTES, &out->record, err));
	SR_TRY(sr_json_need_u64(out->record, "bytes", INT64_MAX, &out->bytes, err));
	SR_TRY(sr_json_need_text(out->record, "user", &user, err));
	out->fd = openat(folder, id, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (out->fd < 0 || fstat(out->fd, &st) < 0)
		return sr_fail_errno(err, "open upload %s", id);
	out->offset = (uint64_t)st.st_size < out->bytes ? (uint64_t)st.st_size : out->bytes;
	out->expires_ns = st.st_mtim.tv_sec * SR_SECOND_NS + LIFE_NS;
	return SR_OK;
}

/* The next record of the folder: its id, "" at the end. */
static enum sr_status next_record(DIR *dir, char id[ID_TEXT], struct sr_err *err)
{
	const char *name;

	for (;;) {
		SR_TRY(sr_dir_next(dir, &name, err));
		id[0] = 0;
		if (!name)
			return SR_OK;
		if (strlen(name) != ID_TEXT - 1 + 5 || strcmp(name + ID_TEXT - 1, ".json") != 0)
			continue;
		memcpy(id, name, ID_TEXT - 1);
		id[ID_TEXT - 1] = 0;
		if (is_id(id))
			return SR_OK;
	}
}

/* --- quota and expiry ------------------------------------------------------------------------------ */

/* Removes what is over and what a draft took; counts what @user (may be NULL) has. */
static enum sr_status sweep(int folder, const char *user, size_t *count, uint64_t *bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	char id[ID_TEXT];

	SR_TRY(sr_dir_open(folder, &dir, err));
	for (;;) {
		SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };
		struct sr_err ignored;

		SR_TRY(next_record(dir, id, err));
		if (!id[0])
			return SR_OK;
		const enum sr_status status = load(folder, id, &upload, &ignored);
		if (status == SR_NOT_FOUND || status == SR_CORRUPT ||
		    (status == SR_OK && upload.expires_ns < sr_clock_now_ns())) {
			remove_upload(folder, id);
		} else if (status == SR_OK && user &&
		           strcmp(sr_json_text(upload.record, "user"), user) == 0) {
			(*count)++;
			*bytes += upload.bytes;
		}
	}
}

void sr_uploads_tick(struct sr_keeper *keeper)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	const int64_t now_ns = sr_keeper_boot_ns();
	struct sr_err err;
	size_t count = 0;
	uint64_t bytes = 0;

	if (now_ns < keeper->uploads_due_ns)
		return;
	keeper->uploads_due_ns = now_ns + 600 * SR_SECOND_NS;
	if (faccessat(keeper->staging_fd, FOLDER, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return; /* nobody ever uploaded */
	if (open_folder(keeper, &folder, &err) != SR_OK || sweep(folder, NULL, &count, &bytes, &err) != SR_OK)
		return; /* the next round tries again, and whoever uploads is told */
}

static enum sr_status require_room(struct sr_act *act, int folder, uint64_t wanted, struct sr_err *err)
{
	struct statvfs disk;
	size_t count = 0;
	uint64_t bytes = 0;

	if (wanted > SR_LIMIT_MEMBER_BYTES)
		return sr_act_refuse(act, "Limit", err, "/bytes: at most %llu bytes in one file",
		                     (unsigned long long)SR_LIMIT_MEMBER_BYTES);
	SR_TRY(sweep(folder, act->caller.user, &count, &bytes, err));
	if (count >= OF_USER || bytes + wanted > USER_BYTES)
		return sr_act_refuse(act, "Limit", err,
		                     "at most %u uploads and %llu GiB of one user at a time; put those that "
		                     "are finished into a draft, or drop them",
		                     OF_USER, USER_BYTES >> 30);
	if (fstatvfs(folder, &disk) < 0)
		return sr_fail_errno(err, "ask for free space");
	if ((uint64_t)disk.f_bavail * disk.f_frsize < wanted + SPARE_BYTES)
		return sr_act_refuse(act, "Limit", err, "the appliance has no room for %llu bytes more",
		                     (unsigned long long)wanted);
	return SR_OK;
}

/* --- the commands ---------------------------------------------------------------------------------- */

static enum sr_status reply(struct sr_act *act, struct upload *upload, struct sr_err *err)
{
	char until[SR_TIME_TEXT];
	const json_t *metadata = json_object_get(upload->record, "metadata");
	int fd = upload->fd;

	sr_time_format_utc(upload->expires_ns, until);
	SR_TRY(sr_act_reply(act, err, "{s:s,s:I,s:I,s:s}", "upload", upload->id, "bytes",
	                    (json_int_t)upload->bytes, "offset", (json_int_t)upload->offset, "until", until));
	if (metadata)
		SR_TRY(sr_json_set(act->answer, "metadata", json_deep_copy(metadata), err));
	upload->fd = -1;
	return sr_descriptors_add(&act->give, fd, err);
}

static enum sr_status make_record(struct sr_act *act, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	const char *metadata = sr_act_text(act, "metadata");

	SR_TRY(SR_JSON_PACK(&record, err, "{s:i,s:s,s:I}", "v", 1, "user", act->caller.user, "bytes",
	                    (json_int_t)sr_act_count(act, "bytes", 0)));
	if (metadata)
		SR_TRY(sr_json_set(record, "metadata", json_string(metadata), err));
	return sr_json_write(record, out, err);
}

static enum sr_status create_upload(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };
	char id[ID_TEXT] = "U", name[NAME_TEXT];
	uint8_t random[ID_BYTES];

	SR_TRY(open_folder(act->keeper, &folder, err));
	SR_TRY(require_room(act, folder, (uint64_t)sr_act_count(act, "bytes", 0), err));
	SR_TRY(sr_random_fill(random, sizeof(random), err));
	sr_hex_encode(random, sizeof(random), id + 1);
	SR_TRY(make_record(act, &text, err));
	fd = openat(folder, id, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sr_fail_errno(err, "make an upload");
	snprintf(name, sizeof(name), "%s.json", id);
	enum sr_status status = sr_fd_write_file(folder, name, 0600, text.data, text.size, err);
	if (status == SR_OK)
		status = load(folder, id, &upload, err);
	if (status != SR_OK) {
		remove_upload(folder, id);
		return status;
	}
	return reply(act, &upload, err);
}

/* The caller's own, alive; else not found. */
static enum sr_status find(struct sr_act *act, int folder, const char *id, struct upload *out,
                           struct sr_err *err)
{
	if (!is_id(id))
		return sr_act_not_found(act, "upload", id, err);
	const enum sr_status status = load(folder, id, out, err);
	if (status != SR_OK && status != SR_NOT_FOUND)
		return status;
	if (status == SR_NOT_FOUND || strcmp(sr_json_text(out->record, "user"), act->caller.user) != 0 ||
	    out->expires_ns < sr_clock_now_ns())
		return sr_act_not_found(act, "upload", id, err);
	return SR_OK;
}

static enum sr_status upload_state(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };

	SR_TRY(open_folder(act->keeper, &folder, err));
	SR_TRY(find(act, folder, sr_act_text(act, "upload"), &upload, err));
	return reply(act, &upload, err);
}

static enum sr_status drop_upload(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };

	SR_TRY(open_folder(act->keeper, &folder, err));
	SR_TRY(find(act, folder, sr_act_text(act, "upload"), &upload, err));
	remove_upload(folder, upload.id);
	return SR_OK;
}

enum sr_status sr_uploads_open(struct sr_act *act, const char *id, int *fd, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };

	SR_TRY(open_folder(act->keeper, &folder, err));
	SR_TRY(find(act, folder, id, &upload, err));
	if (upload.offset < upload.bytes)
		return sr_fail(err, SR_INVALID, "the upload %s is not finished", id);
	/* Whoever writes it holds it, until the checksum is judged; from here on nobody writes. */
	if (flock(upload.fd, LOCK_SH | LOCK_NB) < 0)
		return sr_fail(err, SR_BUSY, "the upload %s is being written", id);
	*fd = upload.fd;
	upload.fd = -1;
	return SR_OK;
}

void sr_uploads_remove(struct sr_keeper *keeper, const char *id)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	struct sr_err ignored;

	if (is_id(id) && open_folder(keeper, &folder, &ignored) == SR_OK)
		remove_upload(folder, id);
}

/* --- ListUploads ----------------------------------------------------------------------------------- */

static enum sr_status add_upload(const struct upload *upload, json_t *list, struct sr_err *err)
{
	char until[SR_TIME_TEXT];
	json_t *item = NULL;

	sr_time_format_utc(upload->expires_ns, until);
	SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:I,s:I,s:s,s:O?}", "upload", upload->id, "bytes",
	                    (json_int_t)upload->bytes, "offset", (json_int_t)upload->offset, "until", until,
	                    "metadata", json_object_get(upload->record, "metadata")));
	return sr_json_append(list, item, err);
}

static enum sr_status list_own(const struct sr_act *act, int folder, json_t *list, struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	char id[ID_TEXT];

	SR_TRY(sr_dir_open(folder, &dir, err));
	for (;;) {
		SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };
		struct sr_err ignored;

		SR_TRY(next_record(dir, id, err));
		if (!id[0])
			return SR_OK;
		if (load(folder, id, &upload, &ignored) == SR_OK && upload.expires_ns >= sr_clock_now_ns() &&
		    strcmp(sr_json_text(upload.record, "user"), act->caller.user) == 0)
			SR_TRY(add_upload(&upload, list, err));
	}
}

/* After a reload the page finds here what it began, and goes on with the same files. */
static enum sr_status list_uploads(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	SR_CLEANUP(sr_fd_closep) int folder = -1;

	SR_TRY(open_folder(act->keeper, &folder, err));
	SR_TRY(list_own(act, folder, list, err));
	return sr_act_reply(act, err, "{s:O}", "uploads", list);
}

#define UPLOADERS (SR_BY(HANDLER) | SR_BY(ARCHIVIST))
static const struct sr_method methods[] = {
	{ "CreateUpload", "bytes:count metadata:text?", UPLOADERS, SR_DOOR_API, 0, create_upload },
	{ "UploadState", "upload:text", UPLOADERS, SR_DOOR_API, 0, upload_state },
	{ "ListUploads", "", UPLOADERS, SR_DOOR_API, 0, list_uploads },
	{ "DropUpload", "upload:text", UPLOADERS, SR_DOOR_API, 0, drop_upload },
};
const struct sr_method_family sr_upload_methods = { methods, SR_COUNT(methods) };
