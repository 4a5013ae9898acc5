/* SPDX-License-Identifier: Apache-2.0 */
/* Packed members: any bytes, and the same with the head's checksum and each row's made right. */
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/members.h"
#include "appliance/index/pack.h"
#include "tests/fuzz/target.h"

#define HEAD_FROM 6 /* magic, version, checksum */
#define HEAD_TO 15

static void read_all(struct sr_bytes value)
{
	struct sr_members members;
	struct sr_member_row row;
	struct sr_err err;

	if (sr_members_open(value, &members, &err) != SR_OK)
		return;
	for (uint32_t i = 0; i < members.count; i++) {
		if (sr_members_get(&members, members.first_number + i, &row, &err) != SR_OK)
			continue;
		if (row.path.size == 0 || row.path.size > SR_LIMIT_PATH_BYTES ||
		    row.kind.size > SR_CASE_NAME_BYTES)
			__builtin_trap();
	}
}

static void put_le32(uint8_t *out, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

/* Rows whose offsets are in order get the checksum that they ask for. */
static void mend_rows(uint8_t *data, size_t size)
{
	struct sr_members members;
	struct sr_err err;

	if (sr_members_open((struct sr_bytes){ data, size }, &members, &err) != SR_OK)
		return;
	uint8_t *rows = data + (size - members.rows.size);
	for (uint32_t i = 0; i < members.count; i++) {
		struct sr_cursor c = { members.offsets.data + (size_t)i * members.offset_bytes,
			               members.offsets.size - (size_t)i * members.offset_bytes, false };
		size_t start = (size_t)sr_cursor_le(&c, members.offset_bytes);
		size_t end = i + 1 < members.count ? (size_t)sr_cursor_le(&c, members.offset_bytes)
		                                   : members.rows.size;
		uint8_t number[4];

		if (start > end || end > members.rows.size || end - start < 4)
			continue;
		put_le32(number, members.first_number + i);
		put_le32(rows + start,
		         sr_check32(sr_check32(SR_CHECK_SEED, number, 4), rows + start + 4, end - start - 4));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf copy = { 0 };
	struct sr_err err;

	read_all((struct sr_bytes){ data, size });
	if (size < HEAD_TO || sr_buf_add(&copy, data, size, &err) != SR_OK)
		return 0;
	put_le32(copy.data + 2, sr_check32(SR_CHECK_SEED, copy.data + HEAD_FROM, HEAD_TO - HEAD_FROM));
	mend_rows(copy.data, copy.size);
	read_all(sr_buf_bytes(&copy));
	return 0;
}
