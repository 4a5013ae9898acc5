/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/search.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/index/case_store.h"
#include "appliance/index/gather.h"
#include "appliance/index/posting.h"
#include "appliance/index/question.h"
#include "appliance/index/terms.h"
#include "appliance/index/walk.h"

#define CLASS_SETS 8u /* subsets of the three classes */

/* One run of a question. */
struct run {
	struct sr_txn *txn;
	const struct sr_search *search;
	struct sr_question question;
	struct sr_walk *blocks;   /* over the order of cases, downwards */
	struct sr_walk *postings; /* over the postings, upwards */
	uint64_t after;           /* ordinal; UINT64_MAX: from the first */
	bool after_seen;
	/* the block at hand */
	uint32_t block;
	uint8_t classes[CLASS_SETS]; /* that occur in it and that the reader may see */
	size_t class_count;
};

static void run_dispose(struct run *run)
{
	sr_question_dispose(&run->question);
	sr_walk_close(run->blocks);
	sr_walk_close(run->postings);
}

/* Unite @set, which is taken, with *to; NULL is the empty set. */
static void unite(roaring_bitmap_t **to, roaring_bitmap_t *set)
{
	if (!*to) {
		*to = set;
		return;
	}
	roaring_bitmap_or_inplace(*to, set);
	roaring_bitmap_free(set);
}

static enum sr_status unite_posting(struct sr_bytes value, roaring_bitmap_t **to, struct sr_err *err)
{
	roaring_bitmap_t *set = NULL;

	SR_TRY(sr_posting_set(value, &set, err));
	unite(to, set);
	return SR_OK;
}

static enum sr_status unite_term(struct run *run, uint8_t classes, struct sr_bytes term,
                                 roaring_bitmap_t **to, struct sr_err *err)
{
	uint8_t key[SR_POSTING_KEY_BYTES];
	size_t size = sr_posting_key(run->block, classes, term, key);
	struct sr_bytes value = { 0 };
	bool found = false;

	SR_TRY(sr_txn_look(run->txn, SR_DB_POSTINGS, (struct sr_bytes){ key, size }, &found, &value, err));
	return found ? unite_posting(value, to, err) : SR_OK;
}

static enum sr_status unite_prefix(struct run *run, uint8_t classes, struct sr_bytes prefix,
                                   roaring_bitmap_t **to, struct sr_err *err)
{
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	uint8_t key_bytes[SR_POSTING_KEY_BYTES];
	size_t size = sr_posting_key(run->block, classes, prefix, key_bytes);
	struct sr_bytes key;
	struct sr_bytes value;
	bool more = false;

	SR_TRY(sr_walk_open_prefix(run->txn, SR_DB_POSTINGS, (struct sr_bytes){ key_bytes, size }, SR_UP,
	                           &walk, err));
	SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
	while (more) {
		SR_TRY(unite_posting(value, to, err));
		SR_TRY(sr_walk_next(walk, &more, &key, &value, err));
	}
	return SR_OK;
}

/* Cases of the block that have @term, in whatever class the reader may see. */
static enum sr_status unite_alternative(struct run *run, struct sr_bytes term, bool is_prefix,
                                        roaring_bitmap_t **to, struct sr_err *err)
{
	for (size_t i = 0; i < run->class_count; i++) {
		if (is_prefix)
			SR_TRY(unite_prefix(run, run->classes[i], term, to, err));
		else
			SR_TRY(unite_term(run, run->classes[i], term, to, err));
	}
	return SR_OK;
}

/* Keep in *set (NULL: everything yet) what is in @other, which is taken (NULL: nothing). */
static void intersect(roaring_bitmap_t **set, bool *first, roaring_bitmap_t *other)
{
	if (*first)
		*set = other;
	else if (!other)
		sr_roaring_freep(set);
	else
		roaring_bitmap_and_inplace(*set, other);
	if (!*first && other)
		roaring_bitmap_free(other);
	*first = false;
}

static bool is_nothing(const roaring_bitmap_t *set)
{
	return !set || roaring_bitmap_is_empty(set);
}

static enum sr_status apply_condition(struct run *run, const struct sr_condition *condition,
                                      roaring_bitmap_t **set, bool *first, struct sr_err *err)
{
	SR_CLEANUP(sr_roaring_freep) roaring_bitmap_t *any = NULL;

	for (size_t i = 0; i < condition->count; i++) {
		const struct sr_alternative *alternative =
			sr_question_alternative(&run->question, condition->first + i);
		struct sr_bytes term = { run->question.bytes.data + alternative->at, alternative->size };

		SR_TRY(unite_alternative(run, term, alternative->is_prefix, &any, err));
	}
	intersect(set, first, SR_MOVE(any));
	return SR_OK;
}

/* --- dates -------------------------------------------------------------------------------------- */

static enum sr_status unite_month(struct run *run, int month, roaring_bitmap_t **to, struct sr_err *err)
{
	uint8_t term[2] = { SR_TERM_MONTH, (uint8_t)month };

	return unite_alternative(run, (struct sr_bytes){ term, sizeof(term) }, false, to, err);
}

static enum sr_status unite_day(struct run *run, int64_t of_year, roaring_bitmap_t **to, struct sr_err *err)
{
	uint8_t term[3] = { SR_TERM_DAY, (uint8_t)(of_year >> 8), (uint8_t)of_year };

	return unite_alternative(run, (struct sr_bytes){ term, sizeof(term) }, false, to, err);
}

/* Whole months by their own terms, the days at the two ends singly. */
static enum sr_status unite_days(struct run *run, int year, int64_t from, int64_t to, roaring_bitmap_t **set,
                                 struct sr_err *err)
{
	int64_t january = sr_date_join(year, 1, 1);

	for (int month = 1; month <= 12; month++) {
		int64_t first = sr_date_join(year, month, 1);
		int64_t next = month == 12 ? sr_date_join(year + 1, 1, 1) : sr_date_join(year, month + 1, 1);

		if (from <= first && next - 1 <= to) {
			SR_TRY(unite_month(run, month, set, err));
			continue;
		}
		for (int64_t day = first < from ? from : first; day < next && day <= to; day++)
			SR_TRY(unite_day(run, day - january, set, err));
	}
	return SR_OK;
}

/* A year that lies whole within the bounds is no condition: the block is in it. */
static enum sr_status apply_dates(struct run *run, roaring_bitmap_t **set, bool *first, struct sr_err *err)
{
	SR_CLEANUP(sr_roaring_freep) roaring_bitmap_t *any = NULL;
	int year = (int)(run->block >> 16);
	int64_t january = sr_date_join(year, 1, 1);
	int64_t december = sr_date_join(year + 1, 1, 1) - 1;

	if (run->question.from_day <= january && run->question.to_day >= december)
		return SR_OK;
	SR_TRY(unite_days(run, year, run->question.from_day, run->question.to_day, &any, err));
	intersect(set, first, SR_MOVE(any));
	return SR_OK;
}

/* --- blocks ------------------------------------------------------------------------------------- */

/* Which classes of terms the block has and the reader may see: one step for each that is there. */
static enum sr_status find_classes(struct run *run, struct sr_err *err)
{
	unsigned classes = 0;

	run->class_count = 0;
	while (classes < CLASS_SETS) {
		uint8_t from[SR_POSTING_KEY_BYTES];
		uint8_t to[SR_POSTING_KEY_BYTES];
		struct sr_bytes none = { (const uint8_t *)"", 0 };
		struct sr_range range = {
			{ from, sr_posting_key(run->block, (uint8_t)classes, none, from) },
			{ to, sr_posting_key(run->block, CLASS_SETS, none, to) },
		};
		struct sr_bytes key;
		struct sr_bytes value;
		bool more = false;

		SR_TRY(sr_walk_restart(run->postings, &range, err));
		SR_TRY(sr_walk_next(run->postings, &more, &key, &value, err));
		if (!more)
			break;
		if (key.size < 6 || key.data[4] < classes)
			return sr_fail(err, SR_CORRUPT, "posting with a short key");
		if ((key.data[4] & ~run->search->clearances) == 0)
			run->classes[run->class_count++] = key.data[4];
		classes = key.data[4] + 1u;
	}
	return SR_OK;
}

static enum sr_status match_block(struct run *run, roaring_bitmap_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_roaring_freep) roaring_bitmap_t *set = NULL;
	bool first = true;

	SR_TRY(find_classes(run, err));
	for (size_t i = 0; i < run->question.condition_count; i++) {
		SR_TRY(apply_condition(run, &run->question.conditions[i], &set, &first, err));
		if (is_nothing(set))
			return SR_OK;
	}
	SR_TRY(apply_dates(run, &set, &first, err));
	*out = SR_MOVE(set);
	return SR_OK;
}

/* A damaged posting must not show a case that its own record hides. */
static enum sr_status add_to_page(struct run *run, uint64_t ordinal, struct sr_search_page *page,
                                  struct sr_err *err)
{
	struct sr_case_record *record = &page->cases[page->count];
	struct sr_case_id id;

	SR_TRY(sr_case_store_id_at(run->txn, ordinal, &id, err));
	SR_TRY(sr_case_store_get(run->txn, &id, record, err));
	if ((record->classes & ~run->search->clearances) != 0 || record->ordinal != ordinal)
		return sr_fail(err, SR_CORRUPT,
		               "the index lists a case under a wrong classification or place");
	page->count++;
	return SR_OK;
}

/* Put what follows @after in this block onto the page; places fall. */
static enum sr_status fill_page(struct run *run, const roaring_bitmap_t *set, struct sr_search_page *page,
                                struct sr_err *err)
{
	roaring_uint32_iterator_t at;

	if (run->block > sr_ordinal_block(run->after))
		return SR_OK;
	roaring_init_iterator_last(set, &at);
	for (; at.has_value && !page->more; roaring_previous_uint32_iterator(&at)) {
		uint64_t ordinal = sr_ordinal_at(run->block, at.current_value);

		if (ordinal >= run->after) {
			run->after_seen = run->after_seen || ordinal == run->after;
			continue;
		}
		page->more = page->count == run->search->limit;
		if (!page->more)
			SR_TRY(add_to_page(run, ordinal, page, err));
	}
	return SR_OK;
}

static int year_of(int64_t day)
{
	int year = 0;
	int month = 0;
	int of_month = 0;

	sr_date_split(day, &year, &month, &of_month);
	return year;
}

/* Ordinals of the years that the dates allow. */
static void bound_years(const struct sr_question *question, uint64_t *from, uint64_t *to)
{
	static const int64_t first_day = -719162; /* of the year 1 */
	static const int64_t last_day = 2932896;  /* of the year 9999 */
	int64_t a = question->from_day < first_day ? first_day : question->from_day;
	int64_t b = question->to_day > last_day ? last_day : question->to_day;

	*from = a > last_day ? UINT64_MAX : sr_ordinal_of(year_of(a), 0);
	*to = b < first_day ? 0 : sr_ordinal_of(year_of(b) + 1, 0);
}

static void put_be64(uint64_t value, uint8_t out[8])
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (56 - 8 * i));
}

/* The highest block with cases of ordinals from @from on and below *to; *to becomes its first ordinal. */
static enum sr_status next_block(struct run *run, uint64_t from, uint64_t *to, bool *more, struct sr_err *err)
{
	uint8_t from_key[8];
	uint8_t to_key[8];
	struct sr_range range = { { from_key, 8 }, { to_key, 8 } };
	struct sr_bytes key;
	struct sr_bytes value;

	put_be64(from, from_key);
	put_be64(*to, to_key);
	SR_TRY(sr_walk_restart(run->blocks, &range, err));
	SR_TRY(sr_walk_next(run->blocks, more, &key, &value, err));
	if (!*more)
		return SR_OK;
	struct sr_cursor c = { .next = key.data, .left = key.size };
	run->block = sr_ordinal_block(sr_cursor_be(&c, 8));
	*to = sr_ordinal_at(run->block, 0);
	return c.bad ? sr_fail(err, SR_CORRUPT, "order of cases: key of %zu bytes", key.size) : SR_OK;
}

static enum sr_status run_blocks(struct run *run, struct sr_search_page *page, struct sr_err *err)
{
	uint64_t from = 0;
	uint64_t to = 0;
	bool more = true;

	bound_years(&run->question, &from, &to);
	while (from < to) {
		SR_CLEANUP(sr_roaring_freep) roaring_bitmap_t *set = NULL;

		SR_TRY(next_block(run, from, &to, &more, err));
		if (!more)
			break;
		SR_TRY(match_block(run, &set, err));
		if (is_nothing(set))
			continue;
		page->total += roaring_bitmap_get_cardinality(set);
		if (run->search->limit > 0 && !page->more)
			SR_TRY(fill_page(run, set, page, err));
	}
	return SR_OK;
}

/* --- the page ----------------------------------------------------------------------------------- */

/*
 * An unknown case and one that the reader may not know of get the same answer after the same work: no place
 * comes before ordinal 0, so nothing is seen.
 */
static enum sr_status find_after(struct run *run, struct sr_err *err)
{
	struct sr_case_record record = { 0 };

	run->after = UINT64_MAX;
	if (!run->search->after)
		return SR_OK;
	enum sr_status status = sr_case_store_get(run->txn, run->search->after, &record, err);
	if (status != SR_OK && status != SR_NOT_FOUND)
		return status;
	run->after = record.ordinal;
	return SR_OK;
}

enum sr_status sr_search_run(struct sr_txn *txn, const struct sr_search *search, struct sr_search_page *out,
                             struct sr_err *err)
{
	SR_CLEANUP(run_dispose) struct run run = { .txn = txn, .search = search };
	struct sr_range all = { 0 };

	SR_TRY(sr_question_make(search, &run.question, err));
	SR_TRY(find_after(&run, err));
	SR_TRY(sr_walk_open(txn, SR_DB_CASE_ORDER, &all, SR_DOWN, &run.blocks, err));
	SR_TRY(sr_walk_open(txn, SR_DB_POSTINGS, &all, SR_UP, &run.postings, err));
	out->total = 0;
	out->count = 0;
	out->more = false;
	SR_TRY(run_blocks(&run, out, err));
	if (search->after && search->limit > 0 && !run.after_seen)
		return sr_fail(err, SR_INVALID, "this list has no such place to go on from");
	return SR_OK;
}
