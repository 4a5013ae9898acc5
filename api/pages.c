/* SPDX-License-Identifier: Apache-2.0 */
#include "api/pages.h"

#include <string.h>

#include "api/pages_pdf.h"
#include "api/range.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

static const char *type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
		{ ".json", "application/json" },
		{ ".png", "image/png" },
		{ ".woff2", "font/woff2" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".webmanifest", "application/manifest+json" },
	};

	for (size_t i = 0; i < SR_COUNT(types); i++)
		if (sr_text_ends_with(path, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

static const struct sr_page *find(const char *path)
{
	for (size_t i = 0; i < sr_page_count; i++)
		if (strcmp(sr_pages[i].path, path) == 0)
			return &sr_pages[i];
	return sr_pages_pdf_find(path);
}

void sr_pages_run(struct sr_request *request)
{
	const char *path = sr_request_value(request, "path");
	const struct sr_page *page = find(path ? path : "index.html");
	struct sr_answer *answer = &request->answer;
	struct sr_err err;

	if (!page) {
		sr_request_problem(request, "NoSuchPath", NULL);
		return;
	}
	request->answered = true;
	if (sr_precondition_judge(NULL, request->header[SR_HEADER_IF_NONE_MATCH], page->etag) ==
	    SR_PRECONDITION_NOT_MODIFIED) {
		answer->status = 304;
	} else {
		answer->status = 200;
		answer->type = type_of(page->path);
		answer->fixed = page->data;
		answer->fixed_size = page->size;
	}
	if (sr_answer_header(answer, &err, "ETag", "%s", page->etag) != SR_OK ||
	    sr_answer_header(answer, &err, "Cache-Control", "no-cache") != SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
}
