/* SPDX-License-Identifier: Apache-2.0 */
/* Filing cases, supplements and their search terms, with crashes in between. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/clock.h"
#include "appliance/index/case_store.h"
#include "appliance/index/filing.h"
#include "appliance/index/posting.h"
#include "appliance/index/search.h"
#include "tests/unit/index/database.h"

struct sample {
	uint8_t id;
	const char *number, *organ;
	int year;
	uint8_t classes;
	const char *member_text;
	uint8_t member_classes;
};

static struct sr_case_id id_of(uint8_t first)
{
	return (struct sr_case_id){ { first, 1, 2, 3 } };
}

static void pack_members(uint32_t first, uint32_t count, struct sr_buf *out)
{
	SR_CLEANUP(sr_members_packer_dispose) struct sr_members_packer packer = { .first_number = first };
	struct sr_err err;

	for (uint32_t i = 0; i < count; i++) {
		struct sr_member_row row = { .offset = 512 * (first + i),
			                     .path = text("documents/a.pdf"),
			                     .title = text("a") };

		assert_ok(sr_members_pack(&packer, &row, &err));
	}
	assert_ok(sr_members_finish(&packer, out, &err));
}

static enum sr_status file_sample(struct sr_txn *txn, const struct sample *sample, uint64_t *ordinal,
                                  struct sr_err *why)
{
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf parts = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf members = { 0 };
	struct sr_case_part part = {
		.number = 1, .first_member = 1, .member_count = 3, .bytes = 10, .archive = text("a-001.tar")
	};
	struct sr_case_record record = { .id = id_of(sample->id),
		                         .classes = sample->classes,
		                         .listed_day = sr_date_join(sample->year, 5, 6),
		                         .number = text(sample->number),
		                         .title = text("某药店案"),
		                         .organ = text(sample->organ),
		                         .part_count = 1,
		                         .member_count = 3,
		                         .bytes = 10 };
	struct sr_case_filing filing = { 0 };
	struct sr_err err;

	assert_ok(sr_case_pack_part(&parts, &part, &err));
	record.parts = sr_buf_bytes(&parts);
	pack_members(1, 3, &members);
	filing.members = sr_buf_bytes(&members);
	assert_ok(sr_terms_new(sample->classes, &terms, &err));
	assert_ok(sr_terms_add_record(terms, &record, &err));
	if (sample->member_text)
		assert_ok(sr_terms_add_text(terms, sample->member_classes, text(sample->member_text), &err));
	assert_ok(sr_terms_pack(terms, &filing.terms, &err));
	return sr_case_store_add(txn, &record, &filing, ordinal, why);
}

static void file_everything(struct sr_txn *txn)
{
	bool more = true;
	struct sr_err err;

	while (more)
		assert_ok(sr_filing_batch(txn, 1, &more, &err));
}

static uint64_t find(struct sr_txn *txn, const char *words, uint8_t clearances)
{
	struct sr_search search = {
		.words = text(words), .everywhere = true, .clearances = clearances, .limit = 10
	};
	static struct sr_search_page page;
	struct sr_err err;

	assert_ok(sr_search_run(txn, &search, &page, &err));
	return page.total;
}

static void begin(struct test_folder *folder, struct sr_env **env, struct sr_txn **txn)
{
	struct sr_err err;

	test_folder_open(folder);
	*env = open_env(folder, 0);
	assert_ok(sr_txn_write(*env, txn, &err));
}

static void end(struct test_folder *folder, struct sr_env *env, struct sr_txn *txn)
{
	sr_txn_abort(txn);
	sr_env_close(env);
	test_folder_close(folder);
}

static void cases_are_numbered_by_year_and_then_by_arrival(void **state)
{
	static const struct {
		struct sample sample;
		uint64_t sequence;
	} cases[] = {
		{ { .id = 1, .number = "一", .organ = "A", .year = 2025 }, 0 },
		{ { .id = 2, .number = "二", .organ = "A", .year = 2024 }, 0 },
		{ { .id = 3, .number = "三", .organ = "A", .year = 2025 }, 1 },
		{ { .id = 4, .number = "四", .organ = "A", .year = 2026 }, 0 },
		{ { .id = 5, .number = "五", .organ = "A", .year = 2025 }, 2 },
	};
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct sr_txn *txn = NULL;
	struct sr_err err;

	(void)state;
	begin(&folder, &env, &txn);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		uint64_t ordinal = 0;
		struct sr_case_id id;

		assert_ok(file_sample(txn, &cases[i].sample, &ordinal, &err));
		assert_true(ordinal == sr_ordinal_of(cases[i].sample.year, cases[i].sequence));
		assert_ok(sr_case_store_id_at(txn, ordinal, &id, &err));
		assert_int_equal(id.bytes[0], cases[i].sample.id);
	}
	end(&folder, env, txn);
}

static void a_case_is_filed_once_and_an_organ_uses_a_number_once(void **state)
{
	static const struct {
		const char *why;
		struct sample sample;
		enum sr_status status;
	} cases[] = {
		{ "first", { .id = 1, .number = "罚〔2025〕1号", .organ = "A", .year = 2025 }, SR_OK },
		{ "same number, another organ",
		  { .id = 2, .number = "罚〔2025〕1号", .organ = "B", .year = 2025 },
		  SR_OK },
		{ "same number, same organ",
		  { .id = 3, .number = "罚〔2025〕1号", .organ = "A", .year = 2024 },
		  SR_EXISTS },
		{ "same number in other brackets",
		  { .id = 3, .number = "罚[２０２５]1号", .organ = "A", .year = 2025 },
		  SR_EXISTS },
		{ "same id", { .id = 1, .number = "罚〔2025〕2号", .organ = "A", .year = 2025 }, SR_EXISTS },
		{ "another number",
		  { .id = 3, .number = "罚〔2025〕11号", .organ = "A", .year = 2025 },
		  SR_OK },
	};
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct sr_txn *txn = NULL;
	struct sr_case_id ids[4];
	size_t count = 0;
	struct sr_err err;

	(void)state;
	begin(&folder, &env, &txn);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		uint64_t ordinal = 0;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(file_sample(txn, &cases[i].sample, &ordinal, &err), cases[i].status);
	}
	assert_ok(sr_case_store_by_number(txn, text("罚（2025）1号"), ids, 4, &count, &err));
	assert_int_equal(count, 2);
	assert_ok(sr_case_store_by_number(txn, text("罚（2025）1号"), ids, 1, &count, &err));
	assert_int_equal(count, 1);
	assert_ok(sr_case_store_by_number(txn, text("罚〔2025〕"), ids, 4, &count, &err));
	assert_int_equal(count, 0);
	end(&folder, env, txn);
}

static enum sr_status supplement(struct sr_txn *txn, uint8_t case_classes, uint32_t number, uint32_t first,
                                 uint32_t count, const char *words, uint8_t classes, struct sr_err *why)
{
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf members = { 0 };
	struct sr_case_part part = { .number = number,
		                     .classes = classes,
		                     .first_member = first,
		                     .member_count = 2,
		                     .bytes = 7,
		                     .archive = text("a-002.tar") };
	struct sr_case_filing filing = { 0 };
	struct sr_case_id id = id_of(1);
	struct sr_err err;

	pack_members(first, count, &members);
	filing.members = sr_buf_bytes(&members);
	assert_ok(sr_terms_new(case_classes, &terms, &err));
	assert_ok(sr_terms_add_text(terms, classes, text(words), &err));
	assert_ok(sr_terms_pack(terms, &filing.terms, &err));
	return sr_case_store_supplement(txn, &id, &part, &filing, why);
}

static void a_supplement_joins_its_case_and_keeps_its_secrets(void **state)
{
	static const struct sample first = { .id = 1, .number = "一", .organ = "A", .year = 2025 };
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct sr_txn *txn = NULL;
	struct sr_case_id id = id_of(1);
	struct sr_case_record record;
	struct sr_member_row row;
	struct sr_case_part part;
	uint64_t ordinal = 0;
	struct sr_err err;

	(void)state;
	begin(&folder, &env, &txn);
	assert_ok(file_sample(txn, &first, &ordinal, &err));
	assert_int_equal(supplement(txn, 0, 3, 4, 2, "秘密", SR_CLASS_PRIVACY, &err), SR_INVALID);
	assert_int_equal(supplement(txn, 0, 2, 5, 2, "秘密", SR_CLASS_PRIVACY, &err), SR_INVALID);
	assert_int_equal(supplement(txn, 0, 2, 4, 3, "秘密", SR_CLASS_PRIVACY, &err), SR_INVALID);
	assert_ok(supplement(txn, 0, 2, 4, 2, "秘密", SR_CLASS_PRIVACY, &err));
	file_everything(txn);
	assert_ok(sr_case_store_get(txn, &id, &record, &err));
	assert_int_equal(record.part_count, 2);
	assert_int_equal(record.member_count, 5);
	assert_true(record.bytes == 17 && record.classes == 0 && record.ordinal == ordinal);
	assert_ok(sr_case_store_member(txn, &id, 5, &part, &row, &err));
	assert_int_equal(part.number, 2);
	assert_int_equal(row.offset, 512 * 5);
	assert_ok(sr_case_store_member(txn, &id, 3, &part, &row, &err));
	assert_int_equal(part.number, 1);
	assert_int_equal(sr_case_store_member(txn, &id, 6, &part, &row, &err), SR_NOT_FOUND);
	assert_int_equal(find(txn, "秘密", 0), 0);
	assert_int_equal(find(txn, "秘密", SR_CLASS_PRIVACY), 1);
	assert_int_equal(find(txn, "秘密 药店", SR_CLASS_PRIVACY), 1);
	assert_int_equal(find(txn, "药店", 0), 1);
	assert_int_equal(find(txn, "药店", SR_CLASS_ALL), 1); /* once, though in two classes */
	end(&folder, env, txn);
}

static void a_hidden_members_words_do_not_find_the_case(void **state)
{
	static const struct sample open_case = { 1, "一", "A", 2025, 0, "录像说明", SR_CLASS_COMMERCIAL };
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct sr_txn *txn = NULL;
	uint64_t ordinal = 0;
	struct sr_err err;

	(void)state;
	begin(&folder, &env, &txn);
	assert_ok(file_sample(txn, &open_case, &ordinal, &err));
	file_everything(txn);
	assert_int_equal(find(txn, "药店", 0), 1);
	assert_int_equal(find(txn, "录像", 0), 0);
	assert_int_equal(find(txn, "录像", SR_CLASS_PRIVACY), 0);
	assert_int_equal(find(txn, "录像 药店", SR_CLASS_COMMERCIAL), 1);
	end(&folder, env, txn);
}

static void a_batch_ends_in_time_and_the_next_goes_on(void **state)
{
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct sr_txn *txn = NULL;
	static char long_text[90000];
	struct sample sample = {
		.id = 1, .number = "一", .organ = "A", .year = 2025, .member_text = long_text
	};
	struct sr_filing_state filing;
	struct timespec start;
	struct timespec now;
	uint64_t ordinal = 0;
	unsigned batches = 0;
	bool more = true;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i + 4 < sizeof(long_text); i += 3) {
		unsigned c = 0x4e00 + (unsigned)(i * 7919 % 20000);
		char character[3] = { (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)),
			              (char)(0x80 | (c & 63)) };

		memcpy(long_text + i, character, 3);
	}
	begin(&folder, &env, &txn);
	assert_ok(file_sample(txn, &sample, &ordinal, &err));
	assert_ok(sr_txn_commit(&txn, &err));
	int64_t longest = 0;
	for (; more; batches++) {
		assert_ok(sr_txn_write(env, &txn, &err));
		clock_gettime(CLOCK_MONOTONIC, &start);
		assert_ok(sr_filing_batch(txn, SR_FILING_BATCH_NS, &more, &err));
		clock_gettime(CLOCK_MONOTONIC, &now);
		int64_t took = (now.tv_sec - start.tv_sec) * 1000000000ll + now.tv_nsec - start.tv_nsec;
		longest = took > longest ? took : longest;
		assert_ok(sr_filing_state(txn, &filing, &err));
		assert_int_equal(filing.indexed_to, more ? 0 : 1);
		assert_ok(sr_txn_commit(&txn, &err));
	}
	assert_true(batches > 2);
	print_message("%u batches, the longest %ld us\n", batches, (long)(longest / 1000));
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_int_equal(find(txn, "药店", 0), 1);
	end(&folder, env, txn);
}

#define ROUNDS 15u
#define CASES_OF_ROUND 16u /* at most; those of all rounds are told apart by a byte of their id */

/* Files case after case in short batches until it is killed. */
static void file_until_killed(const char *path, int pipe_fd, unsigned first)
{
	struct sr_env_options options = { .path = path, .map_start = 1 << 20 };
	struct sr_env *env = NULL;
	struct sr_err err;

	if (sr_env_open(&options, &env, &err) != SR_OK)
		_exit(1);
	for (unsigned i = first;; i++) {
		struct sr_txn *txn = NULL;
		char number[32];
		struct sample sample = {
			.id = 9, .number = number, .organ = "A", .year = 2025, .member_text = "现场检查"
		};
		uint64_t ordinal = 0;
		bool more = true;

		while (i == first + CASES_OF_ROUND)
			pause();
		snprintf(number, sizeof(number), "第%u号", i);
		sample.id = (uint8_t)i;
		if (sr_txn_write(env, &txn, &err) != SR_OK ||
		    file_sample(txn, &sample, &ordinal, &err) != SR_OK ||
		    sr_txn_commit(&txn, &err) != SR_OK || write(pipe_fd, &i, sizeof(i)) != sizeof(i))
			_exit(2);
		while (more) {
			if (sr_txn_write(env, &txn, &err) != SR_OK ||
			    sr_filing_batch(txn, 20000, &more, &err) != SR_OK ||
			    sr_txn_commit(&txn, &err) != SR_OK)
				_exit(3);
		}
	}
}

static void killed_while_filing_nothing_is_lost(void **state)
{
	struct test_folder folder;
	unsigned filed = 0;

	(void)state;
	test_folder_open(&folder);
	for (unsigned round = 0; round < ROUNDS; round++) {
		int fds[2];
		unsigned one = 0;

		assert_int_equal(pipe(fds), 0);
		pid_t child = fork();
		if (child == 0)
			file_until_killed(folder.path, fds[1], filed + 1);
		close(fds[1]);
		assert_int_equal(read(fds[0], &one, sizeof(one)), sizeof(one));
		struct timespec pause = { .tv_nsec = (round * 7919 % 3000) * 1000 };
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(fds[0]);

		struct sr_env *env = open_env(&folder, 1 << 20);
		struct sr_txn *txn = NULL;
		struct sr_filing_state filing;
		uint64_t count = 0;
		struct sr_err err;
		assert_ok(sr_txn_write(env, &txn, &err));
		assert_ok(sr_txn_count(txn, SR_DB_CASES, &count, &err));
		assert_true(count >= one);
		file_everything(txn);
		assert_ok(sr_filing_state(txn, &filing, &err));
		assert_true(filing.arrived == count && filing.indexed_to == count);
		assert_int_equal(find(txn, "现场检查", 0), count);
		assert_int_equal(find(txn, "药店", 0), count);
		assert_ok(sr_txn_commit(&txn, &err));
		filed = (unsigned)count;
		sr_env_close(env);
	}
	test_folder_close(&folder);
}

static void damaged_postings_show_nothing_that_the_record_hides(void **state)
{
	static const struct sample open_case = { .id = 1, .number = "一", .organ = "A", .year = 2025 };
	static const struct sample hidden = {
		.id = 2, .number = "二", .organ = "A", .year = 2025, .classes = 1
	};
	struct sr_search search = { .words = text("药店"), .everywhere = true, .limit = 10 };
	static struct sr_search_page page;
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct sr_txn *txn = NULL;
	uint64_t ordinal = 0;
	uint8_t key[SR_POSTING_KEY_BYTES];
	uint16_t both[] = { 0, 1 };
	struct sr_err err;

	(void)state;
	begin(&folder, &env, &txn);
	assert_ok(file_sample(txn, &open_case, &ordinal, &err));
	assert_ok(file_sample(txn, &hidden, &ordinal, &err));
	file_everything(txn);
	assert_ok(sr_search_run(txn, &search, &page, &err));
	assert_int_equal(page.total, 1);
	size_t size = sr_posting_key(sr_ordinal_block(ordinal), 0, text("w药店"), key);
	assert_ok(sr_posting_merge(txn, (struct sr_bytes){ key, size }, both, 2, &err));
	assert_int_equal(sr_search_run(txn, &search, &page, &err), SR_CORRUPT);
	assert_ok(sr_txn_put(txn, SR_DB_POSTINGS, (struct sr_bytes){ key, size }, text("x"), &err));
	assert_int_equal(sr_search_run(txn, &search, &page, &err), SR_CORRUPT);
	end(&folder, env, txn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_are_numbered_by_year_and_then_by_arrival),
		cmocka_unit_test(a_case_is_filed_once_and_an_organ_uses_a_number_once),
		cmocka_unit_test(a_supplement_joins_its_case_and_keeps_its_secrets),
		cmocka_unit_test(a_hidden_members_words_do_not_find_the_case),
		cmocka_unit_test(a_batch_ends_in_time_and_the_next_goes_on),
		cmocka_unit_test(killed_while_filing_nothing_is_lost),
		cmocka_unit_test(damaged_postings_show_nothing_that_the_record_hides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
