/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "api/uri.h"
#include "appliance/base/cleanup.h"

/* sr_uri_parse decodes where the target stands: a copy of each, of its size alone, so that asan sees all. */
static enum sr_status parse(const char *target, struct sr_uri *uri, struct sr_err *err)
{
	static char *copy;

	free(copy);
	copy = strdup(target);
	assert_non_null(copy);
	return sr_uri_parse(copy, uri, err);
}

static void targets_are_taken_apart(void **state)
{
	struct sr_uri uri;
	struct sr_err err;

	(void)state;
	assert_ok(parse("/api/v1/cases/%E6%A1%88?q=%E8%8D%AF+%E5%BA%97&limit=5&empty", &uri, &err));
	assert_int_equal(uri.segments, 4);
	assert_string_equal(uri.segment[3], "案");
	assert_string_equal(sr_uri_value(&uri, "q"), "药 店");
	assert_string_equal(sr_uri_value(&uri, "limit"), "5");
	assert_string_equal(sr_uri_value(&uri, "empty"), "");
	assert_null(sr_uri_value(&uri, "li"));
	assert_ok(parse("/", &uri, &err));
	assert_int_equal(uri.segments, 0);
	assert_ok(parse("/a+b", &uri, &err));
	assert_string_equal(uri.segment[0], "a+b"); /* '+' is a blank in queries alone */
}

static void what_two_programs_could_read_differently_is_refused(void **state)
{
	static const struct {
		const char *why, *target;
		enum sr_status status;
	} cases[] = {
		{ "no slash", "api", SR_INVALID },
		{ "nothing", "", SR_INVALID },
		{ "absolute", "https://x/api", SR_INVALID },
		{ "two slashes", "/a//b", SR_INVALID },
		{ "slash at the end", "/a/", SR_INVALID },
		{ "only slashes", "//", SR_INVALID },
		{ "dot", "/a/./b", SR_INVALID },
		{ "dots", "/a/../b", SR_INVALID },
		{ "escaped dots", "/a/%2e%2E/b", SR_INVALID },
		{ "escaped slash", "/a%2fb", SR_INVALID },
		{ "escaped backslash", "/a%5Cb", SR_INVALID },
		{ "escaped NUL", "/a%00", SR_INVALID },
		{ "escaped line break", "/a?b=%0a", SR_INVALID },
		{ "half an escape", "/a%2", SR_INVALID },
		{ "no escape", "/a%zz", SR_INVALID },
		{ "bare byte over 0x7e", "/\xe6", SR_INVALID },
		{ "not UTF-8", "/%ff", SR_INVALID },
		{ "overlong", "/%c0%af", SR_INVALID },
		{ "a blank", "/a b", SR_INVALID },
		{ "a fragment", "/a#b", SR_INVALID },
		{ "a key twice", "/a?b=1&b=2", SR_INVALID },
		{ "a key twice, escaped", "/a?b=1&%62=2", SR_INVALID },
		{ "no key", "/a?=1", SR_INVALID },
		{ "an end with &", "/a?b=1&", SR_INVALID },
		{ "17 segments", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", SR_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_uri uri;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(parse(cases[i].target, &uri, &err), cases[i].status);
	}
}

static void targets_of_the_greatest_size_fit_and_longer_ones_do_not(void **state)
{
	char target[SR_URI_BYTES + 2];
	struct sr_uri uri;
	struct sr_err err;

	(void)state;
	memset(target, 'a', sizeof(target));
	target[0] = '/';
	target[SR_URI_BYTES + 1] = 0;
	assert_int_equal(parse(target, &uri, &err), SR_LIMIT);
	target[SR_URI_BYTES] = 0;
	assert_ok(parse(target, &uri, &err));
	assert_int_equal(strlen(uri.segment[0]), SR_URI_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_taken_apart),
		cmocka_unit_test(what_two_programs_could_read_differently_is_refused),
		cmocka_unit_test(targets_of_the_greatest_size_fit_and_longer_ones_do_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
