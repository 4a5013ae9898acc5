/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/secret.h"

void sr_buf_dispose(struct sr_buf *buf)
{
	if (buf->secret && buf->data)
		sr_wipe(buf->data, buf->capacity);
	free(buf->data);
	*buf = (struct sr_buf){ 0 };
}

/* realloc(3); a secret moves by hand, for realloc may leave a copy where it was. */
static uint8_t *resize(const struct sr_buf *buf, size_t capacity)
{
	if (!buf->secret)
		return realloc(buf->data, capacity);
	uint8_t *data = malloc(capacity);
	if (data && buf->data) {
		memcpy(data, buf->data, buf->size);
		sr_wipe(buf->data, buf->capacity);
		free(buf->data);
	}
	return data;
}

enum sr_status sr_buf_reserve(struct sr_buf *buf, size_t more, struct sr_err *err)
{
	size_t need;

	if (__builtin_add_overflow(buf->size, more, &need))
		return sr_fail(err, SR_NO_MEMORY, "buffer of more than the address space");
	if (need <= buf->capacity)
		return SR_OK;

	size_t capacity = buf->capacity < 256 ? 256 : buf->capacity;
	while (capacity < need && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	if (capacity < need)
		capacity = need;

	uint8_t *data = resize(buf, capacity);
	if (!data)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a buffer of %zu bytes", capacity);
	buf->data = data;
	buf->capacity = capacity;
	return SR_OK;
}

enum sr_status sr_buf_add(struct sr_buf *buf, const void *data, size_t size, struct sr_err *err)
{
	if (size == 0)
		return SR_OK;
	SR_TRY(sr_buf_reserve(buf, size, err));
	memcpy(buf->data + buf->size, data, size);
	buf->size += size;
	return SR_OK;
}

enum sr_status sr_buf_add_text(struct sr_buf *buf, const char *text, struct sr_err *err)
{
	return sr_buf_add(buf, text, strlen(text), err);
}

enum sr_status sr_buf_printf(struct sr_buf *buf, struct sr_err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int length = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (length < 0)
		return sr_fail(err, SR_INVALID, "text cannot be formatted");

	SR_TRY(sr_buf_reserve(buf, (size_t)length + 1, err));
	va_start(args, fmt);
	vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, fmt, args);
	va_end(args);
	buf->size += (size_t)length;
	return SR_OK;
}

enum sr_status sr_buf_text(struct sr_buf *buf, const char **out, struct sr_err *err)
{
	SR_TRY(sr_buf_reserve(buf, 1, err));
	buf->data[buf->size] = 0;
	*out = (const char *)buf->data;
	return SR_OK;
}
