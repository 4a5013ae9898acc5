/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/csv.h"
#include "appliance/base/json.h"

static struct sr_csv csv_of(const char *text)
{
	return (struct sr_csv){ .text = { (const uint8_t *)text, strlen(text) }, .next_line = 1 };
}

/* Rows as JSON lines: what RFC 4180 says of each text. */
static void every_row_is_read(void **state)
{
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{ "a,b,c\r\nd,e,f\r\n", "[\"a\",\"b\",\"c\"]1 [\"d\",\"e\",\"f\"]2 " },
		{ "a,b\nc,d", "[\"a\",\"b\"]1 [\"c\",\"d\"]2 " },
		{ "\"a\"\"b\",\"c,d\"\n", "[\"a\\\"b\",\"c,d\"]1 " },
		{ "\"a\nb\",c\nd\n", "[\"a\\nb\",\"c\"]1 [\"d\"]3 " },
		{ "\n\n a , b \n\n", "[\"a\",\"b\"]3 " },
		{ "a,\n,b\n", "[\"a\",\"\"]1 [\"\",\"b\"]2 " },
		{ "案号,\"名，称\"\n", "[\"案号\",\"名，称\"]1 " },
		{ "\"\",\"\"\"\"\n", "[\"\",\"\\\"\"]1 " },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_csv csv = csv_of(cases[i].text);
		SR_CLEANUP(sr_buf_dispose) struct sr_buf seen = { 0 };
		const char *text;
		struct sr_err err;

		for (;;) {
			SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;

			assert_ok(sr_csv_next(&csv, &row, &err));
			if (!row)
				break;
			assert_ok(sr_json_write(row, &seen, &err));
			assert_ok(sr_buf_printf(&seen, &err, "%u ", csv.line));
		}
		assert_ok(sr_buf_text(&seen, &text, &err));
		assert_string_equal(text ? text : "", cases[i].rows);
	}
}

static void what_is_no_table_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{ "\"a", "line 1" },           { "a\n\"b\" c\n", "line 2" },   { "a\nb\"c\n", "line 2" },
		{ "a\nb\x01\n", "line 2" },    { "a\n\xff\n", "line 2" },      { "a\rb\n", "line 1" },
		{ "a\n\"b\rc\"\n", "line 2" }, { "\"a\nb\x01\"\n", "line 2" }, { "\"a\x7f\"\n", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_csv csv = csv_of(cases[i].text);
		enum sr_status status = SR_OK;
		bool more = true;
		struct sr_err err;

		while (status == SR_OK && more) {
			SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;

			status = sr_csv_next(&csv, &row, &err);
			more = row != NULL;
		}
		print_message("%s\n", cases[i].text);
		assert_int_equal(status, SR_INVALID);
		assert_non_null(strstr(err.text, cases[i].line));
	}
}

/* Whoever reads a text up to its NUL would take another one than was checked. */
static void a_nul_in_quotes_is_refused(void **state)
{
	static const char text[] = "a\n\"li\0wang\"\n";
	struct sr_csv csv = { .text = { (const uint8_t *)text, sizeof(text) - 1 }, .next_line = 1 };
	SR_CLEANUP(sr_json_decrefp) json_t *head = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_csv_next(&csv, &head, &err));
	assert_int_equal(sr_csv_next(&csv, &row, &err), SR_INVALID);
	assert_non_null(strstr(err.text, "line 2"));
}

static void too_many_fields_are_refused(void **state)
{
	char text[2 * SR_CSV_FIELDS + 2];
	struct sr_csv csv;
	json_t *row;
	struct sr_err err;

	(void)state;
	memset(text, ',', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	csv = csv_of(text);
	assert_int_equal(sr_csv_next(&csv, &row, &err), SR_LIMIT);
	text[SR_CSV_FIELDS - 1] = 0;
	csv = csv_of(text);
	assert_ok(sr_csv_next(&csv, &row, &err));
	assert_int_equal(json_array_size(row), SR_CSV_FIELDS);
	json_decref(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_read),
		cmocka_unit_test(what_is_no_table_is_refused_with_its_line),
		cmocka_unit_test(a_nul_in_quotes_is_refused),
		cmocka_unit_test(too_many_fields_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
