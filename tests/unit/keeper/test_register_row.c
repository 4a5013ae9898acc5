/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/register_row.h"

static enum sr_status read_text(const char *text, json_t **rows, struct sr_err *err)
{
	*rows = NULL;
	return sr_register_read((struct sr_bytes){ (const uint8_t *)text, strlen(text) }, rows, err);
}

static void a_wrong_cell_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "empty" },
		{ "number,colour\n1,red\n", "line 1: the register has no column \"colour\"" },
		{ "number,number\n1,1\n", "twice" },
		{ "number,案号\n1,1\n", "twice" },
		{ "number,category\n1,fun\n", "line 2: category" },
		{ "number,started\n1,2025-02-29\n", "line 2: started" },
		{ "number,fine\n1,1.234\n", "line 2: fine" },
		{ "number,fine\n1,-1\n", "line 2: fine" },
		{ "number,fine\n1,1.\n", "line 2: fine" },
		{ "title\nx\n", "line 2: number" },
		{ "number,title\n1,a,b\n", "line 2: 3 fields" },
		{ "number\n1\n1\n", "line 3: number (案号) 1 is there twice, first in line 2" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		json_t *rows;
		struct sr_err err;

		assert_int_equal(read_text(cases[i].text, &rows, &err), SR_INVALID);
		if (!strstr(err.text, cases[i].says))
			fail_msg("%s: not \"%s\"", err.text, cases[i].says);
	}
}

static void the_same_number_of_two_organs_is_two_rows(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(read_text("\xef\xbb\xbf案号,机关代码\n1,A\n1,B\n", &rows, &err));
	assert_int_equal(json_array_size(rows), 2);
}

static void the_due_day_is_thirty_days_later(void **state)
{
	static const struct {
		const char *ended, *closed, *due;
	} cases[] = {
		{ "2025-01-31", "2025-02-10", "2025-03-02" },
		{ "", "2024-01-31", "2024-03-01" },
		{ "2025-03-01T23:30:00Z", "", "2025-04-01" }, /* the next day in Shanghai */
		{ "", "", NULL },
	};
	struct sr_err err;

	(void)state;
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *row = json_pack("{s:s,s:s,s:s}", "number", "1", "execution_ended", cases[i].ended,
		                        "closed", cases[i].closed);
		char text[SR_TIME_TEXT];
		int64_t day;

		assert_ok(sr_register_row_check(row, &err));
		assert_int_equal(sr_register_due(row, &day), cases[i].due != NULL);
		if (!cases[i].due)
			continue;
		sr_date_format(day, text);
		assert_string_equal(text, cases[i].due);
	}
}

static void officers_are_told_apart(void **state)
{
	static const struct {
		const char *officers, *name;
		bool is;
	} cases[] = {
		{ "张某、赵某", "赵某", true }, { "张某某", "张某", false },
		{ "张某,赵某", "张某", true },  { "大张某 赵某", "张某", false },
		{ "张某；赵某", "赵某", true }, { "张某", "", false },
		{ "赵某/张某", "张某", true },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *row = json_pack("{s:s}", "officers", cases[i].officers);

		print_message("%s in %s\n", cases[i].name, cases[i].officers);
		assert_int_equal(sr_register_names_officer(row, cases[i].name), cases[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_cell_is_named),
		cmocka_unit_test(the_same_number_of_two_organs_is_two_rows),
		cmocka_unit_test(the_due_day_is_thirty_days_later),
		cmocka_unit_test(officers_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
