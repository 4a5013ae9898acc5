/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/clock.h"
#include "tests/unit/casefile/rules.h"

/* Findings of one pack for one description, which itself gives none; the list is the caller's. */
static struct sr_findings *check(const char *pack, const char *text)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_findings *findings = new_findings();
	struct sr_err err;

	assert_ok(parse(pack, &rulebook, &err));
	assert_ok(read_text(text, findings, &description, &err));
	assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
	return findings;
}

/* Each with one rule T1, a defect; how many findings, and how severe and where the first one is. */
static const struct {
	const char *why, *rule, *text;
	size_t count;
	enum sr_severity severity;
	const char *place;
} kinds[] = {
	{ "field there", "\"kind\":\"require_field\",\"fields\":[\"title\",\"dates.closed\"]",
	  CASE("\"title\":\"t\",\"dates\":{\"closed\":\"2025-01-01\"}"), 0, 0, NULL },
	{ "field blank", "\"kind\":\"require_field\",\"fields\":[\"title\",\"dates.closed\"]",
	  CASE("\"title\":\"t\",\"dates\":{\"closed\":\"\"}"), 1, SR_SEVERITY_DEFECT, "/dates/closed" },
	{ "object of blanks", "\"kind\":\"require_field\",\"fields\":[\"dates\"]",
	  CASE("\"dates\":{\"closed\":\"\"}"), 1, SR_SEVERITY_DEFECT, "/dates" },
	{ "false is there", "\"kind\":\"require_field\",\"fields\":[\"major.is\"]",
	  CASE("\"major\":{\"is\":false}"), 0, 0, NULL },
	{ "list of blanks", "\"kind\":\"require_field\",\"fields\":[\"classification\"]",
	  CASE("\"classification\":[\"\",null]"), 1, SR_SEVERITY_DEFECT, "/classification" },
	{ "each element", "\"each\":\"acts\",\"kind\":\"require_field\",\"fields\":[\"place\"]",
	  CASE("\"acts\":[{\"place\":\"p\"},null,{\"id\":\"a\"},{}]"), 2, SR_SEVERITY_DEFECT,
	  "/acts/2/place" },
	{ "each of nothing", "\"each\":\"acts\",\"kind\":\"require_field\",\"fields\":[\"place\"]",
	  CASE("\"acts\":[]"), 0, 0, NULL },
	{ "the case from an element",
	  "\"each\":\"acts\",\"kind\":\"require_field\",\"fields\":[\"case.title\"]",
	  CASE("\"acts\":[{\"id\":\"a\"}]"), 1, SR_SEVERITY_DEFECT, "/title" },
	{ "value of the list", "\"kind\":\"value_in\",\"field\":\"retention\",\"values\":[\"30y\"]",
	  CASE("\"retention\":\"30y\""), 0, 0, NULL },
	{ "another value", "\"kind\":\"value_in\",\"field\":\"retention\",\"values\":[\"30y\"]",
	  CASE("\"retention\":\"10y\""), 1, SR_SEVERITY_DEFECT, "/retention" },
	{ "no value", "\"kind\":\"value_in\",\"field\":\"retention\",\"values\":[\"30y\"]",
	  CASE("\"title\":\"t\""), 1, SR_SEVERITY_BLOCKER, "/retention" },
	{ "a value of several", "\"kind\":\"value_in\",\"field\":\"classification\",\"values\":[\"privacy\"]",
	  CASE("\"classification\":[\"commercial\",\"privacy\"]"), 0, 0, NULL },
	{ "equal", "\"each\":\"members\",\"kind\":\"equal\",\"fields\":[\"retention\",\"case.retention\"]",
	  CASE("\"retention\":\"30y\",\"members\":[{\"path\":\"a\",\"class\":\"medium\","
	       "\"retention\":\"30y\"}]"),
	  0, 0, NULL },
	{ "unequal", "\"each\":\"members\",\"kind\":\"equal\",\"fields\":[\"retention\",\"case.retention\"]",
	  CASE("\"retention\":\"30y\",\"members\":[{\"path\":\"a\",\"class\":\"medium\","
	       "\"retention\":\"10y\"}]"),
	  1, SR_SEVERITY_DEFECT, "/members/0/retention" },
	{ "equal to nothing",
	  "\"each\":\"members\",\"kind\":\"equal\",\"fields\":[\"retention\",\"case.retention\"]",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"medium\",\"retention\":\"10y\"}]"), 1,
	  SR_SEVERITY_BLOCKER, "/retention" },
	{ "one moment in two spellings",
	  "\"kind\":\"equal\",\"fields\":[\"dates.started\",\"dates.approved\"]",
	  CASE("\"dates\":{\"started\":\"2025-01-01T08:00:00+08:00\",\"approved\":"
	       "\"2025-01-01T00:00:00Z\"}"),
	  0, 0, NULL },
	{ "in order", "\"kind\":\"order\",\"from\":\"dates.started\",\"to\":\"dates.closed\"",
	  CASE("\"dates\":{\"started\":\"2025-01-01\",\"closed\":\"2025-01-02\"}"), 0, 0, NULL },
	{ "the same day", "\"kind\":\"order\",\"from\":\"dates.started\",\"to\":\"dates.closed\"",
	  CASE("\"dates\":{\"started\":\"2025-01-01T23:00:00+08:00\",\"closed\":\"2025-01-01\"}"), 0, 0,
	  NULL },
	{ "a day is one of the appliance's zone",
	  "\"kind\":\"order\",\"from\":\"dates.started\",\"to\":\"dates.closed\"",
	  CASE("\"dates\":{\"started\":\"2025-01-01T17:00:00Z\",\"closed\":\"2025-01-01\"}"), 1,
	  SR_SEVERITY_DEFECT, "/dates/started" },
	{ "a second too late", "\"kind\":\"order\",\"from\":\"dates.started\",\"to\":\"dates.closed\"",
	  CASE("\"dates\":{\"started\":\"2025-01-01T09:00:01+08:00\",\"closed\":"
	       "\"2025-01-01T09:00:00+08:00\"}"),
	  1, SR_SEVERITY_DEFECT, "/dates/started" },
	{ "order of nothing", "\"kind\":\"order\",\"from\":\"dates.started\",\"to\":\"dates.closed\"",
	  CASE("\"dates\":{\"closed\":\"2025-01-01\"}"), 1, SR_SEVERITY_BLOCKER, "/dates/started" },
	{ "not after today", "\"kind\":\"order\",\"from\":\"dates.closed\",\"to\":\"today\"",
	  CASE("\"dates\":{\"closed\":\"2026-01-01\"}"), 0, 0, NULL },
	{ "after today", "\"kind\":\"order\",\"from\":\"dates.closed\",\"to\":\"today\"",
	  CASE("\"dates\":{\"closed\":\"2026-01-02\"}"), 1, SR_SEVERITY_DEFECT, "/dates/closed" },
	{ "a member of the kind", "\"kind\":\"require_member\",\"kinds\":[\"立案审批表\",\"表\"]",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\",\"kind\":\"表\"}]"), 0, 0, NULL },
	{ "no member of the kind", "\"kind\":\"require_member\",\"kinds\":[\"立案审批表\"]",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\",\"kind\":\"表\"}]"), 1,
	  SR_SEVERITY_DEFECT, NULL },
	{ "of the kind, of another class",
	  "\"kind\":\"require_member\",\"kinds\":[\"表\"],\"class\":\"medium\"",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\",\"kind\":\"表\"}]"), 1,
	  SR_SEVERITY_DEFECT, NULL },
	{ "among the act's documents",
	  "\"each\":\"acts\",\"kind\":\"require_member\",\"kinds\":[\"表\"],\"among\":\"documents\"",
	  CASE("\"acts\":[{\"documents\":[\"a\"]},{\"documents\":[\"b\"]},{\"id\":\"x\"}],"
	       "\"members\":["
	       "{\"path\":\"a\",\"class\":\"document\",\"kind\":\"表\"},"
	       "{\"path\":\"b\",\"class\":\"document\",\"kind\":\"书\"}]"),
	  2, SR_SEVERITY_DEFECT, "/acts/1/documents" },
	{ "the one that is referred to",
	  "\"kind\":\"require_member\",\"kinds\":[\"表\"],\"among\":\"start.form\"",
	  CASE("\"start\":{\"form\":\"a\"},\"members\":[{\"path\":\"a\",\"class\":\"document\","
	       "\"kind\":"
	       "\"表\"}]"),
	  0, 0, NULL },
};

static void each_kind_of_rule_judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(kinds); i++) {
		char pack[2048];

		print_message("case: %s\n", kinds[i].why);
		snprintf(pack, sizeof(pack), PACK(RULE("%s")), kinds[i].rule);
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = check(pack, kinds[i].text);

		assert_int_equal(sr_findings_count(findings), kinds[i].count);
		if (kinds[i].count == 0)
			continue;
		const struct sr_finding *f = sr_findings_at(findings, 0);

		assert_string_equal(f->code, "T1");
		assert_string_equal(f->article, "第一条");
		assert_int_equal(f->severity, kinds[i].severity);
		assert_int_equal(f->place != NULL, kinds[i].place != NULL);
		if (f->place)
			assert_string_equal(f->place, kinds[i].place);
	}
}

/* The rule's requirement never holds: N no finding (condition is no), Y a defect, ? a blocker (unknown). */
static void conditions_follow_kleene(void **state)
{
	static const struct {
		const char *when;
		char verdict;
	} cases[] = {
		{ "{\"category\":\"penalty\"}", 'Y' },
		{ "{\"category\":\"coercion\"}", 'N' },
		{ "{\"category\":[\"coercion\",\"penalty\"]}", 'Y' },
		{ "{\"procedure\":\"summary\"}", '?' },
		{ "{\"field\":\"category\",\"equals\":\"penalty\"}", 'Y' },
		{ "{\"field\":\"category\",\"in\":[\"coercion\"]}", 'N' },
		{ "{\"field\":\"procedure\",\"present\":false}", 'Y' },
		{ "{\"field\":\"procedure\",\"present\":true}", 'N' },
		{ "{\"field\":\"category\",\"present\":true}", 'Y' },
		{ "{\"classification\":\"privacy\"}", 'Y' },
		{ "{\"classification\":\"none\"}", 'N' },
		{ "{\"major.is\":false}", 'Y' },
		{ "{\"archive.year\":2025}", 'Y' },
		{ "{\"category\":\"penalty\",\"archive.year\":2024}", 'N' },
		{ "{\"category\":\"penalty\",\"procedure\":\"summary\"}", '?' },
		{ "{\"category\":\"coercion\",\"procedure\":\"summary\"}", 'N' },
		{ "{\"not\":{\"category\":\"penalty\"}}", 'N' },
		{ "{\"not\":{\"procedure\":\"summary\"}}", '?' },
		{ "{\"any\":[{\"procedure\":\"summary\"},{\"category\":\"penalty\"}]}", 'Y' },
		{ "{\"any\":[{\"procedure\":\"summary\"},{\"category\":\"coercion\"}]}", '?' },
		{ "{\"any\":[{\"category\":\"coercion\"},{\"archive.year\":2024}]}", 'N' },
		{ "{\"all\":[{\"procedure\":\"summary\"},{\"category\":\"coercion\"}]}", 'N' },
		{ "{\"all\":[{\"field\":\"procedure\",\"present\":true},{\"procedure\":\"summary\"}]}", 'N' },
		{ "{\"not\":{\"all\":[{\"category\":\"penalty\"},{\"not\":{\"major.is\":true}}]}}", 'N' },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char pack[2048];

		print_message("case: %s\n", cases[i].when);
		snprintf(pack, sizeof(pack),
		         PACK(RULE("\"when\":%s,\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		         cases[i].when);
		SR_CLEANUP(sr_findings_freep)
		struct sr_findings *findings = check(
			pack,
			CASE("\"category\":\"penalty\",\"classification\":[\"privacy\",\"commercial\"],"
		             "\"major\":{\"is\":false},\"archive\":{\"year\":2025},\"procedure\":\"\""));

		assert_int_equal(sr_findings_count(findings), cases[i].verdict == 'N' ? 0 : 1);
		if (cases[i].verdict == 'N')
			continue;
		const struct sr_finding *f = sr_findings_at(findings, 0);

		assert_int_equal(f->severity,
		                 cases[i].verdict == 'Y' ? SR_SEVERITY_DEFECT : SR_SEVERITY_BLOCKER);
		assert_string_equal(f->place, cases[i].verdict == 'Y' ? "/title" : "/procedure");
	}
}

static void texts_are_filled_in(void **state)
{
	static const char pack[] =
		HEAD ",\"labels\":{\"members.explanation.place\":{\"zh\":\"取证地点\",\"en\":\"the place\"},"
		     "\"members.evidence\":{\"zh\":\"是否作为证据\",\"en\":\"evidence\"}},\"rules\":["
		     "{\"code\":\"T1\",\"article\":\"a\",\"severity\":\"warning\",\"kind\":\"require_field\","
		     "\"each\":\"members\",\"when\":{\"class\":\"medium\",\"evidence\":true},"
		     "\"fields\":[\"explanation.collector\",\"explanation.place\"],"
		     "\"zh\":\"第{index}项“{member}”缺{missing}。\",\"en\":\"{member} lacks {missing}\","
		     "\"fix_zh\":\"补填{missing}\",\"fix_en\":\"{missing}{missing}\"},"
		     "{\"code\":\"T2\",\"article\":\"a\",\"severity\":\"defect\",\"kind\":\"order\","
		     "\"from\":\"dates.closed\",\"to\":\"dates.started\",\"zh\":\"{field}{value}{other}{"
		     "other_value}\","
		     "\"en\":\"{value} > {other_value}\",\"fix_zh\":\"a\",\"fix_en\":\"b\"},"
		     "{\"code\":\"T3\",\"article\":\"a\",\"severity\":\"defect\",\"kind\":\"require_member\","
		     "\"kinds\":[\"甲\",\"乙\"],\"zh\":\"缺{kinds}\",\"en\":\"no {kinds}\",\"fix_zh\":\"a\","
		     "\"fix_en\":\"b\"}]}";
	SR_CLEANUP(sr_findings_freep)
	struct sr_findings *findings = check(
		pack, CASE("\"dates\":{\"started\":\"2025-01-01\",\"closed\":\"2025-01-02\"},\"members\":["
	                   "{\"path\":\"m{member}\",\"class\":\"medium\",\"evidence\":true},"
	                   "{\"path\":\"n\",\"class\":\"medium\"}]"));

	(void)state;
	assert_int_equal(sr_findings_count(findings), 4);
	const struct sr_finding *f = sr_findings_at(findings, 0);
	assert_string_equal(f->zh, "第1项“m{member}”缺members.explanation.collector、取证地点。");
	assert_string_equal(f->en, "m{member} lacks members.explanation.collector, the place");
	assert_string_equal(f->fix_zh, "补填members.explanation.collector、取证地点");
	assert_string_equal(f->member, "m{member}");
	assert_string_equal(f->place, "/members/0/explanation/collector");
	f = sr_findings_at(findings, 1);
	assert_string_equal(f->zh, "“是否作为证据”未填写，本条无法检查");
	assert_string_equal(f->en, "evidence is missing, so this rule cannot be judged");
	assert_string_equal(f->place, "/members/1/evidence");
	assert_int_equal(f->severity, SR_SEVERITY_BLOCKER);
	f = sr_findings_at(findings, 2);
	assert_string_equal(f->zh, "dates.closed2025-01-02dates.started2025-01-01");
	assert_string_equal(f->en, "2025-01-02 > 2025-01-01");
	f = sr_findings_at(findings, 3);
	assert_string_equal(f->zh, "缺甲或乙");
	assert_string_equal(f->en, "no 甲 or 乙");
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
		cmocka_unit_test(each_kind_of_rule_judges),
		cmocka_unit_test(conditions_follow_kleene),
		cmocka_unit_test(texts_are_filled_in),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
