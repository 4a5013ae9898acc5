/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/catalogue.h"
#include "tests/unit/casefile/cases.h"

#define CASE_ID "0193b2c0-7a00-7abc-8def-0123456789ab"
#define SEALED_AT 1763712900000000000ll /* date -u -d @1763712900: 2025-11-21T08:15:00Z */
#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER64 "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static const char small_case[] =
	"{\"format\":\"strongroom-case-description/1\",\"number\":\"样〔2025〕1号\",\"title\":\"某案\","
	"\"organ\":{\"name\":\"局\"},\"members\":["
	"{\"path\":\"documents/001 表.pdf\",\"class\":\"document\",\"number\":\"7\",\"bytes\":1,"
	"\"title\":\"表\",\"sha256\":null},"
	"{\"path\":\"media/a.MP4\",\"class\":\"medium\",\"explanation\":{\"path\":\"explanations/a.md\"},"
	"\"transcript\":\"documents/none.txt\"},"
	"{\"path\":\"explanations/a.md\",\"class\":\"explanation\"}]}";

static const char small_catalogue[] =
	"{\"format\":\"strongroom-catalogue/1\",\"case_id\":\"" CASE_ID "\",\"part\":2,"
	"\"sealed_at\":\"2025-11-21T08:15:00Z\",\"description\":{"
	"\"format\":\"strongroom-case-description/1\",\"number\":\"样〔2025〕1号\",\"title\":\"某案\","
	"\"organ\":{\"name\":\"局\"}},\"members\":["
	"{\"number\":12,\"path\":\"documents/001 "
	"表.pdf\",\"class\":\"document\",\"title\":\"表\",\"bytes\":10,"
	"\"sha256\":\"" HEX64 "\",\"head_sha256\":\"" OTHER64 "\",\"media_type\":\"application/pdf\"},"
	"{\"number\":13,\"path\":\"media/a.MP4\",\"class\":\"medium\","
	"\"explanation\":{\"path\":\"explanations/a.md\"},\"transcript\":\"documents/none.txt\",\"bytes\":11,"
	"\"sha256\":\"" HEX64 "\",\"head_sha256\":\"" OTHER64 "\",\"media_type\":\"video/mp4\","
	"\"explained_by\":14},"
	"{\"number\":14,\"path\":\"explanations/a.md\",\"class\":\"explanation\",\"bytes\":12,"
	"\"sha256\":\"" HEX64 "\",\"head_sha256\":\"" OTHER64 "\",\"media_type\":\"text/markdown\"}],"
	"\"rulebook\":{\"name\":\"base\",\"digest\":\"" HEX64 "\"},\"findings\":["
	"{\"code\":\"B1\",\"article\":null,\"severity\":\"warning\",\"member\":null,\"place\":\"/"
	"x\",\"zh\":\"中\","
	"\"en\":\"e\",\"fix_zh\":null,\"fix_en\":null}],"
	"\"remarks\":[{\"code\":\"B1\",\"text\":\"说明\"}]}\n";

static const struct sr_finding finding = {
	.code = "B1", .severity = SR_SEVERITY_WARNING, .place = "/x", .zh = "中", .en = "e"
};

static void encode_small(struct sr_buf *out)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *remarks = json_pack("[{s:s, s:s}]", "code", "B1", "text", "说明");
	struct sr_member_seal seals[3];
	struct sr_err err;

	assert_ok(read_text(small_case, findings, &description, &err));
	sr_findings_freep(&findings);
	findings = new_findings();
	assert_ok(sr_findings_add(findings, &finding, &err));
	for (size_t i = 0; i < 3; i++)
		seals[i] =
			(struct sr_member_seal){ .bytes = 10 + i, .sha256 = HEX64, .head_sha256 = OTHER64 };
	struct sr_catalogue_facts facts = {
		.case_id = CASE_ID,
		.part = 2,
		.first_number = 12,
		.sealed_at_ns = SEALED_AT + 999,
		.rulebook = "base",
		.rulebook_digest = HEX64,
		.findings = findings,
		.remarks = remarks,
	};
	assert_ok(sr_catalogue_encode(description, &facts, seals, out, &err));
}

static enum sr_status decode(const char *text, size_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;

	return sr_catalogue_decode((struct sr_bytes){ (const uint8_t *)text, size }, &catalogue, err);
}

static void the_catalogue_has_the_documented_text(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const char *have;
	struct sr_err err;

	(void)state;
	encode_small(&text);
	assert_ok(sr_buf_text(&text, &have, &err));
	assert_string_equal(have, small_catalogue);
}

static void a_reader_gets_what_the_text_says(void **state)
{
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	struct sr_bytes text = { (const uint8_t *)small_catalogue, sizeof(small_catalogue) - 1 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_catalogue_decode(text, &catalogue, &err));
	assert_string_equal(catalogue->case_id, CASE_ID);
	assert_string_equal(catalogue->number, "样〔2025〕1号");
	assert_string_equal(catalogue->title, "某案");
	assert_int_equal(catalogue->part, 2);
	assert_int_equal(catalogue->member_count, 3);
	assert_int_equal(catalogue->members[1].number, 13);
	assert_string_equal(catalogue->members[1].path, "media/a.MP4");
	assert_int_equal(catalogue->members[1].class, SR_MEMBER_MEDIUM);
	assert_int_equal(catalogue->members[1].bytes, 11);
	assert_int_equal(catalogue->members[1].sha256[1], 0x11);
	assert_int_equal(catalogue->members[1].head_sha256[0], 0xff);
	assert_int_equal(json_integer_value(json_object_get(catalogue->members[1].json, "explained_by")), 14);
}

static void a_full_case_comes_back(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = read_case_file(FULL_CASE, findings);
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_member_seal seals[16];
	struct sr_catalogue_facts facts = {
		.case_id = CASE_ID,
		.part = 1,
		.first_number = 1,
		.sealed_at_ns = SEALED_AT,
		.rulebook = "base",
		.rulebook_digest = HEX64,
		.findings = findings,
	};
	struct sr_err err;

	(void)state;
	assert_true(description->member_count <= 16);
	for (size_t i = 0; i < 16; i++)
		seals[i] = (struct sr_member_seal){ .bytes = i, .sha256 = HEX64, .head_sha256 = OTHER64 };
	assert_ok(sr_catalogue_encode(description, &facts, seals, &text, &err));
	assert_ok(sr_catalogue_decode(sr_buf_bytes(&text), &catalogue, &err));
	assert_int_equal(catalogue->member_count, description->member_count);
	for (size_t i = 0; i < catalogue->member_count; i++) {
		const char *key;
		json_t *given;

		assert_string_equal(catalogue->members[i].path, description->members[i].path);
		json_object_foreach(json_array_get(json_object_get(description->root, "members"), i), key,
		                    given) {
			const json_t *now = json_object_get(catalogue->members[i].json, key);

			assert_true(strcmp(key, "sha256") == 0 || json_equal(now, given));
		}
	}
	json_object_del(description->root, "members");
	assert_true(json_equal(json_object_get(catalogue->root, "description"), description->root));
}

/* The small catalogue with the first @from replaced by @to. */
static char *replaced(const char *from, const char *to)
{
	const char *at = strstr(small_catalogue, from);
	char *text = NULL;

	assert_non_null(at);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - small_catalogue), small_catalogue, to,
	                     at + strlen(from)) >= 0);
	return text;
}

static void a_wrong_catalogue_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *why, *from, *to, *place;
	} cases[] = {
		{ "another format", "catalogue/1", "catalogue/2", "/format" },
		{ "unknown key", "{\"format\"", "{\"more\":1,\"format\"", "keys" },
		{ "no case id", CASE_ID, "0193b2c0", "/case_id" },
		{ "part 0", "\"part\":2", "\"part\":0", "/part" },
		{ "part 1000", "\"part\":2", "\"part\":1000", "part" },
		{ "part as text", "\"part\":2", "\"part\":\"2\"", "/part" },
		{ "local time", "08:15:00Z", "08:15:00", "/sealed_at" },
		{ "no such day", "2025-11-21T", "2025-11-31T", "/sealed_at" },
		{ "members in the description", "\"title\":\"某案\"", "\"members\":[]",
		  "/description/members" },
		{ "members no list", "\"members\":[{", "\"members\":{\"a\":[{", "" },
		{ "numbers jump", "\"number\":13", "\"number\":15", "/members/1/number" },
		{ "number 0", "\"number\":12", "\"number\":0", "/members/0/number" },
		{ "number negative", "\"number\":12", "\"number\":-1", "/members/0" },
		{ "path out", "documents/001 表.pdf", "../passwd", "/members/0" },
		{ "path absolute", "documents/001 表.pdf", "/etc/passwd", "/members/0" },
		{ "path twice", "documents/001 表.pdf", "explanations/a.md", "/members" },
		{ "unknown class", "\"class\":\"document\"", "\"class\":\"folder\"", "/members/0" },
		{ "bytes negative", "\"bytes\":10", "\"bytes\":-10", "/members/0" },
		{ "bytes too many", "\"bytes\":10", "\"bytes\":1099511627777", "/members/0" },
		{ "digest short", "\"sha256\":\"00", "\"sha256\":\"0", "/members/0" },
		{ "digest in capitals", "\"head_sha256\":\"ff", "\"head_sha256\":\"FF", "/members/0" },
		{ "no media type", "\"media_type\"", "\"media\"", "/members/0" },
		{ "explained by a stranger", "\"explained_by\":14", "\"explained_by\":15", "/members/1" },
		{ "explained by text", "\"explained_by\":14", "\"explained_by\":\"14\"", "/members/1" },
		{ "rulebook without digest", "\"digest\"", "\"digests\"", "/rulebook" },
		{ "findings no list", "\"findings\":[", "\"findings\":{}, \"f\":[", "/findings" },
		{ "duplicate key", "\"part\":2", "\"part\":2,\"part\":2", "" },
		{ "trailing bytes", "\"说明\"}]}\n", "\"说明\"}]}x", "" },
		{ "no object", small_catalogue, "[]", "object" },
		{ "empty", small_catalogue, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char *text = replaced(cases[i].from, cases[i].to);
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(decode(text, strlen(text), &err), SR_CORRUPT);
		assert_non_null(strstr(err.text, cases[i].place));
		free(text);
	}
}

static void too_much_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_buf_add_text(&text, "{\"a\":", &err));
	for (unsigned i = 0; i < SR_LIMIT_JSON_DEPTH; i++)
		assert_ok(sr_buf_add_text(&text, "[", &err));
	assert_int_equal(decode((const char *)text.data, text.size, &err), SR_LIMIT);
	assert_int_equal(decode((const char *)text.data, SR_LIMIT_CATALOGUE_BYTES + 1u, &err), SR_LIMIT);
}

static void no_truncation_is_a_catalogue(void **state)
{
	struct sr_err err;

	(void)state;
	/* Without the newline at the end it is one still. */
	for (size_t size = 0; size < sizeof(small_catalogue) - 2; size++)
		assert_int_equal(decode(small_catalogue, size, &err), SR_CORRUPT);
}

static void a_flipped_bit_is_a_catalogue_or_an_error(void **state)
{
	char text[sizeof(small_catalogue)];
	struct sr_err err;

	(void)state;
	memcpy(text, small_catalogue, sizeof(text));
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
		enum sr_status status = decode(text, sizeof(text) - 1, &err);

		assert_true(status == SR_OK || status == SR_CORRUPT || status == SR_LIMIT);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_catalogue_has_the_documented_text),
		cmocka_unit_test(a_reader_gets_what_the_text_says),
		cmocka_unit_test(a_full_case_comes_back),
		cmocka_unit_test(a_wrong_catalogue_is_refused_with_its_place),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(no_truncation_is_a_catalogue),
		cmocka_unit_test(a_flipped_bit_is_a_catalogue_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
