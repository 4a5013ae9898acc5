/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way of a request with a keeper that says yes: "METHOD TARGET\n", lines "Name: value", an empty
 * line, the body.  Whatever comes, it is answered, with a status that HTTP has, and never with a success for
 * a caller who shows no session where one is needed.
 */
#include "tests/fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/range.h"
#include "api/tus.h"
#include "appliance/base/cleanup.h"
#include "tests/unit/api/stand_in.h"

static struct stand_in keeper;
static struct sr_service *service;

/* The next line of the text, with a NUL for its end; NULL when there is none. */
static char *next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = 0;
	*at = end + 1;
	return line;
}

static void judge(const struct sr_request *request)
{
	const struct sr_answer *answer = &request->answer;
	const struct sr_route *route = request->match.route;

	if (!request->answered || answer->status < 200 || answer->status > 599)
		abort();
	if (answer->status < 300 && route && request->auth == SR_AUTH_NONE &&
	    !(route->flags & (SR_ROUTE_STRANGERS | SR_ROUTE_MAYBE)))
		abort();
	for (size_t i = 0; i < answer->headers; i++)
		if (strpbrk(answer->header[i].value, "\r\n"))
			abort();
}

static void judge_headers(const char *value)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf name = { 0 };
	struct sr_tus_checksum checksum;
	struct sr_byte_ranges ranges;
	struct sr_err err;

	if (sr_byte_ranges_parse(value, 1000, &ranges) == SR_RANGE_SOME) {
		if (ranges.count == 0 || ranges.count > SR_BYTE_RANGES_MAX)
			abort();
		for (size_t i = 0; i < ranges.count; i++)
			if (ranges.range[i].first > ranges.range[i].last || ranges.range[i].last > 999)
				abort();
	}
	(void)sr_precondition_judge(value, value, "\"x\"");
	if (sr_tus_metadata_check(value, &name, &err) == SR_OK && name.size > 0 &&
	    memchr(name.data, '\n', name.size))
		abort();
	if (sr_tus_checksum_parse(value, &checksum, &err) == SR_OK && checksum.size > SR_TUS_DIGEST_BYTES)
		abort();
}

static void send_one(char *text, size_t size)
{
	SR_CLEANUP(sr_request_freep) struct sr_request *request = NULL;
	char *at = text, *line = next_line(&at), *space = line ? strchr(line, ' ') : NULL;

	if (!space)
		return;
	*space = 0;
	request = sr_request_new(service, line, space + 1);
	if (!request)
		return;
	while ((line = next_line(&at)) && line[0]) {
		char *colon = strstr(line, ": ");

		if (!colon)
			continue;
		*colon = 0;
		judge_headers(colon + 2);
		sr_request_header(request, line, colon + 2);
	}
	sr_request_begin(request);
	sr_request_body(request, (const uint8_t *)at, size - (size_t)(at - text));
	if (sr_request_end(request))
		sr_request_run(request);
	judge(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sr_keeper_link link = { .ask = stand_in_ask, .context = &keeper };
	struct sr_err err;
	char *text;

	if (!service && sr_service_open(&link, &service, &err) != SR_OK)
		abort();
	text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	send_one(text, size);
	free(text);
	return 0;
}
