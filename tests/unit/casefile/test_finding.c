/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "tests/unit/casefile/cases.h"

static const struct sr_finding blocker = {
	.code = "X1",
	.article = "立卷检查",
	.severity = SR_SEVERITY_BLOCKER,
	.member = "documents/便条.txt",
	.zh = "目录中没有",
	.en = "not in the catalogue",
	.fix_zh = "列入目录",
	.fix_en = "list it",
};
static const struct sr_finding warning = {
	.code = "X4",
	.article = "立卷检查",
	.severity = SR_SEVERITY_WARNING,
	.place = "/clasification",
	.zh = "键无法识别",
	.en = "key is not known",
	.fix_zh = "改正",
	.fix_en = "correct it",
};

static void a_list_keeps_its_own_copies_in_order(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	char zh[] = "目录中没有";
	struct sr_finding changing = blocker;
	struct sr_err err;

	(void)state;
	changing.zh = zh;
	assert_ok(sr_findings_add(findings, &changing, &err));
	zh[0] = 'x';
	assert_ok(sr_findings_add(findings, &warning, &err));
	assert_int_equal(sr_findings_count(findings), 2);
	assert_string_equal(sr_findings_at(findings, 0)->zh, "目录中没有");
	assert_null(sr_findings_at(findings, 0)->place);
	assert_string_equal(sr_findings_at(findings, 1)->place, "/clasification");
	assert_int_equal(sr_findings_of(findings, SR_SEVERITY_BLOCKER), 1);
	assert_int_equal(sr_findings_of(findings, SR_SEVERITY_DEFECT), 0);
	assert_int_equal(sr_findings_of(findings, SR_SEVERITY_WARNING), 1);
}

static void the_json_is_that_of_the_command_line(void **state)
{
	static const char expected[] =
		"{\"findings\":[{\"code\":\"X1\",\"article\":\"立卷检查\",\"severity\":\"blocker\","
		"\"member\":\"documents/便条.txt\",\"place\":null,\"zh\":\"目录中没有\","
		"\"en\":\"not in the catalogue\",\"fix_zh\":\"列入目录\",\"fix_en\":\"list it\"},"
		"{\"code\":\"X4\",\"article\":\"立卷检查\",\"severity\":\"warning\",\"member\":null,"
		"\"place\":\"/clasification\",\"zh\":\"键无法识别\",\"en\":\"key is not known\","
		"\"fix_zh\":\"改正\",\"fix_en\":\"correct "
		"it\"}],\"blockers\":1,\"defects\":0,\"warnings\":1}";
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const char *have;
	struct sr_err err;

	(void)state;
	assert_ok(sr_findings_add(findings, &blocker, &err));
	assert_ok(sr_findings_add(findings, &warning, &err));
	assert_ok(sr_findings_to_json(findings, &json, &err));
	assert_ok(sr_json_write(json, &text, &err));
	assert_ok(sr_buf_text(&text, &have, &err));
	assert_string_equal(have, expected);
}

static void a_list_has_an_end(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	struct sr_err err;

	(void)state;
	for (unsigned i = 0; i < SR_LIMIT_FINDINGS; i++)
		assert_int_equal(sr_findings_add(findings, &warning, &err), SR_OK);
	assert_int_equal(sr_findings_add(findings, &warning, &err), SR_LIMIT);
	assert_int_equal(sr_findings_count(findings), SR_LIMIT_FINDINGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_keeps_its_own_copies_in_order),
		cmocka_unit_test(the_json_is_that_of_the_command_line),
		cmocka_unit_test(a_list_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
