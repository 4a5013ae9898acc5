/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request's target, taken apart: segments of the path and pairs of the query, percent-decoded (RFC 3986).
 * Strict: whatever two programs could read differently is refused.  Thread-safe: no state.
 */
#pragma once

#include <stddef.h>

#include "appliance/base/err.h"

#define SR_URI_BYTES 4096u  /* of the whole target */
#define SR_URI_SEGMENTS 16u /* of the path */
#define SR_URI_PAIRS 32u    /* of the query */

struct sr_uri_pair {
	const char *key;
	const char *value; /* "" where there is no '=' */
};

struct sr_uri {
	char *text; /* borrowed: what the others point into */
	size_t segments, pairs;
	const char *segment[SR_URI_SEGMENTS];
	struct sr_uri_pair pair[SR_URI_PAIRS];
};

/*
 * @target is decoded where it stands, and must stay as long as @out: no part grows by decoding, and each has
 * a separator in front whose place its NUL takes.
 *
 * SR_INVALID for a target that does not begin with '/', control characters, bytes over 0x7e, wrong escapes,
 * empty segments, "." and "..", escaped slashes and control characters, text that is not UTF-8, a key that is
 * empty or given twice; SR_LIMIT beyond the bounds.  One slash at the end of "/" alone.
 */
SR_CHECKED enum sr_status sr_uri_parse(char *target, struct sr_uri *out, struct sr_err *err);

/* Of the query; NULL when it is not there. */
const char *sr_uri_value(const struct sr_uri *uri, const char *key);
