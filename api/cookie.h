/* SPDX-License-Identifier: Apache-2.0 */
/* Who a request says it is from: the session cookie, or Authorization: Bearer.  Thread-safe: no state. */
#pragma once

#include <stdbool.h>

#define SR_COOKIE_SESSION "__Host-session"
#define SR_COOKIE_TOKEN_BYTES 128u /* more than any token of ours, with a NUL */

/*
 * The value of the session cookie in a Cookie header (RFC 6265; NULL: no header).  False when it is not
 * there, given twice, or no token's shape.
 */
bool sr_cookie_session(const char *header, char out[SR_COOKIE_TOKEN_BYTES]);

/* The token of "Bearer TOKEN" (RFC 6750; NULL: no header); false when it is none. */
bool sr_cookie_bearer(const char *header, char out[SR_COOKIE_TOKEN_BYTES]);
