/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/safe_path.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/crypto/digest.h"

#define DIGEST_DIGITS 16u
#define ENDING_MAX 16u

static bool is_dots(const char *component, size_t size)
{
	return (size == 1 && component[0] == '.') || (size == 2 && memcmp(component, "..", 2) == 0);
}

/* Where a name may be cut: not inside a UTF-8 character. */
static size_t cut_at_character(const char *name, size_t size)
{
	size_t start = size;

	while (start > 0 && size - start < 3 && ((uint8_t)name[start] & 0xc0) == 0x80)
		start--;
	return start;
}

/* ".mp4" of a name, where it is short; else its empty end. */
static const char *ending_of(const char *name, size_t size)
{
	for (size_t i = size; i > 0 && size - i < ENDING_MAX; i--)
		if (name[i - 1] == '.')
			return name + i - 1;
	return name + size;
}

static enum sr_status add_shortened(const char *name, size_t size, struct sr_buf *out, struct sr_err *err)
{
	const char *ending = ending_of(name, size);
	size_t ending_size = (size_t)(name + size - ending);
	size_t kept = cut_at_character(name, SR_LIMIT_NAME_BYTES - 1 - DIGEST_DIGITS - ending_size);
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];

	SR_TRY(sr_digest_of(name, size, &digest, err));
	sr_digest_to_hex(&digest, hex);
	SR_TRY(sr_buf_add(out, name, kept, err));
	SR_TRY(sr_buf_add(out, "~", 1, err));
	SR_TRY(sr_buf_add(out, hex, DIGEST_DIGITS, err));
	return sr_buf_add(out, ending, ending_size, err);
}

enum sr_status sr_safe_path_make(const char *path, struct sr_buf *out, struct sr_err *err)
{
	size_t folders = 0;

	if (strlen(path) > SR_LIMIT_PATH_BYTES)
		return sr_fail(err, SR_LIMIT, "the path has over %u bytes", SR_LIMIT_PATH_BYTES);
	for (;;) {
		size_t size = strcspn(path, "/");

		if (size == 0)
			return sr_fail(err, SR_DENIED, "the path is absolute or has an empty component");
		if (is_dots(path, size))
			return sr_fail(err, SR_DENIED, "the path has \".\" or \"..\" in it");
		if (size > SR_LIMIT_NAME_BYTES)
			SR_TRY(add_shortened(path, size, out, err));
		else
			SR_TRY(sr_buf_add(out, path, size, err));
		path += size;
		if (*path == 0)
			return sr_buf_add(out, "", 1, err);
		if (++folders > SR_LIMIT_FOLDER_DEPTH)
			return sr_fail(err, SR_LIMIT, "the path has over %u folders", SR_LIMIT_FOLDER_DEPTH);
		SR_TRY(sr_buf_add(out, "/", 1, err));
		path++;
	}
}

enum sr_status sr_safe_path_quote(const char *path, struct sr_buf *out, struct sr_err *err)
{
	for (; *path; path++) {
		bool plain = *path != '%' && *path != '\t' && *path != '\r' && *path != '\n';

		if (plain)
			SR_TRY(sr_buf_add(out, path, 1, err));
		else
			SR_TRY(sr_buf_printf(out, err, "%%%02X", (unsigned)(uint8_t)*path));
	}
	return SR_OK;
}
