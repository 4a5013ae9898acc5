/* SPDX-License-Identifier: Apache-2.0 */
#include "api/draft_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/content_name.h"
#include "api/range.h"
#include "api/service.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"

struct draft_file {
	uint64_t first; /* of the file, where the body begins */
	int fd;
};

static void draft_file_free(void *context)
{
	struct draft_file *file = context;

	if (!file)
		return;
	sr_fd_close(file->fd);
	free(file);
}

static void draft_file_freep(struct draft_file **file)
{
	draft_file_free(*file);
	*file = NULL;
}

static ssize_t read_file(void *context, uint64_t position, uint8_t *out, size_t room)
{
	const struct draft_file *file = context;
	struct sr_err err;
	size_t got = 0;

	if (sr_fd_pread(file->fd, out, room, file->first + position, &got, &err) != SR_OK || got == 0) {
		sr_log(SR_LOG_WARNING, "api: a draft's file became shorter while it was sent");
		return -1;
	}
	return (ssize_t)got;
}

static enum sr_status add_headers(struct sr_request *request, const char *path, const char *media_type,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf disposition = { 0 };
	struct sr_answer *answer = &request->answer;
	const char *text;

	SR_TRY(sr_content_disposition(path, media_type, &disposition, err));
	SR_TRY(sr_buf_text(&disposition, &text, err));
	SR_TRY(sr_answer_header(answer, err, "Accept-Ranges", "bytes"));
	SR_TRY(sr_answer_header(answer, err, "Cache-Control", "private, no-store"));
	SR_TRY(sr_answer_header(answer, err, "Content-Type", "%s", sr_content_type(media_type)));
	return sr_answer_header(answer, err, "Content-Disposition", "%s", text);
}

/* Several ranges get the whole: no player asks for them. */
static enum sr_status answer(struct sr_request *request, struct draft_file **file, const json_t *state,
                             struct sr_err *err)
{
	const char *path, *media_type;
	struct sr_byte_ranges ranges = { 0 };
	enum sr_range_verdict verdict = SR_RANGE_WHOLE;
	uint64_t bytes, size;

	SR_TRY(sr_json_need_text(state, "path", &path, err));
	SR_TRY(sr_json_need_text(state, "media_type", &media_type, err));
	SR_TRY(sr_json_need_u64(state, "bytes", INT64_MAX, &bytes, err));
	size = bytes;
	if (strcmp(request->method, "GET") == 0 && !request->header[SR_HEADER_IF_RANGE])
		verdict = sr_byte_ranges_parse(request->header[SR_HEADER_RANGE], bytes, &ranges);
	if (verdict == SR_RANGE_UNSATISFIABLE) {
		sr_request_problem(request, "RangeNotSatisfiable", NULL);
		return sr_answer_header(&request->answer, err, "Content-Range", "bytes */%" PRIu64, bytes);
	}
	request->answer.status = 200;
	if (verdict == SR_RANGE_SOME && ranges.count == 1) {
		const struct sr_byte_range *only = &ranges.range[0];

		request->answer.status = 206;
		(*file)->first = only->first;
		size = only->last - only->first + 1;
		SR_TRY(sr_answer_header(&request->answer, err, "Content-Range",
		                        "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, only->first, only->last,
		                        bytes));
	}
	SR_TRY(add_headers(request, path, media_type, err));
	request->answer.content = true;
	request->answered = true;
	request->answer.stream = (struct sr_stream){
		.size = size, .read = read_file, .free = draft_file_free, .context = SR_MOVE(*file)
	};
	return SR_OK;
}

void sr_draft_file_run(struct sr_request *request)
{
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };
	SR_CLEANUP(draft_file_freep) struct draft_file *file = calloc(1, sizeof(*file));
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *state = NULL;
	struct sr_err err;

	if (!file) {
		sr_request_problem(request, "NoMemory", NULL);
		return;
	}
	file->fd = -1;
	if (!sr_request_parameters(request, &parameters) ||
	    !sr_request_ask(request, "OpenDraftFile", SR_MOVE(parameters), &state, &got))
		return;
	file->fd = sr_descriptors_take(&got, 0);
	enum sr_status status = file->fd < 0 ? sr_fail(&err, SR_IO, "the keeper passed no descriptor")
	                                     : answer(request, &file, state, &err);
	if (status != SR_OK)
		sr_request_refused(request, "", status, &err);
}
