/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is answered with: status, headers, and a body in memory or from a stream. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_ANSWER_HEADERS 12u
#define SR_ANSWER_HEADER_BYTES 4200u

/* A body that is made while it is sent. */
struct sr_stream {
	uint64_t size;
	/* Bytes from @position on, at most @room; negative: the connection must be cut.  In the event loop.
	 */
	ssize_t (*read)(void *context, uint64_t position, uint8_t *out, size_t room);
	void (*free)(void *context);
	void *context;
};

struct sr_answer_header {
	const char *name; /* a literal */
	char *value;      /* owned */
};

struct sr_answer {
	unsigned status;
	const char *type; /* Content-Type: a literal, or NULL */
	struct sr_buf body;
	const void *fixed; /* borrowed for ever instead of @body: a page */
	size_t fixed_size;
	struct sr_stream stream; /* instead of @body where it has a read */
	bool content;            /* bytes of a case: other security headers than a page's */
	struct sr_answer_header header[SR_ANSWER_HEADERS];
	size_t headers;
};

void sr_answer_dispose(struct sr_answer *answer);
/* Forget what was answered so far: another answer takes its place. */
void sr_answer_reset(struct sr_answer *answer);
/*
 * Add a header; @name is a literal.  Control characters in the value become blanks: nothing from outside can
 * begin a further header.  SR_LIMIT when there are too many or it is too long.
 */
SR_CHECKED enum sr_status sr_answer_header(struct sr_answer *answer, struct sr_err *err, const char *name,
                                           const char *fmt, ...) SR_PRINTF(4, 5);
/* NULL when it is not there. */
const char *sr_answer_value(const struct sr_answer *answer, const char *name);
