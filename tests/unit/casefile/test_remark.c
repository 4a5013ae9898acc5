/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/json.h"
#include "appliance/casefile/remark.h"
#include "tests/unit/casefile/cases.h"

static void remarks_answer_as_the_rulebook_document_says(void **state)
{
	static const struct {
		const char *why, *remarks;
		bool warning, defect;
	} cases[] = {
		{ "none", "[]", false, false },
		{ "null", "null", false, false },
		{ "another code", "[{\"code\":\"IM1\",\"text\":\"t\",\"by\":\"a\",\"head\":\"b\"}]", false,
		  false },
		{ "a code that begins alike", "[{\"code\":\"IM10.11\",\"text\":\"t\"}]", false, false },
		{ "text alone", "[{\"code\":\"IM10.1\",\"text\":\"t\"}]", true, false },
		{ "null by and head", "[{\"code\":\"IM10.1\",\"text\":\"t\",\"by\":null,\"head\":null}]",
		  true, false },
		{ "by without head", "[{\"code\":\"IM10.1\",\"text\":\"t\",\"by\":\"a\"}]", true, false },
		{ "head without by", "[{\"code\":\"IM10.1\",\"text\":\"t\",\"head\":\"a\"}]", true, false },
		{ "blank head", "[{\"code\":\"IM10.1\",\"text\":\"t\",\"by\":\"a\",\"head\":\"　\"}]", true,
		  false },
		{ "by and head", "[{\"code\":\"IM10.1\",\"text\":\"t\",\"by\":\"a\",\"head\":\"b\"}]", true,
		  true },
		{ "blank text", "[{\"code\":\"IM10.1\",\"text\":\" \",\"by\":\"a\",\"head\":\"b\"}]", false,
		  false },
		{ "the second one",
		  "[null,{\"code\":\"X\"},{\"code\":\"IM10.1\",\"text\":\"t\",\"by\":\"a\",\"head\":\"b\"}]",
		  true, true },
		{ "by in one and head in the other",
		  "[{\"code\":\"IM10.1\",\"text\":\"t\",\"by\":\"a\"},"
		  "{\"code\":\"IM10.1\",\"text\":\"t\",\"head\":\"b\"}]",
		  true, false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *remarks = json_loads(cases[i].remarks, JSON_DECODE_ANY, NULL);
		struct sr_finding finding = { .code = "IM10.1", .severity = SR_SEVERITY_WARNING };

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_remark_answers(remarks, &finding), cases[i].warning);
		finding.severity = SR_SEVERITY_DEFECT;
		assert_int_equal(sr_remark_answers(remarks, &finding), cases[i].defect);
		finding.severity = SR_SEVERITY_BLOCKER;
		assert_false(sr_remark_answers(remarks, &finding));
	}
}

static void a_remark_answers_all_findings_of_its_code(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_json_decrefp)
	json_t *remarks = json_pack("[{s:s, s:s}]", "code", "X12", "text", "缺页系原卷如此");
	const struct sr_finding list[] = {
		{ .code = "X12", .severity = SR_SEVERITY_WARNING },
		{ .code = "X4", .severity = SR_SEVERITY_WARNING },
		{ .code = "X12", .severity = SR_SEVERITY_WARNING },
		{ .code = "X13", .severity = SR_SEVERITY_BLOCKER },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(list); i++)
		assert_ok(sr_findings_add(findings, &list[i], &err));
	assert_int_equal(sr_remark_unanswered(remarks, findings), 2);
	assert_int_equal(sr_remark_unanswered(NULL, findings), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remarks_answer_as_the_rulebook_document_says),
		cmocka_unit_test(a_remark_answers_all_findings_of_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
