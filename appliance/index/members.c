/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/members.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/index/pack.h"

#define MAGIC 'M'
#define VERSION 1
#define HEAD_BYTES 15        /* magic, version, width of an offset, checksum 4, first number 4, count 4 */
#define NARROW_BYTES 0xffffu /* rows up to here have offsets of 2 bytes */
#define BLOCK_BYTES 512u     /* of tar */
#define FIRST_NUMBER_MAX (SR_LIMIT_PARTS * SR_LIMIT_MEMBERS)

/* Where a text of a row is: by itself, a slice of the path, or the same as the title. */
enum place {
	PLACE_OWN,
	PLACE_IN_PATH,
	PLACE_AS_TITLE,
};

void sr_members_packer_dispose(struct sr_members_packer *packer)
{
	sr_buf_dispose(&packer->offsets);
	sr_buf_dispose(&packer->rows);
	*packer = (struct sr_members_packer){ 0 };
}

static bool same(struct sr_bytes a, struct sr_bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static enum place place_of(struct sr_bytes text, const struct sr_member_row *row, bool is_kind)
{
	if (is_kind && same(text, row->title))
		return PLACE_AS_TITLE;
	if (text.size > 2 && memmem(row->path.data, row->path.size, text.data, text.size))
		return PLACE_IN_PATH;
	return PLACE_OWN;
}

static enum sr_status pack_placed(struct sr_buf *out, struct sr_bytes text, enum place place,
                                  struct sr_bytes path, struct sr_err *err)
{
	if (place == PLACE_AS_TITLE)
		return SR_OK;
	if (place == PLACE_OWN)
		return sr_pack_text(out, text, err);
	const uint8_t *at = memmem(path.data, path.size, text.data, text.size);
	SR_TRY(sr_pack_number(out, (uint64_t)(at - path.data), err));
	return sr_pack_number(out, text.size, err);
}

static enum sr_status pack_row(const struct sr_member_row *row, struct sr_buf *out, struct sr_err *err)
{
	enum place title = place_of(row->title, row, false);
	enum place kind = place_of(row->kind, row, true);

	SR_TRY(sr_pack_byte(
		out,
		(uint8_t)((unsigned)row->class | (row->sub_volume ? 4u : 0u) | (unsigned)row->classes << 3u),
		err));
	SR_TRY(sr_pack_byte(out, (uint8_t)((unsigned)title | (unsigned)kind << 4u), err));
	SR_TRY(sr_pack_number(out, row->bytes, err));
	SR_TRY(sr_pack_number(out, row->offset / BLOCK_BYTES, err));
	SR_TRY(sr_buf_add(out, row->head, sizeof(row->head), err));
	SR_TRY(sr_pack_number(out, row->path.size, err));
	SR_TRY(sr_buf_add(out, row->path.data, row->path.size, err));
	SR_TRY(pack_placed(out, row->title, title, row->path, err));
	return pack_placed(out, row->kind, kind, row->path, err);
}

/* The checksum covers the number too, so that a row is not taken for another's. */
static uint32_t row_check(uint32_t number, const uint8_t *data, size_t size)
{
	uint8_t bytes[4] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
		             (uint8_t)(number >> 24) };

	return sr_check32(sr_check32(SR_CHECK_SEED, bytes, sizeof(bytes)), data, size);
}

static struct sr_bytes unpack_placed(struct sr_cursor *c, unsigned place, struct sr_bytes path, size_t max)
{
	if (place == PLACE_OWN)
		return sr_unpack_text(c, max);
	size_t at = (size_t)sr_unpack_upto(c, path.size);
	size_t size = (size_t)sr_unpack_upto(c, path.size - at < max ? path.size - at : max);
	if (c->bad || !sr_utf8_is_valid(path.data + at, size)) {
		c->bad = true;
		return (struct sr_bytes){ 0 };
	}
	return (struct sr_bytes){ .data = path.data + at, .size = size };
}

static struct sr_bytes unpack_path(struct sr_cursor *c)
{
	size_t size = (size_t)sr_unpack_upto(c, SR_LIMIT_PATH_BYTES);
	const uint8_t *data = sr_cursor_take(c, size);

	if (!data || size == 0 || memchr(data, 0, size)) {
		c->bad = true;
		return (struct sr_bytes){ 0 };
	}
	return (struct sr_bytes){ .data = data, .size = size };
}

static bool unpack_row(struct sr_cursor *c, struct sr_member_row *row)
{
	unsigned flags = (unsigned)sr_cursor_le(c, 1);
	unsigned places = (unsigned)sr_cursor_le(c, 1);

	if ((flags & 3) > SR_INDEX_EXPLANATION || flags >> 6 != 0 || (places & 15) > PLACE_IN_PATH ||
	    places >> 4 > PLACE_AS_TITLE)
		return false;
	row->class = (enum sr_index_class)(flags & 3);
	row->sub_volume = flags & 4;
	row->classes = (uint8_t)(flags >> 3);
	row->bytes = sr_unpack_upto(c, SR_LIMIT_MEMBER_BYTES);
	row->offset = sr_unpack_upto(c, INT64_MAX / BLOCK_BYTES) * BLOCK_BYTES;
	const uint8_t *head = sr_cursor_take(c, sizeof(row->head));
	if (head)
		memcpy(row->head, head, sizeof(row->head));
	row->path = unpack_path(c);
	row->title = unpack_placed(c, places & 15, row->path, SR_CASE_TEXT_BYTES);
	row->kind = places >> 4 == PLACE_AS_TITLE
	                    ? row->title
	                    : unpack_placed(c, places >> 4, row->path, SR_CASE_NAME_BYTES);
	return !c->bad && c->left == 0 && row->kind.size <= SR_CASE_NAME_BYTES;
}

enum sr_status sr_members_pack(struct sr_members_packer *packer, const struct sr_member_row *row,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	struct sr_member_row check = { 0 };
	uint32_t number = packer->first_number + packer->count;

	if (packer->count == SR_LIMIT_MEMBERS)
		return sr_fail(err, SR_LIMIT, "more than %u members in one part", SR_LIMIT_MEMBERS);
	if (row->offset % BLOCK_BYTES != 0 || row->classes > SR_CLASS_ALL || row->path.size == 0)
		return sr_fail(err, SR_INVALID, "member %u: offset, classification or path is none", number);
	SR_TRY(pack_row(row, &bytes, err));
	struct sr_cursor c = { .next = bytes.data, .left = bytes.size };
	if (!unpack_row(&c, &check))
		return sr_fail(err, SR_INVALID, "member %u: a text or number is over its bound", number);

	SR_TRY(sr_pack_fixed32(&packer->offsets, (uint32_t)packer->rows.size, err));
	SR_TRY(sr_pack_fixed32(&packer->rows, row_check(number, bytes.data, bytes.size), err));
	SR_TRY(sr_buf_add(&packer->rows, bytes.data, bytes.size, err));
	packer->count++;
	return SR_OK;
}

static enum sr_status pack_offsets(const struct sr_members_packer *packer, bool wide, struct sr_buf *out,
                                   struct sr_err *err)
{
	for (size_t i = 0; i < packer->count; i++)
		SR_TRY(sr_buf_add(out, packer->offsets.data + 4 * i, wide ? 4 : 2, err));
	return SR_OK;
}

enum sr_status sr_members_finish(const struct sr_members_packer *packer, struct sr_buf *out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
	bool wide = packer->rows.size > NARROW_BYTES;

	if (packer->rows.size > SR_MEMBERS_BYTES - HEAD_BYTES - packer->offsets.size)
		return sr_fail(err, SR_LIMIT, "the members' names take over %u bytes", SR_MEMBERS_BYTES);
	if (packer->first_number == 0 || packer->first_number > FIRST_NUMBER_MAX)
		return sr_fail(err, SR_INVALID, "members are numbered from 1");
	SR_TRY(sr_pack_byte(&head, wide ? 4 : 2, err));
	SR_TRY(sr_pack_fixed32(&head, packer->first_number, err));
	SR_TRY(sr_pack_fixed32(&head, packer->count, err));
	SR_TRY(sr_pack_byte(out, MAGIC, err));
	SR_TRY(sr_pack_byte(out, VERSION, err));
	SR_TRY(sr_pack_fixed32(out, sr_check32(SR_CHECK_SEED, head.data, head.size), err));
	SR_TRY(sr_buf_add(out, head.data, head.size, err));
	SR_TRY(pack_offsets(packer, wide, out, err));
	return sr_buf_add(out, packer->rows.data, packer->rows.size, err);
}

enum sr_status sr_members_open(struct sr_bytes value, struct sr_members *out, struct sr_err *err)
{
	struct sr_cursor c = { .next = value.data, .left = value.size };
	struct sr_members members = { 0 };
	uint64_t magic = sr_cursor_le(&c, 1);
	uint64_t version = sr_cursor_le(&c, 1);
	uint64_t check = sr_cursor_le(&c, 4);
	const uint8_t *head = c.next;

	members.offset_bytes = (unsigned)sr_cursor_le(&c, 1);
	members.first_number = (uint32_t)sr_cursor_le(&c, 4);
	members.count = (uint32_t)sr_cursor_le(&c, 4);
	if (c.bad || value.size > SR_MEMBERS_BYTES || magic != MAGIC || version != VERSION)
		return sr_fail(err, SR_CORRUPT, "no members of version %d", VERSION);
	if (check != sr_check32(SR_CHECK_SEED, head, (size_t)(c.next - head)))
		return sr_fail(err, SR_CORRUPT, "members fail their checksum");
	if ((members.offset_bytes != 2 && members.offset_bytes != 4) || members.count > SR_LIMIT_MEMBERS ||
	    members.first_number == 0 || members.first_number > FIRST_NUMBER_MAX)
		return sr_fail(err, SR_CORRUPT, "members: numbers out of range");
	members.offsets.size = (size_t)members.count * members.offset_bytes;
	members.offsets.data = sr_cursor_take(&c, members.offsets.size);
	members.rows = (struct sr_bytes){ .data = c.next, .size = c.left };
	if (c.bad || (members.count == 0) != (members.rows.size == 0) ||
	    (members.offset_bytes == 4) != (members.rows.size > NARROW_BYTES))
		return sr_fail(err, SR_CORRUPT, "members are cut off");
	*out = members;
	return SR_OK;
}

static size_t row_start(const struct sr_members *members, uint32_t index)
{
	struct sr_cursor c = { .next = members->offsets.data + (size_t)index * members->offset_bytes,
		               .left = members->offset_bytes };

	return index == members->count ? members->rows.size : (size_t)sr_cursor_le(&c, members->offset_bytes);
}

enum sr_status sr_members_get(const struct sr_members *members, uint32_t number, struct sr_member_row *out,
                              struct sr_err *err)
{
	struct sr_member_row row = { .number = number };

	if (number < members->first_number || number - members->first_number >= members->count)
		return sr_fail(err, SR_NOT_FOUND, "no member %u in this part", number);
	uint32_t index = number - members->first_number;
	size_t start = row_start(members, index);
	size_t end = row_start(members, index + 1);
	if (start > end || end > members->rows.size || (index == 0 && start != 0))
		return sr_fail(err, SR_CORRUPT, "member %u: its place is none", number);

	struct sr_cursor c = { .next = members->rows.data + start, .left = end - start };
	uint64_t check = sr_cursor_le(&c, 4);
	if (c.bad || check != row_check(number, c.next, c.left))
		return sr_fail(err, SR_CORRUPT, "member %u fails its checksum", number);
	if (!unpack_row(&c, &row))
		return sr_fail(err, SR_CORRUPT, "member %u does not parse", number);
	*out = row;
	return SR_OK;
}
