/* SPDX-License-Identifier: Apache-2.0 */
/* The table of accesses, and the ranges that were handed out. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/live.h"
#include "appliance/keeper/state/ranges.h"

static const struct sr_peer fs_one = { .kind = SR_PEER_FS, .connection = 1 };
static const struct sr_peer fs_two = { .kind = SR_PEER_FS, .connection = 2 };
static const struct sr_peer caller = { .kind = SR_PEER_CALLER, .connection = 3 };
static const struct sr_peer other_caller = { .kind = SR_PEER_CALLER, .connection = 4 };

static struct sr_live_access *admit(struct sr_live *live, const struct sr_peer *peer, const char *user,
                                    uint32_t member, enum sr_status expected)
{
	struct sr_live_access *access = calloc(1, sizeof(*access)), *admitted = access;
	struct sr_err err;

	access->kind = peer->kind;
	access->connection = peer->connection;
	access->member = member;
	sr_label_copy(access->user, user);
	snprintf(access->case_id, sizeof(access->case_id), "case");
	assert_int_equal(sr_live_admit(live, &access, &err), expected);
	sr_live_access_free(access);
	return expected == SR_OK ? admitted : NULL;
}

static size_t count_lost(struct sr_live *live)
{
	size_t count = 0;

	for (struct sr_live_access *list = sr_live_take_lost(live), *next; list; list = next) {
		next = list->next;
		sr_live_access_free(list);
		count++;
	}
	return count;
}

static void a_user_has_64_distinct_members_open_and_no_more(void **state)
{
	struct sr_live *live;
	struct sr_err err;

	(void)state;
	assert_ok(sr_live_new(&live, &err));
	for (uint32_t i = 1; i <= SR_LIVE_MEMBERS_OF_USER; i++)
		(void)admit(live, &fs_one, "a", i, SR_OK);
	for (uint32_t i = 1; i <= SR_LIVE_MEMBERS_OF_USER; i++)
		(void)admit(live, &fs_one, "a", i, SR_OK); /* once more the same ones */
	(void)admit(live, &fs_one, "a", SR_LIVE_MEMBERS_OF_USER + 1, SR_LIMIT);
	(void)admit(live, &fs_one, "b", SR_LIVE_MEMBERS_OF_USER + 1, SR_OK);
	sr_live_free(live);
}

static void only_who_opened_closes(void **state)
{
	struct sr_live *live;
	struct sr_live_access *access;
	struct sr_err err;

	(void)state;
	assert_ok(sr_live_new(&live, &err));
	access = admit(live, &fs_one, "a", 1, SR_OK);
	assert_null(sr_live_take(live, 0, &fs_one)); /* not written yet */
	assert_false(sr_live_has(live, &fs_one, "case", 1));
	sr_live_confirm(live, access, 7, false);
	assert_true(sr_live_has(live, &fs_two, "case", 1));
	assert_false(sr_live_has(live, &fs_two, "case", 2));
	assert_false(sr_live_has(live, &caller, "case", 1));
	assert_null(sr_live_take(live, 7, &caller));
	assert_null(sr_live_take(live, 8, &fs_one));
	assert_ptr_equal(sr_live_take(live, 7, &fs_two), access); /* another connection of the front end */
	assert_null(sr_live_take(live, 7, &fs_two));
	sr_live_access_free(access);
	access = admit(live, &caller, "a", 1, SR_OK);
	sr_live_confirm(live, access, 9, false);
	assert_null(sr_live_take(live, 9, &other_caller));
	assert_ptr_equal(sr_live_take(live, 9, &caller), access);
	sr_live_access_free(access);
	sr_live_free(live);
}

/* Whatever comes first, the end of the connection or the word of the writer: it is lost once. */
static void what_a_connection_leaves_is_lost_once(void **state)
{
	struct sr_live *live;
	struct sr_err err;

	(void)state;
	assert_ok(sr_live_new(&live, &err));
	sr_live_confirm(live, admit(live, &fs_one, "a", 1, SR_OK), 1, false);
	struct sr_live_access *late = admit(live, &fs_one, "a", 2, SR_OK);
	sr_live_confirm(live, admit(live, &fs_two, "a", 3, SR_OK), 2, false);
	sr_live_gone(live, &fs_one);
	assert_int_equal(count_lost(live), 1);
	sr_live_confirm(live, late, 3, true);
	assert_int_equal(count_lost(live), 1);
	sr_live_confirm(live, admit(live, &fs_one, "a", 4, SR_OK), 4,
	                true); /* came after its connection's end */
	assert_int_equal(count_lost(live), 1);
	sr_live_cancel(live, admit(live, &fs_two, "a", 5, SR_OK));
	sr_live_lose_all(live);
	assert_int_equal(count_lost(live), 1);
	sr_live_free(live);
}

/* What is closed makes room; what could not be written comes back. */
static void many_accesses_are_each_found_by_their_number(void **state)
{
	enum { COUNT = 5000 };
	struct sr_live *live;
	struct sr_err err;
	char user[16];

	(void)state;
	assert_ok(sr_live_new(&live, &err));
	for (uint32_t i = 0; i < COUNT; i++) {
		snprintf(user, sizeof(user), "user%u", i % 200);
		sr_live_confirm(live, admit(live, &fs_one, user, i / 200 + 1, SR_OK), i + 1, false);
	}
	for (uint32_t i = 0; i < COUNT; i += 2) {
		struct sr_live_access *access = sr_live_take(live, i + 1, &fs_two);

		assert_non_null(access);
		assert_int_equal(access->member, i / 200 + 1);
		if (i % 4 == 0)
			sr_live_put_back(live, access);
		else
			sr_live_access_free(access);
	}
	for (uint32_t i = 0; i < COUNT; i++) {
		struct sr_live_access found;

		assert_int_equal(sr_live_look(live, i + 1, &fs_one, &found), i % 4 != 2);
	}
	for (uint32_t i = COUNT / 200; i < SR_LIVE_MEMBERS_OF_USER; i++)
		(void)admit(live, &fs_one, "user0", i + 1, SR_OK);
	(void)admit(live, &fs_one, "user0", 1000, SR_LIMIT);
	struct sr_live_access *first = sr_live_take(live, 1, &fs_one);
	assert_non_null(first);
	sr_live_access_free(first);
	(void)admit(live, &fs_one, "user0", 1000, SR_OK);
	sr_live_free(live);
}

static void assert_ranges(const struct sr_ranges *ranges, const char *expected)
{
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const char *got;
	struct sr_err err;

	assert_ok(sr_ranges_to_json(ranges, &json, &err));
	assert_ok(sr_json_write(json, &text, &err));
	assert_ok(sr_buf_text(&text, &got, &err));
	assert_string_equal(got, expected);
}

static void ranges_are_in_order_and_apart(void **state)
{
	static const struct {
		const char *why;
		struct sr_range add[5];
		const char *expected;
	} rows[] = {
		{ "none", { { 1, 0 } }, "[]" },
		{ "one byte", { { 5, 5 }, { 1, 0 } }, "[[5,5]]" },
		{ "the same again", { { 5, 9 }, { 5, 9 }, { 1, 0 } }, "[[5,9]]" },
		{ "adjacent", { { 0, 4 }, { 5, 9 }, { 1, 0 } }, "[[0,9]]" },
		{ "adjacent, backwards", { { 5, 9 }, { 0, 4 }, { 1, 0 } }, "[[0,9]]" },
		{ "apart", { { 0, 4 }, { 6, 9 }, { 1, 0 } }, "[[0,4],[6,9]]" },
		{ "apart, backwards", { { 6, 9 }, { 0, 4 }, { 1, 0 } }, "[[0,4],[6,9]]" },
		{ "inside", { { 0, 99 }, { 10, 20 }, { 1, 0 } }, "[[0,99]]" },
		{ "around", { { 10, 20 }, { 0, 99 }, { 1, 0 } }, "[[0,99]]" },
		{ "over several", { { 1, 2 }, { 10, 20 }, { 30, 40 }, { 2, 35 }, { 1, 0 } }, "[[1,40]]" },
		{ "overlapping", { { 1, 10 }, { 20, 30 }, { 5, 25 }, { 1, 0 } }, "[[1,30]]" },
		{ "the same start, longer",
		  { { 5, 6 }, { 5, 20 }, { 50, 60 }, { 1, 0 } },
		  "[[5,20],[50,60]]" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(rows); i++) {
		struct sr_ranges ranges = { 0 };

		for (size_t n = 0; rows[i].add[n].first <= rows[i].add[n].last; n++)
			sr_ranges_add(&ranges, rows[i].add[n].first, rows[i].add[n].last);
		assert_ranges(&ranges, rows[i].expected);
	}
}

/* Against a bitmap: every byte that was added is named, in at most 64 ranges; none else while there is room.
 */
static void many_ranges_name_every_byte_that_was_given(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct sr_ranges ranges = { 0 };
		uint8_t given[4096] = { 0 }, named[4096] = { 0 };
		const int adds = round % 100 + 1;

		for (int i = 0; i < adds; i++) {
			uint64_t first = (uint64_t)rand_r(&seed) % 4000;
			uint64_t last = first + (uint64_t)rand_r(&seed) % 40;

			memset(given + first, 1, (size_t)(last - first + 1));
			sr_ranges_add(&ranges, first, last);
		}
		assert_true(ranges.count <= SR_RANGES_MAX);
		for (size_t i = 0; i < ranges.count; i++) {
			assert_true(ranges.list[i].first <= ranges.list[i].last);
			assert_true(i == 0 || ranges.list[i].first > ranges.list[i - 1].last + 1);
			memset(named + ranges.list[i].first, 1,
			       (size_t)(ranges.list[i].last - ranges.list[i].first + 1));
		}
		for (size_t i = 0; i < sizeof(given); i++)
			assert_true(named[i] >= given[i]);
		if (adds <= SR_RANGES_MAX)
			assert_memory_equal(named, given, sizeof(given));
	}
}

static void foreign_ranges_are_checked(void **state)
{
	static const struct {
		const char *text;
		enum sr_status status;
	} rows[] = {
		{ "[]", SR_OK },
		{ "[[0,9]]", SR_OK },
		{ "[[5,9],[0,4]]", SR_OK },
		{ "[[0,10]]", SR_INVALID },
		{ "[[9,8]]", SR_INVALID },
		{ "[[-1,3]]", SR_INVALID },
		{ "[[1]]", SR_INVALID },
		{ "[[1,2,3]]", SR_INVALID },
		{ "[[1.5,2]]", SR_INVALID },
		{ "[1,2]", SR_INVALID },
		{ "{}", SR_INVALID },
		{ "[[\"1\",2]]", SR_INVALID },
		{ "[null]", SR_INVALID },
		{ "[[0,9223372036854775807]]", SR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(rows); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
		struct sr_ranges ranges;
		struct sr_err err;

		assert_ok(sr_json_parse(rows[i].text, strlen(rows[i].text), 100, &json, &err));
		if (sr_ranges_from_json(json, 10, &ranges, &err) != rows[i].status)
			fail_msg("%s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_has_64_distinct_members_open_and_no_more),
		cmocka_unit_test(only_who_opened_closes),
		cmocka_unit_test(what_a_connection_leaves_is_lost_once),
		cmocka_unit_test(many_accesses_are_each_found_by_their_number),
		cmocka_unit_test(ranges_are_in_order_and_apart),
		cmocka_unit_test(many_ranges_name_every_byte_that_was_given),
		cmocka_unit_test(foreign_ranges_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
