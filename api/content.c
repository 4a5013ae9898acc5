/* SPDX-License-Identifier: Apache-2.0 */
#include "api/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/content_name.h"
#include "api/openings.h"
#include "api/range.h"
#include "api/service.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/log.h"
#include "appliance/base/text.h"

#define CHUNK_BYTES 65536u /* reads end where the archive's chunks do, so that none is decrypted twice */
#define BOUNDARY_HEX 32u
#define PIECES (2u * SR_BYTE_RANGES_MAX + 1)

/* A piece of the body: text between the ranges, or bytes of the member. */
struct piece {
	uint64_t at;     /* in the body */
	uint64_t size;   /* of it */
	uint64_t source; /* offset in @texts, or in the member */
	bool is_text;
};

struct content {
	struct sr_openings *openings;
	struct sr_opening *opening;
	struct sr_buf texts;
	struct piece pieces[PIECES];
	size_t count;
	uint64_t size;
};

static void content_free(void *context)
{
	struct content *content = context;

	if (!content)
		return;
	if (content->opening)
		sr_openings_release(content->openings, content->opening);
	sr_buf_dispose(&content->texts);
	free(content);
}

static void content_freep(struct content **content)
{
	content_free(*content);
	*content = NULL;
}

/* --- the body -------------------------------------------------------------------------------------- */

static const struct piece *piece_at(const struct content *content, uint64_t position)
{
	for (size_t i = 0; i < content->count; i++)
		if (position - content->pieces[i].at < content->pieces[i].size &&
		    position >= content->pieces[i].at)
			return &content->pieces[i];
	return NULL;
}

static ssize_t read_member(struct content *content, uint64_t offset, uint8_t *out, size_t room)
{
	struct sr_err err;
	size_t got = 0;

	if (room > CHUNK_BYTES - offset % CHUNK_BYTES)
		room = CHUNK_BYTES - offset % CHUNK_BYTES;
	if (sr_opening_is_over(content->opening))
		return -1;
	enum sr_status status = sr_opening_read(content->opening, offset, out, room, &got, &err);
	if (status == SR_DENIED)
		return -1; /* the grant ended */
	if (status != SR_OK || got == 0) {
		sr_log(SR_LOG_ERROR, "api: a member cannot be read: %s",
		       status != SR_OK ? err.text : "it is shorter than it says");
		return -1;
	}
	return (ssize_t)got;
}

static ssize_t read_body(void *context, uint64_t position, uint8_t *out, size_t room)
{
	struct content *content = context;
	const struct piece *piece = piece_at(content, position);

	if (!piece)
		return -1;
	const uint64_t inside = position - piece->at;
	if (room > piece->size - inside)
		room = (size_t)(piece->size - inside);
	if (!piece->is_text)
		return read_member(content, piece->source + inside, out, room);
	memcpy(out, content->texts.data + piece->source + inside, room);
	return (ssize_t)room;
}

static void add_piece(struct content *content, bool is_text, uint64_t source, uint64_t size)
{
	content->pieces[content->count++] = (struct piece){ content->size, size, source, is_text };
	content->size += size;
}

static enum sr_status add_text(struct content *content, struct sr_err *err, const char *text)
{
	const size_t at = content->texts.size;

	SR_TRY(sr_buf_add_text(&content->texts, text, err));
	add_piece(content, true, at, content->texts.size - at);
	return SR_OK;
}

/* multipart/byteranges (RFC 9110, 14.6) */
static enum sr_status add_parts(struct content *content, const struct sr_byte_ranges *ranges,
                                const struct sr_opening_facts *facts, const char *boundary,
                                struct sr_err *err)
{
	char text[600];

	for (size_t i = 0; i < ranges->count; i++) {
		const struct sr_byte_range *range = &ranges->range[i];

		snprintf(text, sizeof(text),
		         "%s--%s\r\nContent-Type: %.200s\r\nContent-Range: bytes %" PRIu64 "-%" PRIu64
		         "/%" PRIu64 "\r\n\r\n",
		         i ? "\r\n" : "", boundary, sr_content_type(facts->media_type), range->first,
		         range->last, facts->bytes);
		SR_TRY(add_text(content, err, text));
		add_piece(content, false, range->first, range->last - range->first + 1);
	}
	snprintf(text, sizeof(text), "\r\n--%s--\r\n", boundary);
	return add_text(content, err, text);
}

/* --- the answer ------------------------------------------------------------------------------------ */

/* What is copied out is saved, never shown. */
static bool is_copy(const struct sr_request *request)
{
	const char *channel = sr_uri_value(&request->uri, "channel");

	return channel && strcmp(channel, "copy") == 0;
}

static enum sr_status add_headers(struct sr_request *request, const struct sr_opening_facts *facts,
                                  struct sr_err *err)
{
	struct sr_answer *answer = &request->answer;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf disposition = { 0 };
	const char *text;

	SR_TRY(sr_content_disposition(facts->path, is_copy(request) ? "" : facts->media_type, &disposition,
	                              err));
	SR_TRY(sr_buf_text(&disposition, &text, err));
	SR_TRY(sr_answer_header(answer, err, "ETag", "%s", facts->etag));
	SR_TRY(sr_answer_header(answer, err, "Accept-Ranges", "bytes"));
	SR_TRY(sr_answer_header(answer, err, "Cache-Control", "private, no-store"));
	return sr_answer_header(answer, err, "Content-Disposition", "%s", text);
}

static enum sr_status answer_some(struct sr_request *request, struct content *content,
                                  const struct sr_byte_ranges *ranges, const struct sr_opening_facts *facts,
                                  struct sr_err *err)
{
	struct sr_answer *answer = &request->answer;
	const struct sr_byte_range *only = &ranges->range[0];
	char boundary[BOUNDARY_HEX + 1];

	answer->status = 206;
	if (ranges->count == 1) {
		add_piece(content, false, only->first, only->last - only->first + 1);
		SR_TRY(sr_answer_header(answer, err, "Content-Range",
		                        "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, only->first, only->last,
		                        facts->bytes));
		return sr_answer_header(answer, err, "Content-Type", "%s",
		                        sr_content_type(facts->media_type));
	}
	SR_TRY(sr_content_boundary(boundary, sizeof(boundary), err));
	SR_TRY(add_parts(content, ranges, facts, boundary, err));
	return sr_answer_header(answer, err, "Content-Type", "multipart/byteranges; boundary=%s", boundary);
}

static enum sr_status answer_whole(struct sr_request *request, struct content *content,
                                   const struct sr_opening_facts *facts, struct sr_err *err)
{
	request->answer.status = 200;
	if (facts->bytes > 0)
		add_piece(content, false, 0, facts->bytes);
	return sr_answer_header(&request->answer, err, "Content-Type", "%s",
	                        sr_content_type(facts->media_type));
}

static void answer_unsatisfiable(struct sr_request *request, const struct sr_opening_facts *facts)
{
	struct sr_err err;

	sr_request_problem(request, "RangeNotSatisfiable", NULL);
	if (sr_answer_header(&request->answer, &err, "Content-Range", "bytes */%" PRIu64, facts->bytes) !=
	    SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
}

/* The body goes with the answer from here on. */
static void give_body(struct sr_request *request, struct content *content)
{
	request->answer.content = true;
	request->answered = true;
	if (request->answer.status == 304) {
		content_free(content);
		return;
	}
	request->answer.stream = (struct sr_stream){
		.size = content->size, .read = read_body, .free = content_free, .context = content
	};
}

static enum sr_status answer_content(struct sr_request *request, struct content **content, struct sr_err *err)
{
	const struct sr_opening_facts facts = sr_opening_facts((*content)->opening);
	const bool get = strcmp(request->method, "GET") == 0;
	struct sr_byte_ranges ranges;
	enum sr_range_verdict verdict = SR_RANGE_WHOLE;

	switch (sr_precondition_judge(request->header[SR_HEADER_IF_MATCH],
	                              request->header[SR_HEADER_IF_NONE_MATCH], facts.etag)) {
	case SR_PRECONDITION_FAILED:
		sr_request_problem(request, "PreconditionFailed", NULL);
		return SR_OK;
	case SR_PRECONDITION_NOT_MODIFIED:
		request->answer.status = 304;
		SR_TRY(add_headers(request, &facts, err));
		give_body(request, SR_MOVE(*content));
		return SR_OK;
	case SR_PRECONDITION_GO_ON:
		break;
	}
	if (get && sr_precondition_range_counts(request->header[SR_HEADER_IF_RANGE], facts.etag))
		verdict = sr_byte_ranges_parse(request->header[SR_HEADER_RANGE], facts.bytes, &ranges);
	if (verdict == SR_RANGE_UNSATISFIABLE) {
		answer_unsatisfiable(request, &facts);
		return SR_OK;
	}
	SR_TRY(add_headers(request, &facts, err));
	if (verdict == SR_RANGE_SOME)
		SR_TRY(answer_some(request, *content, &ranges, &facts, err));
	else
		SR_TRY(answer_whole(request, *content, &facts, err));
	give_body(request, SR_MOVE(*content));
	return SR_OK;
}

static bool take_wanted(struct sr_request *request, struct sr_opening_wanted *out)
{
	const char *member = sr_request_value(request, "member");

	*out = (struct sr_opening_wanted){ .token = request->token,
		                           .address = request->address,
		                           .grant = sr_request_value(request, "grant"),
		                           .case_id = sr_request_value(request, "case"),
		                           .channel = is_copy(request) ? "copy" : "web" };
	return sr_decimal_parse(member, strlen(member), INT64_MAX, &out->member);
}

/* A member that the session has open already is read on as soon as the keeper says that it still may be. */
json_t *sr_content_ahead(struct sr_request *request)
{
	struct sr_openings *openings = request->service->openings;
	SR_CLEANUP(content_freep) struct content *content = calloc(1, sizeof(*content));
	struct sr_opening_wanted wanted;

	if (!content || !take_wanted(request, &wanted))
		return NULL;
	content->openings = openings;
	content->opening = sr_openings_share(openings, &wanted);
	if (!content->opening)
		return NULL;
	json_t *parameters = json_pack("{s:I}", "opened", (json_int_t)sr_opening_number(content->opening));
	if (!parameters)
		return NULL;
	request->work = SR_MOVE(content);
	request->work_free = content_free;
	return parameters;
}

/* What sr_content_ahead took, if the keeper said yes. */
static bool take_shared(struct sr_request *request, struct content **out)
{
	const struct sr_ask *ahead = &request->ahead;
	struct content *content = request->work;

	if (!content)
		return false;
	request->work = NULL;
	request->work_free = NULL;
	if (ahead->answered && ahead->status == SR_OK) {
		content_freep(out);
		*out = content;
		return true;
	}
	if (ahead->answered)
		sr_openings_drop(content->openings, SR_MOVE(content->opening));
	content_free(content);
	return false;
}

void sr_content_run(struct sr_request *request)
{
	struct sr_openings *openings = request->service->openings;
	SR_CLEANUP(content_freep) struct content *content = calloc(1, sizeof(*content));
	const char *channel = sr_uri_value(&request->uri, "channel");
	struct sr_opening_wanted wanted;
	char refusal[SR_MESSAGE_NAME_BYTES] = "";
	enum sr_status status = SR_OK;
	struct sr_err err;

	if (!content || !take_wanted(request, &wanted)) {
		sr_request_problem(request, "NoMemory", NULL);
		return;
	}
	if (channel && !is_copy(request) && strcmp(channel, "web") != 0) {
		sr_request_problem(request, "Invalid", "/channel: must be web or copy");
		return;
	}
	content->openings = openings;
	if (!take_shared(request, &content))
		status = sr_openings_take(openings, &wanted, &content->opening, refusal, &err);
	if (status == SR_OK)
		status = answer_content(request, &content, &err);
	if (status != SR_OK)
		sr_request_refused(request, refusal, status, &err);
}
