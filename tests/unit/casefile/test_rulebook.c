/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/clock.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/casefile/sha256.h"
#include "tests/unit/casefile/cases.h"

#define TODAY 20454 /* 2026-01-01: date -u -d 2026-01-01 +%s divided by 86400 */
#define HEAD                                                                                                 \
	"{\"format\":\"strongroom-rulebook/"                                                                 \
	"1\",\"name\":\"test\",\"title_zh\":\"测试\",\"title_en\":\"test\""
#define PACK(rules) HEAD ",\"rules\":[" rules "]}"
#define RULE_WITH(texts, rest)                                                                               \
	"{\"code\":\"T1\",\"article\":\"第一条\",\"severity\":\"defect\"," rest "," texts "}"
#define TEXTS "\"zh\":\"中\",\"en\":\"en\",\"fix_zh\":\"改\",\"fix_en\":\"fix\""
#define RULE(rest) RULE_WITH(TEXTS, rest)
#define CASE(rest) "{\"format\":\"strongroom-case-description/1\"," rest "}"

static enum sr_status parse(const char *text, struct sr_rulebook **out, struct sr_err *err)
{
	return sr_rulebook_parse((struct sr_bytes){ (const uint8_t *)text, strlen(text) }, out, err);
}

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

/* FIPS 180-4's examples (csrc.nist.gov, SHA256.pdf) and one of a million letters. */
static void sha256_agrees_with_the_standard(void **state)
{
	static const struct {
		const char *text;
		size_t times;
		const char *hex;
	} cases[] = {
		{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_sha256 hash;
		uint8_t digest[SR_SHA256_BYTES];
		char hex[2 * SR_SHA256_BYTES + 1];

		sr_sha256_init(&hash);
		for (size_t k = 0; k < cases[i].times; k++)
			sr_sha256_add(&hash, cases[i].text, strlen(cases[i].text));
		sr_sha256_finish(&hash, digest);
		for (size_t k = 0; k < sizeof(digest); k++)
			snprintf(hex + 2 * k, 3, "%02x", digest[k]);
		assert_string_equal(hex, cases[i].hex);
	}
}

/* What sha256sum(1) says of files, one behind the other. */
static void sha256sum_of(const char *files, char out[65])
{
	char command[512];

	snprintf(command, sizeof(command), "cat %s | sha256sum", files);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fread(out, 1, 64, pipe), 64);
	out[64] = 0;
	char rest[64];
	while (fread(rest, 1, sizeof(rest), pipe) > 0)
		continue;
	assert_int_equal(pclose(pipe), 0);
}

static void the_base_pack_is_in_the_binary(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf names = { 0 };
	char digest[65];
	const char *text;
	struct sr_err err;

	(void)state;
	assert_ok(sr_rulebook_load("base", &rulebook, &err));
	assert_string_equal(sr_rulebook_name(rulebook), "base");
	sha256sum_of("appliance/casefile/rulebooks/base.json", digest);
	assert_string_equal(sr_rulebook_digest(rulebook), digest);
	assert_ok(sr_rulebook_list(&names, &err));
	assert_ok(sr_buf_text(&names, &text, &err));
	assert_non_null(strstr(text, "base\n"));
	assert_int_equal(sr_rulebook_load("bas", &rulebook, &err), SR_NOT_FOUND);
	assert_non_null(strstr(err.text, "base"));
}

static void a_digest_covers_the_extended_packs(void **state)
{
	static const char pack[] = HEAD ",\"extends\":\"base\",\"rules\":[]}";
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	char digest[65];
	char name[] = "/tmp/test-rulebook-XXXXXX";
	char files[128];
	struct sr_err err;

	(void)state;
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, pack, sizeof(pack) - 1, &err));
	sr_fd_close(fd);
	snprintf(files, sizeof(files), "%s appliance/casefile/rulebooks/base.json", name);
	sha256sum_of(files, digest);
	remove(name);
	assert_ok(parse(pack, &rulebook, &err));
	assert_string_equal(sr_rulebook_digest(rulebook), digest);
}

static void a_wrong_pack_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *why, *text, *place;
	} cases[] = {
		{ "no JSON", "nothing", "line 1" },
		{ "no object", "[]", "object" },
		{ "another format", "{\"format\":\"strongroom-rulebook/2\"}", "/format" },
		{ "unknown key", HEAD ",\"rule\":[],\"rules\":[]}", "/rule:" },
		{ "no name", "{\"format\":\"strongroom-rulebook/1\"}", "/name" },
		{ "name with a slash", "{\"format\":\"strongroom-rulebook/1\",\"name\":\"../x\"}", "/name" },
		{ "no title", "{\"format\":\"strongroom-rulebook/1\",\"name\":\"x\"}", "/title_zh" },
		{ "no rules", HEAD "}", "/rules" },
		{ "unknown pack", HEAD ",\"extends\":\"nowhere\",\"rules\":[]}", "/extends" },
		{ "no date", HEAD ",\"effective_from\":\"2025\",\"rules\":[]}", "/effective_from" },
		{ "ends before it begins",
		  HEAD ",\"effective_from\":\"2025-01-02\",\"effective_to\":\"2025-01-01\",\"rules\":[]}",
		  "/effective_to" },
		{ "label of no field",
		  HEAD ",\"labels\":{\"dates.start\":{\"zh\":\"a\",\"en\":\"b\"}},\"rules\":[]}",
		  "/labels/dates.start: there is no field" },
		{ "label in one language", HEAD ",\"labels\":{\"title\":{\"zh\":\"a\"}},\"rules\":[]}",
		  "/labels/title" },
		{ "rule no object", PACK("1"), "/rules/0" },
		{ "no code", PACK("{}"), "/rules/0/code" },
		{ "code in small letters", PACK("{\"code\":\"b1\"}"), "/rules/0/code" },
		{ "code without number", PACK("{\"code\":\"B\"}"), "/rules/0/code" },
		{ "code of the appliance", PACK("{\"code\":\"X1\"}"), "/rules/0/code" },
		{ "severity", PACK("{\"code\":\"T1\",\"article\":\"a\",\"severity\":\"error\"}"),
		  "/rules/0/severity" },
		{ "unknown kind", PACK(RULE("\"kind\":\"coverages\"")),
		  "/rules/0/kind: \"coverages\" is no kind" },
		{ "unknown key of a rule", PACK(RULE("\"kind\":\"require_field\",\"field\":[\"title\"]")),
		  "/rules/0/field" },
		{ "no fields", PACK(RULE("\"kind\":\"require_field\",\"fields\":[]")), "/rules/0/fields" },
		{ "unknown field", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"dates.startd\"]")),
		  "/rules/0/fields/0: there is no field \"dates.startd\"; did you mean \"started\"?" },
		{ "field through a list",
		  PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"parties.name\"]")),
		  "/rules/0/fields/0: \"parties.name\" leads through" },
		{ "field through text", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"title.x\"]")),
		  "/rules/0/fields/0" },
		{ "empty field", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"\"]")),
		  "/rules/0/fields/0" },
		{ "field that ends with a dot",
		  PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"dates.\"]")), "/rules/0/fields/0" },
		{ "each of no list",
		  PACK(RULE("\"each\":\"dates\",\"kind\":\"require_field\",\"fields\":[\"closed\"]")),
		  "/rules/0/each" },
		{ "each of texts",
		  PACK(RULE("\"each\":\"classification\",\"kind\":\"require_field\",\"fields\":[\"a\"]")),
		  "/rules/0/each" },
		{ "field of the case in an element",
		  PACK(RULE("\"each\":\"acts\",\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/fields/0" },
		{ "value that the field never has",
		  PACK(RULE("\"kind\":\"value_in\",\"field\":\"category\",\"values\":[\"penality\"]")),
		  "/rules/0/values/0" },
		{ "no values", PACK(RULE("\"kind\":\"value_in\",\"field\":\"category\",\"values\":[]")),
		  "/rules/0/values" },
		{ "values of an object",
		  PACK(RULE("\"kind\":\"value_in\",\"field\":\"dates\",\"values\":[{}]")),
		  "/rules/0/values/0" },
		{ "equal of three",
		  PACK(RULE("\"kind\":\"equal\",\"fields\":[\"title\",\"number\",\"custodian\"]")),
		  "/rules/0/fields" },
		{ "equal of text and number",
		  PACK(RULE("\"kind\":\"equal\",\"fields\":[\"title\",\"archive.year\"]")),
		  "/rules/0/fields" },
		{ "order of texts",
		  PACK(RULE("\"kind\":\"order\",\"from\":\"title\",\"to\":\"dates.closed\"")),
		  "/rules/0/from" },
		{ "order without end", PACK(RULE("\"kind\":\"order\",\"from\":\"dates.closed\"")),
		  "/rules/0/to" },
		{ "today first", PACK(RULE("\"kind\":\"order\",\"from\":\"today\",\"to\":\"dates.closed\"")),
		  "/rules/0/from" },
		{ "member of nothing", PACK(RULE("\"kind\":\"require_member\"")), "/rules/0/kinds" },
		{ "member of no class", PACK(RULE("\"kind\":\"require_member\",\"class\":\"folder\"")),
		  "/rules/0/class" },
		{ "kind no text", PACK(RULE("\"kind\":\"require_member\",\"kinds\":[1]")),
		  "/rules/0/kinds/0" },
		{ "among text",
		  PACK(RULE("\"kind\":\"require_member\",\"kinds\":[\"a\"],\"among\":\"title\"")),
		  "/rules/0/among" },
		{ "empty condition",
		  PACK(RULE("\"when\":{},\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when" },
		{ "all beside another",
		  PACK(RULE("\"when\":{\"all\":[],\"category\":\"penalty\"},\"kind\":"
		            "\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when" },
		{ "empty any",
		  PACK(RULE("\"when\":{\"any\":[]},\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when/any" },
		{ "deep in a condition",
		  PACK(RULE("\"when\":{\"all\":[{\"not\":{\"any\":[{\"category\":\"penality\"}]}}]},"
		            "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when/all/0/not/any/0/category" },
		{ "comparison of two",
		  PACK(RULE("\"when\":{\"field\":\"category\",\"equals\":\"penalty\",\"in\":[]},"
		            "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when" },
		{ "comparison of none",
		  PACK(RULE("\"when\":{\"field\":\"category\",\"is\":\"penalty\"},"
		            "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when" },
		{ "present that is no boolean",
		  PACK(RULE("\"when\":{\"field\":\"category\",\"present\":1},"
		            "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when/present" },
		{ "equal to null",
		  PACK(RULE(
			  "\"when\":{\"category\":null},\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/when/category" },
		{ "unknown place in a text",
		  PACK(RULE_WITH(
			  "\"zh\":\"{missing}\",\"en\":\"{members}\",\"fix_zh\":\"a\",\"fix_en\":\"b\"",
			  "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/en: {members}" },
		{ "member in a rule of the case",
		  PACK(RULE_WITH("\"zh\":\"{member}\",\"en\":\"e\",\"fix_zh\":\"a\",\"fix_en\":\"b\"",
		                 "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/zh: {member}" },
		{ "open brace",
		  PACK(RULE_WITH("\"zh\":\"{missing\",\"en\":\"e\",\"fix_zh\":\"a\",\"fix_en\":\"b\"",
		                 "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/zh" },
		{ "no fix",
		  PACK(RULE_WITH("\"zh\":\"a\",\"en\":\"e\",\"fix_zh\":\"\",\"fix_en\":\"b\"",
		                 "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/0/fix_zh" },
		{ "code twice",
		  PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"title\"]") "," RULE(
			  "\"kind\":\"require_field\",\"fields\":[\"title\"]")),
		  "/rules/1/code" },
		{ "code of the extended pack",
		  HEAD ",\"extends\":\"base\",\"rules\":[{\"code\":\"B1\",\"article\":\"a\",\"severity\":"
		       "\"defect\","
		       "\"kind\":\"require_field\",\"fields\":[\"title\"]," TEXTS "}]}",
		  "/rules/0/code" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_rulebook *rulebook = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(parse(cases[i].text, &rulebook, &err), SR_INVALID);
		print_message("      %s\n", err.text);
		assert_non_null(strstr(err.text, cases[i].place));
	}
}

/* Each with one rule T1, a defect; how many findings, and how severe and where the first one is. */
static void each_kind_of_rule_judges(void **state)
{
	static const struct {
		const char *why, *rule, *text;
		size_t count;
		enum sr_severity severity;
		const char *place;
	} cases[] = {
		{ "field there", "\"kind\":\"require_field\",\"fields\":[\"title\",\"dates.closed\"]",
		  CASE("\"title\":\"t\",\"dates\":{\"closed\":\"2025-01-01\"}"), 0, 0, NULL },
		{ "field blank", "\"kind\":\"require_field\",\"fields\":[\"title\",\"dates.closed\"]",
		  CASE("\"title\":\"t\",\"dates\":{\"closed\":\"\"}"), 1, SR_SEVERITY_DEFECT,
		  "/dates/closed" },
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
		{ "a value of several",
		  "\"kind\":\"value_in\",\"field\":\"classification\",\"values\":[\"privacy\"]",
		  CASE("\"classification\":[\"commercial\",\"privacy\"]"), 0, 0, NULL },
		{ "equal",
		  "\"each\":\"members\",\"kind\":\"equal\",\"fields\":[\"retention\",\"case.retention\"]",
		  CASE("\"retention\":\"30y\",\"members\":[{\"path\":\"a\",\"class\":\"medium\","
		       "\"retention\":\"30y\"}]"),
		  0, 0, NULL },
		{ "unequal",
		  "\"each\":\"members\",\"kind\":\"equal\",\"fields\":[\"retention\",\"case.retention\"]",
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
		  CASE("\"dates\":{\"started\":\"2025-01-01T23:00:00+08:00\",\"closed\":\"2025-01-01\"}"), 0,
		  0, NULL },
		{ "a day is one of the appliance's zone",
		  "\"kind\":\"order\",\"from\":\"dates.started\",\"to\":\"dates.closed\"",
		  CASE("\"dates\":{\"started\":\"2025-01-01T17:00:00Z\",\"closed\":\"2025-01-01\"}"), 1,
		  SR_SEVERITY_DEFECT, "/dates/started" },
		{ "a second too late",
		  "\"kind\":\"order\",\"from\":\"dates.started\",\"to\":\"dates.closed\"",
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

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char pack[2048];

		print_message("case: %s\n", cases[i].why);
		snprintf(pack, sizeof(pack), PACK(RULE("%s")), cases[i].rule);
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = check(pack, cases[i].text);

		assert_int_equal(sr_findings_count(findings), cases[i].count);
		if (cases[i].count == 0)
			continue;
		const struct sr_finding *f = sr_findings_at(findings, 0);

		assert_string_equal(f->code, "T1");
		assert_string_equal(f->article, "第一条");
		assert_int_equal(f->severity, cases[i].severity);
		assert_int_equal(f->place != NULL, cases[i].place != NULL);
		if (f->place)
			assert_string_equal(f->place, cases[i].place);
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

/* --- the base pack -------------------------------------------------------------------------------------- */

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

/* --- limits and damage ---------------------------------------------------------------------------------- */

static void too_many_rules_are_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_buf_add_text(&text, HEAD ",\"rules\":[0", &err));
	for (unsigned i = 0; i < SR_LIMIT_RULES; i++)
		assert_ok(sr_buf_add_text(&text, ",0", &err));
	assert_ok(sr_buf_add_text(&text, "]}", &err));
	assert_int_equal(sr_rulebook_parse(sr_buf_bytes(&text), &rulebook, &err), SR_LIMIT);
	assert_int_equal(
		sr_rulebook_parse((struct sr_bytes){ text.data, SR_LIMIT_PACK_BYTES + 1u }, &rulebook, &err),
		SR_LIMIT);
}

static void a_damaged_pack_is_a_pack_or_an_error(void **state)
{
	char text[] = PACK(
		RULE("\"each\":\"members\",\"when\":{\"any\":[{\"class\":\"medium\"},{\"not\":{\"field\":"
	             "\"evidence\",\"present\":true}}]},\"kind\":\"require_field\",\"fields\":["
	             "\"title\",\"explanation.place\"]"));
	SR_CLEANUP(sr_findings_freep) struct sr_findings *ignored = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = read_case_file(FULL_CASE, ignored);
	struct sr_err err;

	(void)state;
	for (size_t size = 0; size < sizeof(text) - 1; size++) {
		struct sr_rulebook *rulebook = NULL;

		assert_int_equal(
			sr_rulebook_parse((struct sr_bytes){ (const uint8_t *)text, size }, &rulebook, &err),
			SR_INVALID);
	}
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
		enum sr_status status = parse(text, &rulebook, &err);
		assert_true(status == SR_OK || status == SR_INVALID || status == SR_LIMIT);
		if (status == SR_OK)
			assert_ok(sr_rulebook_check(rulebook, description, TODAY, findings, &err));
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
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
		cmocka_unit_test(sha256_agrees_with_the_standard),
		cmocka_unit_test(the_base_pack_is_in_the_binary),
		cmocka_unit_test(a_digest_covers_the_extended_packs),
		cmocka_unit_test(a_wrong_pack_is_refused_with_its_place),
		cmocka_unit_test(each_kind_of_rule_judges),
		cmocka_unit_test(conditions_follow_kleene),
		cmocka_unit_test(texts_are_filled_in),
		cmocka_unit_test(the_sample_case_satisfies_the_base_pack),
		cmocka_unit_test(the_defective_case_offends_no_rule_of_the_base_pack),
		cmocka_unit_test(each_thing_that_is_taken_out_is_missed),
		cmocka_unit_test(the_base_pack_looks_at_parties_order_documents_and_explanations),
		cmocka_unit_test(too_many_rules_are_refused),
		cmocka_unit_test(a_damaged_pack_is_a_pack_or_an_error),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
