/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/casefile/description_check.h"
#include "tests/unit/casefile/cases.h"

#define DOC(name, pages) "{\"path\":\"" name "\",\"class\":\"document\"" pages "}"
#define SUB(name, pages) DOC(name, ",\"volume\":\"sub\"" pages)
#define PAGES(from, to) ",\"page_from\":" #from ",\"page_to\":" #to

/* Findings of a description that reads well; the list is the caller's. */
static struct sr_findings *check(const char *text)
{
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_findings *findings = new_findings();
	struct sr_err err;

	assert_ok(read_text(text, findings, &description, &err));
	assert_int_equal(sr_findings_count(findings), 0);
	assert_ok(sr_description_check(description, findings, &err));
	return findings;
}

static void pages_run_on_within_a_volume(void **state)
{
	static const struct {
		const char *why, *text, *place; /* place NULL: no finding */
	} cases[] = {
		{ "in order", CASE("\"members\":[" DOC("a", PAGES(1, 2)) "," DOC("b", PAGES(3, 3)) "]"),
		  NULL },
		{ "first page is not 1", CASE("\"members\":[" DOC("a", PAGES(7, 9)) "]"), NULL },
		{ "gap", CASE("\"members\":[" DOC("a", PAGES(1, 2)) "," DOC("b", PAGES(4, 4)) "]"),
		  "/members/1/page_from" },
		{ "overlap", CASE("\"members\":[" DOC("a", PAGES(1, 2)) "," DOC("b", PAGES(2, 4)) "]"),
		  "/members/1/page_from" },
		{ "same page twice",
		  CASE("\"members\":[" DOC("a", PAGES(1, 1)) "," DOC("b", PAGES(1, 1)) "]"),
		  "/members/1/page_from" },
		{ "end before begin", CASE("\"members\":[" DOC("a", PAGES(3, 2)) "]"), "/members/0/page_to" },
		{ "members without pages between",
		  CASE("\"members\":[" DOC("a", PAGES(1, 2)) "," DOC(
			  "b", "") ","
		                   "{\"path\":\"m\",\"class\":\"medium\",\"page_from\":9,\"page_to\":9}," DOC(
					   "c", ",\"page_from\":8") "," DOC("d", PAGES(3, 3)) "]"),
		  NULL },
		{ "volumes count by themselves",
		  CASE("\"members\":[" DOC("a", PAGES(1, 2)) "," SUB("b", PAGES(1, 4)) "," DOC(
			  "c", PAGES(3, 3)) "," SUB("d", PAGES(5, 5)) "]"),
		  NULL },
		{ "gap in the sub volume",
		  CASE("\"members\":[" SUB("a", PAGES(1, 2)) "," DOC("b", PAGES(1, 2)) "," SUB(
			  "c", PAGES(4, 5)) "]"),
		  "/members/2/page_from" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = check(cases[i].text);

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_findings_count(findings), cases[i].place ? 1 : 0);
		if (!cases[i].place)
			continue;
		assert_string_equal(sr_findings_at(findings, 0)->code, "X12");
		assert_int_equal(sr_findings_at(findings, 0)->severity, SR_SEVERITY_WARNING);
		assert_string_equal(sr_findings_at(findings, 0)->place, cases[i].place);
		assert_non_null(sr_findings_at(findings, 0)->member);
	}
}

static void two_people_arrange_and_check(void **state)
{
	static const struct {
		const char *text;
		size_t findings;
	} cases[] = {
		{ CASE("\"archive\":{\"arranged_by\":\"张某\",\"checked_by\":\"王某\"}"), 0 },
		{ CASE("\"archive\":{\"arranged_by\":\"张某\",\"checked_by\":\"张某\"}"), 1 },
		{ CASE("\"archive\":{\"arranged_by\":\"张某\",\"checked_by\":\" 张某 \"}"), 1 },
		{ CASE("\"archive\":{\"arranged_by\":\"\",\"checked_by\":\"\"}"), 0 },
		{ CASE("\"archive\":{\"arranged_by\":\"张某\"}"), 0 },
		{ CASE("\"archive\":null"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = check(cases[i].text);

		assert_int_equal(sr_findings_count(findings), cases[i].findings);
		if (cases[i].findings == 0)
			continue;
		assert_string_equal(sr_findings_at(findings, 0)->code, "X13");
		assert_int_equal(sr_findings_at(findings, 0)->severity, SR_SEVERITY_BLOCKER);
		assert_null(sr_findings_at(findings, 0)->member);
	}
}

static void references_name_members(void **state)
{
	static const struct {
		const char *why, *text, *place, *member;
	} cases[] = {
		{ "there", CASE("\"start\":{\"form\":\"a\"},\"members\":[" DOC("a", "") "]"), NULL, NULL },
		{ "not there", CASE("\"start\":{\"form\":\"b\"},\"members\":[" DOC("a", "") "]"),
		  "/start/form", NULL },
		{ "blank", CASE("\"start\":{\"form\":\" \"}"), NULL, NULL },
		{ "one of a list",
		  CASE("\"acts\":[{\"documents\":[\"a\",\"b\"]}],\"members\":[" DOC("a", "") "]"),
		  "/acts/0/documents/1", NULL },
		{ "of a member",
		  CASE("\"members\":[" DOC(
			  "a",
			  "") ","
		              "{\"path\":\"m\",\"class\":\"medium\",\"explanation\":{\"path\":\"x.md\"}}]"),
		  "/members/1/explanation/path", "m" },
		{ "transcript",
		  CASE("\"members\":[{\"path\":\"m\",\"class\":\"medium\",\"transcript\":\"t.txt\"}]"),
		  "/members/0/transcript", "m" },
		{ "a record in words", CASE("\"service\":[{\"consent\":\"口头同意\"}]"), NULL, NULL },
		{ "a record that is a path", CASE("\"service\":[{\"consent\":\"documents/同意书.pdf\"}]"),
		  "/service/0/consent", NULL },
		{ "another Unicode form",
		  CASE("\"start\":{\"form\":\"Cafe\xcc\x81\"},\"members\":[" DOC("Caf\xc3\xa9", "") "]"),
		  "/start/form", NULL },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = check(cases[i].text);

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_findings_count(findings), cases[i].place ? 1 : 0);
		if (!cases[i].place)
			continue;
		const struct sr_finding *f = sr_findings_at(findings, 0);

		assert_string_equal(f->code, "X14");
		assert_int_equal(f->severity, SR_SEVERITY_BLOCKER);
		assert_string_equal(f->place, cases[i].place);
		assert_int_equal(f->member != NULL, cases[i].member != NULL);
		if (f->member)
			assert_string_equal(f->member, cases[i].member);
	}
}

static void the_sample_cases_have_what_they_are_made_for(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *none = new_findings();
	SR_CLEANUP(sr_findings_freep) struct sr_findings *some = new_findings();
	SR_CLEANUP(sr_case_freep)
	struct sr_case *sample = read_case_file("tests/fixtures/sample-case/case.json", none);
	SR_CLEANUP(sr_case_freep)
	struct sr_case *defective = read_case_file("tests/fixtures/defective-case/case.json", some);
	struct sr_err err;

	(void)state;
	assert_ok(sr_description_check(sample, none, &err));
	print_findings(none);
	assert_int_equal(sr_findings_count(none), 0);
	/* tests/fixtures/defective-case.findings.json, those that need no file */
	assert_ok(sr_description_check(defective, some, &err));
	assert_int_equal(sr_findings_count(some), 5);
	assert_int_equal(count_code(some, "X3"), 1);
	assert_int_equal(count_code(some, "X4"), 1);
	assert_int_equal(count_code(some, "X12"), 2);
	assert_int_equal(count_code(some, "X13"), 1);
	assert_string_equal(sr_findings_at(some, 2)->member, "documents/006 行政处罚决定书.pdf");
	assert_string_equal(sr_findings_at(some, 3)->member, "documents/007 执行情况记录.pdf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_run_on_within_a_volume),
		cmocka_unit_test(two_people_arrange_and_check),
		cmocka_unit_test(references_name_members),
		cmocka_unit_test(the_sample_cases_have_what_they_are_made_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
