/* SPDX-License-Identifier: Apache-2.0 */
/* How a member's name and kind appear in headers.  Thread-safe: no state. */
#pragma once

#include <stddef.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* @media_type where it is "type/subtype" in plain letters, else "application/octet-stream". */
const char *sr_content_type(const char *media_type);

/*
 * Append the value of Content-Disposition (RFC 6266) for the last component of @path: `inline` for what a
 * browser shows without running anything, else `attachment`; `filename` in ASCII and `filename*` in UTF-8
 * (RFC 8187).
 */
SR_CHECKED enum sr_status sr_content_disposition(const char *path, const char *media_type, struct sr_buf *out,
                                                 struct sr_err *err);

/* A boundary that nobody can guess; @capacity counts the NUL. */
SR_CHECKED enum sr_status sr_content_boundary(char *out, size_t capacity, struct sr_err *err);
