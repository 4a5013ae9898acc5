/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/four_properties.h"

#define SAMPLE                                                                                               \
	"{\"format\":\"strongroom-case-description/1\",\"number\":\"样〔2025〕1号\",\"archive\":"        \
	"{\"fonds\":\"1\",\"catalogue\":\"2\",\"volume\":\"3\",\"number\":\"1-2-3\"},\"members\":["          \
	"{\"path\":\"a.pdf\",\"class\":\"document\",\"responsible\":\"张某\"}%s]}"

/* The report of a case with @more members and one finding of @code (NULL: none). */
static json_t *report_of(const char *more, const char *code, enum sr_severity severity,
                         const struct sr_clamd_sum *scan)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *ignored = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	const struct sr_finding finding = { .code = code,
		                            .article = "x",
		                            .severity = severity,
		                            .zh = "x",
		                            .en = "x",
		                            .fix_zh = "x",
		                            .fix_en = "x" };
	json_t *report = NULL;
	char text[2048];
	struct sr_err err;

	snprintf(text, sizeof(text), SAMPLE, more);
	assert_ok(sr_findings_new(&findings, &err));
	assert_ok(sr_findings_new(&ignored, &err));
	assert_ok(sr_case_read(text, strlen(text), ignored, &description, &err));
	if (code)
		assert_ok(sr_findings_add(findings, &finding, &err));
	const struct sr_property_facts facts = {
		.description = description,
		.findings = findings,
		.bytes = 5,
		.files = description->member_count,
		.scanned = scan != NULL,
		.scan = scan ? *scan : (struct sr_clamd_sum){ 0 },
	};
	assert_ok(sr_property_judge_folder(&facts, 1790000000000000000, &report, &err));
	assert_ok(sr_property_report_check(report, &err));
	return report;
}

static const char *result_of(const json_t *report, const char *item)
{
	size_t index;
	json_t *value;

	json_array_foreach(json_object_get(report, "items"), index, value)
		if (strcmp(sr_json_text(value, "item"), item) == 0)
			return sr_json_text(value, "result");
	fail_msg("no item %s", item);
	return NULL;
}

static void each_defect_fails_its_item_and_no_other(void **state)
{
	static const struct {
		const char *more, *code;
		enum sr_severity severity;
		const char *items; /* failed ones */
	} cases[] = {
		{ "", NULL, SR_SEVERITY_WARNING, "" },
		{ "", "X1", SR_SEVERITY_BLOCKER, "1-4 2-1 4-3 " },
		{ "", "X2", SR_SEVERITY_BLOCKER, "1-4 2-1 3-4 " },
		{ "", "X4", SR_SEVERITY_WARNING, "1-2 " },
		{ "", "X5", SR_SEVERITY_BLOCKER, "1-5 " },
		{ "", "X6", SR_SEVERITY_BLOCKER, "3-4 " },
		{ "", "X10", SR_SEVERITY_BLOCKER, "1-5 " },
		{ "", "X12", SR_SEVERITY_WARNING, "2-6 " },
		{ "", "IM23.1", SR_SEVERITY_DEFECT, "2-5 " },
		{ "", "B1", SR_SEVERITY_BLOCKER, "2-3 " },
		{ ",{\"path\":\"b.xyz\",\"class\":\"document\",\"responsible\":\"张某\"}", NULL,
		  SR_SEVERITY_WARNING, "3-3 " },
		{ ",{\"path\":\"b.zip\",\"class\":\"document\",\"responsible\":\"张某\"}", NULL,
		  SR_SEVERITY_WARNING, "3-3 3-8 " },
		{ ",{\"path\":\"b.pdf\",\"class\":\"document\"}", NULL, SR_SEVERITY_WARNING, "1-1 " },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *report = report_of(cases[i].more, cases[i].code, cases[i].severity, NULL);
		char failed[256] = "";
		size_t index;
		json_t *item;

		json_array_foreach(json_object_get(report, "items"), index, item) {
			if (strcmp(sr_json_text(item, "result"), "failed") != 0)
				continue;
			strcat(failed, sr_json_text(item, "item"));
			strcat(failed, " ");
		}
		print_message("%s %s\n", cases[i].code ? cases[i].code : "-", cases[i].more);
		assert_string_equal(failed, cases[i].items);
	}
}

static void malware_is_judged_only_where_it_was_looked_for(void **state)
{
	static const struct {
		struct sr_clamd_sum sum;
		const char *result;
	} cases[] = {
		{ { .scanned = 1 }, "passed" },
		{ { .found = 1 }, "failed" },
		{ { .scanned = 1, .skipped = 1 }, "failed" },
	};
	SR_CLEANUP(sr_json_decrefp) json_t *without = report_of("", NULL, 0, NULL);

	(void)state;
	assert_string_equal(result_of(without, "4-2"), "not_applicable");
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *report = report_of("", NULL, 0, &cases[i].sum);

		assert_string_equal(result_of(report, "4-2"), cases[i].result);
	}
}

static void a_report_that_is_none_is_refused(void **state)
{
	static const char *const keys[] = { "format", "stage",  "at",     "standard",
		                            "items",  "passed", "failed", "not_applicable" };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *report = report_of("", NULL, 0, NULL);

		json_object_set_new(report, keys[i], json_string("x"));
		if (strcmp(keys[i], "standard") != 0)
			assert_int_equal(sr_property_report_check(report, &err), SR_CORRUPT);
		json_object_del(report, keys[i]);
		assert_int_equal(sr_property_report_check(report, &err), SR_CORRUPT);
	}
	SR_CLEANUP(sr_json_decrefp) json_t *report = report_of("", NULL, 0, NULL);
	json_object_set_new(report, "more", json_true());
	assert_int_equal(sr_property_report_check(report, &err), SR_CORRUPT);
	json_object_del(report, "more");
	json_object_set_new(json_array_get(json_object_get(report, "items"), 0), "result",
	                    json_string("fine"));
	assert_int_equal(sr_property_report_check(report, &err), SR_CORRUPT);
	assert_int_equal(sr_property_report_check(NULL, &err), SR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_defect_fails_its_item_and_no_other),
		cmocka_unit_test(malware_is_judged_only_where_it_was_looked_for),
		cmocka_unit_test(a_report_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
