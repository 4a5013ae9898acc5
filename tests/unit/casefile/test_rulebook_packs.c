/* SPDX-License-Identifier: Apache-2.0 */
/* What packs hold besides plain rules: kinds with places of their own, tables, conditions, limits, times in
 * force. */
#include "tests/unit/unit.h"

#include "appliance/base/clock.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/rulebook_choose.h"
#include "tests/unit/casefile/rules.h"

#define TITLE "\"kind\":\"require_field\",\"fields\":[\"title\"]"
#define WHEN(condition) PACK(RULE("\"when\":" condition "," TITLE))
#define WHEN_EACH(condition) PACK(RULE("\"each\":\"members\",\"when\":" condition "," TITLE))
#define WITH(key, value) HEAD ",\"" key "\":" value ",\"rules\":[]}"
#define KIND_ROW "\"kind\":\"表\",\"class\":\"document\",\"volume\":\"main\""

static const struct {
	const char *why, *text, *place;
} wrong_packs[] = {
	{ "deadline without a unit",
	  PACK(RULE("\"kind\":\"deadline\",\"from\":\"dates.started\",\"to\":\"today\"")), "/rules/0/hours" },
	{ "deadline with two",
	  PACK(RULE("\"kind\":\"deadline\",\"from\":\"dates.started\",\"to\":\"today\",\"days\":1,\"hours\":"
	            "2")),
	  "/rules/0/hours" },
	{ "deadline of less than nothing",
	  PACK(RULE("\"kind\":\"deadline\",\"from\":\"dates.started\",\"to\":\"today\",\"days\":-1")),
	  "/rules/0/days" },
	{ "deadline with a reason that is no field",
	  PACK(RULE("\"kind\":\"deadline\",\"from\":\"dates.started\",\"to\":\"today\",\"days\":1,\"reason\":"
	            "\"why\"")),
	  "/rules/0/reason" },
	{ "gate of no list",
	  PACK(RULE("\"kind\":\"gate\",\"before\":\"dates.closed\",\"list\":\"dates\",\"at\":\"decided\","
	            "\"where\":{}")),
	  "/rules/0/list" },
	{ "gate without where",
	  PACK(RULE("\"kind\":\"gate\",\"before\":\"dates.closed\",\"list\":\"legal_review\",\"at\":"
	            "\"decided\"")),
	  "/rules/0/where" },
	{ "gate at a text",
	  PACK(RULE("\"kind\":\"gate\",\"before\":\"dates.closed\",\"list\":\"legal_review\",\"at\":"
	            "\"organ\",\"where\":{\"result\":"
	            "\"passed\"}")),
	  "/rules/0/at" },
	{ "coverage of members",
	  PACK(RULE("\"each\":\"members\",\"kind\":\"coverage\",\"tolerance_seconds\":60")),
	  "/rules/0/each" },
	{ "coverage without tolerance", PACK(RULE("\"each\":\"acts\",\"kind\":\"coverage\"")),
	  "/rules/0/tolerance_seconds" },
	{ "signers of one name",
	  PACK(RULE("\"kind\":\"signers\",\"attended\":\"decision.signed_by\",\"signed\":\"discussion."
	            "signed\"")),
	  "/rules/0/attended" },
	{ "transcript of acts", PACK(RULE("\"each\":\"acts\",\"kind\":\"transcript\"")), "/rules/0/each" },
	{ "service of a text", PACK(RULE("\"kind\":\"require_service\",\"document\":\"title\"")),
	  "/rules/0/document" },
	{ "words of a text",
	  PACK(RULE("\"kind\":\"require_words\",\"fields\":[\"title\"],\"words\":[\"a\"]")),
	  "/rules/0/fields/0" },
	{ "a word that the list never has",
	  PACK(RULE("\"each\":\"acts\",\"kind\":\"require_words\",\"fields\":[\"told\"],\"words\":["
	            "\"couse\"]")),
	  "/rules/0/words/0" },
	{ "once of one", PACK(RULE("\"kind\":\"set_once\",\"fields\":[\"title\"]")), "/rules/0/fields" },
	{ "holds nothing", PACK(RULE("\"kind\":\"holds\"")), "/rules/0/that" },
	{ "a table that is not there",
	  PACK(RULE("\"each\":\"members\",\"kind\":\"value_in\",\"field\":\"kind\",\"table\":\"document_"
	            "kinds\"")),
	  "/rules/0/table" },
	{ "each of three levels", PACK(RULE("\"each\":\"acts.gaps.x\"," TITLE)), "/rules/0/each" },
	{ "outer of nothing",
	  PACK(RULE("\"each\":\"acts\",\"kind\":\"require_field\",\"fields\":[\"outer.title\"]")),
	  "/rules/0/fields/0" },
	{ "replaces nothing", PACK(RULE("\"replaces\":[\"B1\"]," TITLE)), "/rules/0/replaces/0" },
	{ "compared with text", WHEN("{\"field\":\"title\",\"at_least\":\"a\"}"), "/rules/0/when/at_least" },
	{ "time compared with money",
	  WHEN("{\"field\":\"dates.closed\",\"at_least\":{\"field\":\"decision.fine\"}}"),
	  "/rules/0/when/at_least" },
	{ "no amount", WHEN("{\"field\":\"decision.fine\",\"at_least\":\"much\"}"),
	  "/rules/0/when/at_least" },
	{ "plus what is no offset",
	  WHEN_EACH("{\"field\":\"recorded_from\",\"plus\":\"recorded_to\",\"at_most\":{\"field\":\"stored_"
	            "at\"}}"),
	  "/rules/0/when/at_most" },
	{ "plus where nothing is compared",
	  WHEN_EACH("{\"field\":\"path\",\"plus\":\"notice_at\",\"present\":true}"), "/rules/0/when" },
	{ "ends with no list", WHEN_EACH("{\"field\":\"path\",\"ends_with\":\".mp3\"}"),
	  "/rules/0/when/ends_with" },
	{ "contains in a date", WHEN("{\"field\":\"dates.closed\",\"contains\":[\"2025\"]}"),
	  "/rules/0/when/contains" },
	{ "some of a text", WHEN("{\"some\":\"title\",\"where\":{\"title\":\"a\"}}"), "/rules/0/when/some" },
	{ "some without where", WHEN("{\"some\":\"acts\"}"), "/rules/0/when" },
	{ "deep in some",
	  WHEN("{\"some\":\"acts\",\"where\":{\"some\":\"gaps\",\"where\":{\"reason\":\"fatigue\"}}}"),
	  "/rules/0/when/where/where/reason" },
	{ "a condition that nobody wrote", WHEN("{\"is\":\"major\"}"), "/rules/0/when/is" },
	{ "a condition of members in the case",
	  HEAD ",\"conditions\":{\"film\":{\"each\":\"members\",\"when\":{\"class\":\"medium\"}}},\"rules\":"
	       "[" RULE("\"when\":{\"is\":\"film\"}," TITLE) "]}",
	  "/rules/0/when/is" },
	{ "a wrong condition that nobody uses", WITH("conditions", "{\"x\":{\"categori\":\"penalty\"}}"),
	  "/conditions/x/categori" },
	{ "condition with a capital", WITH("conditions", "{\"X\":{\"category\":\"penalty\"}}"),
	  "/conditions/X" },
	{ "words without English", WITH("words", "{\"penalty\":{\"zh\":\"处罚\"}}"), "/words/penalty" },
	{ "label of a gap's unknown field",
	  WITH("labels", "{\"acts.gaps.raeson\":{\"zh\":\"a\",\"en\":\"b\"}}"), "/labels/acts.gaps.raeson" },
	{ "series with a space", WITH("series", "\"a b\""), "/series" },
	{ "unknown table", WITH("tables", "{\"forms\":[]}"), "/tables/forms" },
	{ "empty table", WITH("tables", "{\"purposes\":[]}"), "/tables/purposes" },
	{ "row without a cell", WITH("tables", "{\"document_kinds\":[{" KIND_ROW "}]}"),
	  "/tables/document_kinds/0/order" },
	{ "unknown column",
	  WITH("tables", "{\"document_kinds\":[{" KIND_ROW ",\"order\":1,\"form\":\"x\"}]}"),
	  "/tables/document_kinds/0/form" },
	{ "cell with a wrong word",
	  WITH("tables", "{\"document_kinds\":[{\"kind\":\"表\",\"class\":\"paper\",\"volume\":\"main\","
	                 "\"order\":1}]}"),
	  "/tables/document_kinds/0/class" },
	{ "kind twice",
	  WITH("tables", "{\"document_kinds\":[{" KIND_ROW ",\"order\":1},{" KIND_ROW ",\"order\":2}]}"),
	  "/tables/document_kinds/1/kind" },
	{ "act that no case has",
	  WITH("tables", "{\"acts\":[{\"kind\":\"arrest\",\"zh\":\"a\",\"en\":\"b\"}]}"),
	  "/tables/acts/0/kind" },
	{ "points that do not add up",
	  WITH("tables",
	       "{\"score_sheets\":[{\"kind\":\"s\",\"zh\":\"a\",\"en\":\"b\",\"pass\":60,\"veto\":[{\"kind\":"
	       "\"v\",\"zh\":\"a\","
	       "\"en\":\"b\"}],\"items\":[{\"kind\":\"i\",\"zh\":\"a\",\"en\":\"b\",\"points\":99}]}]}"),
	  "/tables/score_sheets/0/items" },
	{ "holidays without a source", WITH("tables", "{\"holidays\":{\"2027\":{\"off\":[],\"work\":[]}}}"),
	  "/tables/holidays/2027/source" },
};

static void a_wrong_pack_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(wrong_packs); i++) {
		struct sr_rulebook *rulebook = NULL;
		struct sr_err err;

		print_message("case: %s\n", wrong_packs[i].why);
		assert_int_equal(parse(wrong_packs[i].text, &rulebook, &err), SR_INVALID);
		print_message("      %s\n", err.text);
		assert_non_null(strstr(err.text, wrong_packs[i].place));
	}
}

static void conditions_that_multiply_are_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_rulebook *rulebook = NULL;
	struct sr_err err;

	(void)state;
	assert_int_equal(
		parse(HEAD
	              ",\"conditions\":{\"a\":{\"not\":{\"is\":\"b\"}},\"b\":{\"is\":\"a\"}},\"rules\":[]}",
	              &rulebook, &err),
		SR_LIMIT);
	assert_ok(sr_buf_add_text(&text, HEAD ",\"conditions\":{\"c0\":{\"category\":\"penalty\"}", &err));
	for (int i = 1; i < 10; i++)
		assert_ok(sr_buf_printf(&text, &err,
		                        ",\"c%d\":{\"all\":[{\"is\":\"c%d\"},{\"is\":\"c%d\"},{\"is\":\"c%"
		                        "d\"},{\"is\":\"c%d\"}]}",
		                        i, i - 1, i - 1, i - 1, i - 1));
	assert_ok(sr_buf_add_text(&text, "},\"rules\":[]}", &err));
	assert_int_equal(sr_rulebook_parse(sr_buf_bytes(&text), &rulebook, &err), SR_LIMIT);
}

static void judging_ends(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(
		sr_buf_add_text(&text, "{\"format\":\"strongroom-case-description/1\",\"members\":[", &err));
	for (int i = 0; i < 10000; i++)
		assert_ok(sr_buf_printf(&text, &err, "%s{\"path\":\"m%d\",\"class\":\"document\"}",
		                        i ? "," : "", i));
	assert_ok(sr_buf_add_text(&text, "]}", &err));
	assert_ok(sr_case_read(text.data, text.size, findings, &description, &err));
	assert_ok(
		parse(WHEN_EACH("{\"some\":\"members\",\"where\":{\"class\":\"medium\"}}"), &rulebook, &err));
	assert_int_equal(sr_rulebook_check(rulebook, description, TODAY, findings, &err), SR_LIMIT);
	assert_non_null(strstr(err.text, "T1"));
}

static void a_pack_replaces_rules_and_adds_years(void **state)
{
	static const char pack[] = HEAD ",\"extends\":\"base\",\"tables\":{\"holidays\":{\"2027\":{"
					"\"source\":\"s\",\"off\":[\"2027-01-01\"],\"work\":[]}}},"
					"\"rules\":[" RULE("\"replaces\":[\"B1\",\"B2\"]," TITLE) "]}";
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	struct sr_err err;

	(void)state;
	assert_ok(parse(pack, &rulebook, &err));
	assert_ok(sr_rulebook_load("base", &base, &err));
	assert_int_equal(sr_rulebook_rule_count(rulebook), sr_rulebook_rule_count(base) - 1);
	assert_ok(read_text(CASE("\"number\":\"\""), findings, &description, &err));
	assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
	assert_int_equal(count_code(findings, "B1") + count_code(findings, "B2"), 0);
	assert_int_equal(count_code(findings, "T1"), 1);
	assert_non_null(json_object_get(sr_rulebook_table(rulebook, "holidays"), "2027"));
	assert_non_null(json_object_get(sr_rulebook_table(rulebook, "holidays"), "2025"));
	assert_null(json_object_get(sr_rulebook_table(base, "holidays"), "2027"));
	assert_non_null(sr_rulebook_table(rulebook, "purposes"));
	assert_null(sr_rulebook_table(rulebook, "major_catalogue"));
}

static void the_pack_in_force_at_the_start_judges(void **state)
{
	/* 阳医保发〔2019〕37号 is of 20 August 2019. */
	static const struct {
		const char *why, *text, *pack;
		enum sr_status status;
	} cases[] = {
		{ "the first day", CASE("\"dates\":{\"started\":\"2019-08-20T00:00:00+08:00\"}"), "yangquan",
		  SR_OK },
		{ "the day before", CASE("\"dates\":{\"started\":\"2019-08-19T23:59:59+08:00\"}"), "yangquan",
		  SR_INVALID },
		{ "declined: the complaint's day", CASE("\"complaint\":{\"at\":\"2019-08-19\"}"), "yangquan",
		  SR_INVALID },
		{ "no day is known", CASE("\"title\":\"t\""), "yangquan", SR_OK },
		{ "no limits", CASE("\"dates\":{\"started\":\"2001-01-01\"}"), "base", SR_OK },
		{ "no such pack", CASE("\"dates\":{\"started\":\"2025-01-01\"}"), "yangquang", SR_NOT_FOUND },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_ok(read_text(cases[i].text, findings, &description, &err));
		assert_int_equal(sr_rulebook_choose(cases[i].pack, description, &rulebook, &err),
		                 cases[i].status);
		if (rulebook)
			assert_string_equal(sr_rulebook_name(rulebook), cases[i].pack);
	}
}

static void a_pack_is_in_force_between_its_days(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(parse(HEAD
	                ",\"effective_from\":\"2025-01-01\",\"effective_to\":\"2025-12-31\",\"rules\":[]}",
	                &rulebook, &err));
	assert_true(sr_rulebook_in_force(rulebook, TODAY - 1));
	assert_false(sr_rulebook_in_force(rulebook, TODAY));
	assert_true(sr_rulebook_in_force(rulebook, TODAY - 365));
	assert_false(sr_rulebook_in_force(rulebook, TODAY - 366));
}

static int set_zone(void **state)
{
	struct sr_err err;

	(void)state;
	return sr_clock_set_zone("Asia/Shanghai", &err) == SR_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_pack_is_refused_with_its_place),
		cmocka_unit_test(conditions_that_multiply_are_refused),
		cmocka_unit_test(judging_ends),
		cmocka_unit_test(a_pack_replaces_rules_and_adds_years),
		cmocka_unit_test(the_pack_in_force_at_the_start_judges),
		cmocka_unit_test(a_pack_is_in_force_between_its_days),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
