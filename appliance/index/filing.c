/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/filing.h"

#include <string.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/posting.h"
#include "appliance/index/walk.h"

#define SLICE_BYTES ((size_t)64 << 10) /* some 5,000 terms: more than a batch files */

/* Marks: 8 bytes each, big-endian.  The third counts bytes of the packed terms of the part behind indexed_to.
 */
static const struct sr_bytes arrived_key = { (const uint8_t *)"arrived", 7 };
static const struct sr_bytes indexed_key = { (const uint8_t *)"indexed_to", 10 };
static const struct sr_bytes within_key = { (const uint8_t *)"indexed_within", 14 };

struct number {
	uint8_t bytes[8];
};

static struct number number_of(uint64_t value)
{
	struct number out;

	for (unsigned i = 0; i < 8; i++)
		out.bytes[i] = (uint8_t)(value >> (56 - 8 * i));
	return out;
}

static enum sr_status read_mark(struct sr_txn *txn, struct sr_bytes key, uint64_t *out, struct sr_err *err)
{
	struct sr_bytes value = { 0 };
	bool found = false;

	SR_TRY(sr_txn_look(txn, SR_DB_MARKS, key, &found, &value, err));
	struct sr_cursor c = { .next = value.data, .left = value.size };
	*out = found ? sr_cursor_be(&c, 8) : 0;
	if (c.bad || c.left != 0)
		return sr_fail(err, SR_CORRUPT, "mark \"%.*s\" of %zu bytes", (int)key.size,
		               (const char *)key.data, value.size);
	return SR_OK;
}

static enum sr_status write_mark(struct sr_txn *txn, struct sr_bytes key, uint64_t value, struct sr_err *err)
{
	struct number number = number_of(value);

	return sr_txn_put(txn, SR_DB_MARKS, key, (struct sr_bytes){ number.bytes, sizeof(number.bytes) },
	                  err);
}

/* Waiting: the arrival's number leads to the ordinal and the packed terms. */
static enum sr_status wait(struct sr_txn *txn, uint64_t arrival, uint64_t ordinal, struct sr_bytes terms,
                           struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct number key = number_of(arrival);
	struct number place = number_of(ordinal);

	SR_TRY(sr_buf_add(&value, place.bytes, sizeof(place.bytes), err));
	SR_TRY(sr_buf_add(&value, terms.data, terms.size, err));
	return sr_txn_put_new(txn, SR_DB_WAITING, (struct sr_bytes){ key.bytes, sizeof(key.bytes) },
	                      sr_buf_bytes(&value), err);
}

enum sr_status sr_filing_add(struct sr_txn *txn, uint64_t ordinal, struct sr_bytes terms,
                             struct sr_gather *gather, struct sr_err *err)
{
	uint64_t arrived = 0;

	SR_TRY(read_mark(txn, arrived_key, &arrived, err));
	SR_TRY(write_mark(txn, arrived_key, arrived + 1, err));
	if (gather)
		return sr_gather_add(gather, ordinal, terms, err);
	return wait(txn, arrived + 1, ordinal, terms, err);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* The part that waits longest; its value lies in the map. */
static enum sr_status first_waiting(struct sr_txn *txn, uint64_t *arrival, struct sr_bytes *value, bool *more,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	struct sr_range all = { 0 };
	struct sr_bytes key;

	SR_TRY(sr_walk_open(txn, SR_DB_WAITING, &all, SR_UP, &walk, err));
	SR_TRY(sr_walk_next(walk, more, &key, value, err));
	if (!*more)
		return SR_OK;
	struct sr_cursor c = { .next = key.data, .left = key.size };
	*arrival = sr_cursor_be(&c, 8);
	if (c.bad || c.left != 0)
		return sr_fail(err, SR_CORRUPT, "waiting search terms have no place");
	return SR_OK;
}

/*
 * Copy the terms from byte @within on, up to SLICE_BYTES of them: writing postings moves what lies in the
 * map.  The checksum of all is asked once, at the beginning.
 */
static enum sr_status copy_slice(struct sr_bytes terms, uint64_t *within, struct sr_buf *slice, bool *last,
                                 struct sr_err *err)
{
	struct sr_cursor walk = { 0 };
	struct sr_term term;

	if (*within == 0) {
		SR_TRY(sr_terms_open(terms, &walk, err));
		*within = (uint64_t)(walk.next - terms.data);
	} else if (*within <= terms.size) {
		walk = (struct sr_cursor){ .next = terms.data + *within, .left = terms.size - *within };
	} else {
		return sr_fail(err, SR_CORRUPT, "mark of filing is behind the search terms");
	}
	const uint8_t *from = walk.next;
	while ((size_t)(walk.next - from) < SLICE_BYTES && sr_terms_next(&walk, &term))
		continue;
	if (walk.bad)
		return sr_fail(err, SR_CORRUPT, "search terms do not parse");
	*last = walk.left == 0;
	slice->size = 0;
	return sr_buf_add(slice, from, (size_t)(walk.next - from), err);
}

/* File the terms of @slice until the time is over; *used: bytes of those that are filed. */
static enum sr_status file_slice(struct sr_txn *txn, const struct sr_buf *slice, uint64_t ordinal,
                                 int64_t until_ns, size_t *used, struct sr_err *err)
{
	struct sr_cursor walk = { .next = slice->data, .left = slice->size };
	struct sr_term term;
	uint16_t place = sr_ordinal_place(ordinal);

	while (sr_terms_next(&walk, &term)) {
		uint8_t key[SR_POSTING_KEY_BYTES];
		size_t size = sr_posting_key(sr_ordinal_block(ordinal), term.classes, term.bytes, key);

		SR_TRY(sr_posting_merge(txn, (struct sr_bytes){ key, size }, &place, 1, err));
		if (now_ns() >= until_ns)
			break;
	}
	*used = slice->size - walk.left;
	return SR_OK;
}

/* One slice of the first waiting part. */
static enum sr_status file_first(struct sr_txn *txn, uint64_t arrival, struct sr_bytes value,
                                 struct sr_buf *slice, int64_t until_ns, struct sr_err *err)
{
	struct sr_cursor c = { .next = value.data, .left = value.size };
	struct number key = number_of(arrival);
	uint64_t ordinal = sr_cursor_be(&c, 8);
	uint64_t within = 0;
	size_t used = 0;
	bool last = false;

	if (c.bad)
		return sr_fail(err, SR_CORRUPT, "waiting search terms have no ordinal");
	SR_TRY(read_mark(txn, within_key, &within, err));
	SR_TRY(copy_slice((struct sr_bytes){ c.next, c.left }, &within, slice, &last, err));
	SR_TRY(file_slice(txn, slice, ordinal, until_ns, &used, err));
	bool done = last && used == slice->size;
	SR_TRY(write_mark(txn, within_key, done ? 0 : within + used, err));
	if (!done)
		return SR_OK;
	SR_TRY(sr_txn_del(txn, SR_DB_WAITING, (struct sr_bytes){ key.bytes, sizeof(key.bytes) }, err));
	return write_mark(txn, indexed_key, arrival, err);
}

enum sr_status sr_filing_batch(struct sr_txn *txn, int64_t budget_ns, bool *more, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf slice = { 0 };
	int64_t until_ns = now_ns() + budget_ns;
	struct sr_bytes value = { 0 };
	uint64_t arrival = 0;

	for (;;) {
		SR_TRY(first_waiting(txn, &arrival, &value, more, err));
		if (!*more)
			return SR_OK;
		SR_TRY(file_first(txn, arrival, value, &slice, until_ns, err));
		if (now_ns() >= until_ns)
			break;
	}
	uint64_t left = 0;
	SR_TRY(sr_txn_count(txn, SR_DB_WAITING, &left, err));
	*more = left > 0;
	return SR_OK;
}

enum sr_status sr_filing_flush(struct sr_txn *txn, struct sr_gather *gather, struct sr_err *err)
{
	uint64_t arrived = 0;
	uint64_t waiting = 0;

	SR_TRY(sr_txn_count(txn, SR_DB_WAITING, &waiting, err));
	if (waiting > 0)
		return sr_fail(err, SR_INVALID,
		               "search terms are waiting: a rebuild begins with an empty index");
	SR_TRY(sr_gather_flush(gather, txn, err));
	SR_TRY(read_mark(txn, arrived_key, &arrived, err));
	if (arrived == 0)
		return SR_OK;
	SR_TRY(write_mark(txn, within_key, 0, err));
	return write_mark(txn, indexed_key, arrived, err);
}

enum sr_status sr_filing_state(struct sr_txn *txn, struct sr_filing_state *out, struct sr_err *err)
{
	SR_TRY(read_mark(txn, arrived_key, &out->arrived, err));
	return read_mark(txn, indexed_key, &out->indexed_to, err);
}
