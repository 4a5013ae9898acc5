/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"

static enum sr_status parse(const char *text, size_t size, size_t max)
{
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	struct sr_err err;

	return sr_json_parse(text, size, max, &json, &err);
}

static void what_is_no_single_value_is_refused(void **state)
{
	static const struct {
		const char *why, *text;
	} cases[] = {
		{ "empty", "" },
		{ "duplicate key", "{\"a\":1,\"a\":2}" },
		{ "trailing bytes", "{} {}" },
		{ "not UTF-8", "\"\xff\"" },
		{ "NUL character", "\"\\u0000\"" },
		{ "lone surrogate", "\"\\ud800\"" },
		{ "cut", "{\"a\":" },
		{ "comment", "/* */ {}" },
		{ "single quotes", "{'a':1}" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(parse(cases[i].text, strlen(cases[i].text), 1000), SR_CORRUPT);
	}
	assert_int_equal(parse("[1,2]", 5, 4), SR_LIMIT);
	assert_int_equal(parse("[1,2]", 5, 5), SR_OK);
}

/* As jansson writes the same string; what it cannot hold is refused. */
static void text_is_written_as_a_whole_value_is(void **state)
{
	static const char *const texts[] = { "",
		                             "plain",
		                             "市医疗保障局〔2025〕1号",
		                             "\"quoted\"",
		                             "back\\slash",
		                             "tab\there",
		                             "line\nend",
		                             "\x01",
		                             "\x7f",
		                             "/slash/",
		                             "\xf0\x9f\x90\x8e" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(texts); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *value = json_string(texts[i]);
		SR_CLEANUP(sr_buf_dispose) struct sr_buf ours = { 0 };
		char *theirs = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		struct sr_err err;

		assert_ok(sr_json_write_text(texts[i], &ours, &err));
		assert_int_equal(ours.size, strlen(theirs));
		assert_memory_equal(ours.data, theirs, ours.size);
		free(theirs);
	}
	SR_CLEANUP(sr_buf_dispose) struct sr_buf none = { 0 };
	struct sr_err err;
	assert_int_equal(sr_json_write_text("half \xe5\xb8", &none, &err), SR_INVALID);
	assert_int_equal(none.size, 0);
}

static void nesting_is_bounded(void **state)
{
	char text[2 * SR_LIMIT_JSON_DEPTH + 3];

	(void)state;
	memset(text, '[', SR_LIMIT_JSON_DEPTH);
	memset(text + SR_LIMIT_JSON_DEPTH, ']', SR_LIMIT_JSON_DEPTH);
	assert_int_equal(parse(text, 2 * SR_LIMIT_JSON_DEPTH, 1000), SR_OK);
	memset(text, '[', SR_LIMIT_JSON_DEPTH + 1);
	memset(text + SR_LIMIT_JSON_DEPTH + 1, ']', SR_LIMIT_JSON_DEPTH + 1);
	assert_int_equal(parse(text, 2 * SR_LIMIT_JSON_DEPTH + 2, 1000), SR_LIMIT);
	static const char quoted[] = "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[\"";
	assert_int_equal(parse(quoted, sizeof(quoted) - 1, 1000), SR_OK);
}

static void needed_members_are_named_when_they_lack(void **state)
{
	static const char text[] = "{\"t\":\"x\",\"n\":5,\"l\":[],\"o\":{}}";
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	const char *got;
	uint64_t number;
	json_t *inner;
	struct sr_err err;

	(void)state;
	assert_ok(sr_json_parse(text, sizeof(text) - 1, 100, &json, &err));
	assert_ok(sr_json_need_text(json, "t", &got, &err));
	assert_string_equal(got, "x");
	assert_ok(sr_json_need_u64(json, "n", 5, &number, &err));
	assert_int_equal(number, 5);
	assert_ok(sr_json_need_array(json, "l", &inner, &err));
	assert_ok(sr_json_need_object(json, "o", &inner, &err));
	assert_int_equal(sr_json_need_u64(json, "n", 4, &number, &err), SR_CORRUPT);
	assert_int_equal(sr_json_need_text(json, "n", &got, &err), SR_CORRUPT);
	assert_int_equal(sr_json_need_text(json, "absent", &got, &err), SR_CORRUPT);
	assert_non_null(strstr(err.text, "absent"));
	assert_null(sr_json_text(json, "n"));
}

static void text_is_written_as_it_was_read(void **state)
{
	static const char text[] = "{\"b\":\"案卷\",\"a\":[1,true,null]}";
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_json_parse(text, sizeof(text) - 1, 100, &json, &err));
	assert_ok(sr_json_write(json, &out, &err));
	assert_int_equal(out.size, sizeof(text) - 1);
	assert_memory_equal(out.data, text, out.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_single_value_is_refused),
		cmocka_unit_test(text_is_written_as_a_whole_value_is),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(needed_members_are_named_when_they_lack),
		cmocka_unit_test(text_is_written_as_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
