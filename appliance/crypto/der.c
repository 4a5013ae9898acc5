/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/der.h"

#include <string.h>

#define DEPTH_MAX 32u
#define CONSTRUCTED 0x20u

/* The universal types whose DER form is always constructed; all others are always primitive. */
static bool is_always_constructed(uint8_t number)
{
	return number == 8 || number == 11 || number == 16 || number == 17;
}

/* X.690 section 8.1.3 and 10.1; the reader's lengths have at most four bytes. */
static size_t take_length(struct sr_cursor *c)
{
	size_t first = (size_t)sr_cursor_be(c, 1);

	if (first < 0x80)
		return first;
	size_t count = first & 0x7f;
	if (count == 0 || count > 4) {
		c->bad = true;
		return 0;
	}
	uint64_t length = sr_cursor_be(c, count);
	uint64_t smallest = count == 1 ? 0x80 : 1ull << (8 * (count - 1));
	if (length < smallest)
		c->bad = true;
	return (size_t)length;
}

struct sr_der sr_der_take(struct sr_cursor *c, uint8_t tag)
{
	const uint8_t *start = c->next;
	uint8_t found = (uint8_t)sr_cursor_be(c, 1);

	if ((found & 0x1f) == 0x1f || (tag != 0 && found != tag))
		c->bad = true;
	size_t size = take_length(c);
	const uint8_t *content = sr_cursor_take(c, size);
	if (!content)
		return (struct sr_der){ .content = { .bad = true } };
	return (struct sr_der){
		.tag = found,
		.whole = { .data = start, .size = (size_t)(c->next - start) },
		.content = { .next = content, .left = size },
	};
}

struct sr_cursor sr_der_enter(struct sr_cursor *c, uint8_t tag)
{
	struct sr_der item = sr_der_take(c, tag);

	return item.content;
}

struct sr_bytes sr_der_whole(struct sr_cursor *c, uint8_t tag)
{
	struct sr_der item = sr_der_take(c, tag);

	return item.whole;
}

/* X.690 sections 8.2, 8.3.2, 8.6.2, 8.8.2 and 11.1, 11.2. */
static bool primitive_is_canonical(const struct sr_der *item)
{
	const uint8_t *data = item->content.next;
	size_t size = item->content.left;

	switch (item->tag) {
	case SR_DER_BOOLEAN:
		return size == 1 && (data[0] == 0x00 || data[0] == 0xff);
	case SR_DER_INTEGER:
		return size > 0 && !(size > 1 && ((data[0] == 0x00 && data[1] < 0x80) ||
		                                  (data[0] == 0xff && data[1] >= 0x80)));
	case SR_DER_BIT_STRING:
		if (size == 0 || data[0] > 7 || (size == 1 && data[0] != 0))
			return false;
		return (data[size - 1] & ((1u << data[0]) - 1)) == 0 || size == 1;
	case SR_DER_NULL:
		return size == 0;
	default:
		return true;
	}
}

static bool form_is_canonical(const struct sr_der *item)
{
	uint8_t number = item->tag & 0x1f;

	if (item->tag >= 0x40) /* not universal: the schema's reader decides */
		return true;
	if (number == 0)
		return false;
	return ((item->tag & CONSTRUCTED) != 0) == is_always_constructed(number);
}

static enum sr_status check_items(struct sr_cursor c, const uint8_t *start, unsigned depth,
                                  struct sr_err *err)
{
	if (depth > DEPTH_MAX)
		return sr_fail(err, SR_CORRUPT, "DER nested deeper than %u levels at byte %zu", DEPTH_MAX,
		               (size_t)(c.next - start));
	while (c.left > 0) {
		size_t offset = (size_t)(c.next - start);
		struct sr_der item = sr_der_take(&c, 0);

		if (c.bad || !form_is_canonical(&item) ||
		    (!(item.tag & CONSTRUCTED) && !primitive_is_canonical(&item)))
			return sr_fail(err, SR_CORRUPT, "not DER at byte %zu", offset);
		if (item.tag & CONSTRUCTED)
			SR_TRY(check_items(item.content, start, depth + 1, err));
	}
	return SR_OK;
}

enum sr_status sr_der_check(struct sr_bytes der, struct sr_err *err)
{
	struct sr_cursor c = sr_der_cursor(der);

	if (der.size == 0)
		return sr_fail(err, SR_CORRUPT, "empty where DER was expected");
	(void)sr_der_take(&c, 0);
	if (c.bad)
		return sr_fail(err, SR_CORRUPT, "not DER, or cut off");
	if (c.left > 0)
		return sr_fail(err, SR_CORRUPT, "%zu bytes behind the DER", c.left);
	return check_items(sr_der_cursor(der), der.data, 0, err);
}

bool sr_bytes_equal(struct sr_bytes a, struct sr_bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

enum sr_status sr_der_add_head(struct sr_buf *out, uint8_t tag, size_t size, struct sr_err *err)
{
	uint8_t head[6] = { tag };
	size_t count = 0;

	if (size > UINT32_MAX)
		return sr_fail(err, SR_LIMIT, "DER element of %zu bytes", size);
	if (size < 0x80) {
		head[1] = (uint8_t)size;
		return sr_buf_add(out, head, 2, err);
	}
	for (size_t rest = size; rest > 0; rest >>= 8)
		count++;
	head[1] = (uint8_t)(0x80 | count);
	for (size_t i = 0; i < count; i++)
		head[2 + i] = (uint8_t)(size >> (8 * (count - 1 - i)));
	return sr_buf_add(out, head, 2 + count, err);
}
