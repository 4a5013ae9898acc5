/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9110, sections 13.1, 13.2 and 14.1 to 14.2. */
#include "tests/unit/unit.h"

#include "api/range.h"
#include "appliance/base/cleanup.h"

#define WHOLE SR_RANGE_WHOLE
#define SOME SR_RANGE_SOME
#define NONE SR_RANGE_UNSATISFIABLE

static const struct {
	const char *header;
	enum sr_range_verdict verdict;
	size_t count;
	struct sr_byte_range range[3];
} range_cases[] = {
	/* The RFC's own examples: a representation of 10,000 bytes. */
	{ "bytes=0-499", SOME, 1, { { 0, 499 } } },
	{ "bytes=500-999", SOME, 1, { { 500, 999 } } },
	{ "bytes=-500", SOME, 1, { { 9500, 9999 } } },
	{ "bytes=9500-", SOME, 1, { { 9500, 9999 } } },
	{ "bytes=0-0,-1", SOME, 2, { { 0, 0 }, { 9999, 9999 } } },
	{ "bytes= 0-0, 4500-5499, -1000", SOME, 3, { { 0, 0 }, { 4500, 5499 }, { 9000, 9999 } } },
	{ "bytes=500-600,601-999", SOME, 1, { { 500, 999 } } },
	{ "bytes=500-700,601-999", SOME, 1, { { 500, 999 } } },
	/* Ends and beyond. */
	{ "bytes=9999-", SOME, 1, { { 9999, 9999 } } },
	{ "bytes=0-20000", SOME, 1, { { 0, 9999 } } },
	{ "bytes=-20000", SOME, 1, { { 0, 9999 } } },
	{ "bytes=10000-", NONE, 0, { { 0 } } },
	{ "bytes=-0", NONE, 0, { { 0 } } },
	{ "bytes=10000-10001,20000-", NONE, 0, { { 0 } } },
	{ "bytes=0-0,10000-", SOME, 1, { { 0, 0 } } },
	{ "bytes=0-99999999999999999999999", SOME, 1, { { 0, 9999 } } },
	{ "bytes=99999999999999999999999-", NONE, 0, { { 0 } } },
	{ "bytes=-99999999999999999999999", SOME, 1, { { 0, 9999 } } },
	{ "BYTES=0-1", SOME, 1, { { 0, 1 } } },
	{ "bytes=,0-1,,", SOME, 1, { { 0, 1 } } },
	/* Not well formed: as if there were none. */
	{ NULL, WHOLE, 0, { { 0 } } },
	{ "", WHOLE, 0, { { 0 } } },
	{ "bytes", WHOLE, 0, { { 0 } } },
	{ "bytes=", WHOLE, 0, { { 0 } } },
	{ "bytes=,", WHOLE, 0, { { 0 } } },
	{ "bytes=-", WHOLE, 0, { { 0 } } },
	{ "bytes=5-2", WHOLE, 0, { { 0 } } },
	{ "bytes=0-1,5-2", WHOLE, 0, { { 0 } } },
	{ "bytes=1", WHOLE, 0, { { 0 } } },
	{ "bytes=a-b", WHOLE, 0, { { 0 } } },
	{ "bytes=0-1;2-3", WHOLE, 0, { { 0 } } },
	{ "bytes=0 -1", WHOLE, 0, { { 0 } } },
	{ "bytes=+1-2", WHOLE, 0, { { 0 } } },
	{ "lines=0-1", WHOLE, 0, { { 0 } } },
	/* Made to cost much. */
	{ "bytes=0-,0-,0-", NONE, 0, { { 0 } } },
	{ "bytes=0-5,5-9,20-30", NONE, 0, { { 0 } } },
	{ "bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-"
	  "30,32-32",
	  NONE,
	  0,
	  { { 0 } } },
};

static void ranges_of_ten_thousand_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(range_cases); i++) {
		struct sr_byte_ranges got;

		print_message("case: %s\n", range_cases[i].header ? range_cases[i].header : "(none)");
		assert_int_equal(sr_byte_ranges_parse(range_cases[i].header, 10000, &got),
		                 range_cases[i].verdict);
		if (range_cases[i].verdict != SOME)
			continue;
		assert_int_equal(got.count, range_cases[i].count);
		for (size_t k = 0; k < got.count; k++) {
			assert_int_equal(got.range[k].first, range_cases[i].range[k].first);
			assert_int_equal(got.range[k].last, range_cases[i].range[k].last);
		}
	}
}

static void nothing_of_nothing(void **state)
{
	struct sr_byte_ranges got;

	(void)state;
	assert_int_equal(sr_byte_ranges_parse("bytes=0-", 0, &got), NONE);
	assert_int_equal(sr_byte_ranges_parse("bytes=-1", 0, &got), NONE);
	assert_int_equal(sr_byte_ranges_parse(NULL, 0, &got), WHOLE);
}

static void conditions_compare_as_the_rfc_says(void **state)
{
	static const struct {
		const char *match, *none_match;
		enum sr_precondition wanted;
	} cases[] = {
		{ NULL, NULL, SR_PRECONDITION_GO_ON },
		{ "\"a\"", NULL, SR_PRECONDITION_GO_ON },
		{ "*", NULL, SR_PRECONDITION_GO_ON },
		{ "\"b\", \"a\"", NULL, SR_PRECONDITION_GO_ON },
		{ "\"b\"", NULL, SR_PRECONDITION_FAILED },
		{ "W/\"a\"", NULL, SR_PRECONDITION_FAILED }, /* strong comparison */
		{ "a", NULL, SR_PRECONDITION_FAILED },
		{ "\"a", NULL, SR_PRECONDITION_FAILED },
		{ NULL, "\"a\"", SR_PRECONDITION_NOT_MODIFIED },
		{ NULL, "W/\"a\"", SR_PRECONDITION_NOT_MODIFIED }, /* weak comparison */
		{ NULL, "*", SR_PRECONDITION_NOT_MODIFIED },
		{ NULL, "\"b\",\"c\"", SR_PRECONDITION_GO_ON },
		{ NULL, "\"b\",\"a\"", SR_PRECONDITION_NOT_MODIFIED },
		{ "\"b\"", "\"a\"", SR_PRECONDITION_FAILED }, /* If-Match first */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s / %s\n", cases[i].match ? cases[i].match : "-",
		              cases[i].none_match ? cases[i].none_match : "-");
		assert_int_equal(sr_precondition_judge(cases[i].match, cases[i].none_match, "\"a\""),
		                 cases[i].wanted);
	}
	assert_true(sr_precondition_range_counts(NULL, "\"a\""));
	assert_true(sr_precondition_range_counts("\"a\"", "\"a\""));
	assert_false(sr_precondition_range_counts("W/\"a\"", "\"a\""));
	assert_false(sr_precondition_range_counts("Sun, 22 Nov 2026 00:00:00 GMT", "\"a\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_of_ten_thousand_bytes),
		cmocka_unit_test(nothing_of_nothing),
		cmocka_unit_test(conditions_compare_as_the_rfc_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
