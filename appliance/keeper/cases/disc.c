/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/disc.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/outlet.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/secret.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/folder.h"

#define COPY_BYTES ((size_t)1 << 20)
#define LABEL "CASE_RECORDINGS"

struct disc {
	struct sr_folder *folder;
	struct sr_case *description;
	struct sr_outlet *outlet;
	const struct sr_progress *progress;
	uint64_t recordings, files, bytes, total;
};

static void disc_dispose(struct disc *disc)
{
	sr_outlet_free(disc->outlet);
	sr_case_free(disc->description);
	sr_folder_close(disc->folder);
}

static enum sr_status read_folder(struct disc *disc, const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;

	SR_TRY(sr_folder_open(path, &disc->folder, err));
	SR_TRY(sr_folder_read_description(disc->folder, &text, err));
	SR_TRY(sr_findings_new(&findings, err));
	enum sr_status status = sr_case_read(text.data, text.size, findings, &disc->description, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "case.json: ");
}

/* Documents stay on paper; recordings and what explains them go onto the disc. */
static bool belongs(const struct sr_member *member)
{
	return member->class == SR_MEMBER_MEDIUM || member->class == SR_MEMBER_EXPLANATION;
}

static enum sr_status copy(struct disc *disc, int fd, uint64_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *buffer = NULL;
	size_t got;

	SR_TRY(sr_secret_new(COPY_BYTES, &buffer, err));
	for (uint64_t at = 0; at < size; at += got) {
		SR_TRY(sr_fd_pread(fd, buffer->data, buffer->size, at, &got, err));
		if (got == 0)
			return sr_fail(err, SR_INVALID, "it became shorter while it was read");
		if (got > size - at)
			return sr_fail(err, SR_INVALID, "it became longer while it was read");
		SR_TRY(sr_outlet_add(disc->outlet, buffer->data, got, err));
		disc->bytes += got;
		sr_progress_report(disc->progress, "copy", disc->bytes, disc->total);
	}
	return SR_OK;
}

static enum sr_status copy_member(struct disc *disc, const struct sr_member *member, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];
	struct stat before, after;

	SR_TRY(sr_folder_open_file(disc->folder, member->path, &fd, err));
	if (fstat(fd, &before) < 0)
		return sr_fail_errno(err, "look at it");
	SR_TRY(sr_outlet_begin(disc->outlet, NULL, member->path, (uint64_t)before.st_size, err));
	SR_TRY(copy(disc, fd, (uint64_t)before.st_size, err));
	if (fstat(fd, &after) < 0)
		return sr_fail_errno(err, "look at it");
	const struct sr_file_mark first = sr_file_mark_of(&before), second = sr_file_mark_of(&after);
	if (!sr_file_mark_equal(&first, &second))
		return sr_fail(err, SR_INVALID, "it changed while it was read");
	SR_TRY(sr_outlet_end(disc->outlet, &digest, err));
	sr_digest_to_hex(&digest, hex);
	if (member->sha256 && strcmp(member->sha256, hex) != 0)
		return sr_fail(err, SR_TAMPERED, "its SHA-256 is %s, case.json says %s", hex, member->sha256);
	disc->files++;
	disc->recordings += member->class == SR_MEMBER_MEDIUM;
	return SR_OK;
}

static enum sr_status copy_members(struct disc *disc, struct sr_err *err)
{
	for (size_t i = 0; i < disc->description->member_count; i++) {
		const struct sr_member *member = &disc->description->members[i];

		if (!belongs(member))
			continue;
		enum sr_status status = copy_member(disc, member, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "%s: ", member->path);
	}
	return SR_OK;
}

static enum sr_status require_recordings(const struct disc *disc, struct sr_err *err)
{
	for (size_t i = 0; i < disc->description->member_count; i++)
		if (disc->description->members[i].class == SR_MEMBER_MEDIUM)
			return SR_OK;
	return sr_fail(err, SR_BLOCKED, "case.json names no recording: there is nothing to put onto a disc");
}

enum sr_status sr_disc_make(const struct sr_disc_request *request, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(disc_dispose) struct disc disc = { .progress = request->progress };
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];

	if (sr_outlet_form_of(request->out) != SR_OUTLET_ISO)
		return sr_fail(err, SR_USAGE, "--out takes a name that ends in .iso");
	SR_TRY(read_folder(&disc, request->folder, err));
	SR_TRY(require_recordings(&disc, err));
	SR_TRY(sr_outlet_open(SR_OUTLET_ISO, request->out, LABEL, sr_clock_now_ns() / SR_SECOND_NS,
	                      &disc.outlet, err));
	SR_TRY(copy_members(&disc, err));
	SR_TRY(sr_outlet_complete(disc.outlet, &digest, err));
	SR_TRY(sr_outlet_publish(disc.outlet, err));
	sr_digest_to_hex(&digest, hex);
	return SR_JSON_PACK(reply, err, "{s:s,s:s?,s:I,s:I,s:I,s:s}", "out", request->out, "number",
	                    disc.description->number, "recordings", (json_int_t)disc.recordings, "files",
	                    (json_int_t)disc.files, "bytes", (json_int_t)disc.bytes, "digest", hex);
}
