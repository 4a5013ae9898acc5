/* SPDX-License-Identifier: Apache-2.0 */
/* Growable byte buffers and views.  Not thread-safe; a zeroed struct is an empty buffer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* Bytes that somebody else owns. */
struct sr_bytes {
	const uint8_t *data;
	size_t size;
};

struct sr_buf {
	uint8_t *data; /* NULL while capacity is 0 */
	size_t size;
	size_t capacity;
	bool secret; /* set before the first byte: no copy is left behind by growing, nothing by disposing */
};

void sr_buf_dispose(struct sr_buf *buf);

/* Room for @more bytes behind size, so that they can be written in place. */
SR_CHECKED enum sr_status sr_buf_reserve(struct sr_buf *buf, size_t more, struct sr_err *err);
SR_CHECKED enum sr_status sr_buf_add(struct sr_buf *buf, const void *data, size_t size, struct sr_err *err);
SR_CHECKED enum sr_status sr_buf_add_text(struct sr_buf *buf, const char *text, struct sr_err *err);
SR_CHECKED enum sr_status sr_buf_printf(struct sr_buf *buf, struct sr_err *err, const char *fmt, ...)
	SR_PRINTF(3, 4);

/* The content as a C string: a NUL is kept behind size.  Valid until the next change. */
SR_CHECKED enum sr_status sr_buf_text(struct sr_buf *buf, const char **out, struct sr_err *err);

static inline struct sr_bytes sr_buf_bytes(const struct sr_buf *buf)
{
	return (struct sr_bytes){ .data = buf->data, .size = buf->size };
}
