/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"

/* Seconds computed with GNU date, `date -u -d TEXT +%s`. */
static void times_with_a_zone_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds, ns;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "2025-03-01T09:00:00+08:00", 1740790800, 0 },
		{ "2025-03-01T01:00:00Z", 1740790800, 0 },
		{ "2024-02-29T23:59:59.5-03:30", 1709263799, 500000000 },
		{ "1969-12-31T23:59:59.999999999Z", -1, 999999999 },
		{ "2025-03-02 09:30", 1740879000, 0 },
		{ "2025-03-02T09:30:15", 1740879015, 0 },
	};
	struct sr_err err;

	(void)state;
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		int64_t got;

		print_message("case: %s\n", cases[i].text);
		assert_true(sr_time_parse(cases[i].text, &got));
		assert_int_equal(got, cases[i].seconds * SR_SECOND_NS + cases[i].ns);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"2025-03-01",
		"2025-02-29T00:00:00Z",
		"2025-13-01T00:00:00Z",
		"2025-00-01T00:00:00Z",
		"2025-04-31T00:00:00Z",
		"2025-03-01T24:00:00Z",
		"2025-03-01T00:60:00Z",
		"2025-03-01T00:00:60Z",
		"2025-03-01T00:00:00.Z",
		"2025-03-01T00:00:00.1234567890Z",
		"2025-03-01T00:00:00+8:00",
		"2025-03-01T00:00:00+24:00",
		"2025-03-01T00:00:00Zx",
		"2025-3-1T00:00:00Z",
		"+2025-03-01T00:00:00Z",
		"2025-03-01  09:30",
		"２０２５-03-01T00:00:00Z",
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		int64_t got;

		print_message("case: %s\n", cases[i]);
		assert_false(sr_time_parse(cases[i], &got));
	}
}

static void dates_and_days_agree_with_the_calendar(void **state)
{
	static const struct {
		const char *text;
		int64_t days;
	} cases[] = {
		{ "1970-01-01", 0 },     { "2000-02-29", 11016 }, { "2024-12-31", 20088 },
		{ "2025-01-01", 20089 }, { "1969-12-31", -1 },    { "1900-03-01", -25508 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		int64_t days;
		char text[SR_TIME_TEXT];

		assert_true(sr_date_parse(cases[i].text, &days));
		assert_int_equal(days, cases[i].days);
		sr_date_format(days, text);
		assert_string_equal(text, cases[i].text);
	}
	for (int64_t day = -90000; day < 90000; day++) {
		int y, m, d;

		sr_date_split(day, &y, &m, &d);
		assert_int_equal(sr_date_join(y, m, d), day);
	}
}

static void a_day_begins_at_midnight_of_the_zone(void **state)
{
	struct sr_err err;
	int64_t time_ns;

	(void)state;
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	assert_true(sr_time_parse("2025-03-01T23:30:00+08:00", &time_ns));
	assert_int_equal(sr_date_of_time(time_ns), sr_date_join(2025, 3, 1));
	assert_true(sr_time_parse("2025-03-01T16:00:00Z", &time_ns));
	assert_int_equal(sr_date_of_time(time_ns), sr_date_join(2025, 3, 2));
	assert_int_equal(sr_time_of_date(sr_date_join(2025, 3, 2)), time_ns);
}

static void times_are_written_in_utc_and_local(void **state)
{
	char text[SR_TIME_TEXT];
	struct sr_err err;

	(void)state;
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	sr_time_format_utc(1740790800ll * SR_SECOND_NS, text);
	assert_string_equal(text, "2025-03-01T01:00:00Z");
	sr_time_format_utc_us(1740790800ll * SR_SECOND_NS + 123456789, text);
	assert_string_equal(text, "2025-03-01T01:00:00.123456Z");
	sr_time_format_utc_us(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
	sr_time_format_utc_us(INT64_MIN, text);
	assert_string_equal(text, "1677-09-21T00:12:43.145224Z");
	sr_time_format_local(1740790800ll * SR_SECOND_NS, text);
	assert_string_equal(text, "2025-03-01 09:00");
}

static void zones_that_are_none_are_refused(void **state)
{
	static const char *const cases[] = { "Nowhere/City", "../../etc/passwd", "/etc/localtime" };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++)
		assert_int_equal(sr_clock_set_zone(cases[i], &err), SR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_with_a_zone_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(dates_and_days_agree_with_the_calendar),
		cmocka_unit_test(a_day_begins_at_midnight_of_the_zone),
		cmocka_unit_test(times_are_written_in_utc_and_local),
		cmocka_unit_test(zones_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
