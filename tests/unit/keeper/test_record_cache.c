/* SPDX-License-Identifier: Apache-2.0 */
/* Records that are parsed once, and names of logins that are asked for once. */
#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <pthread.h>
#include <pwd.h>
#include <stdatomic.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/logins.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/record_cache.h"

struct room {
	struct test_folder folder;
	struct sr_env *env;
};

static void room_open(struct room *room, bool cache)
{
	struct sr_env_options options = { .map_start = 64u << 20 };
	struct sr_err err;

	test_folder_open(&room->folder);
	options.path = room->folder.path;
	assert_ok(sr_env_open(&options, &room->env, &err));
	if (cache)
		assert_ok(sr_record_cache_attach(room->env, &err));
}

static void room_close(struct room *room)
{
	sr_env_close(room->env);
	test_folder_close(&room->folder);
}

static void put(struct sr_env *env, const char *key, int number, size_t padding)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	char *pad = calloc(1, padding + 1);
	struct sr_err err;

	assert_non_null(pad);
	memset(pad, 'x', padding);
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_pack("{s:i,s:s}", "n", number, "pad", pad);
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_record_put(txn, SR_DB_GRANTS, key, record, &err));
	assert_ok(sr_txn_commit(&txn, &err));
	free(pad);
}

static json_int_t number_of(struct sr_txn *txn, const char *key)
{
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *record = NULL;
	struct sr_err err;

	assert_ok(sr_record_share(txn, SR_DB_GRANTS, key, &record, &err));
	return json_integer_value(json_object_get(sr_shared_record_json(record), "n"));
}

/* With a cache and without; small records and such as are too large to keep. */
static void a_record_is_always_that_of_the_snapshot(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		struct sr_txn *before = NULL, *after = NULL;
		struct sr_shared_record *held = NULL, *none = NULL;
		size_t padding = how & 1 ? 20000 : 0;
		struct room room;
		struct sr_err err;

		room_open(&room, how & 2);
		put(room.env, "g/1", 1, padding);
		assert_ok(sr_txn_read(room.env, &before, &err));
		assert_int_equal(number_of(before, "g/1"), 1);
		assert_ok(sr_record_share(before, SR_DB_GRANTS, "g/1", &held, &err));
		put(room.env, "g/1", 2, padding);
		assert_ok(sr_txn_read(room.env, &after, &err));
		for (int i = 0; i < 3; i++) {
			assert_int_equal(number_of(before, "g/1"), 1);
			assert_int_equal(number_of(after, "g/1"), 2);
		}
		assert_ok(sr_record_share(after, SR_DB_GRANTS, "g/2", &none, &err));
		assert_null(none);
		assert_null(sr_shared_record_json(none));
		sr_txn_abort(before);
		sr_txn_abort(after);
		room_close(&room);
		/* Whoever holds a record has it for as long as they want. */
		assert_int_equal(json_integer_value(json_object_get(sr_shared_record_json(held), "n")), 1);
		sr_shared_record_release(held);
	}
}

static void what_is_no_record_is_corrupt(void **state)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_shared_record *record = NULL;
	struct room room;
	struct sr_err err;

	(void)state;
	room_open(&room, true);
	assert_ok(sr_txn_write(room.env, &txn, &err));
	assert_ok(sr_txn_put(txn, SR_DB_GRANTS, (struct sr_bytes){ (const uint8_t *)"g/1", 3 },
	                     (struct sr_bytes){ (const uint8_t *)"{\"n\":", 5 }, &err));
	for (int i = 0; i < 2; i++)
		assert_int_equal(sr_record_share(txn, SR_DB_GRANTS, "g/1", &record, &err), SR_CORRUPT);
	assert_null(record);
	sr_txn_abort(SR_MOVE(txn));
	room_close(&room);
}

struct reader {
	struct sr_env *env;
	atomic_bool *stop;
	int backwards;
};

static void *read_often(void *context)
{
	struct reader *reader = context;
	json_int_t last = 0;

	while (!atomic_load(reader->stop)) {
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
		struct sr_err err;

		assert_ok(sr_txn_read(reader->env, &txn, &err));
		json_int_t number = number_of(txn, "g/1");
		reader->backwards += number < last;
		last = number;
	}
	return NULL;
}

static void no_reader_sees_a_record_go_back(void **state)
{
	struct reader readers[4];
	pthread_t threads[SR_COUNT(readers)];
	atomic_bool stop = false;
	struct room room;

	(void)state;
	room_open(&room, true);
	put(room.env, "g/1", 0, 10);
	for (size_t i = 0; i < SR_COUNT(readers); i++) {
		readers[i] = (struct reader){ .env = room.env, .stop = &stop };
		assert_int_equal(pthread_create(&threads[i], NULL, read_often, &readers[i]), 0);
	}
	for (int i = 1; i < 100; i++)
		put(room.env, "g/1", i, 10);
	atomic_store(&stop, true);
	for (size_t i = 0; i < SR_COUNT(readers); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(readers[i].backwards, 0);
	}
	room_close(&room);
}

static void a_login_has_the_name_that_the_machine_says(void **state)
{
	static const uid_t uids[] = { 0, 1, 65, 0, 64, 3999999999u, 0, 1 };
	struct sr_logins *logins = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_logins_new(&logins, &err));
	for (size_t i = 0; i < SR_COUNT(uids); i++) {
		const struct passwd *entry = getpwuid(uids[i]);
		char name[SR_LABEL_BYTES];

		sr_logins_name(logins, uids[i], name);
		assert_string_equal(name, entry ? entry->pw_name : "");
	}
	sr_logins_free(logins);
	sr_logins_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_always_that_of_the_snapshot),
		cmocka_unit_test(what_is_no_record_is_corrupt),
		cmocka_unit_test(no_reader_sees_a_record_go_back),
		cmocka_unit_test(a_login_has_the_name_that_the_machine_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
