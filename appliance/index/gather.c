/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/gather.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/pack.h"
#include "appliance/index/posting.h"

#define FIRST_SLOTS (1u << 16)
#define INLINE_PLACES 4u

struct entry {
	size_t key; /* offset in keys */
	uint16_t key_size;
	bool unsorted; /* places do not rise */
	uint32_t hash;
	uint32_t count;
	uint16_t few[INLINE_PLACES];
	struct sr_buf many; /* all places, once there are more than INLINE_PLACES */
};

struct sr_gather {
	struct sr_buf keys;
	struct entry *entries;
	size_t count;
	size_t capacity;
	uint32_t *slots; /* entry + 1, 0: free */
	size_t slot_count;
	size_t many_bytes;
};

static uint16_t *places_of(struct entry *entry)
{
	return entry->many.data ? (uint16_t *)(void *)entry->many.data : entry->few;
}

enum sr_status sr_gather_new(struct sr_gather **out, struct sr_err *err)
{
	struct sr_gather *gather = calloc(1, sizeof(*gather));

	if (gather)
		gather->slots = calloc(FIRST_SLOTS, sizeof(*gather->slots));
	if (!gather || !gather->slots) {
		free(gather);
		return sr_fail(err, SR_NO_MEMORY, "no memory to gather search terms");
	}
	gather->slot_count = FIRST_SLOTS;
	*out = gather;
	return SR_OK;
}

static void empty(struct sr_gather *gather)
{
	for (size_t i = 0; i < gather->count; i++)
		sr_buf_dispose(&gather->entries[i].many);
	gather->count = 0;
	gather->many_bytes = 0;
	gather->keys.size = 0;
	memset(gather->slots, 0, gather->slot_count * sizeof(*gather->slots));
}

void sr_gather_free(struct sr_gather *gather)
{
	if (!gather)
		return;
	empty(gather);
	sr_buf_dispose(&gather->keys);
	free(gather->entries);
	free(gather->slots);
	free(gather);
}

size_t sr_gather_size(const struct sr_gather *gather)
{
	return gather->keys.size + gather->count * sizeof(*gather->entries) + gather->many_bytes +
	       gather->slot_count * sizeof(*gather->slots);
}

size_t sr_posting_key(uint32_t block, uint8_t classes, struct sr_bytes term,
                      uint8_t out[SR_POSTING_KEY_BYTES])
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(block >> (24 - 8 * i));
	out[4] = classes;
	memcpy(out + 5, term.data, term.size);
	return 5 + term.size;
}

static bool has_key(const struct sr_gather *gather, const struct entry *entry, uint32_t hash,
                    struct sr_bytes key)
{
	return entry->hash == hash && entry->key_size == key.size &&
	       memcmp(gather->keys.data + entry->key, key.data, key.size) == 0;
}

static uint32_t *find_slot(struct sr_gather *gather, uint32_t hash, struct sr_bytes key)
{
	for (size_t at = hash;; at++) {
		uint32_t *slot = &gather->slots[at & (gather->slot_count - 1)];

		if (*slot == 0 || has_key(gather, &gather->entries[*slot - 1], hash, key))
			return slot;
	}
}

static enum sr_status grow_slots(struct sr_gather *gather, struct sr_err *err)
{
	size_t count = gather->slot_count * 2;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return sr_fail(err, SR_NO_MEMORY, "no memory to gather search terms");
	for (size_t i = 0; i < gather->count; i++) {
		size_t at = gather->entries[i].hash;

		while (slots[at & (count - 1)] != 0)
			at++;
		slots[at & (count - 1)] = (uint32_t)i + 1;
	}
	free(gather->slots);
	gather->slots = slots;
	gather->slot_count = count;
	return SR_OK;
}

static enum sr_status new_entry(struct sr_gather *gather, uint32_t hash, struct sr_bytes key,
                                struct sr_err *err)
{
	if (gather->count == UINT32_MAX - 1)
		return sr_fail(err, SR_LIMIT, "too many search terms gathered");
	if (gather->count == gather->capacity) {
		size_t capacity = gather->capacity ? gather->capacity * 2 : 4096;
		struct entry *entries = realloc(gather->entries, capacity * sizeof(*entries));

		if (!entries)
			return sr_fail(err, SR_NO_MEMORY, "no memory to gather search terms");
		gather->entries = entries;
		gather->capacity = capacity;
	}
	gather->entries[gather->count] = (struct entry){
		.key = gather->keys.size,
		.key_size = (uint16_t)key.size,
		.hash = hash,
	};
	SR_TRY(sr_buf_add(&gather->keys, key.data, key.size, err));
	gather->count++;
	return SR_OK;
}

static enum sr_status add_place(struct sr_gather *gather, struct entry *entry, uint16_t place,
                                struct sr_err *err)
{
	size_t before = entry->many.capacity;

	if (entry->count > 0 && places_of(entry)[entry->count - 1] >= place)
		entry->unsorted = true;
	if (entry->count == INLINE_PLACES)
		SR_TRY(sr_buf_add(&entry->many, entry->few, sizeof(entry->few), err));
	if (entry->count < INLINE_PLACES)
		entry->few[entry->count] = place;
	else
		SR_TRY(sr_buf_add(&entry->many, &place, sizeof(place), err));
	gather->many_bytes += entry->many.capacity - before;
	entry->count++;
	return SR_OK;
}

static enum sr_status gather_one(struct sr_gather *gather, uint64_t ordinal, const struct sr_term *term,
                                 struct sr_err *err)
{
	uint8_t bytes[SR_POSTING_KEY_BYTES];
	struct sr_bytes key = { bytes, sr_posting_key(sr_ordinal_block(ordinal), term->classes, term->bytes,
		                                      bytes) };
	uint32_t hash = sr_check32(SR_CHECK_SEED, key.data, key.size);
	uint32_t *slot = find_slot(gather, hash, key);

	if (*slot == 0) {
		SR_TRY(new_entry(gather, hash, key, err));
		*slot = (uint32_t)gather->count;
	}
	SR_TRY(add_place(gather, &gather->entries[*slot - 1], sr_ordinal_place(ordinal), err));
	return gather->count > gather->slot_count / 2 ? grow_slots(gather, err) : SR_OK;
}

enum sr_status sr_gather_add(struct sr_gather *gather, uint64_t ordinal, struct sr_bytes terms,
                             struct sr_err *err)
{
	struct sr_cursor walk = { 0 };
	struct sr_term term;

	SR_TRY(sr_terms_open(terms, &walk, err));
	while (sr_terms_next(&walk, &term))
		SR_TRY(gather_one(gather, ordinal, &term, err));
	return walk.bad ? sr_fail(err, SR_CORRUPT, "search terms do not parse") : SR_OK;
}

/* Two rising lists into one; returns its length.  @out has room for both. */
static size_t unite(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count, uint16_t *out)
{
	size_t i = 0;
	size_t j = 0;
	size_t n = 0;

	while (i < a_count || j < b_count) {
		bool take_a = j == b_count || (i < a_count && a[i] <= b[j]);
		bool take_b = i == a_count || (j < b_count && b[j] <= a[i]);

		out[n++] = take_a ? a[i] : b[j];
		i += take_a;
		j += take_b;
	}
	return n;
}

enum sr_status sr_posting_merge(struct sr_txn *txn, struct sr_bytes key, const uint16_t *places, size_t count,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf scratch = { 0 };
	struct sr_bytes old = { 0 };
	bool found = false;

	SR_TRY(sr_txn_look(txn, SR_DB_POSTINGS, key, &found, &old, err));
	if (!found) {
		SR_TRY(sr_posting_encode(places, count, &value, err));
		return sr_txn_put(txn, SR_DB_POSTINGS, key, sr_buf_bytes(&value), err);
	}
	/* What is there (at most 8 places a byte), and the union behind it. */
	size_t there_max = old.size * 8 < SR_BLOCK_CASES ? old.size * 8 : SR_BLOCK_CASES;
	SR_TRY(sr_buf_reserve(&scratch, (2 * there_max + count) * sizeof(uint16_t), err));
	uint16_t *there = (uint16_t *)(void *)scratch.data;
	uint16_t *all = there + there_max;
	size_t there_count = 0;
	SR_TRY(sr_posting_decode(old, there, &there_count, err));
	size_t all_count = unite(there, there_count, places, count, all);
	if (all_count == there_count)
		return SR_OK;
	SR_TRY(sr_posting_encode(all, all_count, &value, err));
	return sr_txn_put(txn, SR_DB_POSTINGS, key, sr_buf_bytes(&value), err);
}

static int compare_places(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* Rising and different. */
static void sort_places(struct entry *entry)
{
	uint16_t *places = places_of(entry);
	uint32_t kept = 0;

	if (!entry->unsorted)
		return;
	qsort(places, entry->count, sizeof(*places), compare_places);
	for (uint32_t i = 0; i < entry->count; i++) {
		if (kept == 0 || places[kept - 1] != places[i])
			places[kept++] = places[i];
	}
	entry->count = kept;
}

static int compare_entries(const void *a, const void *b, void *keys)
{
	const struct entry *x = a;
	const struct entry *y = b;
	size_t common = x->key_size < y->key_size ? x->key_size : y->key_size;
	int order = memcmp((const uint8_t *)keys + x->key, (const uint8_t *)keys + y->key, common);

	return order != 0 ? order : (int)x->key_size - (int)y->key_size;
}

enum sr_status sr_gather_flush(struct sr_gather *gather, struct sr_txn *txn, struct sr_err *err)
{
	if (gather->count > 0)
		qsort_r(gather->entries, gather->count, sizeof(*gather->entries), compare_entries,
		        gather->keys.data);
	for (size_t i = 0; i < gather->count; i++) {
		struct entry *entry = &gather->entries[i];
		struct sr_bytes key = { gather->keys.data + entry->key, entry->key_size };

		sort_places(entry);
		SR_TRY(sr_posting_merge(txn, key, places_of(entry), entry->count, err));
	}
	empty(gather);
	return SR_OK;
}
