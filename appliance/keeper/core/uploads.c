/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/uploads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/keeper_parts.h"

#define FOLDER "uploads"
#define NAME_TEXT 64u
#define RECORD_BYTES 16384u
#define LIFE_NS (48ll * 3600 * SR_SECOND_NS) /* since the last byte */

void sr_upload_dispose(struct sr_upload *upload)
{
	json_decref(upload->record);
	sr_fd_close(upload->fd);
}

enum sr_status sr_uploads_folder(const struct sr_keeper *keeper, int *out, struct sr_err *err)
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
	uint8_t bytes[SR_UPLOAD_ID_BYTES];

	return strlen(text) == SR_UPLOAD_ID_TEXT - 1 && text[0] == 'U' &&
	       sr_hex_decode(text + 1, 2 * sizeof(bytes), true, bytes, sizeof(bytes));
}

void sr_upload_discard(int folder, const char *id)
{
	char record[NAME_TEXT];

	snprintf(record, sizeof(record), "%s.json", id);
	unlinkat(folder, id, 0);
	unlinkat(folder, record, 0);
}

enum sr_status sr_upload_load(int folder, const char *id, struct sr_upload *out, struct sr_err *err)
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

enum sr_status sr_uploads_next(DIR *dir, char id[SR_UPLOAD_ID_TEXT], struct sr_err *err)
{
	const char *name;

	for (;;) {
		SR_TRY(sr_dir_next(dir, &name, err));
		id[0] = 0;
		if (!name)
			return SR_OK;
		if (strlen(name) != SR_UPLOAD_ID_TEXT - 1 + 5 ||
		    strcmp(name + SR_UPLOAD_ID_TEXT - 1, ".json") != 0)
			continue;
		memcpy(id, name, SR_UPLOAD_ID_TEXT - 1);
		id[SR_UPLOAD_ID_TEXT - 1] = 0;
		if (is_id(id))
			return SR_OK;
	}
}

enum sr_status sr_upload_make(int folder, struct sr_bytes record, struct sr_upload *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char id[SR_UPLOAD_ID_TEXT] = "U", name[NAME_TEXT];
	uint8_t random[SR_UPLOAD_ID_BYTES];

	SR_TRY(sr_random_fill(random, sizeof(random), err));
	sr_hex_encode(random, sizeof(random), id + 1);
	snprintf(name, sizeof(name), "%s.json", id);
	/* The record first: what a crash leaves of it has no bytes, and goes with the next sweep. */
	enum sr_status status = sr_fd_write_file(folder, name, 0600, record.data, record.size, err);
	if (status == SR_OK) {
		fd = openat(folder, id, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		status = fd < 0 ? sr_fail_errno(err, "make an upload") : sr_upload_load(folder, id, out, err);
	}
	if (status != SR_OK)
		sr_upload_discard(folder, id);
	return status;
}

enum sr_status sr_uploads_sweep(int folder, const char *user, size_t *count, uint64_t *bytes,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	char id[SR_UPLOAD_ID_TEXT];

	SR_TRY(sr_dir_open(folder, &dir, err));
	for (;;) {
		SR_CLEANUP(sr_upload_dispose) struct sr_upload upload = { .fd = -1 };
		struct sr_err ignored;

		SR_TRY(sr_uploads_next(dir, id, err));
		if (!id[0])
			return SR_OK;
		const enum sr_status status = sr_upload_load(folder, id, &upload, &ignored);
		if (status == SR_NOT_FOUND || status == SR_CORRUPT ||
		    (status == SR_OK && upload.expires_ns < sr_clock_now_ns())) {
			sr_upload_discard(folder, id);
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
	if (sr_uploads_folder(keeper, &folder, &err) != SR_OK ||
	    sr_uploads_sweep(folder, NULL, &count, &bytes, &err) != SR_OK)
		return; /* the next round tries again, and whoever uploads is told */
}

enum sr_status sr_uploads_find(struct sr_act *act, int folder, const char *id, struct sr_upload *out,
                               struct sr_err *err)
{
	if (!is_id(id))
		return sr_act_not_found(act, "upload", id, err);
	const enum sr_status status = sr_upload_load(folder, id, out, err);
	if (status != SR_OK && status != SR_NOT_FOUND)
		return status;
	if (status == SR_NOT_FOUND || strcmp(sr_json_text(out->record, "user"), act->caller.user) != 0 ||
	    out->expires_ns < sr_clock_now_ns())
		return sr_act_not_found(act, "upload", id, err);
	return SR_OK;
}

enum sr_status sr_uploads_open(struct sr_act *act, const char *id, int *fd, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_upload_dispose) struct sr_upload upload = { .fd = -1 };

	SR_TRY(sr_uploads_folder(act->keeper, &folder, err));
	SR_TRY(sr_uploads_find(act, folder, id, &upload, err));
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

	if (is_id(id) && sr_uploads_folder(keeper, &folder, &ignored) == SR_OK)
		sr_upload_discard(folder, id);
}
