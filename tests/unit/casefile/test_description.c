/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/casefile/schema_table.h"
#include "tests/unit/casefile/cases.h"

#define PATH(path) CASE("\"members\":[{\"path\":\"" path "\",\"class\":\"document\"}]")
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_full_and_a_blank_case_are_read_without_a_finding(void **state)
{
	static const char *const paths[] = { FULL_CASE, BLANK_CASE, "tests/fixtures/sample-case/case.json" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = read_case_file(paths[i], findings);

		print_findings(findings);
		assert_int_equal(sr_findings_count(findings), 0);
		assert_non_null(description->number);
		assert_string_equal(description->rulebook, "inner-mongolia");
		assert_true(description->member_count > 5);
	}
}

static void members_are_as_the_text_says(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *d = read_case_file(FULL_CASE, findings);
	SR_CLEANUP(sr_case_freep)
	struct sr_case *s = read_case_file("tests/fixtures/sample-case/case.json", findings);
	const struct sr_member *medium = sr_case_member(d, "media/现场检查.mp4");

	(void)state;
	assert_string_equal(d->number, "呼医保罚〔2025〕12号");
	assert_string_equal(d->title, "某药店串换药品骗取医保基金案");
	assert_string_equal(d->members[0].path, "documents/001 立案审批表.pdf");
	assert_int_equal(d->members[0].class, SR_MEMBER_DOCUMENT);
	assert_string_equal(d->members[0].kind, "立案审批表");
	assert_string_equal(d->members[0].sha256, DIGEST);
	assert_non_null(medium);
	assert_int_equal(medium->class, SR_MEMBER_MEDIUM);
	assert_string_equal(medium->title, "药店现场检查");
	assert_null(medium->sha256);
	assert_null(sr_case_member(d, "media/现场检查.mp"));
	for (size_t i = 0; i < s->member_count; i++)
		assert_ptr_equal(sr_case_member(s, s->members[i].path), &s->members[i]);
	assert_int_equal(s->members[s->member_count - 1].volume, SR_VOLUME_SUB);
	assert_false(s->state_secret);
	assert_true(d->state_secret); /* a grade is given */
}

static void the_defective_case_has_its_findings(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep)
	struct sr_case *description = read_case_file("tests/fixtures/defective-case/case.json", findings);

	(void)state;
	assert_non_null(description);
	assert_int_equal(sr_findings_count(findings), 2);
	assert_string_equal(sr_findings_at(findings, 0)->code, "X4");
	assert_string_equal(sr_findings_at(findings, 0)->place, "/clasification");
	assert_null(sr_findings_at(findings, 0)->member);
	assert_int_equal(sr_findings_at(findings, 0)->severity, SR_SEVERITY_WARNING);
	assert_non_null(strstr(sr_findings_at(findings, 0)->fix_en, "\"classification\""));
	assert_string_equal(sr_findings_at(findings, 1)->code, "X3");
	assert_string_equal(sr_findings_at(findings, 1)->member, "explanations/现场检查.md");
	assert_int_equal(sr_findings_at(findings, 1)->severity, SR_SEVERITY_BLOCKER);
}

/* --- single values -------------------------------------------------------------------------------------- */

static const struct {
	const char *why, *text, *place;
	enum sr_status status;
} wrong_values[] = {
	{ "no JSON", "{\"format\":\n  nothing}", "line 2", SR_INVALID },
	{ "empty", "", "line 1", SR_INVALID },
	{ "an array", "[]", "case.json must be", SR_INVALID },
	{ "a number", "1", "case.json must be", SR_INVALID },
	{ "no format", "{}", "/format", SR_INVALID },
	{ "another format", "{\"format\":\"strongroom-case-description/2\"}", "/format", SR_INVALID },
	{ "duplicate key", CASE("\"title\":\"a\",\"title\":\"b\""), "line 1", SR_INVALID },
	{ "NUL in text", CASE("\"title\":\"a\\u0000\""), "line 1", SR_INVALID },
	{ "outside of an enumeration", CASE("\"category\":\"Penalty\""), "/category: must be one of",
	  SR_INVALID },
	{ "union instead of a choice", CASE("\"category\":\"penalty|coercion\""), "/category", SR_INVALID },
	{ "one wrong of a list", CASE("\"classification\":[\"privacy\",\"secret\"]"), "/classification/1",
	  SR_INVALID },
	{ "enumeration as text", CASE("\"classification\":\"privacy\""), "/classification", SR_INVALID },
	{ "no such day", CASE("\"archive\":{\"arranged_on\":\"2025-02-29\"}"), "/archive/arranged_on",
	  SR_INVALID },
	{ "a time for a date", CASE("\"archive\":{\"arranged_on\":\"2025-02-01 10:00\"}"),
	  "/archive/arranged_on", SR_INVALID },
	{ "a date for a time", CASE("\"acts\":[{\"from\":\"2025-02-01\"}]"), "/acts/0/from", SR_INVALID },
	{ "no such hour", CASE("\"acts\":[{\"from\":\"2025-02-01T24:00:00Z\"}]"), "/acts/0/from",
	  SR_INVALID },
	{ "chinese date", CASE("\"dates\":{\"closed\":\"2025年2月1日\"}"), "/dates/closed", SR_INVALID },
	{ "money as number", CASE("\"decision\":{\"fine\":100}"), "/decision/fine", SR_INVALID },
	{ "money with sign", CASE("\"decision\":{\"fine\":\"-1.00\"}"), "/decision/fine", SR_INVALID },
	{ "three decimals", CASE("\"decision\":{\"fine\":\"1.000\"}"), "/decision/fine", SR_INVALID },
	{ "no decimals after the point", CASE("\"decision\":{\"fine\":\"1.\"}"), "/decision/fine",
	  SR_INVALID },
	{ "no digit before the point", CASE("\"decision\":{\"fine\":\".50\"}"), "/decision/fine",
	  SR_INVALID },
	{ "money with commas", CASE("\"decision\":{\"fine\":\"1,000.00\"}"), "/decision/fine", SR_INVALID },
	{ "16 digits", CASE("\"decision\":{\"fine\":\"12345678901234.56\"}"), "/decision/fine", SR_INVALID },
	{ "leading zero", CASE("\"decision\":{\"fine\":\"01\"}"), "/decision/fine", SR_INVALID },
	{ "no offset", MEMBER("\"notice_at\":\"0:31:05\""), "/members/0/notice_at", SR_INVALID },
	{ "60 minutes", MEMBER("\"notice_at\":\"00:60:05\""), "/members/0/notice_at", SR_INVALID },
	{ "offset too long", MEMBER("\"notice_at\":\"00:31:05.5\""), "/members/0/notice_at", SR_INVALID },
	{ "page 0", MEMBER("\"page_from\":0"), "/members/0/page_from", SR_INVALID },
	{ "page as text", MEMBER("\"page_from\":\"1\""), "/members/0/page_from", SR_INVALID },
	{ "page 1.0", MEMBER("\"page_from\":1.0"), "/members/0/page_from", SR_INVALID },
	{ "short digest", MEMBER("\"sha256\":\"abcd\""), "/members/0/sha256", SR_INVALID },
	{ "no path", CASE("\"members\":[{\"class\":\"document\"}]"), "/members/0/path", SR_INVALID },
	{ "no class", CASE("\"members\":[{\"path\":\"a\"}]"), "/members/0/class", SR_INVALID },
	{ "null member", CASE("\"members\":[null]"), "/members/0/path", SR_INVALID },
	{ "absolute path", PATH("/etc/passwd"), "/members/0/path", SR_INVALID },
	{ "path up", PATH("documents/../../x"), "/members/0/path", SR_INVALID },
	{ "path dot", PATH("./x"), "/members/0/path", SR_INVALID },
	{ "path with an empty name", PATH("documents//x"), "/members/0/path", SR_INVALID },
	{ "path of a folder", PATH("documents/"), "/members/0/path", SR_INVALID },
	{ "path with a newline", PATH("a\\nb"), "/members/0/path", SR_INVALID },
	{ "path with DEL", PATH("a\\u007f"), "/members/0/path", SR_INVALID },
	{ "path with a C1 control", PATH("a\\u009b"), "/members/0/path", SR_INVALID },
	{ "17 folders", PATH("1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/x"), "/members/0/path", SR_LIMIT },
	{ "reference up", CASE("\"start\":{\"form\":\"../x\"}"), "/start/form", SR_INVALID },
	{ "record that is a reference up",
	  CASE("\"legal_review\":[{\"handled\":{\"record\":\"documents/../../x\"}}]"),
	  "/legal_review/0/handled/record", SR_INVALID },
	{ "explanation up", MEMBER("\"explanation\":{\"path\":\"/x\"}"), "/members/0/explanation/path",
	  SR_INVALID },
};

static void wrong_values_are_refused_with_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(wrong_values); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		print_message("case: %s\n", wrong_values[i].why);
		assert_int_equal(read_text(wrong_values[i].text, findings, &description, &err),
		                 wrong_values[i].status);
		print_message("      %s\n", err.text);
		assert_non_null(strstr(err.text, wrong_values[i].place));
		assert_null(description);
	}
}

static void right_values_are_taken(void **state)
{
	static const struct {
		const char *why, *text;
	} cases[] = {
		{ "nothing but the format", "{\"format\":\"" SR_CASE_FORMAT "\"}" },
		{ "byte-order mark", "\xef\xbb\xbf{\"format\":\"" SR_CASE_FORMAT "\"}" },
		{ "local time", CASE("\"acts\":[{\"from\":\"2025-03-02 09:30\"}]") },
		{ "UTC", CASE("\"acts\":[{\"from\":\"2025-03-02T01:30:00Z\"}]") },
		{ "date for a moment", CASE("\"dates\":{\"started\":\"2025-03-02\"}") },
		{ "time for a moment", CASE("\"dates\":{\"closed\":\"2025-03-02T09:30:00+08:00\"}") },
		{ "whole money", CASE("\"decision\":{\"fine\":\"0\"}") },
		{ "one decimal", CASE("\"decision\":{\"fine\":\"0.5\"}") },
		{ "15 digits", CASE("\"decision\":{\"fine\":\"1234567890123.45\"}") },
		{ "99 hours", MEMBER("\"notice_at\":\"99:59:59\"") },
		{ "nulls in lists", CASE("\"acts\":[null,{\"told\":[null,\"\",\"basis\"]}]") },
		{ "dots in a name", PATH("documents/..a/b..c/....pdf") },
		{ "backslash and quotes", PATH("a\\\\b\\\"c") },
		{ "16 folders", PATH("1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/x") },
		{ "records in words",
		  CASE("\"court\":null,\"service\":[{\"post\":{\"register\":\"第3号\"}}]") },
		{ "text that is no time is a record",
		  CASE("\"execution\":{\"court\":{\"reminder\":\"2025-03-02\"}}") },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_ok(read_text(cases[i].text, findings, &description, &err));
		assert_int_equal(count_code(findings, "X3"), 0);
	}
}

static void an_unknown_word_of_an_open_list_is_a_warning(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(read_text(CASE("\"acts\":[{\"covers\":[\"scene\",\"sence\"]}]"), findings, &description,
	                    &err));
	assert_int_equal(sr_findings_count(findings), 1);
	assert_string_equal(sr_findings_at(findings, 0)->code, "X4");
	assert_string_equal(sr_findings_at(findings, 0)->place, "/acts/0/covers/1");
}

static void state_secrets_are_seen_wherever_they_are_named(void **state)
{
	static const struct {
		const char *text;
		bool secret;
	} cases[] = {
		{ CASE("\"classification\":[\"privacy\",\"state-secret\"]"), true },
		{ MEMBER("\"classification\":[\"state-secret\"]"), true },
		{ CASE("\"secret\":{\"grade\":\"机密\"}"), true },
		{ MEMBER("\"secret\":{\"grade\":\"秘密\",\"end\":\"2035-01-01\"}"), true },
		{ CASE("\"secret\":{\"grade\":\"\"},\"classification\":[\"commercial\"]"), false },
		{ MEMBER("\"classification\":[\"none\"]"), false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		assert_ok(read_text(cases[i].text, findings, &description, &err));
		assert_int_equal(description->state_secret, cases[i].secret);
	}
}

static void a_digest_in_capitals_is_the_same_digest(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(read_text(MEMBER("\"sha256\":\"0123456789ABCDEF0123456789abcdef"
	                           "0123456789ABCDEF0123456789abcdef\""),
	                    findings, &description, &err));
	assert_string_equal(description->members[0].sha256, DIGEST);
}

static void paths_that_clash_are_blockers(void **state)
{
	static const struct {
		const char *why, *first, *second;
		bool clash;
	} cases[] = {
		{ "the same", "a/b.pdf", "a/b.pdf", true },
		{ "letter case", "a/B.PDF", "a/b.pdf", true },
		{ "greek case", "Σ.pdf", "ς.pdf", true },
		{ "sharp s", "straße.pdf", "STRASSE.pdf", true },
		{ "composed and decomposed", "Caf\xc3\xa9.pdf", "Cafe\xcc\x81.pdf", true },
		{ "both", "CAF\xc3\x89.pdf", "cafe\xcc\x81.pdf", true },
		{ "hangul", "\xea\xb0\x80", "\xe1\x84\x80\xe1\x85\xa1", true },
		{ "compatibility ideograph", "\xef\xa4\x80", "\xe8\xb1\x88", true },
		{ "full width is another letter", "Ａ.pdf", "A.pdf", false },
		{ "simplified and traditional", "证据.pdf", "證據.pdf", false },
		{ "accent or none", "e.pdf", "\xc3\xa9.pdf", false },
		{ "dotless i", "\xc4\xb1.pdf", "i.pdf", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		char text[512];
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		snprintf(text, sizeof(text),
		         CASE("\"members\":[{\"path\":\"%s\",\"class\":\"document\"},"
		              "{\"path\":\"other\",\"class\":\"document\"},"
		              "{\"path\":\"%s\",\"class\":\"document\"}]"),
		         cases[i].first, cases[i].second);
		assert_ok(read_text(text, findings, &description, &err));
		assert_int_equal(sr_findings_count(findings), cases[i].clash ? 1 : 0);
		if (!cases[i].clash)
			continue;
		const struct sr_finding *f = sr_findings_at(findings, 0);

		assert_string_equal(f->code, "X3");
		assert_int_equal(f->severity, SR_SEVERITY_BLOCKER);
		assert_string_equal(f->member, cases[i].second);
		assert_string_equal(f->place, "/members/2/path");
		assert_non_null(strstr(f->zh, cases[i].first));
		assert_non_null(strstr(f->en, cases[i].second));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_and_a_blank_case_are_read_without_a_finding),
		cmocka_unit_test(members_are_as_the_text_says),
		cmocka_unit_test(the_defective_case_has_its_findings),
		cmocka_unit_test(wrong_values_are_refused_with_their_place),
		cmocka_unit_test(right_values_are_taken),
		cmocka_unit_test(an_unknown_word_of_an_open_list_is_a_warning),
		cmocka_unit_test(state_secrets_are_seen_wherever_they_are_named),
		cmocka_unit_test(a_digest_in_capitals_is_the_same_digest),
		cmocka_unit_test(paths_that_clash_are_blockers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
