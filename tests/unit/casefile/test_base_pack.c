/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/casefile/rules.h"

static void the_sample_case_satisfies_the_base_pack(void **state)
{
	static const char *const paths[] = { "tests/fixtures/sample-case/case.json", FULL_CASE };
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_rulebook_load("base", &rulebook, &err));
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = read_case_file(paths[i], findings);

		assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
		print_findings(findings);
		assert_int_equal(sr_findings_count(findings), 0);
	}
}

static void the_defective_case_offends_no_rule_of_the_base_pack(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep)
	struct sr_case *description = read_case_file("tests/fixtures/defective-case/case.json", findings);
	size_t before = sr_findings_count(findings);
	struct sr_err err;

	(void)state;
	assert_ok(sr_rulebook_load("base", &rulebook, &err));
	assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
	assert_int_equal(sr_findings_count(findings), before);
}

static void each_thing_that_is_taken_out_is_missed(void **state)
{
	static const struct {
		const char *key, *inner; /* inner NULL: the whole key */
		const char *code;
	} cases[] = {
		{ "number", NULL, "B1" },
		{ "title", NULL, "B2" },
		{ "organ", "name", "B3" },
		{ "organ", NULL, "B3" },
		{ "category", NULL, "B4" },
		{ "procedure", NULL, "B4" },
		{ "outcome", NULL, "B4" },
		{ "parties", NULL, "B5" },
		{ "dates", "started", "B7" },
		{ "dates", "closed", "B8" },
		{ "responsibility", "handler", "B10" },
		{ "archive", "arranged_by", "B11" },
		{ "archive", "checked_by", "B11" },
		{ "retention", NULL, "B12" },
		{ "classification", NULL, "B13" },
		{ "custodian", NULL, "B16" },
	};
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_rulebook_load("base", &rulebook, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep)
		struct sr_case *description =
			read_case_file("tests/fixtures/sample-case/case.json", findings);
		json_t *key = json_object_get(description->root, cases[i].key);

		if (cases[i].inner)
			json_object_set_new(key, cases[i].inner, json_string(""));
		else
			json_object_set_new(description->root, cases[i].key, json_null());
		assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
		assert_int_equal(sr_findings_count(findings), 1);
		assert_string_equal(sr_findings_at(findings, 0)->code, cases[i].code);
		assert_int_equal(sr_findings_at(findings, 0)->severity, SR_SEVERITY_BLOCKER);
	}
}

static void the_base_pack_looks_at_parties_order_documents_and_explanations(void **state)
{
	static const struct {
		const char *why, *rest, *code;
		size_t count;
	} cases[] = {
		{ "party without a name", "\"parties\":[{\"name\":\"a\"},{\"kind\":\"person\"}]", "B6", 1 },
		{ "closed before started", "\"dates\":{\"started\":\"2025-03-02\",\"closed\":\"2025-03-01\"}",
		  "B9", 1 },
		{ "declined needs no start", "\"outcome\":\"declined\"", "B7", 0 },
		{ "any other does", "\"outcome\":\"penalty\"", "B7", 1 },
		{ "no document", "\"members\":[{\"path\":\"a\",\"class\":\"explanation\"}]", "B14", 1 },
		{ "evidence without an explanation",
		  "\"members\":[{\"path\":\"a\",\"class\":\"medium\",\"evidence\":true}]", "B15", 1 },
		{ "no evidence", "\"members\":[{\"path\":\"a\",\"class\":\"medium\",\"evidence\":false}]",
		  "B15", 0 },
		{ "who knows whether it is evidence", "\"members\":[{\"path\":\"a\",\"class\":\"medium\"}]",
		  "B15", 1 },
		{ "a document needs none", "\"members\":[{\"path\":\"a\",\"class\":\"document\"}]", "B15",
		  0 },
	};
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_rulebook_load("base", &rulebook, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		char text[512];

		print_message("case: %s\n", cases[i].why);
		snprintf(text, sizeof(text), CASE("%s"), cases[i].rest);
		assert_ok(read_text(text, findings, &description, &err));
		assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
		assert_int_equal(count_code(findings, cases[i].code), cases[i].count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_case_satisfies_the_base_pack),
		cmocka_unit_test(the_defective_case_offends_no_rule_of_the_base_pack),
		cmocka_unit_test(each_thing_that_is_taken_out_is_missed),
		cmocka_unit_test(the_base_pack_looks_at_parties_order_documents_and_explanations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
