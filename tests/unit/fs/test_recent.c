/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that were read lately: whose they are, how many, and that they go with their grant. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "fs/recent.h"

#define PIECE SR_FS_PIECE_BYTES
#define THREADS 4
#define PIECES 512u
#define LOCKABLE (2 * PIECES * (uint64_t)PIECE)

struct room {
	struct sr_fs_grants *grants;
	struct sr_fs_grant *one, *other;
	struct sr_fs_recent *recent;
};

static int set_up(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	struct sr_err err;

	assert_non_null(room);
	assert_ok(sr_fs_grants_new(&room->grants, &err));
	assert_ok(sr_fs_grants_get(room->grants, "G00001-aaaaaa", 1001, &room->one, &err));
	assert_ok(sr_fs_grants_get(room->grants, "G00002-bbbbbb", 1002, &room->other, &err));
	assert_ok(sr_fs_recent_new(LOCKABLE, &room->recent, &err));
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;

	sr_fs_recent_free(room->recent);
	sr_fs_grants_free(room->grants);
	free(room);
	return 0;
}

/* The content of a piece says whose it is. */
static void put(struct room *room, const struct sr_fs_grant *grant, uint32_t node, uint64_t number)
{
	uint8_t data[PIECE];

	memset(data, (int)(grant->slot * 31 + node * 7 + number), sizeof(data));
	sr_fs_recent_put(room->recent, grant, node, number * PIECE, data, sizeof(data));
}

static bool has(struct room *room, const struct sr_fs_grant *grant, uint32_t node, uint64_t number)
{
	uint8_t data[PIECE];

	if (!sr_fs_recent_get(room->recent, grant, node, number * PIECE, data, sizeof(data)))
		return false;
	for (size_t i = 0; i < sizeof(data); i++)
		if (data[i] != (uint8_t)(grant->slot * 31 + node * 7 + number))
			fail_msg("piece %u of node %u has another's bytes", (unsigned)number, (unsigned)node);
	return true;
}

static void a_piece_is_its_own_file_s(void **state)
{
	struct room *room = *state;

	put(room, room->one, 5, 9);
	assert_true(has(room, room->one, 5, 9));
	assert_false(has(room, room->one, 5, 8));
	assert_false(has(room, room->one, 6, 9));
	assert_false(has(room, room->other, 5, 9));
}

static void several_pieces_are_all_there_or_missing(void **state)
{
	struct room *room = *state;
	uint8_t data[3 * PIECE], got[3 * PIECE];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i / 100);
	/* The last one is the file's end. */
	sr_fs_recent_put(room->recent, room->one, 1, 0, data, 2 * PIECE + 10);
	assert_true(sr_fs_recent_get(room->recent, room->one, 1, 0, got, 2 * PIECE + 10));
	assert_memory_equal(got, data, 2 * PIECE + 10);
	assert_true(sr_fs_recent_get(room->recent, room->one, 1, PIECE, got, PIECE));
	assert_memory_equal(got, data + PIECE, PIECE);
	assert_false(sr_fs_recent_get(room->recent, room->one, 1, 2 * PIECE, got, PIECE));
	assert_false(sr_fs_recent_get(room->recent, room->one, 1, PIECE, got, 3 * PIECE));
	sr_fs_recent_put(room->recent, room->one, 1, 2 * PIECE, data + 2 * PIECE, PIECE);
	assert_true(sr_fs_recent_get(room->recent, room->one, 1, 0, got, 3 * PIECE));
	assert_memory_equal(got, data, 3 * PIECE);
}

static void they_go_with_their_grant(void **state)
{
	struct room *room = *state;

	for (uint32_t i = 0; i < 100; i++) {
		put(room, room->one, i, i);
		put(room, room->other, i, i);
	}
	assert_true(sr_fs_grant_end(room->one));
	sr_fs_recent_drop(room->recent, room->one);
	for (uint32_t i = 0; i < 100; i++) {
		assert_false(has(room, room->one, i, i));
		assert_true(has(room, room->other, i, i));
	}
	put(room, room->one, 1, 1);
	assert_false(has(room, room->one, 1, 1));
}

static unsigned count(struct room *room, uint32_t first, uint32_t last)
{
	unsigned there = 0;

	for (uint32_t i = first; i < last; i++)
		there += has(room, room->one, 1, i);
	return there;
}

/* What is used stays, what was read once makes room, and one long pass does not take all of it. */
static void there_are_only_so_many(void **state)
{
	struct room *room = *state;

	for (uint32_t i = 0; i < PIECES; i++)
		put(room, room->one, 1, i);
	assert_int_equal(count(room, 0, PIECES), PIECES);
	for (uint32_t i = PIECES; i < 3 * PIECES; i++)
		put(room, room->one, 1, i);
	assert_int_equal(count(room, 0, 3 * PIECES), PIECES);
	assert_in_range(count(room, 0, PIECES), PIECES / 2, PIECES - 1);
	for (uint32_t i = 0; i < 100 * PIECES; i++) {
		put(room, room->one, 1, 3 * PIECES + i % PIECES);
		(void)has(room, room->one, 1, 3 * PIECES + i % PIECES);
	}
	assert_in_range(count(room, 3 * PIECES, 4 * PIECES), PIECES * 3 / 4, PIECES);
}

static void without_locked_memory_nothing_is_kept(void **state)
{
	struct room *room = *state;
	struct sr_err err;

	sr_fs_recent_free(room->recent);
	assert_ok(sr_fs_recent_new(0, &room->recent, &err));
	put(room, room->one, 1, 1);
	assert_false(has(room, room->one, 1, 1));
}

static void *use(void *context)
{
	struct room *room = context;

	for (uint32_t i = 0; i < 20000; i++) {
		put(room, i % 2 ? room->one : room->other, i % 7, i % 1500);
		(void)has(room, i % 3 ? room->one : room->other, i % 5, i % 1700);
	}
	return NULL;
}

static void threads_get_whole_pieces(void **state)
{
	struct room *room = *state;
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use, room), 0);
	assert_true(sr_fs_grant_end(room->other));
	sr_fs_recent_drop(room->recent, room->other);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t node = 0; node < 7; node++)
		for (uint32_t number = 0; number < 1500; number++)
			assert_false(has(room, room->other, node, number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_piece_is_its_own_file_s, set_up, tear_down),
		cmocka_unit_test_setup_teardown(several_pieces_are_all_there_or_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(they_go_with_their_grant, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_are_only_so_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_locked_memory_nothing_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(threads_get_whole_pieces, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
