/* SPDX-License-Identifier: Apache-2.0 */
/* Searching agrees with looking at every case, for every reader. */
#include "tests/unit/unit.h"

#include "appliance/index/filing.h"
#include "tests/unit/index/made_up_cases.h"

/* As seals do: each in its own transaction, and short batches now and then. */
static void file_one_by_one(struct sr_env *env)
{
	struct sr_txn *txn = NULL;
	struct sr_err err;
	bool more = true;

	for (unsigned i = 0; i < CASES;) {
		assert_ok(sr_txn_write(env, &txn, &err));
		for (unsigned n = 0; n < 500 && i < CASES; n++, i++)
			file_case(txn, &cases[i], NULL);
		assert_ok(sr_filing_batch(txn, 100000, &more, &err));
		assert_true(more);
		assert_ok(sr_txn_commit(&txn, &err));
	}
	while (more) {
		assert_ok(sr_txn_write(env, &txn, &err));
		assert_ok(sr_filing_batch(txn, 50000000, &more, &err));
		assert_ok(sr_txn_commit(&txn, &err));
	}
}

/* As a rebuild does. */
static void file_gathered(struct sr_env *env)
{
	SR_CLEANUP(sr_gather_freep) struct sr_gather *gather = NULL;
	struct sr_txn *txn = NULL;
	struct sr_err err;

	assert_ok(sr_gather_new(&gather, &err));
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_index_drop(txn, &err));
	for (unsigned i = 0; i < CASES; i++) {
		file_case(txn, &cases[i], gather);
		if (i == CASES / 3)
			assert_ok(sr_gather_flush(gather, txn, &err));
	}
	assert_ok(sr_filing_flush(txn, gather, &err));
	assert_ok(sr_index_finish(txn, &err));
	assert_ok(sr_txn_commit(&txn, &err));
}

/* Page through the answer; every case must come once, in order. */
static void expect_pages(struct sr_txn *txn, struct sr_search *search, const struct known_case **want,
                         size_t count, size_t limit)
{
	struct sr_search_page page;
	struct sr_case_id after;
	size_t seen = 0;
	struct sr_err err;

	search->limit = limit;
	search->after = NULL;
	do {
		assert_ok(sr_search_run(txn, search, &page, &err));
		assert_int_equal(page.total, count);
		assert_true(page.count <= limit);
		for (size_t i = 0; i < page.count; i++, seen++) {
			assert_true(seen < count);
			assert_memory_equal(page.cases[i].id.bytes, want[seen]->id.bytes, 16);
		}
		assert_int_equal(page.more, seen < count);
		if (page.count > 0)
			after = page.cases[page.count - 1].id;
		search->after = &after;
	} while (page.more);
	assert_int_equal(seen, count);
}

static struct test_folder folder;
static struct sr_env *env;

static void hundreds_of_questions_are_answered_like_looking_at_every_case(void **state)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	const struct known_case **want = calloc(CASES, sizeof(*want));
	size_t answered = 0;
	struct sr_err err;

	(void)state;
	assert_non_null(want);
	assert_ok(sr_txn_read(env, &txn, &err));
	for (unsigned i = 0; i < 600; i++) {
		struct naive naive;
		struct sr_scope scope;
		char words_text[128];
		char party_text[128];

		choose_question(&naive, &scope);
		write_question(&naive, words_text, party_text);
		size_t count = naive_run(&naive, want);
		answered += count > 0;
		expect_pages(txn, &naive.search, want, count, i % 10 == 0 ? 7 : SR_SEARCH_PAGE);
	}
	assert_true(answered > 200);
	free(want);
}

static void each_reader_counts_only_what_they_may_see(void **state)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_search_page page;
	struct sr_err err;

	(void)state;
	assert_ok(sr_txn_read(env, &txn, &err));
	for (uint8_t clearances = 0; clearances <= SR_CLASS_ALL; clearances++) {
		struct sr_search search = { .clearances = clearances, .everywhere = true };
		size_t count = 0;

		for (unsigned i = 0; i < CASES; i++)
			count += (cases[i].classes & ~clearances) == 0;
		assert_ok(sr_search_run(txn, &search, &page, &err));
		assert_int_equal(page.total, count);
		assert_int_equal(page.count, 0);
	}
	struct sr_search nobody = { 0 };
	assert_ok(sr_search_run(txn, &nobody, &page, &err));
	assert_int_equal(page.total, 0);
}

static void a_hidden_case_as_cursor_is_answered_like_an_unknown_one(void **state)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_search search = { .everywhere = true, .limit = 5 };
	struct sr_search_page page;
	struct sr_case_id unknown = { { 1, 2, 3 } };
	struct sr_err err;
	struct sr_err hidden_err;
	unsigned hidden = 0;

	(void)state;
	while (cases[hidden].classes == 0)
		hidden++;
	assert_ok(sr_txn_read(env, &txn, &err));
	search.after = &unknown;
	assert_int_equal(sr_search_run(txn, &search, &page, &err), SR_INVALID);
	search.after = &cases[hidden].id;
	assert_int_equal(sr_search_run(txn, &search, &page, &hidden_err), SR_INVALID);
	assert_string_equal(err.text, hidden_err.text);
}

static void questions_over_their_bounds_are_refused(void **state)
{
	static const struct {
		const char *why, *words;
		enum sr_status status;
		uint64_t total;
	} table[] = {
		{ "ten words", "1 2 3 4 5 6 7 8 9 10", SR_OK, 0 },
		{ "eleven words", "1 2 3 4 5 6 7 8 9 10 11", SR_INVALID, 0 },
		{ "eleven words, wide blanks", "1　2　3　4　5　6　7　8　9　10　11", SR_INVALID, 0 },
		{ "punctuation alone finds nothing", "。，！", SR_OK, 0 },
		{ "blanks alone ask nothing", "  　 ", SR_OK, CASES },
	};
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_search search = { .clearances = SR_CLASS_ALL, .everywhere = true };
	struct sr_search_page page;
	char many[1200];
	struct sr_err err;

	(void)state;
	assert_ok(sr_txn_read(env, &txn, &err));
	for (size_t i = 0; i < SR_COUNT(table); i++) {
		print_message("case: %s\n", table[i].why);
		search.words = text(table[i].words);
		assert_int_equal(sr_search_run(txn, &search, &page, &err), table[i].status);
		if (table[i].status == SR_OK)
			assert_int_equal(page.total, table[i].total);
	}
	memset(many, 'x', sizeof(many));
	search.words = (struct sr_bytes){ (const uint8_t *)many, sizeof(many) };
	assert_int_equal(sr_search_run(txn, &search, &page, &err), SR_INVALID);
	for (size_t i = 0; i < 100; i++)
		memcpy(many + 3 * i, "药", 3);
	search.words.size = 300;
	assert_int_equal(sr_search_run(txn, &search, &page, &err), SR_INVALID);
	search = (struct sr_search){ .everywhere = true, .limit = SR_SEARCH_PAGE + 1 };
	assert_int_equal(sr_search_run(txn, &search, &page, &err), SR_INVALID);
	search = (struct sr_search){ .everywhere = true, .clearances = 8 };
	assert_int_equal(sr_search_run(txn, &search, &page, &err), SR_INVALID);
}

/* --- two ways of filing ------------------------------------------------------------------------- */

static enum sr_status sum(void *context, const char *db, struct sr_bytes key, struct sr_bytes value,
                          struct sr_err *err)
{
	uint64_t *hash = context;

	(void)err;
	for (const char *c = db; *c; c++)
		*hash = (*hash ^ (uint8_t)*c) * 1099511628211u;
	for (size_t i = 0; i < key.size; i++)
		*hash = (*hash ^ key.data[i]) * 1099511628211u;
	for (size_t i = 0; i < value.size; i++)
		*hash = (*hash ^ value.data[i]) * 1099511628211u;
	return SR_OK;
}

static uint64_t index_sum(void)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t hash = 14695981039346656037u;
	struct sr_err err;

	assert_ok(sr_txn_read(env, &txn, &err));
	assert_ok(sr_index_each(txn, sum, &hash, &err));
	return hash;
}

static void a_rebuild_makes_the_same_index_as_filing_one_by_one(void **state)
{
	struct sr_filing_state filing;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_err err;
	uint64_t chance_before = chance_state;

	(void)state;
	chance_state = 42;
	file_gathered(env);
	uint64_t gathered = index_sum();
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_index_drop(txn, &err));
	assert_ok(sr_index_finish(txn, &err));
	assert_ok(sr_txn_commit(&txn, &err));
	chance_state = 42;
	file_one_by_one(env);
	assert_true(index_sum() == gathered);
	assert_ok(sr_txn_read(env, &txn, &err));
	assert_ok(sr_filing_state(txn, &filing, &err));
	assert_int_equal(filing.arrived, CASES);
	assert_int_equal(filing.indexed_to, CASES);
	chance_state = chance_before;
}

static int set_up(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ORGANS; i++)
		snprintf(organ_codes[i], sizeof(organ_codes[i]), "15010%u-YB", i);
	cases = calloc(CASES, sizeof(*cases));
	if (!cases)
		return -1;
	for (unsigned i = 0; i < CASES; i++)
		make_case(&cases[i], i);
	test_folder_open(&folder);
	env = open_env(&folder, 0);
	file_one_by_one(env);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sr_env_close(env);
	test_folder_close(&folder);
	free(cases);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hundreds_of_questions_are_answered_like_looking_at_every_case),
		cmocka_unit_test(each_reader_counts_only_what_they_may_see),
		cmocka_unit_test(a_hidden_case_as_cursor_is_answered_like_an_unknown_one),
		cmocka_unit_test(questions_over_their_bounds_are_refused),
		cmocka_unit_test(a_rebuild_makes_the_same_index_as_filing_one_by_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
