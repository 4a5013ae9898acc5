/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/core/refusals.h"

#define START_NS 1795176000000000000ll

static int64_t at(int64_t second)
{
	return START_NS + second * SR_SECOND_NS;
}

static struct sr_refusals *new_refusals(void)
{
	struct sr_refusals *refusals = NULL;
	struct sr_err err;

	assert_ok(sr_refusals_new(&refusals, &err));
	return refusals;
}

static bool stranger(struct sr_refusals *refusals, const char *address, const char *user, int64_t second,
                     struct sr_refusal_entry *out)
{
	return sr_refusals_stranger(refusals, address, user, "WrongPassword", at(second), out);
}

static void strangers_share_one_entry_a_minute(void **state)
{
	SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
	struct sr_refusal_entry entry;

	(void)state;
	assert_int_equal(sr_refusals_next_ns(refusals), INT64_MAX);
	assert_true(stranger(refusals, "192.0.2.1", "li", 0, &entry));
	assert_int_equal(entry.kind, SR_REFUSAL_STRANGERS);
	assert_int_equal(entry.count, 1);
	assert_string_equal(entry.user, "li");
	assert_int_equal(entry.addresses, 1);
	assert_string_equal(entry.address[0], "192.0.2.1");

	assert_false(stranger(refusals, "192.0.2.2", "li", 10, &entry));
	assert_false(stranger(refusals, "192.0.2.3", "li", 20, &entry));
	assert_false(stranger(refusals, "192.0.2.2", "li", 59, &entry));
	assert_int_equal(sr_refusals_next_ns(refusals), at(60));
	assert_int_equal(sr_refusals_pending(refusals), 3);
	assert_false(sr_refusals_due(refusals, at(60) - 1, &entry));
	assert_true(sr_refusals_due(refusals, at(60), &entry));
	assert_int_equal(entry.count, 3);
	assert_int_equal(entry.since_ns, at(10));
	assert_int_equal(entry.until_ns, at(59));
	assert_string_equal(entry.user, "li");
	assert_string_equal(entry.why, "WrongPassword");
	assert_int_equal(entry.addresses, 2);
	assert_string_equal(entry.address[0], "192.0.2.2");
	assert_string_equal(entry.address[1], "192.0.2.3");
	assert_false(entry.more_addresses);
	assert_false(sr_refusals_due(refusals, at(200), &entry));
	assert_int_equal(sr_refusals_next_ns(refusals), INT64_MAX);
	assert_true(stranger(refusals, "192.0.2.9", NULL, 120, &entry));
	assert_int_equal(entry.count, 1);
}

static void an_attempt_after_a_late_timer_carries_what_waited(void **state)
{
	SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
	struct sr_refusal_entry entry;

	(void)state;
	assert_true(stranger(refusals, "192.0.2.1", NULL, 0, &entry));
	assert_false(stranger(refusals, "192.0.2.1", NULL, 1, &entry));
	assert_true(stranger(refusals, "192.0.2.1", NULL, 600, &entry));
	assert_int_equal(entry.count, 2);
	assert_int_equal(entry.since_ns, at(1));
	assert_int_equal(entry.until_ns, at(600));
}

static void an_unknown_name_is_never_written(void **state)
{
	static const struct {
		const char *why, *first, *second, *written;
	} cases[] = {
		{ "one known name throughout", "li", "li", "li" },
		{ "two known names", "li", "wang", "" },
		{ "a known and an unknown one", "li", NULL, "" },
		{ "an unknown and a known one", NULL, "li", "" },
		{ "unknown ones", NULL, NULL, "" },
		{ "a text that is no name", "li\n", "li\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
		struct sr_refusal_entry entry;

		print_message("case: %s\n", cases[i].why);
		assert_true(stranger(refusals, "192.0.2.1", "zhao", 0, &entry));
		assert_false(stranger(refusals, "192.0.2.1", cases[i].first, 1, &entry));
		assert_false(stranger(refusals, "192.0.2.1", cases[i].second, 2, &entry));
		assert_true(sr_refusals_due(refusals, at(60), &entry));
		assert_string_equal(entry.user, cases[i].written);
	}
}

static void at_most_sixteen_addresses_are_named(void **state)
{
	SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
	struct sr_refusal_entry entry;
	char address[100];

	(void)state;
	assert_true(stranger(refusals, "192.0.2.1", NULL, 0, &entry));
	for (int i = 0; i < 16; i++) {
		snprintf(address, sizeof(address), "10.0.0.%d", i);
		assert_false(stranger(refusals, address, NULL, 1, &entry));
	}
	assert_true(sr_refusals_due(refusals, at(60), &entry));
	assert_int_equal(entry.addresses, 16);
	assert_false(entry.more_addresses);
	for (int i = 0; i < 17; i++) {
		snprintf(address, sizeof(address), "10.0.0.%d", i);
		assert_false(stranger(refusals, address, NULL, 61, &entry));
	}
	assert_true(sr_refusals_due(refusals, at(120), &entry));
	assert_int_equal(entry.addresses, 16);
	assert_true(entry.more_addresses);
	assert_string_equal(entry.address[15], "10.0.0.15");
	memset(address, 'x', sizeof(address) - 1);
	address[sizeof(address) - 1] = '\0';
	assert_true(stranger(refusals, address, NULL, 200, &entry));
	assert_int_equal(entry.addresses, 0);
	assert_true(entry.more_addresses);
}

static void a_user_has_thirty_an_hour_and_then_one_sum(void **state)
{
	SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
	struct sr_refusal_entry entry;

	(void)state;
	for (int i = 0; i < 100; i++) {
		bool now = sr_refusals_user(refusals, "li", "NotGranted", at(i), &entry);

		assert_int_equal(now, i < 30);
		if (now) {
			assert_int_equal(entry.kind, SR_REFUSAL_ONE);
			assert_int_equal(entry.count, 1);
			assert_string_equal(entry.user, "li");
			assert_string_equal(entry.why, "NotGranted");
		}
	}
	/* Others have theirs. */
	assert_true(sr_refusals_user(refusals, "wang", "NotGranted", at(100), &entry));
	assert_int_equal(sr_refusals_next_ns(refusals), at(3600));
	assert_false(sr_refusals_due(refusals, at(3600) - 1, &entry));
	assert_true(sr_refusals_due(refusals, at(3600), &entry));
	assert_int_equal(entry.kind, SR_REFUSAL_SUM);
	assert_int_equal(entry.count, 70);
	assert_int_equal(entry.since_ns, at(30));
	assert_int_equal(entry.until_ns, at(99));
	assert_string_equal(entry.why, "NotGranted");
	assert_false(sr_refusals_due(refusals, at(3600), &entry));
	/* A new hour. */
	for (int i = 0; i < 31; i++)
		assert_int_equal(
			sr_refusals_user(refusals, "li", i ? "Expired" : "NotGranted", at(3700), &entry),
			i < 30);
	assert_false(sr_refusals_user(refusals, "li", "Held", at(3700), &entry));
	assert_true(sr_refusals_due(refusals, at(7300), &entry));
	assert_int_equal(entry.count, 2);
	assert_string_equal(entry.why, SR_REFUSALS_MIXED);
}

static void a_late_timer_gives_no_user_more_than_their_sum(void **state)
{
	SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
	struct sr_refusal_entry entry;
	unsigned written = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		written += sr_refusals_user(refusals, "li", "NotGranted", at(10 * i), &entry);
	assert_int_equal(written, 30);
	assert_true(sr_refusals_due(refusals, at(10000), &entry));
	assert_int_equal(entry.count, 970);
	assert_false(sr_refusals_due(refusals, at(20000), &entry));
}

static void a_million_refusals_give_a_handful_of_entries(void **state)
{
	SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
	struct sr_refusal_entry entry;
	uint64_t entries = 0, counted = 0;
	char address[32];

	(void)state;
	/* In ten minutes: half without a session from 500 places, half by two users. */
	for (int i = 0; i < 1000000; i++) {
		int64_t now_ns = START_NS + i * (600 * SR_SECOND_NS / 1000000);
		bool write;

		snprintf(address, sizeof(address), "10.0.%d.%d", i % 1000 / 250, i % 250);
		if (i % 2)
			write = sr_refusals_stranger(refusals, address, NULL, "WrongPassword", now_ns,
			                             &entry);
		else
			write = sr_refusals_user(refusals, i % 4 ? "li" : "wang", "NotGranted", now_ns,
			                         &entry);
		if (write) {
			entries++;
			counted += entry.count;
		}
	}
	assert_int_equal(counted + sr_refusals_pending(refusals), 1000000);
	while (sr_refusals_due(refusals, at(4200), &entry)) {
		entries++;
		counted += entry.count;
	}
	assert_int_equal(counted, 1000000);
	/* 10 a minute, perhaps one more, and 31 a user */
	assert_in_range(entries, 60, 11 + 62);
}

static void no_count_is_lost_whatever_happens(void **state)
{
	unsigned seed = 20261121;

	(void)state;
	for (int round = 0; round < 200; round++) {
		SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
		struct sr_refusal_entry entry;
		uint64_t tried = 0, counted = 0;
		int64_t now_ns = START_NS;
		char user[32];

		for (int step = 0; step < 2000; step++) {
			int what = rand_r(&seed) % 100;
			bool write = false;

			/* Now and then the clock steps back, or far ahead. */
			now_ns += (rand_r(&seed) % 30 - 3) * SR_SECOND_NS;
			if (what == 0)
				now_ns += 5000 * SR_SECOND_NS;
			snprintf(user, sizeof(user), "u%d", rand_r(&seed) % 4);
			if (what < 40) {
				write = sr_refusals_stranger(refusals, user, what < 20 ? user : NULL, "x",
				                             now_ns, &entry);
				tried++;
			} else if (what < 90) {
				write = sr_refusals_user(refusals, user, "x", now_ns, &entry);
				tried++;
			} else if (what < 99) {
				write = sr_refusals_due(refusals, now_ns, &entry);
			} else {
				write = sr_refusals_flush(refusals, &entry);
			}
			counted += write ? entry.count : 0;
			assert_true(!write || (entry.count > 0 && entry.since_ns <= entry.until_ns));
			assert_int_equal(counted + sr_refusals_pending(refusals), tried);
		}
		while (sr_refusals_flush(refusals, &entry))
			counted += entry.count;
		assert_int_equal(counted, tried);
		assert_int_equal(sr_refusals_pending(refusals), 0);
		assert_int_equal(sr_refusals_next_ns(refusals), INT64_MAX);
	}
}

static void users_beyond_the_table_share_one_sum_an_hour(void **state)
{
	SR_CLEANUP(sr_refusals_freep) struct sr_refusals *refusals = new_refusals();
	struct sr_refusal_entry entry;
	uint64_t written = 0;
	char user[32];

	(void)state;
	for (int i = 0; i < SR_REFUSALS_USERS + 500; i++) {
		snprintf(user, sizeof(user), "u%05d", i);
		written += sr_refusals_user(refusals, user, "NotGranted", at(1), &entry);
	}
	assert_int_equal(written, SR_REFUSALS_USERS);
	assert_int_equal(sr_refusals_pending(refusals), 500);
	assert_true(sr_refusals_due(refusals, at(3601), &entry));
	assert_int_equal(entry.kind, SR_REFUSAL_REST);
	assert_int_equal(entry.count, 500);
	assert_string_equal(entry.user, "");
	assert_false(sr_refusals_due(refusals, at(3601), &entry));
	/* The hours are over: there is room again. */
	assert_true(sr_refusals_user(refusals, "new", "NotGranted", at(3602), &entry));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_share_one_entry_a_minute),
		cmocka_unit_test(an_attempt_after_a_late_timer_carries_what_waited),
		cmocka_unit_test(an_unknown_name_is_never_written),
		cmocka_unit_test(at_most_sixteen_addresses_are_named),
		cmocka_unit_test(a_user_has_thirty_an_hour_and_then_one_sum),
		cmocka_unit_test(a_late_timer_gives_no_user_more_than_their_sum),
		cmocka_unit_test(a_million_refusals_give_a_handful_of_entries),
		cmocka_unit_test(no_count_is_lost_whatever_happens),
		cmocka_unit_test(users_beyond_the_table_share_one_sum_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
