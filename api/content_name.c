/* SPDX-License-Identifier: Apache-2.0 */
#include "api/content_name.h"

#include <stdbool.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$&-^_.+", c));
}

const char *sr_content_type(const char *media_type)
{
	size_t slashes = 0;
	const char *at = media_type;

	for (; *at && (size_t)(at - media_type) < 128; at++) {
		if (*at == '/' && at > media_type && at[1])
			slashes++;
		else if (!is_token_char(*at))
			return "application/octet-stream";
	}
	return *at || slashes != 1 ? "application/octet-stream" : media_type;
}

static bool is_shown(const char *type)
{
	static const char *const shown[] = { "application/pdf", "image/jpeg", "image/png", "image/gif",
		                             "image/webp",      "image/bmp",  "text/plain" };

	for (size_t i = 0; i < SR_COUNT(shown); i++)
		if (strcmp(type, shown[i]) == 0)
			return true;
	return sr_text_starts_with(type, "video/") || sr_text_starts_with(type, "audio/");
}

/* attr-char of RFC 8187 */
static bool is_attribute_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$&+-.^_`|~", c));
}

enum sr_status sr_content_disposition(const char *path, const char *media_type, struct sr_buf *out,
                                      struct sr_err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	SR_TRY(sr_buf_add_text(out, is_shown(sr_content_type(media_type)) ? "inline" : "attachment", err));
	SR_TRY(sr_buf_add_text(out, "; filename=\"", err));
	for (const char *c = name; *c; c++) {
		const bool plain = *c >= 0x20 && *c < 0x7f && !strchr("\"\\%", *c);

		if (((unsigned char)*c & 0xc0) != 0x80) /* one '_' a character */
			SR_TRY(sr_buf_add(out, plain ? c : "_", 1, err));
	}
	SR_TRY(sr_buf_add_text(out, "\"; filename*=UTF-8''", err));
	for (const char *c = name; *c; c++) {
		if (is_attribute_char(*c))
			SR_TRY(sr_buf_add(out, c, 1, err));
		else
			SR_TRY(sr_buf_printf(out, err, "%%%02X", (unsigned)(unsigned char)*c));
	}
	return SR_OK;
}

enum sr_status sr_content_boundary(char *out, size_t capacity, struct sr_err *err)
{
	uint8_t random[64];
	const size_t size = (capacity - 1) / 2 < sizeof(random) ? (capacity - 1) / 2 : sizeof(random);

	SR_TRY(sr_random_fill(random, size, err));
	sr_hex_encode(random, size, out);
	return SR_OK;
}
