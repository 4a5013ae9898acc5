/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/keeper/core/escort.h"

#define MS 1000000ll

/* What was told, in order. */
struct story {
	char text[512];
};

static void note(void *context, const char *grant, const char *escort, enum sr_escort_change change)
{
	static const char *const words[] = {
		[SR_ESCORT_BEGAN] = "began", [SR_ESCORT_ABSENT] = "absent", [SR_ESCORT_CLOSED] = "closed"
	};
	struct story *story = context;
	size_t used = strlen(story->text);

	snprintf(story->text + used, sizeof(story->text) - used, "%s:%s:%s ", grant, escort, words[change]);
}

static struct sr_escorts *watching(struct story *story)
{
	struct sr_escorts *escorts = NULL;
	struct sr_err err;

	*story = (struct story){ 0 };
	assert_ok(sr_escorts_new(note, story, &escorts, &err));
	assert_ok(sr_escorts_watch(escorts, "G1", "wang", "li", &err));
	assert_ok(sr_escorts_watch(escorts, "G2", "wang", "zhao", &err));
	return escorts;
}

static enum sr_status beat(struct sr_escorts *escorts, const char *grant, const char *user, int64_t now_ns)
{
	int64_t answer_ns = 0;
	struct sr_err err;
	enum sr_status status = sr_escorts_beat(escorts, grant, user, now_ns, &answer_ns, &err);

	if (status == SR_OK)
		assert_int_equal(answer_ns, now_ns + 2000 * MS);
	return status;
}

static void reads_wait_for_the_first_beat(void **state)
{
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);

	(void)state;
	assert_false(sr_escorts_may_read(escorts, "G1", 0));
	assert_int_equal(sr_escorts_tick(escorts, 10000 * MS), INT64_MAX);
	assert_string_equal(story.text, "");
	assert_int_equal(beat(escorts, "G1", "wang", 10000 * MS), SR_OK);
	assert_true(sr_escorts_may_read(escorts, "G1", 10000 * MS));
	assert_false(sr_escorts_may_read(escorts, "G2", 10000 * MS));
	assert_false(sr_escorts_may_read(escorts, "G3", 10000 * MS));
	assert_string_equal(story.text, "G1:wang:began ");
}

static void a_page_that_answers_promptly_keeps_reading_alive(void **state)
{
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);
	int64_t now = 0;

	(void)state;
	/* Held for 2 s, and up to 2.9 s until the next arrives. */
	for (int i = 0; i < 1000; i++, now += (2000 + i % 2900) * MS) {
		assert_true(i == 0 || sr_escorts_may_read(escorts, "G1", now));
		assert_int_equal(beat(escorts, "G1", "wang", now), SR_OK);
		assert_int_equal(sr_escorts_tick(escorts, now), now + 5000 * MS);
	}
	assert_string_equal(story.text, "G1:wang:began ");
}

static void five_seconds_without_a_beat_stop_reads_and_the_next_resumes_them(void **state)
{
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);

	(void)state;
	assert_int_equal(beat(escorts, "G1", "wang", 0), SR_OK);
	assert_int_equal(sr_escorts_tick(escorts, 5000 * MS - 1), 5000 * MS);
	assert_true(sr_escorts_may_read(escorts, "G1", 5000 * MS - 1));
	assert_false(sr_escorts_may_read(escorts, "G1", 5000 * MS));
	assert_int_equal(sr_escorts_tick(escorts, 5000 * MS), INT64_MAX);
	assert_string_equal(story.text, "G1:wang:began G1:wang:absent ");
	assert_int_equal(sr_escorts_tick(escorts, 9000 * MS), INT64_MAX);
	assert_int_equal(beat(escorts, "G1", "wang", 10000 * MS), SR_OK);
	assert_true(sr_escorts_may_read(escorts, "G1", 10000 * MS));
	assert_string_equal(story.text, "G1:wang:began G1:wang:absent G1:wang:began ");
}

static void a_late_tick_hides_no_absence(void **state)
{
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);

	(void)state;
	assert_int_equal(beat(escorts, "G1", "wang", 0), SR_OK);
	assert_int_equal(beat(escorts, "G2", "wang", 0), SR_OK);
	/* The machine slept: the beat comes before the tick. */
	assert_false(sr_escorts_may_read(escorts, "G1", 60000 * MS));
	assert_int_equal(beat(escorts, "G1", "wang", 60000 * MS), SR_OK);
	assert_string_equal(story.text, "G1:wang:began G2:wang:began G1:wang:absent G1:wang:began ");
	assert_false(sr_escorts_forget(escorts, "G2", 60000 * MS));
	assert_string_equal(story.text,
	                    "G1:wang:began G2:wang:began G1:wang:absent G1:wang:began G2:wang:absent ");
}

static void a_clock_that_steps_back_stops_reads(void **state)
{
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);

	(void)state;
	assert_int_equal(beat(escorts, "G1", "wang", 5000 * MS), SR_OK);
	assert_false(sr_escorts_may_read(escorts, "G1", 4000 * MS));
}

static void only_the_grants_own_escort_counts(void **state)
{
	static const struct {
		const char *why, *grant, *user;
	} cases[] = {
		{ "the reader", "G1", "li" },
		{ "somebody else", "G1", "zhao" },
		{ "no such grant", "G9", "wang" },
		{ "nobody", "G1", "" },
	};
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(beat(escorts, cases[i].grant, cases[i].user, 0), SR_DENIED);
		assert_false(sr_escorts_may_read(escorts, cases[i].grant, 0));
	}
	assert_string_equal(story.text, "");
}

static void leaving_and_the_grants_end_stop_at_once(void **state)
{
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);
	struct sr_err err;

	(void)state;
	assert_ok(sr_escorts_watch(escorts, "G3", "sun", "zhao", &err));
	assert_int_equal(beat(escorts, "G1", "wang", 0), SR_OK);
	assert_int_equal(beat(escorts, "G2", "wang", 0), SR_OK);
	assert_int_equal(beat(escorts, "G3", "sun", 0), SR_OK);
	story.text[0] = '\0';
	sr_escorts_leave(escorts, "wang");
	assert_string_equal(story.text, "G1:wang:closed G2:wang:closed ");
	assert_false(sr_escorts_may_read(escorts, "G1", 1));
	assert_true(sr_escorts_may_read(escorts, "G3", 1));
	assert_true(sr_escorts_forget(escorts, "G3", 1));
	assert_false(sr_escorts_forget(escorts, "G3", 1));
	assert_false(sr_escorts_may_read(escorts, "G3", 1));
	assert_int_equal(beat(escorts, "G3", "sun", 2), SR_DENIED);
}

static void who_may_be_an_escort(void **state)
{
	static const enum sr_status by_role[SR_ROLE_COUNT] = {
		[SR_ROLE_HANDLER] = SR_OK,
		[SR_ROLE_ARCHIVIST] = SR_OK,
		[SR_ROLE_OFFICIAL] = SR_OK,
		[SR_ROLE_SUPERVISOR] = SR_OK,
		[SR_ROLE_PARTY] = SR_DENIED,
		[SR_ROLE_AUDITOR] = SR_DENIED,
		[SR_ROLE_SECURITY_ADMIN] = SR_DENIED,
		[SR_ROLE_ADMIN] = SR_DENIED,
	};
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);
	struct sr_err err;

	(void)state;
	for (int role = 0; role < SR_ROLE_COUNT; role++) {
		assert_int_equal(sr_escort_may_be("wang", (enum sr_role)role, "li", &err), by_role[role]);
		assert_int_equal(sr_escort_may_be("li", (enum sr_role)role, "li", &err), SR_DENIED);
	}
	assert_int_equal(sr_escorts_watch(escorts, "G5", "li", "li", &err), SR_INVALID);
	assert_int_equal(sr_escorts_watch(escorts, "", "wang", "li", &err), SR_INVALID);
	assert_int_equal(sr_escorts_watch(escorts, "G1", "wang", "li", &err), SR_EXISTS);
}

static void the_table_is_bounded(void **state)
{
	struct story story;
	SR_CLEANUP(sr_escorts_freep) struct sr_escorts *escorts = watching(&story);
	char grant[32];
	struct sr_err err;

	(void)state;
	for (int i = 3; i <= SR_ESCORTS_MAX; i++) {
		snprintf(grant, sizeof(grant), "G%d", i);
		assert_ok(sr_escorts_watch(escorts, grant, "wang", "li", &err));
	}
	assert_int_equal(sr_escorts_watch(escorts, "more", "wang", "li", &err), SR_BUSY);
	assert_false(sr_escorts_forget(escorts, "G2", 0));
	assert_ok(sr_escorts_watch(escorts, "more", "wang", "li", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_wait_for_the_first_beat),
		cmocka_unit_test(a_page_that_answers_promptly_keeps_reading_alive),
		cmocka_unit_test(five_seconds_without_a_beat_stop_reads_and_the_next_resumes_them),
		cmocka_unit_test(a_late_tick_hides_no_absence),
		cmocka_unit_test(a_clock_that_steps_back_stops_reads),
		cmocka_unit_test(only_the_grants_own_escort_counts),
		cmocka_unit_test(leaving_and_the_grants_end_stop_at_once),
		cmocka_unit_test(who_may_be_an_escort),
		cmocka_unit_test(the_table_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
