/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded reader over untrusted bytes: take everything, then ask once whether it was there.
 * After the first step beyond the end `bad` stays set, numbers are 0 and pointers NULL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sr_cursor {
	const uint8_t *next;
	size_t left; /* bytes */
	bool bad;
};

/* @size bytes in place, or NULL and bad. */
static inline const uint8_t *sr_cursor_take(struct sr_cursor *c, size_t size)
{
	const uint8_t *at = c->next;

	if (c->bad || size > c->left) {
		c->bad = true;
		return NULL;
	}
	c->next += size;
	c->left -= size;
	return at;
}

/* A little-endian number of 1 to 8 bytes, or 0 and bad. */
static inline uint64_t sr_cursor_le(struct sr_cursor *c, size_t size)
{
	const uint8_t *at = sr_cursor_take(c, size);
	uint64_t value = 0;

	if (!at || size > 8)
		return 0;
	for (size_t i = size; i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

/* A big-endian number of 1 to 8 bytes, or 0 and bad. */
static inline uint64_t sr_cursor_be(struct sr_cursor *c, size_t size)
{
	const uint8_t *at = sr_cursor_take(c, size);
	uint64_t value = 0;

	if (!at || size > 8)
		return 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

/* One line without its LF; the LF is consumed.  NULL and bad when no LF is left. */
static inline const uint8_t *sr_cursor_line(struct sr_cursor *c, size_t *size)
{
	for (size_t i = 0; !c->bad && i < c->left; i++) {
		if (c->next[i] != '\n')
			continue;
		*size = i;
		const uint8_t *line = sr_cursor_take(c, i + 1);
		return line;
	}
	c->bad = true;
	*size = 0;
	return NULL;
}
