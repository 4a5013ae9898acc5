/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads of browsers and programs: CreateUpload, UploadState, ListUploads, DropUpload. */
#include "appliance/keeper/drafts/methods.h"

#include <string.h>
#include <sys/statvfs.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/dir.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/uploads.h"

#define OF_USER 64u               /* uploads of one user */
#define USER_BYTES (256ull << 30) /* of them together, as far as they will grow */
#define SPARE_BYTES (1ull << 30)  /* of the disk: the ledger must go on */

static enum sr_status require_room(struct sr_act *act, int folder, uint64_t wanted, struct sr_err *err)
{
	struct statvfs disk;
	size_t count = 0;
	uint64_t bytes = 0;

	if (wanted > SR_LIMIT_MEMBER_BYTES)
		return sr_act_refuse(act, "Limit", err, "/bytes: at most %llu bytes in one file",
		                     (unsigned long long)SR_LIMIT_MEMBER_BYTES);
	SR_TRY(sr_uploads_sweep(folder, act->caller.user, &count, &bytes, err));
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

static enum sr_status reply(struct sr_act *act, struct sr_upload *upload, struct sr_err *err)
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
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_upload_dispose) struct sr_upload upload = { .fd = -1 };

	SR_TRY(sr_uploads_folder(act->keeper, &folder, err));
	SR_TRY(require_room(act, folder, (uint64_t)sr_act_count(act, "bytes", 0), err));
	SR_TRY(make_record(act, &text, err));
	SR_TRY(sr_upload_make(folder, sr_buf_bytes(&text), &upload, err));
	return reply(act, &upload, err);
}

static enum sr_status upload_state(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_upload_dispose) struct sr_upload upload = { .fd = -1 };

	SR_TRY(sr_uploads_folder(act->keeper, &folder, err));
	SR_TRY(sr_uploads_find(act, folder, sr_act_text(act, "upload"), &upload, err));
	return reply(act, &upload, err);
}

static enum sr_status drop_upload(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_upload_dispose) struct sr_upload upload = { .fd = -1 };

	SR_TRY(sr_uploads_folder(act->keeper, &folder, err));
	SR_TRY(sr_uploads_find(act, folder, sr_act_text(act, "upload"), &upload, err));
	sr_upload_discard(folder, upload.id);
	return SR_OK;
}

/* --- ListUploads ----------------------------------------------------------------------------------- */

static enum sr_status add_upload(const struct sr_upload *upload, json_t *list, struct sr_err *err)
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
	char id[SR_UPLOAD_ID_TEXT];

	SR_TRY(sr_dir_open(folder, &dir, err));
	for (;;) {
		SR_CLEANUP(sr_upload_dispose) struct sr_upload upload = { .fd = -1 };
		struct sr_err ignored;

		SR_TRY(sr_uploads_next(dir, id, err));
		if (!id[0])
			return SR_OK;
		if (sr_upload_load(folder, id, &upload, &ignored) == SR_OK &&
		    upload.expires_ns >= sr_clock_now_ns() &&
		    strcmp(sr_json_text(upload.record, "user"), act->caller.user) == 0)
			SR_TRY(add_upload(&upload, list, err));
	}
}

/* After a reload the page finds here what it began, and goes on with the same files. */
static enum sr_status list_uploads(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	SR_CLEANUP(sr_fd_closep) int folder = -1;

	SR_TRY(sr_uploads_folder(act->keeper, &folder, err));
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
