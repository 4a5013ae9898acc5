/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "appliance/base/text.h"

#define STEP 65536u /* bytes of room for one call of iconv */

/* Bytes up to the first one that is not UTF-8. */
static size_t utf8_prefix(struct sr_bytes text)
{
	size_t at = 0;

	while (at < text.size) {
		uint32_t character;
		size_t bytes = sr_utf8_decode(text.data + at, text.size - at, &character);

		if (bytes == 0)
			break;
		at += bytes;
	}
	return at;
}

/* *bad is the offset of the first byte that is not GB18030, or the size where all is. */
static enum sr_status convert_with(iconv_t converter, struct sr_bytes text, struct sr_buf *out, size_t *bad,
                                   struct sr_err *err)
{
	char *from = (char *)(uintptr_t)text.data; /* iconv only reads there */
	size_t left = text.size;

	for (;;) {
		SR_TRY(sr_buf_reserve(out, STEP, err));
		char *to = (char *)out->data + out->size;
		size_t room = out->capacity - out->size;
		size_t result = iconv(converter, &from, &left, &to, &room);

		out->size = out->capacity - room;
		if (result != (size_t)-1 || errno != E2BIG)
			break;
	}
	*bad = text.size - left;
	return SR_OK;
}

/* gcc 12 takes the (iconv_t)-1 of a failure for something to close. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static enum sr_status convert(struct sr_bytes text, struct sr_buf *out, size_t *bad, struct sr_err *err)
{
	iconv_t converter = iconv_open("UTF-8", "GB18030");

	if (converter == (iconv_t)-1)
		return sr_fail_errno(err, "iconv does not know GB18030");
	enum sr_status status = convert_with(converter, text, out, bad, err);
	iconv_close(converter);
	return status;
}
#ifndef __clang__
#pragma GCC diagnostic pop
#endif

static struct sr_bytes without_mark(struct sr_bytes text)
{
	if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		return (struct sr_bytes){ .data = text.data + 3, .size = text.size - 3 };
	return text;
}

enum sr_status sr_encoding_to_utf8(struct sr_bytes text, struct sr_buf *converted, struct sr_bytes *out,
                                   struct sr_err *err)
{
	size_t bad_utf8 = utf8_prefix(text);
	size_t bad_gb = 0;

	if (bad_utf8 == text.size) {
		*out = without_mark(text);
		return SR_OK;
	}
	SR_TRY(convert(text, converted, &bad_gb, err));
	if (bad_gb != text.size)
		return sr_fail(
			err, SR_INVALID,
			"neither UTF-8 (byte %zu is wrong) nor GB18030 (byte %zu is wrong); save it as "
			"UTF-8",
			bad_utf8, bad_gb);
	*out = without_mark(sr_buf_bytes(converted));
	return SR_OK;
}
