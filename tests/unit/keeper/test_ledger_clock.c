/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/keeper/state/ledger_clock.h"

#define NOON_NS 1795176000000000000ll
#define BOOT_A "11111111-2222-4333-8444-555555555555"
#define BOOT_B "99999999-2222-4333-8444-555555555555"
#define HOUR 3600
#define DAY 86400

/* Seconds after noon on the wall, seconds after boot; the machine had run for 1,000 s at noon. */
static struct sr_clock_reading reading(int64_t boot_s, int64_t wall_s)
{
	return (struct sr_clock_reading){ .boot_ns = (1000 + boot_s) * SR_SECOND_NS,
		                          .wall_ns = NOON_NS + wall_s * SR_SECOND_NS };
}

/* Ledger time now, in seconds after noon. */
static int64_t now(struct sr_ledger_clock *clock, int64_t boot_s, int64_t wall_s)
{
	struct sr_clock_reading both = reading(boot_s, wall_s);

	return (sr_ledger_clock_now(clock, &both) - NOON_NS) / SR_SECOND_NS;
}

/* A ledger whose last entry is at noon, started @wall_s later after the machine was off. */
static struct sr_ledger_clock started(int64_t wall_s)
{
	struct sr_ledger_clock clock;

	sr_ledger_clock_start(&clock, &(struct sr_ledger_clock_start){ .last_entry_ns = NOON_NS,
	                                                               .boot_id = BOOT_A,
	                                                               .reading = reading(0, wall_s) });
	return clock;
}

static void a_start_believes_the_wall_clock_within_a_day(void **state)
{
	static const struct {
		const char *why;
		int64_t wall_s, ledger_s;
		enum sr_ledger_clock_state state;
	} cases[] = {
		{ "at once", 0, 0, SR_LEDGER_CLOCK_FINE },
		{ "after a night", 15 * HOUR, 15 * HOUR, SR_LEDGER_CLOCK_FINE },
		{ "after a day", DAY, DAY, SR_LEDGER_CLOCK_FINE },
		{ "after more than a day", DAY + 1, 0, SR_LEDGER_CLOCK_STOPPED },
		{ "after years", 900 * DAY, 0, SR_LEDGER_CLOCK_STOPPED },
		{ "five minutes before", -300, 0, SR_LEDGER_CLOCK_FINE },
		{ "longer before", -301, 0, SR_LEDGER_CLOCK_WARNING },
		{ "a day before", -DAY, 0, SR_LEDGER_CLOCK_WARNING },
		{ "more than a day before", -DAY - 1, 0, SR_LEDGER_CLOCK_STOPPED },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_ledger_clock clock = started(cases[i].wall_s);

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_ledger_clock_state(&clock), cases[i].state);
		assert_int_equal(now(&clock, 0, cases[i].wall_s), cases[i].ledger_s);
		assert_int_equal(sr_ledger_clock_allows_grants(&clock),
		                 cases[i].state == SR_LEDGER_CLOCK_FINE);
		assert_int_equal(sr_ledger_clock_allows_openings(&clock),
		                 cases[i].state != SR_LEDGER_CLOCK_STOPPED);
	}
}

static void an_empty_ledger_begins_with_the_wall_clock(void **state)
{
	struct sr_ledger_clock clock;

	(void)state;
	sr_ledger_clock_start(&clock,
	                      &(struct sr_ledger_clock_start){ .boot_id = BOOT_A, .reading = reading(0, 7) });
	assert_int_equal(now(&clock, 1, 8), 8);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_FINE);
}

static void the_ledger_is_drawn_to_the_wall_clock_by_a_hundredth(void **state)
{
	static const struct {
		const char *why;
		int64_t jump_s;   /* of the wall clock, right after the start */
		int64_t passed_s; /* since */
		int64_t ledger_s;
	} cases[] = {
		{ "no jump", 0, 1000, 1000 },
		{ "10 s ahead, half corrected", 10, 500, 505 },
		{ "10 s ahead, corrected", 10, 1000, 1010 },
		{ "10 s ahead, not beyond", 10, 100000, 100010 },
		{ "10 s behind, half corrected", -10, 500, 495 },
		{ "10 s behind, corrected and not beyond", -10, 5000, 4990 },
		{ "an hour ahead, a warning", 3600, 36000, 36360 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_ledger_clock once = started(0), often = started(0);
		int64_t ledger_s = 0;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(now(&once, cases[i].passed_s, cases[i].passed_s + cases[i].jump_s),
		                 cases[i].ledger_s);
		for (int64_t s = 1; s <= cases[i].passed_s; s++)
			ledger_s = now(&often, s, s + cases[i].jump_s);
		assert_int_equal(ledger_s, cases[i].ledger_s);
	}
}

static void a_warning_stops_grants_and_ends_by_itself(void **state)
{
	struct sr_ledger_clock clock = started(0);

	(void)state;
	assert_int_equal(now(&clock, 0, 300), 0);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_FINE);
	(void)now(&clock, 1, 302);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_WARNING);
	assert_false(sr_ledger_clock_allows_grants(&clock));
	assert_true(sr_ledger_clock_allows_openings(&clock));
	(void)now(&clock, 200, 501);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_FINE);
	(void)now(&clock, 300, 300 - 400);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_WARNING);
}

static void a_stop_stays_though_the_wall_clock_comes_back(void **state)
{
	static const int64_t jumps_s[] = { DAY + 10, -DAY - 10, 80000 * (int64_t)DAY, -20000 * (int64_t)DAY };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(jumps_s); i++) {
		struct sr_ledger_clock clock = started(0);

		/* What is doubted does not draw. */
		assert_int_equal(now(&clock, 1000, 1000 + jumps_s[i]), 1000);
		assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_STOPPED);
		assert_false(sr_ledger_clock_allows_openings(&clock));
		assert_false(sr_ledger_clock_allows_grants(&clock));
		assert_int_equal(now(&clock, 2000, 2000), 2000);
		assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_STOPPED);
	}
}

static enum sr_status confirm(struct sr_ledger_clock *clock, enum sr_role role, int64_t boot_s,
                              int64_t wall_s, bool *set)
{
	struct sr_clock_reading both = reading(boot_s, wall_s);
	int64_t before_ns = 0;
	struct sr_err err;

	*set = false;
	enum sr_status status = sr_ledger_clock_confirm(clock, role, &both, set, &before_ns, &err);
	assert_true(!*set || before_ns >= NOON_NS);
	return status;
}

static void two_people_confirm_a_clock_that_is_right(void **state)
{
	struct sr_ledger_clock clock = started(3 * DAY);
	bool set;

	(void)state;
	assert_int_equal(confirm(&clock, SR_ROLE_ADMIN, 10, 3 * DAY + 10, &set), SR_OK);
	assert_false(set);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_STOPPED);
	assert_int_equal(confirm(&clock, SR_ROLE_ADMIN, 11, 3 * DAY + 11, &set), SR_EXISTS);
	assert_int_equal(confirm(&clock, SR_ROLE_SECURITY_ADMIN, 20, 3 * DAY + 20, &set), SR_OK);
	assert_true(set);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_FINE);
	assert_int_equal(now(&clock, 20, 3 * DAY + 20), 3 * DAY + 20);
	/* It was one confirmation: the next stop needs its own. */
	(void)now(&clock, 30, 9 * DAY);
	assert_int_equal(confirm(&clock, SR_ROLE_SECURITY_ADMIN, 31, 9 * DAY + 1, &set), SR_OK);
	assert_false(set);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_STOPPED);
}

static void one_person_or_another_clock_confirms_nothing(void **state)
{
	static const struct {
		const char *why;
		enum sr_role first, second;
		int64_t second_boot_s, second_wall_s; /* the first: 0 and 3 days */
		enum sr_status status;
	} cases[] = {
		{ "the same twice", SR_ROLE_ADMIN, SR_ROLE_ADMIN, 1, 3 * DAY, SR_EXISTS },
		{ "the same twice", SR_ROLE_SECURITY_ADMIN, SR_ROLE_SECURITY_ADMIN, 1, 3 * DAY, SR_EXISTS },
		{ "an official", SR_ROLE_ADMIN, SR_ROLE_OFFICIAL, 1, 3 * DAY, SR_DENIED },
		{ "the auditor", SR_ROLE_SECURITY_ADMIN, SR_ROLE_AUDITOR, 1, 3 * DAY, SR_DENIED },
		{ "the clock was set between", SR_ROLE_ADMIN, SR_ROLE_SECURITY_ADMIN, 1, 3 * DAY + 302,
		  SR_INVALID },
		{ "and back", SR_ROLE_ADMIN, SR_ROLE_SECURITY_ADMIN, 1, 3 * DAY - 300, SR_INVALID },
		{ "too late: it counts as a first", SR_ROLE_ADMIN, SR_ROLE_SECURITY_ADMIN, HOUR + 1,
		  3 * DAY + HOUR + 1, SR_OK },
		{ "before 1970", SR_ROLE_ADMIN, SR_ROLE_SECURITY_ADMIN, 1, -30000 * (int64_t)DAY,
		  SR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_ledger_clock clock = started(3 * DAY);
		bool set;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(confirm(&clock, cases[i].first, 0, 3 * DAY, &set), SR_OK);
		assert_int_equal(confirm(&clock, cases[i].second, cases[i].second_boot_s,
		                         cases[i].second_wall_s, &set),
		                 cases[i].status);
		assert_false(set);
		assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_STOPPED);
	}
}

static void a_ledger_that_is_ahead_goes_at_half_speed_until_they_meet(void **state)
{
	struct sr_ledger_clock clock = started(-2 * DAY);
	bool set;

	(void)state;
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_STOPPED);
	assert_int_equal(confirm(&clock, SR_ROLE_SECURITY_ADMIN, 0, -2 * DAY, &set), SR_OK);
	assert_int_equal(confirm(&clock, SR_ROLE_ADMIN, 0, -2 * DAY, &set), SR_OK);
	assert_true(set);
	/* Readings go on, new grants have to wait: their periods would be too long. */
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_WARNING);
	assert_int_equal(now(&clock, DAY, -DAY), DAY / 2);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_WARNING);
	for (int64_t s = DAY; s <= 4 * DAY; s += 60)
		(void)now(&clock, s, s - 2 * DAY);
	assert_int_equal(now(&clock, 4 * DAY, 2 * DAY), 2 * DAY);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_FINE);
	/* From here on a hundredth again, and another day and more stops again. */
	assert_int_equal(now(&clock, 4 * DAY + 1000, 2 * DAY + 1000 - 100), 2 * DAY + 990);
	(void)now(&clock, 4 * DAY + 2000, DAY - 300);
	assert_int_equal(sr_ledger_clock_state(&clock), SR_LEDGER_CLOCK_STOPPED);
}

static void a_further_jump_is_measured_from_what_was_confirmed(void **state)
{
	struct sr_ledger_clock clock = started(-2 * DAY);
	bool set;

	(void)state;
	assert_int_equal(confirm(&clock, SR_ROLE_SECURITY_ADMIN, 0, -2 * DAY, &set), SR_OK);
	assert_int_equal(confirm(&clock, SR_ROLE_ADMIN, 0, -2 * DAY, &set), SR_OK);
	(void)now(&clock, 0, -3 * DAY);
	assert_true(sr_ledger_clock_allows_openings(&clock));
	(void)now(&clock, 0, -3 * DAY - 1);
	assert_false(sr_ledger_clock_allows_openings(&clock));
}

static void a_restart_of_the_keeper_alone_knows_how_long_it_took(void **state)
{
	static const struct {
		const char *why, *boot_id;
		int64_t boot_s, wall_s, ledger_s;
		enum sr_ledger_clock_state state;
	} cases[] = {
		/* The mark was made 40 h after the last entry. */
		{ "after a quiet weekend", BOOT_A, 60 * HOUR, 60 * HOUR, 60 * HOUR, SR_LEDGER_CLOCK_FINE },
		{ "with the wall clock set forward", BOOT_A, 41 * HOUR, 51 * HOUR, 41 * HOUR,
		  SR_LEDGER_CLOCK_WARNING },
		{ "with the wall clock set back", BOOT_A, 41 * HOUR, 0, 41 * HOUR, SR_LEDGER_CLOCK_STOPPED },
		{ "of the machine too", BOOT_B, 0, 60 * HOUR, 60 * HOUR, SR_LEDGER_CLOCK_FINE },
		{ "of the machine, two days later", BOOT_B, 0, 88 * HOUR, 40 * HOUR,
		  SR_LEDGER_CLOCK_STOPPED },
		{ "of the machine, in the past", BOOT_B, 0, 39 * HOUR, 40 * HOUR, SR_LEDGER_CLOCK_WARNING },
		{ "a boot clock before the mark", BOOT_A, 39 * HOUR, 41 * HOUR, 41 * HOUR,
		  SR_LEDGER_CLOCK_FINE },
	};
	struct sr_ledger_clock before = started(0);
	struct sr_ledger_clock_mark mark;

	(void)state;
	assert_int_equal(now(&before, 40 * HOUR, 40 * HOUR), 40 * HOUR);
	sr_ledger_clock_mark(&before, &mark);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_ledger_clock clock;

		print_message("case: %s\n", cases[i].why);
		sr_ledger_clock_start(&clock, &(struct sr_ledger_clock_start){
						      .last_entry_ns = NOON_NS,
						      .boot_id = cases[i].boot_id,
						      .mark = &mark,
						      .reading = reading(cases[i].boot_s, cases[i].wall_s) });
		assert_int_equal(now(&clock, cases[i].boot_s, cases[i].wall_s), cases[i].ledger_s);
		assert_int_equal(sr_ledger_clock_state(&clock), cases[i].state);
	}
}

static void a_stop_and_a_confirmation_outlive_the_process(void **state)
{
	struct sr_ledger_clock clock = started(2 * DAY), again;
	struct sr_ledger_clock_mark mark;
	struct sr_ledger_clock_start start = {
		.last_entry_ns = NOON_NS, .boot_id = BOOT_A, .mark = &mark, .reading = reading(60, 60)
	};
	bool set;

	(void)state;
	sr_ledger_clock_mark(&clock, &mark);
	sr_ledger_clock_start(&again, &start);
	assert_int_equal(sr_ledger_clock_state(&again), SR_LEDGER_CLOCK_STOPPED);

	clock = started(-2 * DAY);
	assert_int_equal(confirm(&clock, SR_ROLE_SECURITY_ADMIN, 0, -2 * DAY, &set), SR_OK);
	assert_int_equal(confirm(&clock, SR_ROLE_ADMIN, 0, -2 * DAY, &set), SR_OK);
	sr_ledger_clock_mark(&clock, &mark);
	start.reading = reading(60, -2 * DAY + 60);
	sr_ledger_clock_start(&again, &start);
	assert_int_equal(sr_ledger_clock_state(&again), SR_LEDGER_CLOCK_WARNING);
}

/* Whatever the wall clock does, at restarts too: never backwards, and never faster than the rules allow. */
static void ledger_time_never_goes_back(void **state)
{
	unsigned seed = 20261121;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct sr_ledger_clock clock = started(0);
		int64_t boot_ns = clock.last.boot_ns, offset_ns = NOON_NS - boot_ns, last_ns = NOON_NS;

		for (int step = 0; step < 500; step++) {
			int what = rand_r(&seed) % 100;
			int64_t passed_ns = rand_r(&seed) % 4 ? rand_r(&seed) : rand_r(&seed) * 100000ll;
			struct sr_clock_reading both;
			struct sr_ledger_clock_mark mark;
			struct sr_err err;
			bool set = false;
			int64_t before_ns;

			boot_ns += passed_ns;
			if (what < 30)
				offset_ns +=
					(rand_r(&seed) - RAND_MAX / 2) * (what < 20 ? 1000ll : 1000000ll);
			both = (struct sr_clock_reading){ .boot_ns = boot_ns,
				                          .wall_ns = boot_ns + offset_ns };
			if (what == 40)
				both.wall_ns = rand_r(&seed) % 2 ? INT64_MIN : INT64_MAX;
			if (what > 95) {
				sr_ledger_clock_mark(&clock, &mark);
				sr_ledger_clock_start(&clock, &(struct sr_ledger_clock_start){
								      .last_entry_ns = last_ns,
								      .boot_id = what > 97 ? BOOT_A : BOOT_B,
								      .mark = what == 97 ? NULL : &mark,
								      .reading = both });
			} else if (what > 90 && what < 93 && both.wall_ns < NOON_NS * 2) {
				(void)!sr_ledger_clock_confirm(&clock, SR_ROLE_ADMIN, &both, &set, &before_ns,
				                               &err);
				(void)!sr_ledger_clock_confirm(&clock, SR_ROLE_SECURITY_ADMIN, &both, &set,
				                               &before_ns, &err);
			}
			int64_t ledger_ns = sr_ledger_clock_now(&clock, &both);
			assert_true(ledger_ns >= last_ns);
			/* Faster by a hundredth at most, but for a jump that people confirmed or a start. */
			if (what <= 90)
				assert_true(ledger_ns - last_ns <=
				            passed_ns + passed_ns / SR_LEDGER_CLOCK_SLEW);
			last_ns = ledger_ns;
		}
	}
}

static void wall_clocks_of_any_value_overflow_nothing(void **state)
{
	static const int64_t values[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(values); i++) {
		for (size_t j = 0; j < SR_COUNT(values); j++) {
			struct sr_clock_reading both = { .boot_ns = 5 * SR_SECOND_NS, .wall_ns = values[i] };
			struct sr_ledger_clock clock;
			struct sr_ledger_clock_mark mark = { .boot_id = BOOT_A,
				                             .boot_ns = 1,
				                             .ledger_ns = values[j],
				                             .accepted_ns = values[i] };

			sr_ledger_clock_start(&clock,
			                      &(struct sr_ledger_clock_start){ .last_entry_ns = NOON_NS,
			                                                       .boot_id = BOOT_A,
			                                                       .mark = &mark,
			                                                       .reading = both });
			assert_true(sr_ledger_clock_now(&clock, &both) >= NOON_NS);
			both.boot_ns += DAY * SR_SECOND_NS;
			assert_true(sr_ledger_clock_now(&clock, &both) >= NOON_NS);
		}
	}
}

static void a_late_reading_moves_nothing(void **state)
{
	struct sr_ledger_clock clock = started(0);

	(void)state;
	assert_int_equal(now(&clock, 100, 100), 100);
	assert_int_equal(now(&clock, 90, 90), 100);
	assert_int_equal(now(&clock, 101, 101), 101);
}

static void this_machine_has_both_clocks(void **state)
{
	struct sr_clock_reading first, second;
	char boot_id[SR_BOOT_ID_TEXT];
	struct sr_err err;

	(void)state;
	assert_ok(sr_clock_reading_take(&first, &err));
	assert_ok(sr_clock_reading_take(&second, &err));
	assert_true(first.boot_ns > 0 && second.boot_ns >= first.boot_ns);
	assert_ok(sr_boot_id_read(boot_id, &err));
	assert_int_equal(strlen(boot_id), 36);
	assert_int_equal(boot_id[8], '-');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_believes_the_wall_clock_within_a_day),
		cmocka_unit_test(an_empty_ledger_begins_with_the_wall_clock),
		cmocka_unit_test(the_ledger_is_drawn_to_the_wall_clock_by_a_hundredth),
		cmocka_unit_test(a_warning_stops_grants_and_ends_by_itself),
		cmocka_unit_test(a_stop_stays_though_the_wall_clock_comes_back),
		cmocka_unit_test(two_people_confirm_a_clock_that_is_right),
		cmocka_unit_test(one_person_or_another_clock_confirms_nothing),
		cmocka_unit_test(a_ledger_that_is_ahead_goes_at_half_speed_until_they_meet),
		cmocka_unit_test(a_further_jump_is_measured_from_what_was_confirmed),
		cmocka_unit_test(a_restart_of_the_keeper_alone_knows_how_long_it_took),
		cmocka_unit_test(a_stop_and_a_confirmation_outlive_the_process),
		cmocka_unit_test(ledger_time_never_goes_back),
		cmocka_unit_test(wall_clocks_of_any_value_overflow_nothing),
		cmocka_unit_test(a_late_reading_moves_nothing),
		cmocka_unit_test(this_machine_has_both_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
