/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP transport of RFC 3161 (section 3.4), with libcurl.  Private to this folder; thread-safe. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/*
 * POST @query to @url and append the body of the answer: http and https only, at most three redirects (never
 * from https to http), no proxy whatever the environment says, SR_LIMIT_STAMP_REPLY_BYTES, 30 s.  SR_INVALID
 * for another kind of URL, SR_BUSY when there is no good answer.
 */
SR_CHECKED enum sr_status sr_stamp_http_post(const char *url, struct sr_bytes query, struct sr_buf *reply,
                                             struct sr_err *err);

/* For tests alone: another time limit than 30 s, in milliseconds.  Not thread-safe to change. */
void sr_stamp_http_set_timeout(long timeout_ms);
