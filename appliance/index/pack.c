/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/pack.h"

#include <string.h>

#include "appliance/base/text.h"

enum sr_status sr_pack_byte(struct sr_buf *out, uint8_t byte, struct sr_err *err)
{
	return sr_buf_add(out, &byte, 1, err);
}

enum sr_status sr_pack_fixed32(struct sr_buf *out, uint32_t value, struct sr_err *err)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
		             (uint8_t)(value >> 24) };

	return sr_buf_add(out, bytes, sizeof(bytes), err);
}

enum sr_status sr_pack_number(struct sr_buf *out, uint64_t value, struct sr_err *err)
{
	uint8_t bytes[10];
	size_t size = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[size++] = (uint8_t)(value | 0x80);
	bytes[size++] = (uint8_t)value;
	return sr_buf_add(out, bytes, size, err);
}

/* Zigzag: 0, -1, 1, -2, … become 0, 1, 2, 3, … */
enum sr_status sr_pack_signed(struct sr_buf *out, int64_t value, struct sr_err *err)
{
	uint64_t sign = value < 0 ? UINT64_MAX : 0;

	return sr_pack_number(out, (uint64_t)value << 1 ^ sign, err);
}

enum sr_status sr_pack_text(struct sr_buf *out, struct sr_bytes text, struct sr_err *err)
{
	SR_TRY(sr_pack_number(out, text.size, err));
	return sr_buf_add(out, text.data, text.size, err);
}

uint64_t sr_unpack_number(struct sr_cursor *c)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint8_t *byte = sr_cursor_take(c, 1);

		if (!byte || (shift == 63 && *byte > 1) || (shift > 0 && *byte == 0))
			break;
		value |= (uint64_t)(*byte & 0x7f) << shift;
		if (*byte < 0x80)
			return value;
	}
	c->bad = true;
	return 0;
}

uint64_t sr_unpack_upto(struct sr_cursor *c, uint64_t max)
{
	uint64_t value = sr_unpack_number(c);

	if (value <= max)
		return value;
	c->bad = true;
	return 0;
}

int64_t sr_unpack_signed(struct sr_cursor *c)
{
	uint64_t value = sr_unpack_number(c);
	uint64_t sign = value & 1 ? UINT64_MAX : 0;

	return (int64_t)(value >> 1 ^ sign);
}

struct sr_bytes sr_unpack_text(struct sr_cursor *c, size_t max)
{
	size_t size = (size_t)sr_unpack_upto(c, max);
	const uint8_t *data = sr_cursor_take(c, size);

	if (data && sr_utf8_is_valid(data, size) && !memchr(data, 0, size))
		return (struct sr_bytes){ .data = data, .size = size };
	c->bad = true;
	return (struct sr_bytes){ 0 };
}

uint32_t sr_check32(uint32_t seed, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		seed = (seed ^ bytes[i]) * 16777619u;
	return seed;
}
