/* SPDX-License-Identifier: Apache-2.0 */
/* Conditional requests and ranges of bytes (RFC 9110, sections 13 and 14).  Thread-safe: no state. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SR_BYTE_RANGES_MAX 16u /* of one request; more are refused */

struct sr_byte_range {
	uint64_t first, last; /* both counted */
};

struct sr_byte_ranges {
	size_t count;
	struct sr_byte_range range[SR_BYTE_RANGES_MAX];
};

enum sr_range_verdict {
	SR_RANGE_WHOLE,         /* no header, or one to be ignored: the whole */
	SR_RANGE_SOME,          /* @out holds at least one */
	SR_RANGE_UNSATISFIABLE, /* 416: nothing of it exists, too many, or three and more that overlap */
};

/* A Range header (NULL: none) for @size bytes.  Two ranges that overlap or touch become one. */
enum sr_range_verdict sr_byte_ranges_parse(const char *header, uint64_t size, struct sr_byte_ranges *out);

enum sr_precondition {
	SR_PRECONDITION_GO_ON,
	SR_PRECONDITION_NOT_MODIFIED, /* 304 */
	SR_PRECONDITION_FAILED,       /* 412 */
};

/* If-Match and If-None-Match (NULL: not there) against the strong @etag, with its quotes. */
enum sr_precondition sr_precondition_judge(const char *if_match, const char *if_none_match, const char *etag);

/* Does If-Range (NULL: not there) let the Range header count?  A date never does: there is no such validator
 * here. */
bool sr_precondition_range_counts(const char *if_range, const char *etag);
