/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf.js, with which the page shows PDF: files of Debian's libjs-pdf, read at the start, before the sandbox
 * closes.  Served below /pdfjs/.  Without the package the page says what is missing.
 */
#pragma once

#include "api/pages.h"
#include "appliance/base/err.h"

#define SR_PDFJS_DIR "/usr/share/javascript/pdf"

/* Read what is there; SR_OK also when there is nothing.  Once, before any request. */
SR_CHECKED enum sr_status sr_pages_pdf_read(struct sr_err *err);
/* By its path, "pdfjs/pdf.js"; NULL when there is none. */
const struct sr_page *sr_pages_pdf_find(const char *path);
