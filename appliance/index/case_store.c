/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/case_store.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/index/filing.h"
#include "appliance/index/fold.h"
#include "appliance/index/posting.h"
#include "appliance/index/walk.h"

static struct sr_bytes id_key(const struct sr_case_id *id)
{
	return (struct sr_bytes){ .data = id->bytes, .size = sizeof(id->bytes) };
}

struct order_key {
	uint8_t bytes[8]; /* ordinal, big-endian */
};

static struct order_key order_key(uint64_t ordinal)
{
	struct order_key key;

	for (unsigned i = 0; i < 8; i++)
		key.bytes[i] = (uint8_t)(ordinal >> (56 - 8 * i));
	return key;
}

struct members_key {
	uint8_t bytes[18]; /* case id, part big-endian */
};

static struct members_key members_key(const struct sr_case_id *id, uint32_t part)
{
	struct members_key key;

	memcpy(key.bytes, id->bytes, sizeof(id->bytes));
	key.bytes[16] = (uint8_t)(part >> 8);
	key.bytes[17] = (uint8_t)part;
	return key;
}

/* Folded number, NUL; the organ's code comes behind. */
static enum sr_status number_key(struct sr_bytes number, struct sr_buf *out, struct sr_err *err)
{
	SR_TRY(sr_fold(number, ' ', out, err));
	if (out->size == 0 || out->size > SR_CASE_NAME_BYTES)
		return sr_fail(err, SR_INVALID, "a case number has 1 to %u bytes", SR_CASE_NAME_BYTES);
	return sr_buf_add(out, "", 1, err);
}

/* The ordinal behind the last one of the year. */
static enum sr_status next_ordinal(struct sr_txn *txn, int64_t listed_day, uint64_t *out, struct sr_err *err)
{
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	int year = 0;
	int month = 0;
	int day = 0;
	struct sr_bytes key;
	struct sr_bytes value;
	bool more = false;

	sr_date_split(listed_day, &year, &month, &day);
	uint64_t ordinal = sr_ordinal_of(year, 0);
	struct order_key from = order_key(ordinal);
	struct order_key to = order_key(sr_ordinal_of(year + 1, 0));
	struct sr_range range = { { from.bytes, sizeof(from.bytes) }, { to.bytes, sizeof(to.bytes) } };
	SR_TRY(sr_walk_open(txn, SR_DB_CASE_ORDER, &range, SR_DOWN, &walk, err));
	SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
	if (more) {
		struct sr_cursor c = { .next = key.data, .left = key.size };

		ordinal = sr_cursor_be(&c, 8) + 1;
	}
	if ((ordinal & UINT32_MAX) >= SR_YEAR_CASES)
		return sr_fail(err, SR_LIMIT, "the year %d has no room for another case", year);
	*out = ordinal;
	return SR_OK;
}

static enum sr_status check_members(const struct sr_case_part *part, struct sr_bytes value,
                                    struct sr_err *err)
{
	struct sr_members members;

	SR_TRY(sr_members_open(value, &members, err));
	if (members.count != part->member_count || members.first_number != part->first_member)
		return sr_fail(err, SR_INVALID, "part %u counts other members than it has", part->number);
	return SR_OK;
}

static enum sr_status put_record(struct sr_txn *txn, const struct sr_case_record *record, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };

	SR_TRY(sr_case_record_encode(record, &value, err));
	return sr_txn_put(txn, SR_DB_CASES, id_key(&record->id), sr_buf_bytes(&value), err);
}

static enum sr_status put_part(struct sr_txn *txn, const struct sr_case_record *record,
                               const struct sr_case_part *part, const struct sr_case_filing *filing,
                               struct sr_err *err)
{
	struct members_key key = members_key(&record->id, part->number);

	SR_TRY(check_members(part, filing->members, err));
	SR_TRY(sr_txn_put_new(txn, SR_DB_MEMBERS, (struct sr_bytes){ key.bytes, sizeof(key.bytes) },
	                      filing->members, err));
	return sr_filing_add(txn, record->ordinal, filing->terms, filing->gather, err);
}

/* The organ's cases have different numbers. */
static enum sr_status put_number(struct sr_txn *txn, const struct sr_case_record *record, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { 0 };

	SR_TRY(number_key(record->number, &key, err));
	SR_TRY(sr_buf_add(&key, record->organ.data, record->organ.size, err));
	return sr_txn_put_new(txn, SR_DB_CASE_NUMBERS, sr_buf_bytes(&key), id_key(&record->id), err);
}

enum sr_status sr_case_store_add(struct sr_txn *txn, const struct sr_case_record *record,
                                 const struct sr_case_filing *filing, uint64_t *ordinal, struct sr_err *err)
{
	struct sr_case_record placed = *record;
	struct sr_cursor parts = sr_case_walk(record->parts);
	struct sr_case_part part = { 0 };
	struct sr_bytes old = { 0 };
	bool found = false;

	if (record->part_count != 1 || !sr_case_part_next(&parts, &part))
		return sr_fail(err, SR_INVALID, "a new case has one part");
	SR_TRY(sr_txn_look(txn, SR_DB_CASES, id_key(&record->id), &found, &old, err));
	if (found)
		return sr_fail(err, SR_EXISTS, "this case is filed already");
	SR_TRY(next_ordinal(txn, record->listed_day, &placed.ordinal, err));
	struct order_key key = order_key(placed.ordinal);
	SR_TRY(put_number(txn, &placed, err));
	SR_TRY(put_record(txn, &placed, err));
	SR_TRY(sr_txn_put_new(txn, SR_DB_CASE_ORDER, (struct sr_bytes){ key.bytes, sizeof(key.bytes) },
	                      id_key(&placed.id), err));
	SR_TRY(put_part(txn, &placed, &part, filing, err));
	*ordinal = placed.ordinal;
	return SR_OK;
}

enum sr_status sr_case_store_supplement(struct sr_txn *txn, const struct sr_case_id *id,
                                        const struct sr_case_part *part, const struct sr_case_filing *filing,
                                        struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf parts = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_case_record record = { 0 };

	SR_TRY(sr_case_store_get(txn, id, &record, err));
	SR_TRY(sr_buf_add(&parts, record.parts.data, record.parts.size, err));
	SR_TRY(sr_case_pack_part(&parts, part, err));
	record.parts = sr_buf_bytes(&parts);
	record.part_count++;
	record.member_count += part->member_count;
	record.bytes += part->bytes;
	/* Encoded before anything is written: the record's texts lie in the map. */
	SR_TRY(sr_case_record_encode(&record, &value, err));
	SR_TRY(put_part(txn, &record, part, filing, err));
	return sr_txn_put(txn, SR_DB_CASES, id_key(id), sr_buf_bytes(&value), err);
}

enum sr_status sr_case_store_get(struct sr_txn *txn, const struct sr_case_id *id, struct sr_case_record *out,
                                 struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_bytes value = { 0 };

	SR_TRY(sr_txn_get(txn, SR_DB_CASES, id_key(id), &value, err));
	SR_TRY(sr_case_record_decode(value, &record, err));
	if (memcmp(record.id.bytes, id->bytes, sizeof(id->bytes)) != 0)
		return sr_fail(err, SR_CORRUPT, "a case record stands under another case's id");
	*out = record;
	return SR_OK;
}

enum sr_status sr_case_store_id_at(struct sr_txn *txn, uint64_t ordinal, struct sr_case_id *out,
                                   struct sr_err *err)
{
	struct order_key key = order_key(ordinal);
	struct sr_bytes value = { 0 };

	SR_TRY(sr_txn_get(txn, SR_DB_CASE_ORDER, (struct sr_bytes){ key.bytes, sizeof(key.bytes) }, &value,
	                  err));
	if (value.size != sizeof(out->bytes))
		return sr_fail(err, SR_CORRUPT, "case id of %zu bytes", value.size);
	memcpy(out->bytes, value.data, sizeof(out->bytes));
	return SR_OK;
}

enum sr_status sr_case_store_by_number(struct sr_txn *txn, struct sr_bytes number, struct sr_case_id *ids,
                                       size_t max, size_t *count, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf prefix = { 0 };
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	struct sr_bytes key;
	struct sr_bytes value;
	bool more = true;
	size_t found = 0;

	SR_TRY(number_key(number, &prefix, err));
	SR_TRY(sr_walk_open_prefix(txn, SR_DB_CASE_NUMBERS, sr_buf_bytes(&prefix), SR_UP, &walk, err));
	while (found < max) {
		SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
		if (!more)
			break;
		if (value.size != sizeof(ids->bytes))
			return sr_fail(err, SR_CORRUPT, "case id of %zu bytes", value.size);
		memcpy(ids[found++].bytes, value.data, sizeof(ids->bytes));
	}
	*count = found;
	return SR_OK;
}

enum sr_status sr_case_store_members(struct sr_txn *txn, const struct sr_case_id *id, uint32_t part,
                                     struct sr_members *out, struct sr_err *err)
{
	struct members_key key = members_key(id, part);
	struct sr_bytes value = { 0 };

	SR_TRY(sr_txn_get(txn, SR_DB_MEMBERS, (struct sr_bytes){ key.bytes, sizeof(key.bytes) }, &value,
	                  err));
	return sr_members_open(value, out, err);
}

enum sr_status sr_case_store_member(struct sr_txn *txn, const struct sr_case_id *id, uint32_t number,
                                    struct sr_case_part *part, struct sr_member_row *out, struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_members members;
	struct sr_case_part at;

	SR_TRY(sr_case_store_get(txn, id, &record, err));
	struct sr_cursor parts = sr_case_walk(record.parts);
	while (sr_case_part_next(&parts, &at)) {
		if (number < at.first_member || number - at.first_member >= at.member_count)
			continue;
		SR_TRY(sr_case_store_members(txn, id, at.number, &members, err));
		SR_TRY(sr_members_get(&members, number, out, err));
		*part = at;
		return SR_OK;
	}
	return sr_fail(err, SR_NOT_FOUND, "no member %u in this case", number);
}
