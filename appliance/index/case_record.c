/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/case_record.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/index/pack.h"

#define MAGIC 'C'
#define VERSION 1
#define NUMBERS_MAX ((uint64_t)SR_LIMIT_PARTS * SR_LIMIT_MEMBERS)

/* Days of the years 1 and 9999: what a date of a case can be. */
#define FIRST_DAY (-719162)
#define LAST_DAY 2932896

bool sr_case_id_parse(const char *text, struct sr_case_id *out)
{
	char hex[33];
	size_t digits = 0;

	if (!sr_uuid_is_valid(text))
		return false;
	for (const char *c = text; *c; c++) {
		if (*c != '-')
			hex[digits++] = *c;
	}
	return sr_hex_decode(hex, digits, true, out->bytes, sizeof(out->bytes));
}

void sr_case_id_format(const struct sr_case_id *id, char out[SR_UUID_TEXT])
{
	char hex[33];
	size_t at = 0;

	sr_hex_encode(id->bytes, sizeof(id->bytes), hex);
	for (size_t i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[at++] = '-';
		out[at++] = hex[i];
	}
	out[at] = '\0';
}

enum sr_status sr_case_pack_party(struct sr_buf *parties, struct sr_bytes name, struct sr_err *err)
{
	return sr_pack_text(parties, name, err);
}

enum sr_status sr_case_pack_part(struct sr_buf *parts, const struct sr_case_part *part, struct sr_err *err)
{
	SR_TRY(sr_pack_number(parts, part->number, err));
	SR_TRY(sr_pack_byte(parts, part->classes, err));
	SR_TRY(sr_pack_signed(parts, part->sealed_ns, err));
	SR_TRY(sr_buf_add(parts, part->seal, sizeof(part->seal), err));
	SR_TRY(sr_pack_number(parts, part->first_member, err));
	SR_TRY(sr_pack_number(parts, part->member_count, err));
	SR_TRY(sr_pack_number(parts, part->bytes, err));
	SR_TRY(sr_pack_text(parts, part->archive, err));
	SR_TRY(sr_pack_text(parts, part->handler, err));
	return sr_pack_text(parts, part->archivist, err);
}

static enum sr_status pack_fields(const struct sr_case_record *record, struct sr_buf *out, struct sr_err *err)
{
	SR_TRY(sr_buf_add(out, record->id.bytes, sizeof(record->id.bytes), err));
	SR_TRY(sr_pack_number(out, record->ordinal, err));
	SR_TRY(sr_pack_byte(out, record->classes, err));
	SR_TRY(sr_pack_byte(out, record->retention_years, err));
	SR_TRY(sr_pack_signed(out, record->retention_end_day, err));
	SR_TRY(sr_pack_signed(out, record->started_ns, err));
	SR_TRY(sr_pack_signed(out, record->closed_day, err));
	SR_TRY(sr_pack_signed(out, record->listed_day, err));
	SR_TRY(sr_pack_signed(out, record->sealed_ns, err));
	SR_TRY(sr_pack_text(out, record->number, err));
	SR_TRY(sr_pack_text(out, record->title, err));
	SR_TRY(sr_pack_text(out, record->organ, err));
	SR_TRY(sr_pack_text(out, record->unit, err));
	SR_TRY(sr_pack_text(out, record->category, err));
	SR_TRY(sr_pack_text(out, record->procedure, err));
	SR_TRY(sr_pack_text(out, record->outcome, err));
	SR_TRY(sr_pack_text(out, record->handler, err));
	SR_TRY(sr_pack_number(out, record->member_count, err));
	SR_TRY(sr_pack_number(out, record->bytes, err));
	SR_TRY(sr_pack_number(out, record->party_count, err));
	SR_TRY(sr_pack_number(out, record->parties.size, err));
	SR_TRY(sr_buf_add(out, record->parties.data, record->parties.size, err));
	SR_TRY(sr_pack_number(out, record->part_count, err));
	SR_TRY(sr_pack_number(out, record->parts.size, err));
	return sr_buf_add(out, record->parts.data, record->parts.size, err);
}

enum sr_status sr_case_record_encode(const struct sr_case_record *record, struct sr_buf *out,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf fields = { 0 };
	struct sr_case_record check;
	size_t start = out->size;

	SR_TRY(pack_fields(record, &fields, err));
	SR_TRY(sr_pack_byte(out, MAGIC, err));
	SR_TRY(sr_pack_byte(out, VERSION, err));
	SR_TRY(sr_pack_fixed32(out, sr_check32(SR_CHECK_SEED, fields.data, fields.size), err));
	SR_TRY(sr_buf_add(out, fields.data, fields.size, err));

	/* The decoder is the one place that knows the bounds. */
	struct sr_bytes value = { .data = out->data + start, .size = out->size - start };
	if (sr_case_record_decode(value, &check, err) == SR_OK)
		return SR_OK;
	out->size = start;
	return sr_fail_in(err, SR_INVALID, "this case cannot be recorded: ");
}

bool sr_case_party_next(struct sr_cursor *walk, struct sr_bytes *name)
{
	if (walk->bad || walk->left == 0)
		return false;
	struct sr_bytes text = sr_unpack_text(walk, SR_CASE_NAME_BYTES);
	if (walk->bad)
		return false;
	*name = text;
	return true;
}

bool sr_case_part_next(struct sr_cursor *walk, struct sr_case_part *part)
{
	struct sr_case_part next = { 0 };

	if (walk->bad || walk->left == 0)
		return false;
	next.number = (uint32_t)sr_unpack_upto(walk, SR_LIMIT_PARTS);
	next.classes = (uint8_t)sr_cursor_le(walk, 1);
	next.sealed_ns = sr_unpack_signed(walk);
	const uint8_t *seal = sr_cursor_take(walk, sizeof(next.seal));
	next.first_member = (uint32_t)sr_unpack_upto(walk, NUMBERS_MAX);
	next.member_count = (uint32_t)sr_unpack_upto(walk, SR_LIMIT_MEMBERS);
	next.bytes = sr_unpack_upto(walk, INT64_MAX);
	next.archive = sr_unpack_text(walk, SR_CASE_NAME_BYTES);
	next.handler = sr_unpack_text(walk, SR_CASE_NAME_BYTES);
	next.archivist = sr_unpack_text(walk, SR_CASE_NAME_BYTES);
	if (next.classes > SR_CLASS_ALL)
		walk->bad = true;
	if (walk->bad || !seal)
		return false;
	memcpy(next.seal, seal, sizeof(next.seal));
	*part = next;
	return true;
}

static struct sr_bytes unpack_region(struct sr_cursor *c)
{
	size_t size = (size_t)sr_unpack_upto(c, SR_CASE_RECORD_BYTES);
	const uint8_t *data = sr_cursor_take(c, size);

	return (struct sr_bytes){ .data = data, .size = data ? size : 0 };
}

static void unpack_fields(struct sr_cursor *c, struct sr_case_record *record)
{
	const uint8_t *id = sr_cursor_take(c, sizeof(record->id.bytes));

	if (id)
		memcpy(record->id.bytes, id, sizeof(record->id.bytes));
	record->ordinal = sr_unpack_number(c);
	record->classes = (uint8_t)sr_cursor_le(c, 1);
	record->retention_years = (uint8_t)sr_cursor_le(c, 1);
	record->retention_end_day = sr_unpack_signed(c);
	record->started_ns = sr_unpack_signed(c);
	record->closed_day = sr_unpack_signed(c);
	record->listed_day = sr_unpack_signed(c);
	record->sealed_ns = sr_unpack_signed(c);
	record->number = sr_unpack_text(c, SR_CASE_NAME_BYTES);
	record->title = sr_unpack_text(c, SR_CASE_TEXT_BYTES);
	record->organ = sr_unpack_text(c, SR_CASE_NAME_BYTES);
	record->unit = sr_unpack_text(c, SR_CASE_NAME_BYTES);
	record->category = sr_unpack_text(c, SR_CASE_NAME_BYTES);
	record->procedure = sr_unpack_text(c, SR_CASE_NAME_BYTES);
	record->outcome = sr_unpack_text(c, SR_CASE_NAME_BYTES);
	record->handler = sr_unpack_text(c, SR_CASE_NAME_BYTES);
	record->member_count = (uint32_t)sr_unpack_upto(c, NUMBERS_MAX);
	record->bytes = sr_unpack_upto(c, INT64_MAX);
	record->party_count = (uint32_t)sr_unpack_upto(c, SR_CASE_PARTIES);
	record->parties = unpack_region(c);
	record->part_count = (uint32_t)sr_unpack_upto(c, SR_LIMIT_PARTS);
	record->parts = unpack_region(c);
}

static bool is_day(int64_t day)
{
	return day >= FIRST_DAY && day <= LAST_DAY;
}

/* The parts follow each other without gaps, and their sums are the record's. */
static bool parts_agree(const struct sr_case_record *record)
{
	struct sr_cursor walk = sr_case_walk(record->parts);
	struct sr_case_part part;
	uint32_t parts = 0;
	uint32_t members = 0;
	uint64_t bytes = 0;

	while (sr_case_part_next(&walk, &part)) {
		if (part.number != ++parts || part.first_member != members + 1)
			return false;
		members += part.member_count;
		if (__builtin_add_overflow(bytes, part.bytes, &bytes))
			return false;
	}
	return !walk.bad && parts == record->part_count && parts > 0 && members == record->member_count &&
	       bytes == record->bytes;
}

static bool parties_agree(const struct sr_case_record *record)
{
	struct sr_cursor walk = sr_case_walk(record->parties);
	struct sr_bytes name;
	uint32_t count = 0;

	while (sr_case_party_next(&walk, &name))
		count++;
	return !walk.bad && count == record->party_count;
}

enum sr_status sr_case_record_decode(struct sr_bytes value, struct sr_case_record *out, struct sr_err *err)
{
	struct sr_cursor c = { .next = value.data, .left = value.size };
	struct sr_case_record record = { 0 };

	if (value.size > SR_CASE_RECORD_BYTES)
		return sr_fail(err, SR_CORRUPT, "case record of %zu bytes", value.size);
	uint64_t magic = sr_cursor_le(&c, 1);
	uint64_t version = sr_cursor_le(&c, 1);
	uint64_t check = sr_cursor_le(&c, 4);
	if (c.bad || magic != MAGIC || version != VERSION)
		return sr_fail(err, SR_CORRUPT, "no case record of version %d", VERSION);
	if (check != sr_check32(SR_CHECK_SEED, c.next, c.left))
		return sr_fail(err, SR_CORRUPT, "case record fails its checksum");

	unpack_fields(&c, &record);
	if (c.bad || c.left != 0)
		return sr_fail(err, SR_CORRUPT, "case record does not parse at byte %zu",
		               value.size - c.left);
	if (record.classes > SR_CLASS_ALL || !is_day(record.listed_day))
		return sr_fail(err, SR_CORRUPT, "case record: classification or date out of range");
	if (record.number.size == 0 || record.organ.size == 0)
		return sr_fail(err, SR_CORRUPT, "case record without case number or organ");
	if (!parts_agree(&record) || !parties_agree(&record))
		return sr_fail(err, SR_CORRUPT, "case record: parts or parties are not what it counts");
	*out = record;
	return SR_OK;
}
