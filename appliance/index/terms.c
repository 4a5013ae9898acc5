/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/terms.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/index/fold.h"
#include "appliance/index/pack.h"

#define MAGIC 'T'
#define VERSION 1
#define HEAD_BYTES 6 /* magic, version, checksum */
#define FIRST_SLOTS 1024u

/* Lengths in characters for which a party's name has a term of its own; rising. */
static const uint8_t party_lengths[] = { 1, 2, 3, 4, 6, 9 };

/* Packed terms in the order of adding, and a table of slots to find one again. */
struct sr_terms {
	uint8_t classes;
	struct sr_buf packed; /* head and terms: classes 1, size 2 (little-endian), kind and text */
	struct sr_buf scratch;
	uint32_t *slots;   /* offset in packed, 0: free */
	size_t slot_count; /* a power of two */
	size_t count;
};

enum sr_status sr_terms_new(uint8_t classes, struct sr_terms **out, struct sr_err *err)
{
	struct sr_terms *terms = calloc(1, sizeof(*terms));

	if (terms)
		terms->slots = calloc(FIRST_SLOTS, sizeof(*terms->slots));
	if (!terms || !terms->slots) {
		free(terms);
		return sr_fail(err, SR_NO_MEMORY, "no memory for search terms");
	}
	terms->slot_count = FIRST_SLOTS;
	sr_terms_reset(terms, classes);
	*out = terms;
	return SR_OK;
}

void sr_terms_free(struct sr_terms *terms)
{
	if (!terms)
		return;
	sr_buf_dispose(&terms->packed);
	sr_buf_dispose(&terms->scratch);
	free(terms->slots);
	free(terms);
}

void sr_terms_reset(struct sr_terms *terms, uint8_t classes)
{
	terms->classes = classes;
	terms->packed.size = 0;
	terms->count = 0;
	memset(terms->slots, 0, terms->slot_count * sizeof(*terms->slots));
}

/* The slot of an equal term, or the free one where it belongs. */
static uint32_t *find_slot(const struct sr_terms *terms, uint32_t *slots, size_t slot_count,
                           struct sr_bytes packed_term)
{
	size_t at = sr_check32(SR_CHECK_SEED, packed_term.data, packed_term.size);

	for (;; at++) {
		uint32_t *slot = &slots[at & (slot_count - 1)];

		if (*slot == 0)
			return slot;
		const uint8_t *there = terms->packed.data + *slot;
		if (terms->packed.size - *slot >= packed_term.size &&
		    memcmp(there, packed_term.data, packed_term.size) == 0)
			return slot;
	}
}

static enum sr_status grow_slots(struct sr_terms *terms, struct sr_err *err)
{
	size_t count = terms->slot_count * 2;
	uint32_t *slots = calloc(count, sizeof(*slots));
	struct sr_cursor walk = { .next = terms->packed.data + HEAD_BYTES,
		                  .left = terms->packed.size - HEAD_BYTES };
	struct sr_term term;

	if (!slots)
		return sr_fail(err, SR_NO_MEMORY, "no memory for search terms");
	for (const uint8_t *at = walk.next; sr_terms_next(&walk, &term); at = walk.next) {
		struct sr_bytes packed = { at, (size_t)(walk.next - at) };

		*find_slot(terms, slots, count, packed) = (uint32_t)(at - terms->packed.data);
	}
	free(terms->slots);
	terms->slots = slots;
	terms->slot_count = count;
	return SR_OK;
}

static enum sr_status add(struct sr_terms *terms, uint8_t classes, char kind, struct sr_bytes text,
                          struct sr_err *err)
{
	uint8_t bytes[4 + SR_TERM_BYTES];
	size_t size = 1 + text.size;

	if (size > SR_TERM_BYTES)
		return sr_fail(err, SR_INVALID, "search term of %zu bytes", size);
	if (terms->count >= SR_TERMS_OF_PART || terms->packed.size > SR_TERMS_BYTES - sizeof(bytes))
		return sr_fail(err, SR_LIMIT, "more than %u different search terms in one part",
		               SR_TERMS_OF_PART);
	if (terms->packed.size == 0)
		SR_TRY(sr_buf_add(&terms->packed, (uint8_t[HEAD_BYTES]){ MAGIC, VERSION }, HEAD_BYTES, err));
	if (terms->count >= terms->slot_count / 2)
		SR_TRY(grow_slots(terms, err));

	bytes[0] = terms->classes | classes;
	bytes[1] = (uint8_t)size;
	bytes[2] = (uint8_t)(size >> 8);
	bytes[3] = (uint8_t)kind;
	if (text.size > 0)
		memcpy(bytes + 4, text.data, text.size);
	uint32_t *slot =
		find_slot(terms, terms->slots, terms->slot_count, (struct sr_bytes){ bytes, 4 + text.size });
	if (*slot != 0)
		return SR_OK;
	size_t at = terms->packed.size;
	SR_TRY(sr_buf_add(&terms->packed, bytes, 4 + text.size, err));
	*slot = (uint32_t)at;
	terms->count++;
	return SR_OK;
}

struct adder {
	struct sr_terms *terms;
	uint8_t classes;
};

static enum sr_status add_word(void *context, struct sr_bytes word, struct sr_err *err)
{
	const struct adder *adder = context;

	return add(adder->terms, adder->classes, SR_TERM_WORD, word, err);
}

enum sr_status sr_terms_add_text(struct sr_terms *terms, uint8_t classes, struct sr_bytes text,
                                 struct sr_err *err)
{
	struct adder adder = { .terms = terms, .classes = classes };

	if (classes > SR_CLASS_ALL)
		return sr_fail(err, SR_INVALID, "no such classification");
	return sr_cut(text, false, add_word, &adder, err);
}

enum sr_status sr_terms_add_subtree(struct sr_terms *terms, struct sr_bytes organ, struct sr_err *err)
{
	return add(terms, 0, SR_TERM_SUBTREE, organ, err);
}

/* The name whole, and its beginnings of the lengths that have terms of their own. */
static enum sr_status add_party(struct sr_terms *terms, struct sr_bytes name, struct sr_err *err)
{
	struct sr_buf *folded = &terms->scratch;
	size_t length = 0;

	SR_TRY(sr_terms_add_text(terms, 0, name, err));
	folded->size = 0;
	SR_TRY(sr_fold(name, 0, folded, err));
	struct sr_bytes whole = { folded->data, 0 };
	whole.size = sr_fold_prefix(sr_buf_bytes(folded), SR_PARTY_LENGTH, &length);
	if (whole.size == 0)
		return SR_OK;
	for (size_t i = 0; i < SR_COUNT(party_lengths); i++) {
		uint8_t key[SR_TERM_BYTES] = { party_lengths[i] };
		size_t got = 0;
		size_t size = sr_fold_prefix(whole, party_lengths[i], &got);

		memcpy(key + 1, whole.data, size);
		SR_TRY(add(terms, 0, SR_TERM_PARTY, (struct sr_bytes){ key, 1 + size }, err));
		/* A shorter name stands under the next length, where its own length is looked for. */
		if (party_lengths[i] >= length)
			break;
	}
	return add(terms, 0, SR_TERM_NAME, whole, err);
}

enum sr_status sr_party_key(struct sr_bytes folded, struct sr_party_key *out, struct sr_err *err)
{
	size_t length = 0;
	size_t at = 0;
	size_t size = sr_fold_prefix(folded, SR_PARTY_LENGTH, &length);

	if (size == 0 || size > SR_TERM_BYTES - 2)
		return sr_fail(err, SR_INVALID, "the beginning of a party's name has 1 to %u characters",
		               SR_PARTY_LENGTH);
	out->size = 0;
	for (size_t i = 0; i < SR_COUNT(party_lengths) && at == 0; i++)
		at = party_lengths[i] >= length ? party_lengths[i] : 0;
	out->bytes[out->size++] = at > 0 ? SR_TERM_PARTY : SR_TERM_NAME;
	if (at > 0)
		out->bytes[out->size++] = (uint8_t)at;
	memcpy(out->bytes + out->size, folded.data, size);
	out->size += size;
	out->is_prefix = at != length;
	return SR_OK;
}

static enum sr_status add_listed_day(struct sr_terms *terms, int64_t listed_day, struct sr_err *err)
{
	int year = 0;
	int month = 0;
	int day = 0;

	sr_date_split(listed_day, &year, &month, &day);
	int64_t of_year = listed_day - sr_date_join(year, 1, 1);
	uint8_t month_bytes[1] = { (uint8_t)month };
	uint8_t day_bytes[2] = { (uint8_t)(of_year >> 8), (uint8_t)of_year };
	SR_TRY(add(terms, 0, SR_TERM_MONTH, (struct sr_bytes){ month_bytes, 1 }, err));
	return add(terms, 0, SR_TERM_DAY, (struct sr_bytes){ day_bytes, 2 }, err);
}

static enum sr_status add_number(struct sr_terms *terms, struct sr_bytes number, struct sr_err *err)
{
	SR_TRY(sr_terms_add_text(terms, 0, number, err));
	terms->scratch.size = 0;
	SR_TRY(sr_fold(number, ' ', &terms->scratch, err));
	return add(terms, 0, SR_TERM_NUMBER, sr_buf_bytes(&terms->scratch), err);
}

enum sr_status sr_terms_add_record(struct sr_terms *terms, const struct sr_case_record *record,
                                   struct sr_err *err)
{
	struct sr_cursor parties = sr_case_walk(record->parties);
	struct sr_bytes name;

	SR_TRY(add(terms, 0, SR_TERM_ALL, (struct sr_bytes){ (const uint8_t *)"", 0 }, err));
	SR_TRY(add_number(terms, record->number, err));
	SR_TRY(sr_terms_add_text(terms, 0, record->title, err));
	while (sr_case_party_next(&parties, &name))
		SR_TRY(add_party(terms, name, err));
	SR_TRY(add(terms, 0, SR_TERM_CATEGORY, record->category, err));
	SR_TRY(add(terms, 0, SR_TERM_ORGAN, record->organ, err));
	SR_TRY(add(terms, 0, SR_TERM_HANDLER, record->handler, err));
	return add_listed_day(terms, record->listed_day, err);
}

enum sr_status sr_terms_pack(struct sr_terms *terms, struct sr_bytes *out, struct sr_err *err)
{
	if (terms->packed.size == 0)
		SR_TRY(sr_buf_add(&terms->packed, (uint8_t[HEAD_BYTES]){ MAGIC, VERSION }, HEAD_BYTES, err));
	uint32_t check =
		sr_check32(SR_CHECK_SEED, terms->packed.data + HEAD_BYTES, terms->packed.size - HEAD_BYTES);
	for (unsigned i = 0; i < 4; i++)
		terms->packed.data[2 + i] = (uint8_t)(check >> 8 * i);
	*out = sr_buf_bytes(&terms->packed);
	return SR_OK;
}

enum sr_status sr_terms_open(struct sr_bytes packed, struct sr_cursor *out, struct sr_err *err)
{
	struct sr_cursor c = { .next = packed.data, .left = packed.size };
	uint64_t magic = sr_cursor_le(&c, 1);
	uint64_t version = sr_cursor_le(&c, 1);
	uint64_t check = sr_cursor_le(&c, 4);

	if (c.bad || magic != MAGIC || version != VERSION || packed.size > SR_TERMS_BYTES)
		return sr_fail(err, SR_CORRUPT, "no search terms of version %d", VERSION);
	if (check != sr_check32(SR_CHECK_SEED, c.next, c.left))
		return sr_fail(err, SR_CORRUPT, "search terms fail their checksum");
	*out = c;
	return SR_OK;
}

bool sr_terms_next(struct sr_cursor *walk, struct sr_term *term)
{
	struct sr_term next = { 0 };

	if (walk->bad || walk->left == 0)
		return false;
	next.classes = (uint8_t)sr_cursor_le(walk, 1);
	next.bytes.size = (size_t)sr_cursor_le(walk, 2);
	next.bytes.data = sr_cursor_take(walk, next.bytes.size);
	if (next.bytes.size == 0 || next.bytes.size > SR_TERM_BYTES || next.classes > SR_CLASS_ALL)
		walk->bad = true;
	if (walk->bad)
		return false;
	*term = next;
	return true;
}
