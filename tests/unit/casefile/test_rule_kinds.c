/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines, gates, coverage, signers, services and conditions over lists; test_rule_check.c has the plain
 * kinds. */
#include "tests/unit/unit.h"

#include "appliance/base/clock.h"
#include "tests/unit/casefile/rules.h"

#define TABLES                                                                                               \
	",\"tables\":{\"holidays\":{\"2025\":{\"source\":\"s\",\"off\":[\"2025-01-01\"],\"work\":[]}},"      \
	"\"document_kinds\":[{\"kind\":\"表\",\"class\":\"document\",\"volume\":\"main\",\"order\":1,"      \
	"\"forms\":["                                                                                        \
	"\"F/1\",\"F/2\"]},{\"kind\":\"其他\",\"class\":\"document\",\"volume\":\"sub\",\"order\":1}]},"   \
	"\"conditions\":{\"punished\":{\"category\":\"penalty\"},\"film\":{\"each\":\"members\",\"when\":{"  \
	"\"field\":"                                                                                         \
	"\"path\",\"ends_with\":[\".mp4\"]}}}"
#define DEADLINE(unit) "\"kind\":\"deadline\",\"from\":\"dates.started\",\"to\":\"dates.closed\"," unit
#define FROM_TO(from, to) CASE("\"dates\":{\"started\":\"" from "\",\"closed\":\"" to "\"}")
#define GATE                                                                                                 \
	"\"kind\":\"gate\",\"list\":\"legal_review\",\"where\":{\"result\":\"passed\"},\"at\":\"decided\","  \
	"\"before\":"                                                                                        \
	"\"decision.signed_at\""
#define REVIEWS(rows) CASE("\"decision\":{\"signed_at\":\"2025-04-16\"},\"legal_review\":[" rows "]")
#define PASSED(day) "{\"result\":\"passed\",\"decided\":\"2025-04-" day "\"}"
#define HOLDS(condition) "\"kind\":\"holds\",\"that\":" condition
#define FILM(rest) "{\"path\":\"a.MP4\",\"class\":\"medium\"" rest "}"
#define EACH_MEMBER "\"each\":\"members\","

/* Each with one rule T1, a defect: how many findings, how severe and where the first one is, and part of it.
 */
static const struct {
	const char *why, *rule, *text;
	size_t count;
	enum sr_severity severity;
	const char *place, *says;
} cases[] = {
	{ "24 hours exactly", DEADLINE("\"hours\":24"),
	  FROM_TO("2025-03-01T09:00:00+08:00", "2025-03-02T09:00:00+08:00"), 0, 0, NULL, NULL },
	{ "a second more", DEADLINE("\"hours\":24"),
	  FROM_TO("2025-03-01T09:00:00+08:00", "2025-03-02T09:00:01+08:00"), 1, SR_SEVERITY_DEFECT,
	  "/dates/closed", NULL },
	{ "another zone", DEADLINE("\"hours\":24"),
	  FROM_TO("2025-03-01T09:00:00+08:00", "2025-03-02T01:00:00Z"), 0, 0, NULL, NULL },
	{ "late on any hour of the day", DEADLINE("\"hours\":24"),
	  FROM_TO("2025-03-01T09:00:00+08:00", "2025-03-03"), 1, SR_SEVERITY_DEFECT, "/dates/closed", NULL },
	{ "in time on any hour of the day", DEADLINE("\"hours\":24"),
	  FROM_TO("2025-03-01T09:00:00+08:00", "2025-03-01"), 0, 0, NULL, NULL },
	{ "a day that does not say", DEADLINE("\"hours\":24"),
	  FROM_TO("2025-03-01T09:00:00+08:00", "2025-03-02"), 1, SR_SEVERITY_BLOCKER, "/dates/closed",
	  "只填写了日期" },
	{ "30 days", DEADLINE("\"days\":30"), FROM_TO("2025-05-06", "2025-06-05"), 0, 0, NULL, NULL },
	{ "31 days", DEADLINE("\"days\":30"), FROM_TO("2025-05-06", "2025-06-06"), 1, SR_SEVERITY_DEFECT,
	  "/dates/closed", NULL },
	{ "a day is one of the appliance's zone", DEADLINE("\"days\":0"),
	  FROM_TO("2025-05-06T16:00:00Z", "2025-05-07"), 0, 0, NULL, NULL },
	{ "until today", "\"kind\":\"deadline\",\"from\":\"dates.closed\",\"to\":\"today\",\"days\":30",
	  CASE("\"dates\":{\"closed\":\"2025-12-02\"}"), 0, 0, NULL, NULL },
	{ "until today, late", "\"kind\":\"deadline\",\"from\":\"dates.closed\",\"to\":\"today\",\"days\":30",
	  CASE("\"dates\":{\"closed\":\"2025-12-01\"}"), 1, SR_SEVERITY_DEFECT, "/dates/closed", NULL },
	{ "working days", DEADLINE("\"working_days\":2"), FROM_TO("2025-03-07", "2025-03-11"), 0, 0, NULL,
	  NULL },
	{ "a working day too many", DEADLINE("\"working_days\":2"), FROM_TO("2025-03-07", "2025-03-12"), 1,
	  SR_SEVERITY_DEFECT, "/dates/closed", NULL },
	{ "no holidays of the year", DEADLINE("\"working_days\":7"), FROM_TO("2023-03-07", "2023-03-08"), 1,
	  SR_SEVERITY_BLOCKER, "/dates/closed", "2023年" },
	{ "late with an accepted reason", DEADLINE("\"days\":1,\"reason\":\"archive.note\""),
	  CASE("\"archive\":{\"note\":\"雪灾\"},\"dates\":{\"started\":\"2025-01-01\",\"closed\":\"2025-01-"
	       "09\"}"),
	  1, SR_SEVERITY_WARNING, "/dates/closed", NULL },
	{ "late without it", DEADLINE("\"days\":1,\"reason\":\"archive.note\""),
	  FROM_TO("2025-01-01", "2025-01-09"), 1, SR_SEVERITY_DEFECT, "/dates/closed", NULL },
	{ "no end", DEADLINE("\"days\":1"), FROM_TO("2025-01-01", ""), 1, SR_SEVERITY_BLOCKER,
	  "/dates/closed", NULL },
	{ "passed before", GATE, REVIEWS(PASSED("15")), 0, 0, NULL, NULL },
	{ "passed on the day", GATE, REVIEWS(PASSED("16")), 0, 0, NULL, NULL },
	{ "passed after", GATE, REVIEWS(PASSED("17")), 1, SR_SEVERITY_DEFECT, "/decision/signed_at", NULL },
	{ "passed before and after", GATE, REVIEWS(PASSED("17") "," PASSED("15")), 0, 0, NULL, NULL },
	{ "returned", GATE, REVIEWS("{\"result\":\"returned\",\"decided\":\"2025-04-15\"}"), 1,
	  SR_SEVERITY_DEFECT, "/decision/signed_at", NULL },
	{ "no review", GATE, REVIEWS(""), 1, SR_SEVERITY_DEFECT, "/decision/signed_at", NULL },
	{ "a review without a result", GATE, REVIEWS("{\"decided\":\"2025-04-15\"}"), 1, SR_SEVERITY_BLOCKER,
	  "/legal_review/0/result", NULL },
	{ "passed, nobody knows when", GATE, REVIEWS("{\"result\":\"returned\"},{\"result\":\"passed\"}"), 1,
	  SR_SEVERITY_BLOCKER, "/legal_review/1/decided", NULL },
	{ "nobody knows when it was signed", GATE, CASE("\"legal_review\":[" PASSED("15") "]"), 1,
	  SR_SEVERITY_BLOCKER, "/decision/signed_at", NULL },
	{ "covered", "\"each\":\"acts\",\"kind\":\"coverage\",\"tolerance_seconds\":0",
	  CASE("\"acts\":[{\"from\":\"2025-03-02 10:00\",\"to\":\"2025-03-02 "
	       "11:00\",\"recordings\":[\"a.MP4\"]}],\"members\":[" FILM(
		       ",\"recorded_from\":\"2025-03-02T10:00:00+08:00\",\"recorded_to\":\"2025-03-02 "
		       "11:00\"") "]"),
	  0, 0, NULL, NULL },
	{ "not covered", "\"each\":\"acts\",\"kind\":\"coverage\",\"tolerance_seconds\":0",
	  CASE("\"acts\":[{\"from\":\"2025-03-02 10:00\",\"to\":\"2025-03-02 11:00\"}]"), 1,
	  SR_SEVERITY_DEFECT, "/acts/0/recordings", NULL },
	{ "a recording without times", "\"each\":\"acts\",\"kind\":\"coverage\",\"tolerance_seconds\":0",
	  CASE("\"acts\":[{\"from\":\"2025-03-02 10:00\",\"to\":\"2025-03-02 "
	       "11:00\",\"recordings\":[\"a.MP4\"]}],\"members\":[" FILM("") "]"),
	  1, SR_SEVERITY_BLOCKER, "/members/0/recorded_from", NULL },
	{ "all signed",
	  "\"kind\":\"signers\",\"attended\":\"discussion.attended\",\"signed\":\"discussion.signed\"",
	  CASE("\"discussion\":{\"attended\":[\"甲\",\"乙\"],\"signed\":[\"乙\",\"丙\",\"甲\"]}"), 0, 0, NULL,
	  NULL },
	{ "nobody signed",
	  "\"kind\":\"signers\",\"attended\":\"discussion.attended\",\"signed\":\"discussion.signed\"",
	  CASE("\"discussion\":{\"attended\":[\"甲\",\"乙\"]}"), 1, SR_SEVERITY_DEFECT, "/discussion/signed",
	  NULL },
	{ "nobody attended",
	  "\"kind\":\"signers\",\"attended\":\"discussion.attended\",\"signed\":\"discussion.signed\"",
	  CASE("\"discussion\":{\"signed\":[\"甲\"]}"), 1, SR_SEVERITY_BLOCKER, "/discussion/attended",
	  NULL },
	{ "listed elsewhere",
	  "\"each\":\"acts\",\"kind\":\"signers\",\"attended\":\"officers\",\"list\":\"officers\",\"signed\":"
	  "\"certificate_no\"",
	  CASE("\"officers\":[{\"name\":\"甲\",\"certificate_no\":\"1\"}],\"acts\":[{\"officers\":[\"1\"]},{"
	       "\"officers\":[\"2\"]}]"),
	  1, SR_SEVERITY_DEFECT, "/acts/1/officers", NULL },
	{ "has a transcript", EACH_MEMBER "\"when\":{\"class\":\"medium\"},\"kind\":\"transcript\"",
	  CASE("\"members\":[" FILM(
		  ",\"transcript\":\"t.txt\"") ",{\"path\":\"t.txt\",\"class\":\"explanation\"}]"),
	  0, 0, NULL, NULL },
	{ "is its own transcript", EACH_MEMBER "\"when\":{\"class\":\"medium\"},\"kind\":\"transcript\"",
	  CASE("\"members\":[" FILM(",\"transcript\":\"a.MP4\"") "]"), 1, SR_SEVERITY_DEFECT,
	  "/members/0/transcript", NULL },
	{ "served", EACH_MEMBER "\"kind\":\"require_service\",\"document\":\"path\"",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\"}],\"service\":[{\"document\":\"a\","
	       "\"receipt\":\"b\"}]"),
	  0, 0, NULL, NULL },
	{ "posted with proof", EACH_MEMBER "\"kind\":\"require_service\",\"document\":\"path\"",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\"}],\"service\":[{\"document\":\"a\"},{"
	       "\"document\":\"a\",\"post\":{"
	       "\"proof\":\"b\"}}]"),
	  0, 0, NULL, NULL },
	{ "served without a receipt", EACH_MEMBER "\"kind\":\"require_service\",\"document\":\"path\"",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\"}],\"service\":[{\"document\":\"a\","
	       "\"receipt\":\" \"}]"),
	  1, SR_SEVERITY_DEFECT, "/members/0/path", NULL },
	{ "one of two", "\"kind\":\"set_once\",\"fields\":[\"title\",\"number\"]", CASE("\"title\":\"t\""), 0,
	  0, NULL, NULL },
	{ "none of two", "\"kind\":\"set_once\",\"fields\":[\"title\",\"number\"]",
	  CASE("\"custodian\":\"t\""), 1, SR_SEVERITY_DEFECT, "/title", NULL },
	{ "both", "\"kind\":\"set_once\",\"fields\":[\"title\",\"number\"]",
	  CASE("\"title\":\"t\",\"number\":\"n\""), 1, SR_SEVERITY_DEFECT, "/title", NULL },
	{ "words of two lists",
	  "\"each\":\"acts\",\"kind\":\"require_words\",\"fields\":[\"covers\",\"covers_not_applicable\"],"
	  "\"words\":[\"scene\","
	  "\"other\"]",
	  CASE("\"acts\":[{\"covers\":[\"scene\"],\"covers_not_applicable\":[\"other\"]}]"), 0, 0, NULL,
	  NULL },
	{ "a word is missing",
	  "\"each\":\"acts\",\"kind\":\"require_words\",\"fields\":[\"told\"],\"words\":[\"cause\"]",
	  CASE("\"acts\":[{\"told\":[\"basis\"]}]"), 1, SR_SEVERITY_DEFECT, "/acts/0/told", NULL },
	{ "no words at all",
	  "\"each\":\"acts\",\"kind\":\"require_words\",\"fields\":[\"told\"],\"words\":[\"cause\"]",
	  CASE("\"acts\":[{\"id\":\"a\"}]"), 1, SR_SEVERITY_BLOCKER, "/acts/0/told", NULL },
	{ "a kind of the table",
	  EACH_MEMBER "\"kind\":\"value_in\",\"field\":\"kind\",\"table\":\"document_kinds\"",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\",\"kind\":\"表\"}]"), 0, 0, NULL, NULL },
	{ "none of the table",
	  EACH_MEMBER "\"kind\":\"value_in\",\"field\":\"kind\",\"table\":\"document_kinds\"",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\",\"kind\":\"书\"}]"), 1,
	  SR_SEVERITY_DEFECT, "/members/0/kind", NULL },
	{ "the form of the kind",
	  EACH_MEMBER "\"kind\":\"value_in\",\"field\":\"form\",\"table\":\"document_kinds\",\"column\":"
	              "\"forms\",\"by\":\"kind\"",
	  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\",\"kind\":\"表\",\"form\":\"F/"
	       "2\"},{\"path\":\"b\",\"class\":"
	       "\"document\",\"kind\":\"表\",\"form\":\"F/"
	       "3\"},{\"path\":\"c\",\"class\":\"document\",\"kind\":\"其他\",\"form\":\"F/3\"}]"),
	  1, SR_SEVERITY_DEFECT, "/members/1/form", NULL },
	{ "elements of elements",
	  "\"each\":\"acts.gaps\",\"kind\":\"require_field\",\"fields\":[\"reason\",\"outer.place\"]",
	  CASE("\"acts\":[{\"id\":\"a\"},{\"place\":\"p\",\"gaps\":[null,{\"reason\":\"fault\"},{\"spoken_"
	       "at\":\"00:00:01\"}]}]"),
	  1, SR_SEVERITY_DEFECT, "/acts/1/gaps/2/reason", NULL },
	{ "the outer element of an element",
	  "\"each\":\"acts.gaps\",\"kind\":\"require_field\",\"fields\":[\"outer.place\"]",
	  CASE("\"acts\":[{\"gaps\":[{\"reason\":\"fault\"}]}]"), 1, SR_SEVERITY_DEFECT, "/acts/0/place",
	  NULL },
	{ "once a field",
	  "\"each\":\"acts\",\"kind\":\"value_in\",\"field\":\"case.category\",\"values\":[\"penalty\"]",
	  CASE("\"acts\":[{\"id\":\"a\"},{\"id\":\"b\"}]"), 1, SR_SEVERITY_BLOCKER, "/category", NULL },
};

static struct sr_findings *check(const char *rule, const char *text)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_findings *findings = new_findings();
	char pack[4096];
	struct sr_err err;

	snprintf(pack, sizeof(pack), HEAD TABLES ",\"rules\":[" RULE("%s") "]}", rule);
	assert_ok(parse(pack, &rulebook, &err));
	assert_ok(read_text(text, findings, &description, &err));
	assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
	return findings;
}

static void each_kind_of_rule_judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		SR_CLEANUP(sr_findings_freep)
		struct sr_findings *findings = check(cases[i].rule, cases[i].text);

		print_findings(findings);
		assert_int_equal(sr_findings_count(findings), cases[i].count);
		if (cases[i].count == 0)
			continue;
		const struct sr_finding *f = sr_findings_at(findings, 0);

		assert_int_equal(f->severity, cases[i].severity);
		assert_string_equal(f->place, cases[i].place);
		if (cases[i].says)
			assert_non_null(strstr(f->zh, cases[i].says));
	}
}

/* Y: the condition holds, N: it does not, ?: a field is missing. */
static const struct {
	const char *condition;
	char verdict;
} conditions[] = {
	{ "{\"some\":\"acts\",\"where\":{\"kind\":\"interview\"}}", 'Y' },
	{ "{\"some\":\"acts\",\"where\":{\"kind\":\"hearing\"}}", '?' },
	{ "{\"some\":\"acts\",\"where\":{\"all\":[{\"field\":\"kind\",\"present\":true},{\"kind\":"
	  "\"hearing\"}]}}",
	  'N' },
	{ "{\"some\":\"obstruction\",\"where\":{\"suspected\":\"crime\"}}", 'N' },
	{ "{\"some\":\"acts\",\"where\":{\"some\":\"gaps\",\"where\":{\"reason\":\"fault\"}}}", 'Y' },
	{ "{\"some\":\"acts\",\"where\":{\"some\":\"gaps\",\"where\":{\"reason\":\"weather\"}}}", 'N' },
	{ "{\"some\":\"acts\",\"where\":{\"some\":\"recordings\",\"where\":{\"scene\":\"onsite\"}}}", 'Y' },
	{ "{\"some\":\"acts\",\"where\":{\"some\":\"recordings\",\"where\":{\"field\":\"recorded_"
	  "from\",\"plus\":"
	  "\"notice_at\",\"at_most\":{\"field\":\"outer.from\"}}}}",
	  'N' },
	{ "{\"some\":\"acts\",\"where\":{\"some\":\"recordings\",\"where\":{\"field\":\"recorded_"
	  "from\",\"plus\":"
	  "\"notice_at\",\"at_most\":{\"field\":\"outer.from\",\"plus_seconds\":10}}}}",
	  'Y' },
	{ "{\"some\":\"acts\",\"where\":{\"some\":\"members\",\"where\":{\"field\":\"act\",\"same_"
	  "as\":{\"field\":"
	  "\"outer.id\"}}}}",
	  'Y' },
	{ "{\"field\":\"decision.fine\",\"at_least\":\"20000.00\"}", 'Y' },
	{ "{\"field\":\"decision.fine\",\"at_least\":\"20000.01\"}", 'N' },
	{ "{\"field\":\"decision.fine\",\"at_most\":\"20000\"}", 'Y' },
	{ "{\"field\":\"decision.confiscated\",\"at_most\":\"20000\"}", '?' },
	{ "{\"field\":\"archive.year\",\"at_least\":2025}", 'Y' },
	{ "{\"field\":\"dates.closed\",\"at_most\":\"2025-05-12\"}", 'Y' },
	{ "{\"field\":\"dates.closed\",\"at_most\":{\"field\":\"today\"}}", 'Y' },
	{ "{\"field\":\"dates.closed\",\"at_least\":{\"field\":\"dates.approved\"}}", '?' },
	{ "{\"field\":\"title\",\"contains\":[\"药店\",\"医院\"]}", 'Y' },
	{ "{\"field\":\"title\",\"contains\":[\"医院\"]}", 'N' },
	{ "{\"field\":\"custodian\",\"contains\":[\"医院\"]}", '?' },
	{ "{\"is\":\"punished\"}", 'Y' },
	{ "{\"some\":\"members\",\"where\":{\"is\":\"film\"}}", 'Y' },
	{ "{\"some\":\"members\",\"where\":{\"all\":[{\"is\":\"punished\"},{\"field\":\"kind\","
	  "\"present\":true},{\"field\":"
	  "\"kind\",\"row_of\":\"document_kinds\"}]}}",
	  'Y' },
	{ "{\"some\":\"members\",\"where\":{\"all\":[{\"field\":\"kind\",\"present\":true},{"
	  "\"field\":\"kind\",\"row_of\":"
	  "\"document_kinds\",\"with\":\"forms\"}]}}",
	  'N' },
};
static const char looked_into[] =
	CASE("\"category\":\"penalty\",\"title\":\"某药店案\",\"archive\":{\"year\":2025},\"dates\":{"
             "\"closed\":\"2025-05-12\"},"
             "\"decision\":{\"fine\":\"20000\"},\"acts\":[{\"id\":\"a1\",\"kind\":\"interview\",\"from\":"
             "\"2025-03-02T10:00:00+08:00\","
             "\"recordings\":[\"a.MP4\",\"nowhere\"],\"gaps\":[{\"reason\":\"fault\"}]},{\"id\":\"a2\"}],"
             "\"members\":[{\"path\":"
             "\"a.MP4\",\"class\":\"medium\",\"scene\":\"onsite\",\"act\":\"a1\",\"recorded_from\":\"2025-"
             "03-02T10:00:00+08:00\","
             "\"notice_at\":\"00:00:10\"},{\"path\":\"b\",\"class\":\"document\",\"kind\":\"其他\"}]");

static void conditions_look_into_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(conditions); i++) {
		char rule[2048];

		print_message("case: %s\n", conditions[i].condition);
		snprintf(rule, sizeof(rule), HOLDS("%s"), conditions[i].condition);
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = check(rule, looked_into);

		assert_int_equal(sr_findings_count(findings), conditions[i].verdict == 'Y' ? 0 : 1);
		if (conditions[i].verdict == 'Y')
			continue;
		assert_int_equal(sr_findings_at(findings, 0)->severity,
		                 conditions[i].verdict == 'N' ? SR_SEVERITY_DEFECT : SR_SEVERITY_BLOCKER);
	}
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
		cmocka_unit_test(conditions_look_into_lists),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
