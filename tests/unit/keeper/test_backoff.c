/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/keeper/core/backoff.h"

static int64_t seconds(int64_t s)
{
	return s * SR_SECOND_NS;
}

static struct sr_backoff *new_backoff(void)
{
	struct sr_backoff *backoff = NULL;
	struct sr_err err;

	assert_ok(sr_backoff_new(&backoff, &err));
	return backoff;
}

/* Seconds to wait, 0: may try (and that counts). */
static int64_t try(struct sr_backoff *backoff, const char *user, const char *address, int64_t now_ns)
{
	int64_t wait_s = 0;
	struct sr_err err;
	enum sr_status status =
		sr_backoff_begin(backoff, &(struct sr_backoff_pair){ user, address }, now_ns, &wait_s, &err);

	if (status == SR_BUSY) {
		assert_true(wait_s > 0);
		return wait_s;
	}
	assert_int_equal(status, SR_OK);
	return 0;
}

static void succeed(struct sr_backoff *backoff, const char *user, const char *address)
{
	struct sr_err err;

	assert_ok(sr_backoff_succeeded(backoff, &(struct sr_backoff_pair){ user, address }, &err));
}

static void cancel(struct sr_backoff *backoff, const char *user, const char *address)
{
	struct sr_err err;

	assert_ok(sr_backoff_cancel(backoff, &(struct sr_backoff_pair){ user, address }, &err));
}

static void five_failures_a_minute_then_a_wait_that_doubles_up_to_a_cap(void **state)
{
	static const int64_t waits_s[] = { 60, 120, 240, 480, 900, 900, 900 };
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();
	int64_t now = seconds(1000);

	(void)state;
	for (int i = 0; i < SR_BACKOFF_FREE; i++, now += seconds(1))
		assert_int_equal(try(backoff, "li", "192.0.2.1", now), 0);
	now -= seconds(1);
	for (size_t i = 0; i < SR_COUNT(waits_s); i++) {
		/* Asking meanwhile neither helps nor harms. */
		for (int64_t s = 0; s < waits_s[i]; s += 7)
			assert_int_equal(try(backoff, "li", "192.0.2.1", now + seconds(s)), waits_s[i] - s);
		assert_int_equal(try(backoff, "li", "192.0.2.1", now + seconds(waits_s[i]) - 1), 1);
		now += seconds(waits_s[i]);
		assert_int_equal(try(backoff, "li", "192.0.2.1", now), 0);
	}
}

static void four_failures_a_minute_are_free_until_there_are_twenty(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();

	(void)state;
	for (int i = 0; i < SR_BACKOFF_SLOW; i++)
		assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(15 * i)), 0);
	assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(15 * SR_BACKOFF_SLOW)), 45);
}

static void the_window_slides(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();
	static const int64_t at_s[] = { 0, 50, 55, 58, 61 }; /* five, but not in one minute */

	(void)state;
	for (size_t i = 0; i < SR_COUNT(at_s); i++)
		assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(at_s[i])), 0);
	/* 50, 55, 58, 61, 62: five in one minute. */
	assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(62)), 0);
	assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(62)), 60);
}

static void nobody_is_locked_out_from_elsewhere(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();
	char address[32];

	(void)state;
	for (int host = 0; host < 10000; host++) {
		snprintf(address, sizeof(address), "10.0.%d.%d", host / 250, host % 250);
		for (int i = 0; i < 7; i++)
			(void)try(backoff, "official", address, seconds(host));
	}
	assert_int_equal(try(backoff, "official", "192.0.2.1", seconds(10000)), 0);
	/* Nor is another user of the same address. */
	assert_int_not_equal(try(backoff, "official", address, seconds(10000)), 0);
	assert_int_equal(try(backoff, "clerk", address, seconds(10000)), 0);
}

static void success_and_a_quiet_hour_begin_anew(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();
	int64_t now = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(try(backoff, "li", "192.0.2.1", now), 0);
	now += seconds(60);
	assert_int_equal(try(backoff, "li", "192.0.2.1", now), 0);
	succeed(backoff, "li", "192.0.2.1");
	assert_int_equal(sr_backoff_count(backoff), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(try(backoff, "li", "192.0.2.1", now), 0);
	assert_int_equal(try(backoff, "li", "192.0.2.1", now), 60);
	now += seconds(60 + 3600);
	for (int i = 0; i < 5; i++)
		assert_int_equal(try(backoff, "li", "192.0.2.1", now), 0);
	assert_int_equal(try(backoff, "li", "192.0.2.1", now), 60);
}

static void an_attempt_that_was_never_looked_at_is_taken_back(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(1)), 0);
		cancel(backoff, "li", "192.0.2.1");
	}
	assert_int_equal(sr_backoff_count(backoff), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(1)), 0);
	cancel(backoff, "li", "192.0.2.1");
	/* The wait that it had begun is gone, four failures are not. */
	assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(2)), 0);
	assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(2)), 60);
	cancel(backoff, "nobody", "192.0.2.1");
}

static void attempts_in_flight_count_as_failures(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();
	int admitted = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		admitted += try(backoff, "li", "192.0.2.1", seconds(1)) == 0;
	assert_int_equal(admitted, SR_BACKOFF_FREE);
}

static void addresses_count_by_network_and_names_as_they_are(void **state)
{
	static const struct {
		const char *why, *user, *address;
		bool same; /* as user li at 2001:db8::1 or 192.0.2.1 */
	} cases[] = {
		{ "another address of the network", "li", "2001:db8::ffff:1:2:3", true },
		{ "the same, written otherwise", "li", "2001:0DB8:0:0::1", true },
		{ "another network", "li", "2001:db8:0:1::1", false },
		{ "IPv4 within IPv6", "li", "::ffff:192.0.2.1", true },
		{ "another IPv4", "li", "192.0.2.2", false },
		{ "another name", "lin", "192.0.2.1", false },
		{ "no address", "li", "uid:1000", false },
		{ "name and address slide together", "l", "i192.0.2.1", false },
	};
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(try(backoff, "li", "2001:db8::1", 0), 0);
		assert_int_equal(try(backoff, "li", "192.0.2.1", 0), 0);
	}
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(try(backoff, cases[i].user, cases[i].address, 0) != 0, cases[i].same);
	}
}

static void the_table_is_bounded_for_all_and_for_one_address(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();
	char name[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		assert_int_equal(try(backoff, name, "192.0.2.1", seconds(i)), 0);
	}
	assert_int_equal(sr_backoff_count(backoff), SR_BACKOFF_PAIRS_OF_ADDRESS);
	for (int i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "10.1.%d.%d", i / 250, i % 250);
		assert_int_equal(try(backoff, "li", name, seconds(1000)), 0);
	}
	assert_int_equal(sr_backoff_count(backoff), SR_BACKOFF_PAIRS);
}

static void invented_names_do_not_push_a_wait_out(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();
	char name[32];

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(try(backoff, "official", "192.0.2.1", 0), 0);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		(void)try(backoff, name, "192.0.2.1", seconds(1));
	}
	for (int i = 0; i < 9000; i++) {
		snprintf(name, sizeof(name), "10.1.%d.%d", i / 250, i % 250);
		(void)try(backoff, "official", name, seconds(2));
	}
	assert_int_equal(try(backoff, "official", "192.0.2.1", seconds(3)), 57);
}

static void a_clock_that_steps_back_opens_nothing(void **state)
{
	SR_CLEANUP(sr_backoff_freep) struct sr_backoff *backoff = new_backoff();

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(1000 - i)), 0);
	assert_int_equal(try(backoff, "li", "192.0.2.1", seconds(5)), 60);
	assert_int_equal(try(backoff, "li", "192.0.2.1", INT64_MIN), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_failures_a_minute_then_a_wait_that_doubles_up_to_a_cap),
		cmocka_unit_test(four_failures_a_minute_are_free_until_there_are_twenty),
		cmocka_unit_test(the_window_slides),
		cmocka_unit_test(nobody_is_locked_out_from_elsewhere),
		cmocka_unit_test(success_and_a_quiet_hour_begin_anew),
		cmocka_unit_test(an_attempt_that_was_never_looked_at_is_taken_back),
		cmocka_unit_test(attempts_in_flight_count_as_failures),
		cmocka_unit_test(addresses_count_by_network_and_names_as_they_are),
		cmocka_unit_test(the_table_is_bounded_for_all_and_for_one_address),
		cmocka_unit_test(invented_names_do_not_push_a_wait_out),
		cmocka_unit_test(a_clock_that_steps_back_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
