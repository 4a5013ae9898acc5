/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/posting.h"

#include <endian.h>
#include <string.h>

#include "appliance/base/cleanup.h"

#define TAG_GAPS 0
#define TAG_BITS 1
#define BITS_BYTES (SR_BLOCK_CASES / 8)

/* CRoaring's portable form of one bit container: cookie, count, key and cardinality, offset, 8 KiB. */
#define ROARING_COOKIE 12346u
#define ROARING_HEAD_BYTES 16u
#define ROARING_BITS_BYTES 8192u
#define ROARING_ARRAY_MAX 4096u /* fewer are no bit container there */

/* A gap is the distance to the place before, less one; the first counts from -1. */
static size_t gap_bytes(uint32_t gap)
{
	return gap < 1u << 7 ? 1 : gap < 1u << 14 ? 2 : 3;
}

static size_t gaps_size(const uint16_t *places, size_t count)
{
	size_t size = gap_bytes(places[0]);

	for (size_t i = 1; i < count; i++)
		size += gap_bytes((uint32_t)places[i] - places[i - 1] - 1);
	return size;
}

static void put_gaps(const uint16_t *places, size_t count, uint8_t *out)
{
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t gap = places[i] - next;

		for (; gap >= 0x80; gap >>= 7)
			*out++ = (uint8_t)(gap | 0x80);
		*out++ = (uint8_t)gap;
		next = (uint32_t)places[i] + 1;
	}
}

enum sr_status sr_posting_encode(const uint16_t *places, size_t count, struct sr_buf *out, struct sr_err *err)
{
	if (count == 0 || count > SR_BLOCK_CASES || places[count - 1] >= SR_BLOCK_CASES)
		return sr_fail(err, SR_INVALID, "posting of %zu places", count);
	size_t gaps = gaps_size(places, count);
	size_t bits = places[count - 1] / 8u + 1;
	size_t size = gaps <= bits ? gaps : bits;

	SR_TRY(sr_buf_reserve(out, 1 + size, err));
	uint8_t *to = out->data + out->size;
	to[0] = gaps <= bits ? TAG_GAPS : TAG_BITS;
	if (gaps <= bits) {
		put_gaps(places, count, to + 1);
	} else {
		memset(to + 1, 0, size);
		for (size_t i = 0; i < count; i++)
			to[1 + places[i] / 8] |= (uint8_t)(1u << places[i] % 8);
	}
	out->size += 1 + size;
	return SR_OK;
}

/* False when the bytes are no gaps; *count is set on true. */
static bool read_gaps(struct sr_bytes gaps, uint16_t *places, size_t *count)
{
	const uint8_t *at = gaps.data;
	const uint8_t *end = gaps.data + gaps.size;
	uint32_t next = 0;
	size_t n = 0;

	while (at < end) {
		uint32_t gap = *at & 0x7f;

		for (unsigned shift = 7; *at++ & 0x80; shift += 7) {
			if (at == end || shift > 14 || *at == 0)
				return false;
			gap |= (uint32_t)(*at & 0x7f) << shift;
		}
		if (gap >= SR_BLOCK_CASES - next)
			return false;
		places[n++] = (uint16_t)(next + gap);
		next += gap + 1;
	}
	*count = n;
	return true;
}

static uint64_t word_at(struct sr_bytes bits, size_t byte)
{
	uint64_t word = 0;

	memcpy(&word, bits.data + byte, bits.size - byte < 8 ? bits.size - byte : 8);
	return le64toh(word);
}

static size_t count_bits(struct sr_bytes bits)
{
	size_t count = 0;

	for (size_t byte = 0; byte < bits.size; byte += 8)
		count += (size_t)__builtin_popcountll(word_at(bits, byte));
	return count;
}

static size_t read_bits(struct sr_bytes bits, uint16_t *places)
{
	size_t count = 0;

	for (size_t byte = 0; byte < bits.size; byte += 8) {
		for (uint64_t word = word_at(bits, byte); word != 0; word &= word - 1)
			places[count++] = (uint16_t)(byte * 8 + (unsigned)__builtin_ctzll(word));
	}
	return count;
}

/* What is behind the tag, its form checked as far as the tag's meaning goes. */
static enum sr_status open_posting(struct sr_bytes value, bool *is_bits, struct sr_bytes *body,
                                   struct sr_err *err)
{
	if (value.size < 2 || value.size > SR_POSTING_BYTES || value.data[0] > TAG_BITS)
		return sr_fail(err, SR_CORRUPT, "posting of %zu bytes has no known form", value.size);
	if (value.data[0] == TAG_BITS && value.data[value.size - 1] == 0)
		return sr_fail(err, SR_CORRUPT, "posting ends in empty bits");
	*is_bits = value.data[0] == TAG_BITS;
	*body = (struct sr_bytes){ .data = value.data + 1, .size = value.size - 1 };
	return SR_OK;
}

enum sr_status sr_posting_decode(struct sr_bytes value, uint16_t *places, size_t *count, struct sr_err *err)
{
	struct sr_bytes body = { 0 };
	bool is_bits = false;

	SR_TRY(open_posting(value, &is_bits, &body, err));
	if (is_bits)
		*count = read_bits(body, places);
	else if (!read_gaps(body, places, count))
		return sr_fail(err, SR_CORRUPT, "posting's gaps do not parse");
	return SR_OK;
}

static void put_le(uint8_t *out, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

/* More than ROARING_ARRAY_MAX bits: handed over as CRoaring's own container, without going through numbers.
 */
static roaring_bitmap_t *set_of_bits(struct sr_bytes bits, size_t count)
{
	char form[ROARING_HEAD_BYTES + ROARING_BITS_BYTES] = { 0 };
	uint8_t head[ROARING_HEAD_BYTES];

	put_le(head, ROARING_COOKIE, 4);
	put_le(head + 4, 1, 4);
	put_le(head + 8, 0, 2);
	put_le(head + 10, (uint32_t)count - 1, 2);
	put_le(head + 12, ROARING_HEAD_BYTES, 4);
	memcpy(form, head, sizeof(head));
	memcpy(form + ROARING_HEAD_BYTES, bits.data, bits.size);
	return roaring_bitmap_portable_deserialize_safe(form, sizeof(form));
}

static roaring_bitmap_t *set_of_places(const uint16_t *places, size_t count)
{
	uint32_t
		values[BITS_BYTES + 1]; /* gaps are used only where they take no more bytes than bits would */

	if (count > SR_COUNT(values))
		return NULL;
	for (size_t i = 0; i < count; i++)
		values[i] = places[i];
	return roaring_bitmap_of_ptr(count, values);
}

enum sr_status sr_posting_set(struct sr_bytes value, roaring_bitmap_t **out, struct sr_err *err)
{
	uint16_t places[SR_POSTING_BYTES];
	struct sr_bytes body = { 0 };
	bool is_bits = false;
	size_t count = 0;

	SR_TRY(open_posting(value, &is_bits, &body, err));
	if (is_bits)
		count = count_bits(body);
	else if (!read_gaps(body, places, &count))
		return sr_fail(err, SR_CORRUPT, "posting's gaps do not parse");

	roaring_bitmap_t *set = NULL;
	if (is_bits && count > ROARING_ARRAY_MAX) {
		set = set_of_bits(body, count);
	} else {
		if (is_bits)
			count = read_bits(body, places);
		set = set_of_places(places, count);
	}
	if (!set)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a set of %zu cases", count);
	*out = set;
	return SR_OK;
}
