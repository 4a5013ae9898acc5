/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

/* RFC 4648 section 10. */
static void base64_agrees_with_the_rfc(void **state)
{
	static const struct {
		const char *plain, *padded, *raw;
	} cases[] = {
		{ "", "", "" },
		{ "f", "Zg==", "Zg" },
		{ "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		for (int raw = 0; raw < 2; raw++) {
			SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
			SR_CLEANUP(sr_buf_dispose) struct sr_buf back = { 0 };
			enum sr_base64 kind = raw ? SR_BASE64_RAW : SR_BASE64_PADDED;
			const char *want = raw ? cases[i].raw : cases[i].padded;
			struct sr_err err;

			assert_ok(sr_base64_encode(kind, (const uint8_t *)cases[i].plain,
			                           strlen(cases[i].plain), &text, &err));
			assert_int_equal(text.size, strlen(want));
			assert_memory_equal(text.data, want, text.size);
			assert_ok(sr_base64_decode(kind, want, strlen(want), &back, &err));
			assert_int_equal(back.size, strlen(cases[i].plain));
			assert_memory_equal(back.data, cases[i].plain, back.size);
		}
	}
}

static void base64_that_is_not_canonical_is_refused(void **state)
{
	static const struct {
		const char *why, *text;
		enum sr_base64 kind;
	} cases[] = {
		{ "unused bits", "Zh==", SR_BASE64_PADDED },
		{ "unused bits", "Zh", SR_BASE64_RAW },
		{ "padding in raw", "Zg==", SR_BASE64_RAW },
		{ "no padding", "Zg", SR_BASE64_PADDED },
		{ "one digit", "Z", SR_BASE64_RAW },
		{ "blank", "Zm 9", SR_BASE64_RAW },
		{ "newline", "Zm9v\n", SR_BASE64_RAW },
		{ "padding inside", "Zg==Zg==", SR_BASE64_PADDED },
		{ "url digit", "-_-_", SR_BASE64_RAW },
		{ "plain digit", "+/+/", SR_BASE64_URL },
		{ "only padding", "====", SR_BASE64_PADDED },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf back = { 0 };
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(
			sr_base64_decode(cases[i].kind, cases[i].text, strlen(cases[i].text), &back, &err),
			SR_CORRUPT);
		assert_int_equal(back.size, 0);
	}
}

static void utf8_is_judged_as_rfc_3629_says(void **state)
{
	static const struct {
		const char *why, *text;
		bool valid;
	} cases[] = {
		{ "ascii", "abc", true },
		{ "chinese", "案卷库", true },
		{ "four bytes", "\xf0\xa0\x80\x80", true },
		{ "overlong slash", "\xc0\xaf", false },
		{ "surrogate", "\xed\xa0\x80", false },
		{ "beyond", "\xf4\x90\x80\x80", false },
		{ "cut", "\xe6\xa1", false },
		{ "lone continuation", "\x80", false },
		{ "latin 1", "caf\xe9", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_utf8_is_valid(cases[i].text, strlen(cases[i].text)), cases[i].valid);
	}
}

static void hostile_names_become_one_printable_line(void **state)
{
	static const struct {
		const char *text, *want;
		size_t capacity;
	} cases[] = {
		{ "a\nb\x1b[31m", "a?b?[31m", 64 }, { "\xff\xfe", "??", 64 }, { "x\xe2\x80\xaey", "x?y", 64 },
		{ "现场检查", "现场检查", 64 },     { "现场", "现", 6 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char text[64];

		snprintf(text, cases[i].capacity, "%s", cases[i].text);
		sr_text_make_printable(text, cases[i].capacity);
		assert_string_equal(text, cases[i].want);
	}
}

static void decimals_have_one_spelling(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(sr_decimal_parse("0", 1, 9, &value) && value == 0);
	assert_true(sr_decimal_parse("18446744073709551615", 20, UINT64_MAX, &value) && value == UINT64_MAX);
	assert_false(sr_decimal_parse("18446744073709551616", 20, UINT64_MAX, &value));
	assert_false(sr_decimal_parse("10", 2, 9, &value));
	assert_false(sr_decimal_parse("01", 2, 9, &value));
	assert_false(sr_decimal_parse("", 0, 9, &value));
	assert_false(sr_decimal_parse("-1", 2, 9, &value));
	assert_false(sr_decimal_parse("1 ", 2, 9, &value));
}

static void blank_counts_chinese_space_too(void **state)
{
	(void)state;
	assert_true(sr_text_is_blank(NULL));
	assert_true(sr_text_is_blank(" \t\r\n\xe3\x80\x80\xef\xbb\xbf"));
	assert_false(sr_text_is_blank("。"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_agrees_with_the_rfc),
		cmocka_unit_test(base64_that_is_not_canonical_is_refused),
		cmocka_unit_test(utf8_is_judged_as_rfc_3629_says),
		cmocka_unit_test(hostile_names_become_one_printable_line),
		cmocka_unit_test(decimals_have_one_spelling),
		cmocka_unit_test(blank_counts_chinese_space_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
