/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the page, which are part of the program (api/web). */
#pragma once

#include <stddef.h>

#include "api/request.h"

struct sr_page {
	const char *path; /* "views/case.js" */
	const unsigned char *data;
	size_t size;
	const char *etag; /* with its quotes */
};

/* Made by tools/embed-web. */
extern const struct sr_page sr_pages[];
extern const size_t sr_page_count;

/* GET / and GET /{path*}. */
void sr_pages_run(struct sr_request *request);
