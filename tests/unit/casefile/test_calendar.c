/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/casefile/calendar.h"
#include "appliance/casefile/rulebook.h"

/*
 * The State Council's notices as they are worded: from when to when one is off, and which weekend days are
 * worked. 国办发明电〔2023〕7号, 国办发明电〔2024〕12号, and the notice for 2026 of 4 November 2025.
 */
static const struct {
	const char *festival, *from, *to;
	const char *worked[3];
} notices[] = {
	{ "元旦 2024", "2024-01-01", "2024-01-01", { NULL } },
	{ "春节 2024", "2024-02-10", "2024-02-17", { "2024-02-04", "2024-02-18" } },
	{ "清明节 2024", "2024-04-04", "2024-04-06", { "2024-04-07" } },
	{ "劳动节 2024", "2024-05-01", "2024-05-05", { "2024-04-28", "2024-05-11" } },
	{ "端午节 2024", "2024-06-10", "2024-06-10", { NULL } },
	{ "中秋节 2024", "2024-09-15", "2024-09-17", { "2024-09-14" } },
	{ "国庆节 2024", "2024-10-01", "2024-10-07", { "2024-09-29", "2024-10-12" } },
	{ "元旦 2025", "2025-01-01", "2025-01-01", { NULL } },
	{ "春节 2025", "2025-01-28", "2025-02-04", { "2025-01-26", "2025-02-08" } },
	{ "清明节 2025", "2025-04-04", "2025-04-06", { NULL } },
	{ "劳动节 2025", "2025-05-01", "2025-05-05", { "2025-04-27" } },
	{ "端午节 2025", "2025-05-31", "2025-06-02", { NULL } },
	{ "国庆节、中秋节 2025", "2025-10-01", "2025-10-08", { "2025-09-28", "2025-10-11" } },
	{ "元旦 2026", "2026-01-01", "2026-01-03", { "2026-01-04" } },
	{ "春节 2026", "2026-02-15", "2026-02-23", { "2026-02-14", "2026-02-28" } },
	{ "清明节 2026", "2026-04-04", "2026-04-06", { NULL } },
	{ "劳动节 2026", "2026-05-01", "2026-05-05", { "2026-05-09" } },
	{ "端午节 2026", "2026-06-19", "2026-06-21", { NULL } },
	{ "中秋节 2026", "2026-09-25", "2026-09-27", { NULL } },
	{ "国庆节 2026", "2026-10-01", "2026-10-07", { "2026-09-20", "2026-10-10" } },
};

/* Day of the week by Zeller's congruence: 0 is Saturday, 1 Sunday. */
static bool falls_on_weekend(int64_t day)
{
	int year, month, date;

	sr_date_split(day, &year, &month, &date);
	if (month < 3) {
		month += 12;
		year--;
	}
	return (date + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400) % 7 < 2;
}

static bool works_by_notice(int64_t day)
{
	char date[SR_TIME_TEXT];

	sr_date_format(day, date);
	for (size_t i = 0; i < SR_COUNT(notices); i++) {
		for (size_t k = 0; k < 3 && notices[i].worked[k]; k++)
			if (strcmp(notices[i].worked[k], date) == 0)
				return true;
		if (strcmp(notices[i].from, date) <= 0 && strcmp(date, notices[i].to) <= 0)
			return false;
	}
	return !falls_on_weekend(day);
}

static struct sr_rulebook *rulebook;

static const json_t *holidays(void)
{
	return sr_rulebook_table(rulebook, "holidays");
}

static int64_t day_of(const char *text)
{
	int64_t day;

	assert_true(sr_date_parse(text, &day));
	return day;
}

static void every_day_of_three_years_is_as_published(void **state)
{
	/* Days of the year less weekends and holidays, plus days worked: 2024 251, 2025 248, 2026 248. */
	static const struct {
		int year, days, working;
	} years[] = { { 2024, 366, 251 }, { 2025, 365, 248 }, { 2026, 365, 248 } };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(years); i++) {
		int64_t first = sr_date_join(years[i].year, 1, 1);
		int working = 0, by_notice = 0;

		for (int64_t day = first; day < first + years[i].days; day++) {
			bool works = false;

			assert_true(sr_calendar_is_working_day(holidays(), day, &works));
			if (works != works_by_notice(day)) {
				char date[SR_TIME_TEXT];

				sr_date_format(day, date);
				print_message("%s\n", date);
			}
			assert_int_equal(works, works_by_notice(day));
			working += works;
			by_notice += works_by_notice(day);
		}
		print_message("%d: %d working days\n", years[i].year, working);
		assert_int_equal(by_notice, working);
		assert_int_equal(working, years[i].working);
	}
}

static void other_years_are_refused(void **state)
{
	static const char *const days[] = { "2023-12-31", "2027-01-01", "1999-10-01" };
	bool works;
	int64_t count, due;
	int year = 0;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(days); i++)
		assert_false(sr_calendar_is_working_day(holidays(), day_of(days[i]), &works));
	assert_false(
		sr_calendar_count(holidays(), day_of("2026-12-30"), day_of("2027-01-05"), 7, &count, &year));
	assert_int_equal(year, 2027);
	assert_false(sr_calendar_due(holidays(), day_of("2026-12-28"), 7, &due, &year));
	assert_int_equal(year, 2027);
	/* What was done before the unknown year is judged all the same. */
	assert_true(
		sr_calendar_count(holidays(), day_of("2026-12-28"), day_of("2026-12-31"), 7, &count, &year));
	assert_int_equal(count, 3);
}

static void working_days_are_counted_from_the_day_after(void **state)
{
	static const struct {
		const char *why, *from, *to;
		int64_t count;
		const char *due; /* of 7 working days */
	} cases[] = {
		{ "the same day is day 0", "2025-04-16", "2025-04-16", 0, "2025-04-25" },
		{ "before", "2025-04-16", "2025-04-10", 0, "2025-04-25" },
		{ "over a weekend", "2025-04-18", "2025-04-21", 1, "2025-04-28" },
		{ "a Sunday that is worked", "2025-04-25", "2025-04-27", 1, "2025-05-08" },
		{ "over the spring festival", "2025-01-27", "2025-02-05", 1, "2025-02-12" },
		{ "over the new year", "2025-12-31", "2026-01-05", 2, "2026-01-12" },
		{ "eve of the festival is worked in 2024", "2024-02-08", "2024-02-09", 1, "2024-02-23" },
	};
	int64_t count, due;
	int year;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char date[SR_TIME_TEXT];

		print_message("case: %s\n", cases[i].why);
		assert_true(sr_calendar_count(holidays(), day_of(cases[i].from), day_of(cases[i].to), 100,
		                              &count, &year));
		assert_int_equal(count, cases[i].count);
		assert_true(sr_calendar_due(holidays(), day_of(cases[i].from), 7, &due, &year));
		sr_date_format(due, date);
		assert_string_equal(date, cases[i].due);
	}
}

static void a_wrong_table_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *why, *text, *place;
	} cases[] = {
		{ "no object", "[]", ": must" },
		{ "no year", "{\"25\":{}}", "/25" },
		{ "no source", "{\"2025\":{\"off\":[],\"work\":[]}}", "/2025/source" },
		{ "no list", "{\"2025\":{\"source\":\"s\",\"off\":[]}}", "/2025/work" },
		{ "another year", "{\"2025\":{\"source\":\"s\",\"off\":[\"2024-01-01\"],\"work\":[]}}",
		  "/2025/off/0" },
		{ "no date", "{\"2025\":{\"source\":\"s\",\"off\":[\"2025-02-29\"],\"work\":[]}}",
		  "/2025/off/0" },
		{ "twice",
		  "{\"2025\":{\"source\":\"s\",\"off\":[\"2025-01-01\",\"2025-01-01\"],\"work\":[]}}",
		  "/2025/off/1" },
		{ "a Monday worked", "{\"2025\":{\"source\":\"s\",\"off\":[],\"work\":[\"2025-01-06\"]}}",
		  "is no Saturday" },
		{ "unknown key", "{\"2025\":{\"source\":\"s\",\"of\":[],\"work\":[]}}", "/2025/of" },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *table = NULL;

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_json_parse(cases[i].text, strlen(cases[i].text), 4096, &table, &err));
		assert_int_equal(sr_calendar_check(table, &err), SR_INVALID);
		assert_non_null(strstr(err.text, cases[i].place));
	}
}

static int load_rulebook(void **state)
{
	struct sr_err err;

	(void)state;
	return sr_rulebook_load("yangquan", &rulebook, &err) == SR_OK ? 0 : -1;
}

static int free_rulebook(void **state)
{
	(void)state;
	sr_rulebook_free(rulebook);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_three_years_is_as_published),
		cmocka_unit_test(other_years_are_refused),
		cmocka_unit_test(working_days_are_counted_from_the_day_after),
		cmocka_unit_test(a_wrong_table_is_refused_with_its_place),
	};

	return cmocka_run_group_tests(tests, load_rulebook, free_rulebook);
}
