/* SPDX-License-Identifier: Apache-2.0 */
#include "api/uri.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "appliance/base/text.h"

static bool is_plain(const char *target, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (target[i] <= 0x20 || target[i] >= 0x7f || strchr("\"<>\\^`{|}#", target[i]))
			return false;
	return true;
}

/* Decode @size bytes to uri->text behind *used, with a NUL, which is before @from + @size; the result is
 * UTF-8 without control characters.
 */
static enum sr_status decode(struct sr_uri *uri, size_t *used, const char *from, size_t size, bool plus,
                             const char **out, struct sr_err *err)
{
	char *to = uri->text + *used;
	size_t made = 0;

	for (size_t i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)from[i];

		if (byte == '%') {
			if (size - i < 3 || !sr_hex_decode(from + i + 1, 2, false, &byte, 1))
				return sr_fail(err, SR_INVALID, "the address holds a wrong escape");
			i += 2;
		} else if (plus && byte == '+') {
			byte = ' ';
		}
		if (byte < 0x20 || byte == 0x7f)
			return sr_fail(err, SR_INVALID, "the address holds a control character");
		to[made++] = (char)byte;
	}
	to[made] = 0;
	if (!sr_utf8_is_valid(to, made))
		return sr_fail(err, SR_INVALID, "the address is not UTF-8");
	*used += made + 1;
	*out = to;
	return SR_OK;
}

static enum sr_status take_segment(struct sr_uri *uri, size_t *used, const char *from, size_t size,
                                   struct sr_err *err)
{
	const char *text = NULL;

	if (uri->segments == SR_URI_SEGMENTS)
		return sr_fail(err, SR_LIMIT, "the address has over %u parts", SR_URI_SEGMENTS);
	SR_TRY(decode(uri, used, from, size, false, &text, err));
	assert(text != NULL);
	if (!text[0] || strcmp(text, ".") == 0 || strcmp(text, "..") == 0 || strpbrk(text, "/\\"))
		return sr_fail(err, SR_INVALID, "the address is not in its plain form");
	uri->segment[uri->segments++] = text;
	return SR_OK;
}

static enum sr_status take_path(struct sr_uri *uri, size_t *used, const char *path, size_t size,
                                struct sr_err *err)
{
	size_t at = 1;

	if (size == 1)
		return SR_OK; /* "/" */
	while (at <= size) {
		const char *slash = memchr(path + at, '/', size - at);
		size_t end = slash ? (size_t)(slash - path) : size;

		SR_TRY(take_segment(uri, used, path + at, end - at, err));
		at = end + 1;
	}
	return SR_OK;
}

static enum sr_status take_pair(struct sr_uri *uri, size_t *used, const char *from, size_t size,
                                struct sr_err *err)
{
	const char *equals = memchr(from, '=', size);
	size_t key_size = equals ? (size_t)(equals - from) : size;
	struct sr_uri_pair pair = { .value = "" };

	if (uri->pairs == SR_URI_PAIRS)
		return sr_fail(err, SR_LIMIT, "the address has over %u parameters", SR_URI_PAIRS);
	SR_TRY(decode(uri, used, from, key_size, true, &pair.key, err));
	if (!pair.key[0])
		return sr_fail(err, SR_INVALID, "the address has a parameter without a name");
	if (sr_uri_value(uri, pair.key))
		return sr_fail(err, SR_INVALID, "the parameter %s is given twice", pair.key);
	if (equals)
		SR_TRY(decode(uri, used, equals + 1, size - key_size - 1, true, &pair.value, err));
	uri->pair[uri->pairs++] = pair;
	return SR_OK;
}

static enum sr_status take_query(struct sr_uri *uri, size_t *used, const char *query, struct sr_err *err)
{
	while (*query) {
		size_t size = strcspn(query, "&");

		SR_TRY(take_pair(uri, used, query, size, err));
		query += size;
		if (*query == '&' && !*++query)
			return sr_fail(err, SR_INVALID, "the address ends with '&'");
	}
	return SR_OK;
}

enum sr_status sr_uri_parse(char *target, struct sr_uri *out, struct sr_err *err)
{
	size_t size = strnlen(target, SR_URI_BYTES + 1);
	size_t path = strcspn(target, "?");
	size_t used = 0;

	*out = (struct sr_uri){ .text = target };
	if (size > SR_URI_BYTES)
		return sr_fail(err, SR_LIMIT, "the address is longer than %u bytes", SR_URI_BYTES);
	if (target[0] != '/')
		return sr_fail(err, SR_INVALID, "the address does not begin with '/'");
	if (!is_plain(target, size))
		return sr_fail(err, SR_INVALID, "the address holds characters that must be escaped");
	SR_TRY(take_path(out, &used, target, path, err));
	return target[path] ? take_query(out, &used, target + path + 1, err) : SR_OK;
}

const char *sr_uri_value(const struct sr_uri *uri, const char *key)
{
	for (size_t i = 0; i < uri->pairs; i++)
		if (strcmp(uri->pair[i].key, key) == 0)
			return uri->pair[i].value;
	return NULL;
}
