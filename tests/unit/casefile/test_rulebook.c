/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/limits.h"
#include "appliance/keeper/core/rulebooks.h"
#include "tests/unit/casefile/rules.h"

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

static void assert_digest(const struct sr_rulebook *rulebook, const char *want)
{
	char digest[SR_DIGEST_HEX];
	struct sr_err err;

	assert_ok(sr_rulebook_digest(rulebook, digest, &err));
	assert_string_equal(digest, want);
}

static void the_base_pack_is_in_the_binary(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	char digest[65];
	struct sr_err err;

	(void)state;
	assert_ok(sr_rulebook_load("base", &rulebook, &err));
	assert_string_equal(sr_rulebook_name(rulebook), "base");
	sha256sum_of("appliance/casefile/rulebooks/base.json", digest);
	assert_digest(rulebook, digest);
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
	assert_digest(rulebook, digest);
}

static const struct {
	const char *why, *text, *place;
} wrong_packs[] = {
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
	{ "label of no field", HEAD ",\"labels\":{\"dates.start\":{\"zh\":\"a\",\"en\":\"b\"}},\"rules\":[]}",
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
	{ "unknown kind", PACK(RULE("\"kind\":\"coverages\"")), "/rules/0/kind: \"coverages\" is no kind" },
	{ "unknown key of a rule", PACK(RULE("\"kind\":\"require_field\",\"field\":[\"title\"]")),
	  "/rules/0/field" },
	{ "no fields", PACK(RULE("\"kind\":\"require_field\",\"fields\":[]")), "/rules/0/fields" },
	{ "unknown field", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"dates.startd\"]")),
	  "/rules/0/fields/0: there is no field \"dates.startd\"; did you mean \"started\"?" },
	{ "field through a list", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"parties.name\"]")),
	  "/rules/0/fields/0: \"parties.name\" leads through" },
	{ "field through text", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"title.x\"]")),
	  "/rules/0/fields/0" },
	{ "empty field", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"\"]")), "/rules/0/fields/0" },
	{ "field that ends with a dot", PACK(RULE("\"kind\":\"require_field\",\"fields\":[\"dates.\"]")),
	  "/rules/0/fields/0" },
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
	{ "values of an object", PACK(RULE("\"kind\":\"value_in\",\"field\":\"dates\",\"values\":[{}]")),
	  "/rules/0/values/0" },
	{ "equal of three", PACK(RULE("\"kind\":\"equal\",\"fields\":[\"title\",\"number\",\"custodian\"]")),
	  "/rules/0/fields" },
	{ "equal of text and number",
	  PACK(RULE("\"kind\":\"equal\",\"fields\":[\"title\",\"archive.year\"]")), "/rules/0/fields" },
	{ "order of texts", PACK(RULE("\"kind\":\"order\",\"from\":\"title\",\"to\":\"dates.closed\"")),
	  "/rules/0/from" },
	{ "order without end", PACK(RULE("\"kind\":\"order\",\"from\":\"dates.closed\"")), "/rules/0/to" },
	{ "today first", PACK(RULE("\"kind\":\"order\",\"from\":\"today\",\"to\":\"dates.closed\"")),
	  "/rules/0/from" },
	{ "member of nothing", PACK(RULE("\"kind\":\"require_member\"")), "/rules/0/kinds" },
	{ "member of no class", PACK(RULE("\"kind\":\"require_member\",\"class\":\"folder\"")),
	  "/rules/0/class" },
	{ "kind no text", PACK(RULE("\"kind\":\"require_member\",\"kinds\":[1]")), "/rules/0/kinds/0" },
	{ "among text", PACK(RULE("\"kind\":\"require_member\",\"kinds\":[\"a\"],\"among\":\"title\"")),
	  "/rules/0/among" },
	{ "empty condition", PACK(RULE("\"when\":{},\"kind\":\"require_field\",\"fields\":[\"title\"]")),
	  "/rules/0/when" },
	{ "all beside another",
	  PACK(RULE("\"when\":{\"all\":[],\"category\":\"penalty\"},\"kind\":"
	            "\"require_field\",\"fields\":[\"title\"]")),
	  "/rules/0/when" },
	{ "empty any", PACK(RULE("\"when\":{\"any\":[]},\"kind\":\"require_field\",\"fields\":[\"title\"]")),
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
	  PACK(RULE("\"when\":{\"category\":null},\"kind\":\"require_field\",\"fields\":[\"title\"]")),
	  "/rules/0/when/category" },
	{ "unknown place in a text",
	  PACK(RULE_WITH("\"zh\":\"{missing}\",\"en\":\"{members}\",\"fix_zh\":\"a\",\"fix_en\":\"b\"",
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_base_pack_is_in_the_binary),
		cmocka_unit_test(a_digest_covers_the_extended_packs),
		cmocka_unit_test(a_wrong_pack_is_refused_with_its_place),
		cmocka_unit_test(too_many_rules_are_refused),
		cmocka_unit_test(a_damaged_pack_is_a_pack_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
