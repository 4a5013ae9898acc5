/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/schema_table.h"
#include "tests/unit/casefile/cases.h"

/* --- encodings ------------------------------------------------------------------------------------------ */

/* What a program prints; the test needs it to print something. */
static void run(const char *command, struct sr_buf *out)
{
	FILE *pipe = popen(command, "r");
	char piece[4096];
	size_t got;
	struct sr_err err;

	assert_non_null(pipe);
	while ((got = fread(piece, 1, sizeof(piece), pipe)) > 0)
		assert_ok(sr_buf_add(out, piece, got, &err));
	assert_int_equal(pclose(pipe), 0);
	assert_true(out->size > 0);
}

static void gb18030_reads_like_utf8(void **state)
{
	static const char *const commands[] = {
		"iconv -f UTF-8 -t GB18030 tests/fixtures/sample-case/case.json",
		"{ printf '\\204\\061\\225\\063'; iconv -f UTF-8 -t GB18030 "
		"tests/fixtures/sample-case/case.json; }",
		"{ printf '\\357\\273\\277'; cat tests/fixtures/sample-case/case.json; }",
	};
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep)
	struct sr_case *plain = read_case_file("tests/fixtures/sample-case/case.json", findings);

	(void)state;
	for (size_t i = 0; i < SR_COUNT(commands); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		run(commands[i], &text);
		assert_ok(sr_case_read(text.data, text.size, findings, &description, &err));
		assert_true(json_equal(description->root, plain->root));
	}
	assert_int_equal(sr_findings_count(findings), 0);
}

static void text_in_neither_encoding_is_refused_with_the_bytes(void **state)
{
	static const struct {
		const char *why, *text, *utf8, *gb18030;
	} cases[] = {
		{ "latin 1", "{\"caf\xe9\"}", "byte 5", "byte 5" },
		{ "UTF-16", "\xff\xfe{", "byte 0", "byte 0" },
		{ "GB18030 that is cut", "{\"\xb1\xa3\xb1", "byte 2", "byte 4" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(read_text(cases[i].text, findings, &description, &err), SR_INVALID);
		print_message("      %s\n", err.text);
		assert_non_null(strstr(err.text, cases[i].utf8));
		assert_non_null(strstr(strstr(err.text, "GB18030"), cases[i].gb18030));
	}
}

/* --- limits and damage ---------------------------------------------------------------------------------- */

static void too_much_is_refused(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_buf_reserve(&text, SR_LIMIT_CASE_JSON_BYTES + 1u, &err));
	memset(text.data, ' ', SR_LIMIT_CASE_JSON_BYTES + 1u);
	assert_int_equal(sr_case_read(text.data, SR_LIMIT_CASE_JSON_BYTES + 1u, findings, &description, &err),
	                 SR_LIMIT);
	assert_int_equal(sr_case_read(text.data, SR_LIMIT_CASE_JSON_BYTES, findings, &description, &err),
	                 SR_INVALID);

	assert_ok(sr_buf_add_text(&text, "{\"format\":\"" SR_CASE_FORMAT "\",\"members\":[", &err));
	for (unsigned i = 0; i < SR_LIMIT_MEMBERS; i++)
		assert_ok(sr_buf_printf(&text, &err, "{\"path\":\"%u\",\"class\":\"document\"},", i));
	size_t before = --text.size;
	assert_ok(sr_buf_add_text(&text, "]}", &err));
	assert_ok(sr_case_read(text.data, text.size, findings, &description, &err));
	assert_int_equal(description->member_count, SR_LIMIT_MEMBERS);
	sr_case_freep(&description);
	text.size = before;
	assert_ok(sr_buf_add_text(&text, ",{\"path\":\"x\",\"class\":\"document\"}]}", &err));
	assert_int_equal(sr_case_read(text.data, text.size, findings, &description, &err), SR_LIMIT);
}

/* The text of a list of @count times @item. */
static enum sr_status read_many(const char *item, unsigned count)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	assert_ok(sr_buf_add_text(&text, "{\"format\":\"" SR_CASE_FORMAT "\",\"x\":[", &err));
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(sr_buf_add_text(&text, i > 0 ? "," : "", &err), SR_OK);
		assert_int_equal(sr_buf_add_text(&text, item, &err), SR_OK);
	}
	assert_ok(sr_buf_add_text(&text, "]}", &err));
	return sr_case_read(text.data, text.size, findings, &description, &err);
}

static void a_tree_that_would_fill_the_memory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_many("[]", SR_LIMIT_CASE_CONTAINERS - 2), SR_OK);
	assert_int_equal(read_many("[]", SR_LIMIT_CASE_CONTAINERS - 1), SR_LIMIT);
	assert_int_equal(read_many("0", SR_LIMIT_CASE_VALUES), SR_LIMIT);
	assert_int_equal(read_many("\"[{,\\\"[{,\"", SR_LIMIT_CASE_CONTAINERS), SR_OK);
}

/* Members are read one by one; what comes out is what the whole text says, or the whole text's error. */
static const struct {
	const char *why, *text, *place; /* place NULL: it is read */
} pieces[] = {
	{ "no members", "{\"format\":\"" SR_CASE_FORMAT "\",\"members\" : [ \n ] }", NULL },
	{ "members first",
	  "{ \"members\":[{\"path\":\"a\",\"class\":\"medium\"} , \n"
	  "{\"class\":\"medium\",\"path\":\"b\"} ],\"format\":\"" SR_CASE_FORMAT "\"}",
	  NULL },
	{ "brackets in texts",
	  CASE("\"title\":\"\\\"members\\\":[{]}\",\"members\":[{\"path\":\"],}\\\\\","
	       "\"class\":\"document\"}]"),
	  NULL },
	{ "members of something else",
	  CASE("\"x\":{\"members\":[1,2]},\"members\":[{\"path\":\"a\",\"class\":\"document\"}]"), NULL },
	{ "an escaped key", CASE("\"\\u006dembers\":[{\"path\":\"a\",\"class\":\"document\"}]"), NULL },
	{ "members null", CASE("\"members\":null"), NULL },
	{ "the word as a value", CASE("\"title\":\"members\",\"members\":[]"), NULL },
	{ "members an object", CASE("\"members\":{\"a\":[]}"), "/members: must be a list" },
	{ "trailing comma", CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\"},]"), "line 1" },
	{ "leading comma", CASE("\"members\":[,{\"path\":\"a\",\"class\":\"document\"}]"), "line 1" },
	{ "error in the second member",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\"},\n\n{\"path\":}]"), "line 3" },
	{ "duplicate key in a member",
	  CASE("\"members\":[\n{\"path\":\"a\",\"path\":\"b\",\"class\":\"document\"}]"), "line 2" },
	{ "members twice", CASE("\"members\":[],\n\"members\":[]"), "duplicate" },
	{ "members twice, once escaped", CASE("\"members\":[],\n\"\\u006dembers\":[]"), "duplicate" },
	{ "text behind", CASE("\"members\":[]") "x", "line 1" },
	{ "wrong brackets", CASE("\"members\":[{\"path\":[}]}"), "line 1" },
	{ "no end", "{\"format\":\"" SR_CASE_FORMAT "\",\"members\":[{\"path\":\"a\\", "line 1" },
};

static void members_in_pieces_are_the_members_of_the_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(pieces); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		SR_CLEANUP(sr_json_decrefp)
		json_t *whole = json_loads(pieces[i].text, JSON_REJECT_DUPLICATES, NULL);
		struct sr_err err;

		print_message("case: %s\n", pieces[i].why);
		enum sr_status status = read_text(pieces[i].text, findings, &description, &err);
		assert_int_equal(status, pieces[i].place ? SR_INVALID : SR_OK);
		if (pieces[i].place)
			assert_non_null(strstr(err.text, pieces[i].place));
		else
			assert_true(json_equal(description->root, whole));
	}
}

static void deep_values_are_refused(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	static const unsigned depths[] = { 17, 40 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(depths); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

		assert_ok(sr_buf_add_text(&text, "{\"format\":\"" SR_CASE_FORMAT "\",\"x\":", &err));
		for (unsigned k = 0; k < depths[i]; k++)
			assert_ok(sr_buf_add_text(&text, "[", &err));
		for (unsigned k = 0; k < depths[i]; k++)
			assert_ok(sr_buf_add_text(&text, "]", &err));
		assert_ok(sr_buf_add_text(&text, "}", &err));
		assert_int_equal(sr_case_read(text.data, text.size, findings, &description, &err), SR_LIMIT);
	}
}

/* Without white space between values, so that each cut matters. */
static void compact(const char *path, struct sr_buf *out)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	struct sr_err err;

	load(path, &text);
	assert_ok(sr_json_parse(text.data, text.size, text.size, &root, &err));
	assert_ok(sr_json_write(root, out, &err));
}

/* ThreadSanitizer has nothing to find here and takes half a minute for every byte. */
#ifdef __SANITIZE_THREAD__
#define STEP 16
#else
#define STEP 1
#endif

static void no_truncation_of_a_full_case_is_a_case(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	compact(FULL_CASE, &text);
	for (size_t size = 0; size < text.size; size += STEP)
		assert_int_equal(sr_case_read(text.data, size, findings, &description, &err), SR_INVALID);
	assert_int_equal(sr_findings_count(findings), 0);
}

static void a_flipped_bit_is_a_case_or_an_error(void **state)
{
	char text[] = MEMBER("\"date\":\"2025-03-01\",\"page_from\":1,\"evidence\":true,\"act\":null,"
	                     "\"statement\":[\"time\"],\"notice_at\":\"00:00:10\",\"title\":\"立案\","
	                     "\"explanation\":{\"path\":\"a.pdf\",\"collected_at\":\"2025-03-02 09:30\"},"
	                     "\"recorded_from\":\"2025-03-02T09:28:00.5+08:00\",\"zz\":[{}]");
	struct sr_err err;

	(void)state;
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
		enum sr_status status = sr_case_read(text, sizeof(text) - 1, findings, &description, &err);

		assert_true(status == SR_OK || status == SR_INVALID || status == SR_LIMIT);
		assert_int_equal(status == SR_OK, description != NULL);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gb18030_reads_like_utf8),
		cmocka_unit_test(text_in_neither_encoding_is_refused_with_the_bytes),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(a_tree_that_would_fill_the_memory_is_refused),
		cmocka_unit_test(members_in_pieces_are_the_members_of_the_whole),
		cmocka_unit_test(deep_values_are_refused),
		cmocka_unit_test(no_truncation_of_a_full_case_is_a_case),
		cmocka_unit_test(a_flipped_bit_is_a_case_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
