/* SPDX-License-Identifier: Apache-2.0 */
#include "api/upload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "api/service.h"
#include "api/tus.h"
#include "api/upload_digest.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"

/* An upload as the keeper says. */
struct upload {
	json_t *state; /* owned */
	uint64_t bytes, offset;
	int fd; /* -1 */
};

static void upload_dispose(struct upload *upload)
{
	json_decref(upload->state);
	sr_fd_close(upload->fd);
}

static void out_of_memory(struct sr_request *request, enum sr_status status)
{
	if (status != SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
}

/* RFC 9110 date of "2026-11-24T08:15:00Z" */
static enum sr_status add_expires(struct sr_request *request, const json_t *state, struct sr_err *err)
{
	const char *until = sr_json_text(state, "until");
	int64_t time_ns;
	char text[64];
	struct tm tm;

	if (!until || !sr_time_parse(until, &time_ns))
		return SR_OK;
	time_t seconds = (time_t)(time_ns / SR_SECOND_NS);
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return sr_answer_header(&request->answer, err, "Upload-Expires", "%s", text);
}

/* Take what CreateUpload and UploadState say; false: it was answered. */
static bool take_state(struct sr_request *request, const char *command, json_t *parameters,
                       struct upload *upload)
{
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };
	struct sr_err err;

	if (!sr_request_ask(request, command, parameters, &upload->state, &got))
		return false;
	enum sr_status status = sr_json_need_u64(upload->state, "bytes", INT64_MAX, &upload->bytes, &err);
	if (status == SR_OK)
		status = sr_json_need_u64(upload->state, "offset", INT64_MAX, &upload->offset, &err);
	upload->fd = sr_descriptors_take(&got, 0);
	if (status == SR_OK && upload->fd < 0)
		status = sr_fail(&err, SR_IO, "the keeper passed no descriptor");
	if (status != SR_OK)
		sr_request_refused(request, "", status, &err);
	return status == SR_OK;
}

static bool find(struct sr_request *request, struct upload *upload)
{
	return take_state(request, "UploadState",
	                  json_pack("{s:s}", "upload", sr_request_value(request, "upload")), upload);
}

/* --- what there is --------------------------------------------------------------------------------- */

void sr_upload_options(struct sr_request *request)
{
	struct sr_answer *answer = &request->answer;
	struct sr_err err;

	answer->status = 204;
	request->answered = true;
	enum sr_status status = sr_answer_header(answer, &err, "Tus-Version", SR_TUS_VERSION);
	if (status == SR_OK)
		status = sr_answer_header(answer, &err, "Tus-Extension", SR_TUS_EXTENSIONS);
	if (status == SR_OK)
		status = sr_answer_header(answer, &err, "Tus-Max-Size", "%llu",
		                          (unsigned long long)SR_LIMIT_MEMBER_BYTES);
	if (status == SR_OK)
		status = sr_answer_header(answer, &err, "Tus-Checksum-Algorithm", SR_TUS_CHECKSUMS);
	out_of_memory(request, status);
}

/* --- creation -------------------------------------------------------------------------------------- */

static bool take_length(struct sr_request *request, uint64_t *bytes)
{
	const char *length = request->header[SR_HEADER_UPLOAD_LENGTH];

	if (request->header[SR_HEADER_UPLOAD_DEFER] || !length ||
	    !sr_decimal_parse(length, strlen(length), INT64_MAX, bytes)) {
		sr_request_problem(request, "BadRequest", "Upload-Length must say how many bytes will come");
		return false;
	}
	if (*bytes > SR_LIMIT_MEMBER_BYTES) {
		sr_request_problem(request, "BodyTooLarge", "the upload is too large");
		return false;
	}
	return true;
}

static bool metadata_is_good(struct sr_request *request, const char *metadata)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf name = { 0 };
	struct sr_err err;

	if (!metadata || sr_tus_metadata_check(metadata, &name, &err) == SR_OK)
		return true;
	sr_request_refused(request, "BadRequest", SR_INVALID, &err);
	return false;
}

void sr_upload_create(struct sr_request *request)
{
	SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };
	const char *metadata = request->header[SR_HEADER_UPLOAD_METADATA];
	struct sr_answer *answer = &request->answer;
	uint64_t bytes;
	struct sr_err err;

	if (!take_length(request, &bytes) || !metadata_is_good(request, metadata))
		return;
	json_t *parameters = json_pack("{s:I}", "bytes", (json_int_t)bytes);
	if (metadata && metadata[0] &&
	    sr_json_set(parameters, "metadata", json_string(metadata), &err) != SR_OK) {
		json_decref(parameters);
		sr_request_problem(request, "BadRequest", "Upload-Metadata is not UTF-8");
		return;
	}
	if (!take_state(request, "CreateUpload", parameters, &upload))
		return;
	answer->status = 201;
	request->answered = true;
	enum sr_status status = sr_answer_header(answer, &err, "Location", "/api/v1/uploads/%s",
	                                         sr_json_text(upload.state, "upload"));
	if (status == SR_OK)
		status = add_expires(request, upload.state, &err);
	out_of_memory(request, status);
}

/* --- state and termination ------------------------------------------------------------------------- */

void sr_upload_state(struct sr_request *request)
{
	SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };
	struct sr_answer *answer = &request->answer;
	struct sr_err err;

	if (!find(request, &upload))
		return;
	const char *metadata = sr_json_text(upload.state, "metadata");
	answer->status = 200;
	request->answered = true;
	enum sr_status status = sr_answer_header(answer, &err, "Upload-Offset", "%" PRIu64, upload.offset);
	if (status == SR_OK)
		status = sr_answer_header(answer, &err, "Upload-Length", "%" PRIu64, upload.bytes);
	if (status == SR_OK && metadata && strlen(metadata) < SR_ANSWER_HEADER_BYTES)
		status = sr_answer_header(answer, &err, "Upload-Metadata", "%s", metadata);
	if (status == SR_OK)
		status = add_expires(request, upload.state, &err);
	out_of_memory(request, status);
}

void sr_upload_drop(struct sr_request *request)
{
	json_t *reply = NULL;

	if (sr_request_ask(request, "DropUpload",
	                   json_pack("{s:s}", "upload", sr_request_value(request, "upload")), &reply, NULL))
		sr_request_json(request, reply);
}

/* --- bytes ----------------------------------------------------------------------------------------- */

/* A PATCH on its way. */
struct patch {
	struct sr_upload_locks *locks; /* set once the upload is ours to write */
	struct upload upload;
	uint64_t from; /* offset at which this request began */
	struct sr_tus_checksum checksum;
	struct sr_upload_digest *digest; /* NULL: none is asked for */
	char id[64];
};

/* The upload is whoever's comes next: before the answer leaves, or its reader would find it locked. */
static void let_go(struct patch *patch)
{
	/* What came of a request that ended early cannot be checked any more. */
	if (patch->digest && patch->upload.offset > patch->from &&
	    ftruncate(patch->upload.fd, (off_t)patch->from) < 0)
		sr_upload_digest_unproven(patch->id);
	sr_upload_digest_free(SR_MOVE(patch->digest));
	upload_dispose(&patch->upload);
	patch->upload = (struct upload){ .fd = -1 };
	if (patch->locks)
		sr_upload_locks_give_back(SR_MOVE(patch->locks), patch->id);
}

static void patch_free(void *work)
{
	if (work)
		let_go(work);
	free(work);
}

static void let_go_if_answered(const struct sr_request *request, struct patch *patch)
{
	if (request->answered)
		let_go(patch);
}

static void take_bytes(struct sr_request *request, const uint8_t *data, size_t size)
{
	struct patch *patch = request->work;
	struct upload *upload = &patch->upload;
	struct sr_err err;

	if (size > upload->bytes - upload->offset) {
		sr_request_problem(request, "BodyTooLarge", "more bytes than Upload-Length says");
		let_go(patch);
		return;
	}
	for (size_t done = 0; done < size;) {
		ssize_t n = pwrite(upload->fd, data + done, size - done, (off_t)upload->offset);

		if (n <= 0) {
			sr_request_refused(request, "", sr_fail_errno(&err, "write an upload"), &err);
			let_go(patch);
			return;
		}
		if (patch->digest)
			sr_upload_digest_add(patch->digest, data + done, (size_t)n);
		upload->offset += (uint64_t)n;
		done += (size_t)n;
	}
}

static bool take_checksum(struct sr_request *request, struct patch *patch)
{
	const char *header = request->header[SR_HEADER_UPLOAD_CHECKSUM];
	struct sr_err err;

	if (!header)
		return true;
	enum sr_status status = sr_tus_checksum_parse(header, &patch->checksum, &err);
	if (status == SR_OK)
		status = sr_upload_digest_new(patch->checksum.algorithm, &patch->digest, &err);
	if (status != SR_OK)
		sr_request_refused(request, "BadRequest", SR_INVALID, &err);
	return status == SR_OK;
}

/* The offset that the client believes in is the one that is. */
static bool offset_agrees(struct sr_request *request, const struct patch *patch)
{
	const char *type = request->header[SR_HEADER_CONTENT_TYPE];
	const char *offset = request->header[SR_HEADER_UPLOAD_OFFSET];
	uint64_t wanted;

	if (!type || strcasecmp(type, "application/offset+octet-stream") != 0) {
		sr_request_problem(request, "UnsupportedMediaType", "send application/offset+octet-stream");
		return false;
	}
	if (!offset || !sr_decimal_parse(offset, strlen(offset), INT64_MAX, &wanted)) {
		sr_request_problem(request, "BadRequest", "Upload-Offset must say where the bytes go");
		return false;
	}
	if (wanted != patch->upload.offset) {
		sr_request_problem(request, "WrongOffset", "ask with HEAD where it goes on");
		return false;
	}
	if (request->body_declared != UINT64_MAX &&
	    request->body_declared > patch->upload.bytes - patch->upload.offset) {
		sr_request_problem(request, "BodyTooLarge", "more bytes than Upload-Length says");
		return false;
	}
	return true;
}

static void begin(struct sr_request *request, struct patch *patch)
{
	if (!find(request, &patch->upload))
		return;
	/* Nor does the keeper take it meanwhile. */
	if (flock(patch->upload.fd, LOCK_EX | LOCK_NB) < 0) {
		sr_request_problem(request, "Locked", "the upload is being taken");
		return;
	}
	if (!offset_agrees(request, patch))
		return;
	patch->from = patch->upload.offset;
	if (take_checksum(request, patch))
		request->take_body = take_bytes;
}

void sr_upload_begin(struct sr_request *request)
{
	struct sr_upload_locks *locks = request->service->upload_locks;
	struct patch *patch = calloc(1, sizeof(*patch));

	if (!patch) {
		sr_request_problem(request, "NoMemory", NULL);
		return;
	}
	request->work = patch;
	request->work_free = patch_free;
	patch->upload.fd = -1;
	snprintf(patch->id, sizeof(patch->id), "%s", sr_request_value(request, "upload"));
	if (!sr_upload_locks_take(locks, patch->id)) {
		sr_request_problem(request, "Locked", "another request is writing this upload");
		return;
	}
	patch->locks = locks;
	begin(request, patch);
	let_go_if_answered(request, patch);
}

static void end(struct sr_request *request, struct patch *patch)
{
	struct sr_err err;

	if (patch->digest && !sr_upload_digest_is(patch->digest, &patch->checksum)) {
		sr_request_problem(request, "ChecksumMismatch", NULL);
		return; /* let_go takes the bytes back */
	}
	sr_upload_digest_free(SR_MOVE(patch->digest));
	/* What is whole is told so only when a crash cannot take it back. */
	enum sr_status status = SR_OK;
	if (patch->upload.offset == patch->upload.bytes)
		status = sr_fd_sync(patch->upload.fd, "an upload", &err);
	if (status != SR_OK) {
		sr_request_refused(request, "", status, &err);
		return;
	}
	request->answer.status = 204;
	request->answered = true;
	status = sr_answer_header(&request->answer, &err, "Upload-Offset", "%" PRIu64, patch->upload.offset);
	if (status == SR_OK)
		status = add_expires(request, patch->upload.state, &err);
	out_of_memory(request, status);
}

void sr_upload_end(struct sr_request *request)
{
	struct patch *patch = request->work;

	end(request, patch);
	let_go(patch);
}

/* --- into a draft ---------------------------------------------------------------------------------- */

/* Bytes whose checksum is not judged yet are there already: nobody else may take them. */
static void add_member(struct sr_request *request, const char *id, json_t *parameters)
{
	SR_CLEANUP(upload_dispose) struct upload upload = { .fd = -1 };
	json_t *reply = NULL;
	struct sr_err err;

	if (!take_state(request, "UploadState", json_pack("{s:s}", "upload", id), &upload))
		return;
	if (upload.offset < upload.bytes) {
		sr_request_problem(request, "NotFinished", "the upload is not finished");
		return;
	}
	json_t *name = json_string(sr_json_text(upload.state, "upload"));
	if (sr_json_set(parameters, "upload", name, &err) != SR_OK) {
		sr_request_problem(request, "NoMemory", NULL);
		return;
	}
	if (sr_request_ask(request, "AddMember", json_incref(parameters), &reply, NULL))
		sr_request_json(request, reply);
}

void sr_upload_into_draft(struct sr_request *request)
{
	struct sr_upload_locks *locks = request->service->upload_locks;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	char id[SR_URI_BYTES];

	if (!sr_request_parameters(request, &parameters))
		return;
	const char *given = sr_tus_upload_id(sr_json_text(parameters, "upload"));
	if (!given || snprintf(id, sizeof(id), "%s", given) >= (int)sizeof(id)) {
		sr_request_problem(request, "Invalid", "/upload: must be the address of an upload");
		return;
	}
	if (!sr_upload_locks_take(locks, id)) {
		sr_request_problem(request, "Locked", "another request is writing this upload");
		return;
	}
	add_member(request, id, parameters);
	sr_upload_locks_give_back(locks, id);
}
