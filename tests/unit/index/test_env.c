/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <pthread.h>

#include "tests/unit/index/database.h"

static void what_is_committed_is_there_after_a_new_opening(void **state)
{
	struct test_folder folder;
	struct sr_txn *txn = NULL;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	for (enum sr_db db = 0; db < SR_DB_COUNT; db++)
		put_now(env, db, "key", sr_db_name(db));
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_txn_put(txn, SR_DB_GRANTS, text("undone"), text("x"), &err));
	assert_int_equal(sr_txn_put_new(txn, SR_DB_GRANTS, text("key"), text("x"), &err), SR_EXISTS);
	assert_ok(sr_txn_put_new(txn, SR_DB_GRANTS, text("zz"), text("x"), &err));
	assert_ok(sr_txn_del(txn, SR_DB_GRANTS, text("key"), &err));
	assert_int_equal(sr_txn_del(txn, SR_DB_GRANTS, text("key"), &err), SR_NOT_FOUND);
	sr_txn_abort(txn);
	sr_env_close(env);

	env = open_env(&folder, 0);
	for (enum sr_db db = 0; db < SR_DB_COUNT; db++)
		expect(env, db, "key", sr_db_name(db));
	expect(env, SR_DB_GRANTS, "undone", NULL);
	sr_env_close(env);
	test_folder_close(&folder);
}

static void keys_without_or_with_too_many_bytes_are_refused(void **state)
{
	struct test_folder folder;
	struct sr_txn *txn = NULL;
	uint8_t key[SR_KEY_BYTES + 1] = { 1 };
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_txn_put(txn, SR_DB_META, (struct sr_bytes){ key, SR_KEY_BYTES }, text("x"), &err));
	assert_int_equal(sr_txn_put(txn, SR_DB_META, (struct sr_bytes){ key, sizeof(key) }, text("x"), &err),
	                 SR_INVALID);
	sr_txn_abort(txn);
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_int_equal(sr_txn_put(txn, SR_DB_META, (struct sr_bytes){ key, 0 }, text("x"), &err),
	                 SR_INVALID);
	sr_txn_abort(txn);
	sr_env_close(env);
	test_folder_close(&folder);
}

static void a_reader_sees_its_snapshot_until_it_renews(void **state)
{
	struct test_folder folder;
	struct sr_txn *reader = NULL;
	struct sr_bytes value = { 0 };
	struct sr_env_stat stat;
	bool found = true;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	assert_ok(sr_txn_read(env, &reader, &err));
	put_now(env, SR_DB_PEOPLE, "a", "1");
	assert_ok(sr_txn_look(reader, SR_DB_PEOPLE, text("a"), &found, &value, &err));
	assert_false(found);
	assert_ok(sr_txn_renew(reader, &err));
	assert_ok(sr_txn_look(reader, SR_DB_PEOPLE, text("a"), &found, &value, &err));
	assert_true(found);
	assert_ok(sr_env_stat(env, &stat, &err));
	assert_int_equal(stat.readers, 1);
	assert_int_equal(stat.db[SR_DB_PEOPLE].entries, 1);
	assert_true(stat.used_bytes <= stat.map_bytes);
	sr_txn_abort(reader);
	sr_env_close(env);
	test_folder_close(&folder);
}

static void walk_all(struct sr_txn *txn, const struct sr_range *range, enum sr_direction direction, char *out)
{
	SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
	struct sr_bytes key;
	struct sr_bytes value;
	bool more = false;
	struct sr_err err;

	out[0] = '\0';
	assert_ok(sr_walk_open(txn, SR_DB_ENTRIES, range, direction, &walk, &err));
	for (;;) {
		assert_ok(sr_walk_next(walk, &more, &key, &value, &err));
		if (!more)
			break;
		strncat(out, (const char *)key.data, key.size);
		strcat(out, " ");
	}
	assert_ok(sr_walk_next(walk, &more, &key, &value, &err));
	assert_false(more);
}

static void a_walk_gives_the_keys_of_its_range_in_both_directions(void **state)
{
	static const struct {
		const char *why, *from, *to, *up, *down;
	} cases[] = {
		{ "everything", "", "", "a ab b ba c ", "c ba b ab a " },
		{ "from a key that is there", "b", "", "b ba c ", "c ba b " },
		{ "up to a key that is there", "", "b", "a ab ", "ab a " },
		{ "between keys", "aa", "bb", "ab b ba ", "ba b ab " },
		{ "behind all", "d", "", "", "" },
		{ "before all", "", "Z", "", "" },
		{ "bound behind all", "c", "zz", "c ", "c " },
		{ "empty range", "b", "b", "", "" },
		{ "turned round", "c", "a", "", "" },
	};
	struct test_folder folder;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	char got[64];
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	put_now(env, SR_DB_ENTRIES, "b", "");
	put_now(env, SR_DB_ENTRIES, "c", "");
	put_now(env, SR_DB_ENTRIES, "ab", "");
	put_now(env, SR_DB_ENTRIES, "a", "");
	put_now(env, SR_DB_ENTRIES, "ba", "");
	assert_ok(sr_txn_read(env, &txn, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_range range = { text(cases[i].from), text(cases[i].to) };

		print_message("case: %s\n", cases[i].why);
		walk_all(txn, &range, SR_UP, got);
		assert_string_equal(got, cases[i].up);
		walk_all(txn, &range, SR_DOWN, got);
		assert_string_equal(got, cases[i].down);
	}
	sr_txn_abort(SR_MOVE(txn));
	sr_env_close(env);
	test_folder_close(&folder);
}

static void a_walk_over_a_prefix_ends_with_it_even_at_the_highest_byte(void **state)
{
	static const struct {
		const char *why;
		uint8_t prefix[2];
		size_t size;
		unsigned keys;
	} cases[] = {
		{ "a prefix", { 1, 2 }, 2, 2 },
		{ "ends in 0xff", { 1, 0xff }, 2, 1 },
		{ "is 0xff alone", { 0xff }, 1, 2 },
		{ "no prefix", { 0 }, 0, 6 },
	};
	static const uint8_t keys[][3] = { { 1, 2, 0 },    { 1, 2, 0xff },    { 1, 3, 0 },
		                           { 1, 0xff, 7 }, { 0xff, 0xff, 1 }, { 0xff, 0, 0 } };
	struct test_folder folder;
	struct sr_txn *txn = NULL;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	assert_ok(sr_txn_write(env, &txn, &err));
	for (size_t i = 0; i < SR_COUNT(keys); i++)
		assert_ok(sr_txn_put(txn, SR_DB_HASHES, (struct sr_bytes){ keys[i], 3 }, text("v"), &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		for (enum sr_direction direction = SR_UP; direction <= SR_DOWN; direction++) {
			SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
			struct sr_bytes key;
			struct sr_bytes value;
			bool more = true;
			unsigned count = 0;

			print_message("case: %s\n", cases[i].why);
			assert_ok(sr_walk_open_prefix(txn, SR_DB_HASHES,
			                              (struct sr_bytes){ cases[i].prefix, cases[i].size },
			                              direction, &walk, &err));
			for (; more; count += more)
				assert_ok(sr_walk_next(walk, &more, &key, &value, &err));
			assert_int_equal(count, cases[i].keys);
		}
	}
	sr_txn_abort(txn);
	sr_env_close(env);
	test_folder_close(&folder);
}

static void deleting_while_walking_leaves_the_rest(void **state)
{
	struct test_folder folder;
	struct sr_txn *txn = NULL;
	struct sr_walk *walk = NULL;
	struct sr_range all = { 0 };
	struct sr_bytes key;
	struct sr_bytes value;
	bool more = false;
	uint64_t left = 0;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	assert_ok(sr_txn_write(env, &txn, &err));
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t bytes[2] = { (uint8_t)(i >> 8), (uint8_t)i };

		assert_ok(sr_txn_put(txn, SR_DB_DRAFTS, (struct sr_bytes){ bytes, 2 }, text("v"), &err));
	}
	assert_ok(sr_walk_open(txn, SR_DB_DRAFTS, &all, SR_UP, &walk, &err));
	for (unsigned i = 0;; i++) {
		assert_ok(sr_walk_next(walk, &more, &key, &value, &err));
		if (!more)
			break;
		assert_int_equal(key.data[0] << 8 | key.data[1], i);
		if (i % 3 != 0)
			assert_ok(sr_walk_del(walk, &err));
	}
	sr_walk_close(walk);
	assert_ok(sr_txn_count(txn, SR_DB_DRAFTS, &left, &err));
	assert_int_equal(left, 334);
	sr_txn_abort(txn);
	sr_env_close(env);
	test_folder_close(&folder);
}

/* --- the map ------------------------------------------------------------------------------------ */

struct filler {
	unsigned first;
	unsigned count;
	size_t value_bytes;
	unsigned runs;
};

static enum sr_status fill(void *context, struct sr_txn *txn, struct sr_err *err)
{
	static const uint8_t value[8192] = { 7 };
	struct filler *filler = context;

	filler->runs++;
	for (unsigned i = filler->first; i < filler->first + filler->count; i++) {
		uint8_t key[4] = { (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

		SR_TRY(sr_txn_put(txn, SR_DB_ENTRIES, (struct sr_bytes){ key, 4 },
		                  (struct sr_bytes){ value, filler->value_bytes }, err));
	}
	return SR_OK;
}

static void a_full_map_undoes_the_transaction_and_the_next_has_room(void **state)
{
	struct test_folder folder;
	struct sr_txn *txn = NULL;
	struct filler filler = { .count = 1000, .value_bytes = 8000 };
	struct sr_env_stat stat;
	uint64_t count = 0;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 1 << 20);
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_int_equal(fill(&filler, txn, &err), SR_BUSY);
	sr_txn_abort(SR_MOVE(txn));
	assert_ok(sr_txn_read(env, &txn, &err));
	assert_ok(sr_txn_count(txn, SR_DB_ENTRIES, &count, &err));
	assert_int_equal(count, 0);
	sr_txn_abort(SR_MOVE(txn));

	filler.runs = 0;
	assert_ok(sr_txn_run(env, fill, &filler, &err));
	assert_true(filler.runs >= 2);
	assert_ok(sr_env_stat(env, &stat, &err));
	assert_int_equal(stat.db[SR_DB_ENTRIES].entries, 1000);
	assert_true(stat.map_bytes >= 8u << 20);
	sr_env_close(env);

	/* A start size below the file's need does not hide its end. */
	env = open_env(&folder, 1 << 20);
	assert_ok(sr_env_stat(env, &stat, &err));
	assert_int_equal(stat.db[SR_DB_ENTRIES].entries, 1000);
	sr_env_close(env);
	test_folder_close(&folder);
}

static void the_map_does_not_grow_over_its_bound(void **state)
{
	struct test_folder folder;
	struct filler filler = { .count = 1000, .value_bytes = 8000 };
	struct sr_env *env = NULL;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env_options options = { .path = folder.path, .map_start = 1 << 20, .map_max = 4 << 20 };
	assert_ok(sr_env_open(&options, &env, &err));
	assert_int_equal(sr_txn_run(env, fill, &filler, &err), SR_LIMIT);
	filler.count = 100;
	assert_ok(sr_txn_run(env, fill, &filler, &err));
	sr_env_close(env);
	test_folder_close(&folder);
}

struct readers {
	struct sr_env *env;
	bool stop;
	unsigned long reads;
};

static char cannot_begin[] = "a reader could not begin";
static char wrong_value[] = "a reader saw a wrong value";

/* Each value that is read has the size and first byte that every writer gives it. */
static void *read_until_stopped(void *context)
{
	struct readers *readers = context;

	while (!__atomic_load_n(&readers->stop, __ATOMIC_ACQUIRE)) {
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
		SR_CLEANUP(sr_walk_closep) struct sr_walk *walk = NULL;
		struct sr_range all = { 0 };
		struct sr_bytes key;
		struct sr_bytes value;
		bool more = true;
		struct sr_err err;

		if (sr_txn_read(readers->env, &txn, &err) != SR_OK ||
		    sr_walk_open(txn, SR_DB_ENTRIES, &all, SR_DOWN, &walk, &err) != SR_OK)
			return cannot_begin;
		for (unsigned i = 0; more && i < 50; i++) {
			if (sr_walk_next(walk, &more, &key, &value, &err) != SR_OK ||
			    (more && (value.size != 2000 || value.data[0] != 7)))
				return wrong_value;
		}
		__atomic_add_fetch(&readers->reads, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void the_map_grows_under_readers_without_breaking_them(void **state)
{
	struct test_folder folder;
	pthread_t threads[4];
	struct sr_env_stat stat;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct readers readers = { .env = open_env(&folder, 1 << 20) };
	for (size_t i = 0; i < SR_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_until_stopped, &readers), 0);
	for (int i = 0; i < 60000 && __atomic_load_n(&readers.reads, __ATOMIC_RELAXED) == 0; i++)
		usleep(1000);
	for (unsigned i = 0; i < 100; i++) {
		struct filler filler = { .first = i * 100, .count = 100, .value_bytes = 2000 };

		assert_ok(sr_txn_run(readers.env, fill, &filler, &err));
	}
	__atomic_store_n(&readers.stop, true, __ATOMIC_RELEASE);
	for (size_t i = 0; i < SR_COUNT(threads); i++) {
		void *complaint = NULL;

		pthread_join(threads[i], &complaint);
		assert_null(complaint);
	}
	assert_ok(sr_env_stat(readers.env, &stat, &err));
	assert_int_equal(stat.db[SR_DB_ENTRIES].entries, 10000);
	assert_true(stat.map_bytes >= 20u << 20);
	assert_true(readers.reads > 0);
	sr_env_close(readers.env);
	test_folder_close(&folder);
}

static void a_reader_that_stays_makes_growing_give_up_and_not_hang(void **state)
{
	struct test_folder folder;
	struct sr_txn *reader = NULL;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 1 << 20);
	assert_ok(sr_txn_read(env, &reader, &err));
	assert_int_equal(sr_env_grow(env, 1 << 20, &err), SR_BUSY);
	sr_txn_abort(reader);
	assert_ok(sr_env_grow(env, 1 << 20, &err));
	sr_env_close(env);
	test_folder_close(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_committed_is_there_after_a_new_opening),
		cmocka_unit_test(keys_without_or_with_too_many_bytes_are_refused),
		cmocka_unit_test(a_reader_sees_its_snapshot_until_it_renews),
		cmocka_unit_test(a_walk_gives_the_keys_of_its_range_in_both_directions),
		cmocka_unit_test(a_walk_over_a_prefix_ends_with_it_even_at_the_highest_byte),
		cmocka_unit_test(deleting_while_walking_leaves_the_rest),
		cmocka_unit_test(a_full_map_undoes_the_transaction_and_the_next_has_room),
		cmocka_unit_test(the_map_does_not_grow_over_its_bound),
		cmocka_unit_test(the_map_grows_under_readers_without_breaking_them),
		cmocka_unit_test(a_reader_that_stays_makes_growing_give_up_and_not_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
