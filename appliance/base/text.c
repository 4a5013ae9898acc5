/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/text.h"

#include <string.h>

size_t sr_utf8_decode(const uint8_t *data, size_t size, uint32_t *out)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t bytes;
	uint32_t value;

	if (size == 0)
		return 0;
	if (data[0] < 0x80) {
		*out = data[0];
		return 1;
	}
	if ((data[0] & 0xe0) == 0xc0) {
		bytes = 2;
		value = data[0] & 0x1fu;
	} else if ((data[0] & 0xf0) == 0xe0) {
		bytes = 3;
		value = data[0] & 0x0fu;
	} else if ((data[0] & 0xf8) == 0xf0) {
		bytes = 4;
		value = data[0] & 0x07u;
	} else {
		return 0;
	}
	if (bytes > size)
		return 0;
	for (size_t i = 1; i < bytes; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (data[i] & 0x3fu);
	}
	if (value < smallest[bytes] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*out = value;
	return bytes;
}

bool sr_utf8_is_valid(const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size > 0) {
		uint32_t character;
		size_t bytes = sr_utf8_decode(at, size, &character);

		if (bytes == 0)
			return false;
		at += bytes;
		size -= bytes;
	}
	return true;
}

size_t sr_utf8_length(const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t left = strlen(text);
	size_t length = 0;

	while (left > 0) {
		uint32_t character;
		size_t bytes = sr_utf8_decode(at, left, &character);

		if (bytes == 0)
			bytes = 1;
		at += bytes;
		left -= bytes;
		length++;
	}
	return length;
}

/* Controls, line separators and the marks that reorder text on a screen (Trojan Source). */
static bool is_unprintable(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void sr_text_make_printable(char *text, size_t capacity)
{
	uint8_t *bytes = (uint8_t *)text;
	size_t size = strnlen(text, capacity);
	bool full = size + 1 >= capacity;
	size_t from = 0;
	size_t to = 0;

	while (from < size) {
		uint32_t character;
		size_t count = sr_utf8_decode(bytes + from, size - from, &character);

		if (count == 0 && full && size - from < 4 && bytes[from] >= 0xc0)
			break; /* a character that did not fit */
		if (count == 0 || is_unprintable(character)) {
			bytes[to++] = '?';
			from += count == 0 ? 1 : count;
			continue;
		}
		memmove(bytes + to, bytes + from, count);
		from += count;
		to += count;
	}
	if (to < capacity)
		bytes[to] = 0;
}

bool sr_text_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool sr_text_ends_with(const char *text, const char *suffix)
{
	size_t size = strlen(text);
	size_t tail = strlen(suffix);

	return size >= tail && memcmp(text + size - tail, suffix, tail) == 0;
}

bool sr_text_is_blank(const char *text)
{
	if (!text)
		return true;
	const uint8_t *at = (const uint8_t *)text;
	size_t left = strlen(text);

	while (left > 0) {
		uint32_t c;
		size_t bytes = sr_utf8_decode(at, left, &c);

		if (bytes == 0)
			return false;
		bool white = c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x3000 ||
		             c == 0xfeff || (c >= 0x2000 && c <= 0x200b);
		if (!white)
			return false;
		at += bytes;
		left -= bytes;
	}
	return true;
}

void sr_hex_encode(const uint8_t *data, size_t size, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = digits[data[i] >> 4];
		hex[2 * i + 1] = digits[data[i] & 15];
	}
	hex[2 * size] = 0;
}

static int hex_value(char c, bool lower_only)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (!lower_only && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool sr_hex_decode(const char *hex, size_t digits, bool lower_only, uint8_t *out, size_t size)
{
	if (digits != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = hex_value(hex[2 * i], lower_only);
		int low = hex_value(hex[2 * i + 1], lower_only);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static const char *alphabet_of(enum sr_base64 kind)
{
	if (kind == SR_BASE64_URL)
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

enum sr_status sr_base64_encode(enum sr_base64 kind, const uint8_t *data, size_t size, struct sr_buf *out,
                                struct sr_err *err)
{
	const char *alphabet = alphabet_of(kind);

	if (size > SIZE_MAX / 2)
		return sr_fail(err, SR_LIMIT, "too much to encode");
	SR_TRY(sr_buf_reserve(out, (size + 2) / 3 * 4, err));
	for (size_t i = 0; i < size; i += 3) {
		size_t have = size - i < 3 ? size - i : 3;
		uint32_t group = (uint32_t)data[i] << 16;

		if (have > 1)
			group |= (uint32_t)data[i + 1] << 8;
		if (have > 2)
			group |= data[i + 2];
		for (size_t k = 0; k < have + 1; k++)
			out->data[out->size++] = (uint8_t)alphabet[group >> (18 - 6 * k) & 63];
		for (size_t k = have; k < 3 && kind == SR_BASE64_PADDED; k++)
			out->data[out->size++] = '=';
	}
	return SR_OK;
}

static int base64_value(enum sr_base64 kind, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (kind == SR_BASE64_URL ? '-' : '+'))
		return 62;
	if (c == (kind == SR_BASE64_URL ? '_' : '/'))
		return 63;
	return -1;
}

/* Decode 2 to 4 digits; returns the bytes they give, or 0 where they are not canonical. */
static size_t decode_group(enum sr_base64 kind, const char *text, size_t digits, uint8_t out[3])
{
	uint32_t group = 0;

	if (digits < 2)
		return 0;
	for (size_t k = 0; k < 4; k++) {
		int value = k < digits ? base64_value(kind, text[k]) : 0;

		if (value < 0)
			return 0;
		group = group << 6 | (uint32_t)value;
	}
	size_t bytes = digits - 1;
	if ((group & (0xffffffu >> (8 * bytes))) != 0)
		return 0;
	for (size_t k = 0; k < bytes; k++)
		out[k] = (uint8_t)(group >> (16 - 8 * k));
	return bytes;
}

enum sr_status sr_base64_decode(enum sr_base64 kind, const char *text, size_t size, struct sr_buf *out,
                                struct sr_err *err)
{
	size_t before = out->size;
	size_t digits = size;

	if (kind == SR_BASE64_PADDED) {
		if (size % 4 != 0)
			return sr_fail(err, SR_CORRUPT, "base64 of %zu characters is not padded", size);
		for (int pad = 0; pad < 2 && digits > 0 && text[digits - 1] == '='; pad++)
			digits--;
	}
	SR_TRY(sr_buf_reserve(out, digits / 4 * 3 + 3, err));
	for (size_t i = 0; i < digits; i += 4) {
		size_t have = digits - i < 4 ? digits - i : 4;
		size_t bytes = decode_group(kind, text + i, have, out->data + out->size);

		if (bytes == 0) {
			out->size = before;
			return sr_fail(err, SR_CORRUPT, "base64 is wrong at character %zu", i + 1);
		}
		out->size += bytes;
	}
	return SR_OK;
}

bool sr_decimal_parse(const char *text, size_t size, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (size == 0 || (size > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value) || value > max)
			return false;
	}
	*out = value;
	return true;
}
