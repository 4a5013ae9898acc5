/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/archive/cover.h"
#include "appliance/base/cleanup.h"

/* Written by hand after docs/FORMAT.md; `date -u -d 2026-11-21T08:15:00Z +%s` is 1795248900. */
static const char part_two[] = "{\n"
			       " \"format\": \"strongroom-case/1\",\n"
			       " \"case\": \"0193a5c8-7a10-7c3e-8f00-0123456789ab\",\n"
			       " \"part\": 2,\n"
			       " \"previous_seal\": "
			       "\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\",\n"
			       " \"organ\": \"某市医疗保障局\",\n"
			       " \"organ_code\": \"150100-YB\",\n"
			       " \"sealed_at\": \"2026-11-21T08:15:00Z\",\n"
			       " \"retention\": \"30y\",\n"
			       " \"retention_until\": \"2056-12-31\",\n"
			       " \"classification\": \"privacy,commercial\",\n"
			       " \"members\": 3,\n"
			       " \"bytes\": 4294967296,\n"
			       " \"suite\": \"age-x25519\"\n"
			       "}\n";

static struct sr_cover example(void)
{
	struct sr_cover cover = {
		.case_id = "0193a5c8-7a10-7c3e-8f00-0123456789ab",
		.part = 2,
		.has_previous = true,
		.organ = "某市医疗保障局",
		.organ_code = "150100-YB",
		.sealed_at_ns = 1795248900000000000,
		.retention = "30y",
		.retention_until = "2056-12-31",
		.classification = "privacy,commercial",
		.members = 3,
		.bytes = 4294967296,
		.suite = "age-x25519",
	};

	for (size_t i = 0; i < SR_DIGEST_BYTES; i++)
		cover.previous.bytes[i] = (uint8_t)i;
	return cover;
}

static struct sr_bytes bytes_of(const char *text)
{
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = strlen(text) };
}

static void a_cover_is_written_as_the_format_says(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_cover cover = example();
	struct sr_err err;

	(void)state;
	assert_ok(sr_cover_encode(&cover, &out, &err));
	assert_int_equal(out.size, strlen(part_two));
	assert_memory_equal(out.data, part_two, out.size);
}

static void a_cover_is_read_back_field_by_field(void **state)
{
	struct sr_cover want = example();
	struct sr_cover got;
	struct sr_err err;

	(void)state;
	assert_ok(sr_cover_decode(bytes_of(part_two), &got, &err));
	assert_string_equal(got.case_id, want.case_id);
	assert_int_equal(got.part, 2);
	assert_true(got.has_previous);
	assert_memory_equal(got.previous.bytes, want.previous.bytes, SR_DIGEST_BYTES);
	assert_string_equal(got.organ, want.organ);
	assert_string_equal(got.organ_code, want.organ_code);
	assert_int_equal(got.sealed_at_ns, want.sealed_at_ns);
	assert_string_equal(got.retention, "30y");
	assert_string_equal(got.retention_until, "2056-12-31");
	assert_string_equal(got.classification, "privacy,commercial");
	assert_int_equal(got.members, 3);
	assert_int_equal(got.bytes, 4294967296);
	assert_string_equal(got.suite, "age-x25519");
}

/* Replace @from, which must be there, by @to. */
static void replace(const char *from, const char *to, char *out, size_t capacity)
{
	const char *at = strstr(part_two, from);

	assert_non_null(at);
	snprintf(out, capacity, "%.*s%s%s", (int)(at - part_two), part_two, to, at + strlen(from));
}

static void a_changed_cover_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *why, *from, *to, *says;
	} cases[] = {
		{ "another format", "strongroom-case/1", "strongroom-case/2", "strongroom-case/2" },
		{ "another suite", "age-x25519", "sm", "suite \"sm\" is unknown" },
		{ "key missing", "\"organ_code\": \"150100-YB\",", "", "\"organ_code\" is missing" },
		{ "key unknown", "\"part\": 2,", "\"part\": 2, \"parts\": 2,", "14 keys" },
		{ "key twice", "\"part\": 2,", "\"part\": 2, \"part\": 2,", "duplicate" },
		{ "id in capitals", "0193a5c8", "0193A5C8", "case id" },
		{ "id of version 4", "-7c3e-", "-4c3e-", "case id" },
		{ "part 0", "\"part\": 2", "\"part\": 0", "\"part\"" },
		{ "part 1000", "\"part\": 2", "\"part\": 1000", "\"part\"" },
		{ "part as text", "\"part\": 2", "\"part\": \"2\"", "\"part\"" },
		{ "part 1 with a part before", "\"part\": 2", "\"part\": 1", "previous_seal" },
		{ "part 2 without", "\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"",
		  "null", "previous_seal" },
		{ "digest cut", "1e1f\"", "1e\"", "previous_seal" },
		{ "digest in capitals", "1e1f\"", "1E1F\"", "previous_seal" },
		{ "time with another zone", "08:15:00Z", "16:15:00+08:00", "sealed_at" },
		{ "time with a fraction", "08:15:00Z", "08:15:00.5Z", "sealed_at" },
		{ "time before 1970", "2026-11-21T", "1969-11-21T", "sealed_at" },
		{ "retention unknown", "30y", "20y", "retention" },
		{ "no end", "\"2056-12-31\"", "null", "retention" },
		{ "no such day", "2056-12-31", "2056-12-32", "retention" },
		{ "permanent with an end", "30y", "permanent", "retention" },
		{ "classification unknown", "privacy,commercial", "privacy,public", "classification" },
		{ "none and more", "privacy,commercial", "none,privacy", "classification" },
		{ "classification twice", "privacy,commercial", "privacy,privacy", "classification" },
		{ "another order", "privacy,commercial", "commercial,privacy", "classification" },
		{ "comma at the end", "privacy,commercial", "privacy,", "classification" },
		{ "classification empty", "privacy,commercial", "", "classification" },
		{ "no members", "\"members\": 3", "\"members\": 0", "members" },
		{ "too many members", "\"members\": 3", "\"members\": 10001", "members" },
		{ "bytes negative", "4294967296", "-1", "bytes" },
		{ "bytes no whole number", "4294967296", "1.5", "bytes" },
		{ "line break in the organ", "某市", "某\\n市", "organ" },
		{ "NUL in the organ", "某市", "某\\u0000市", "line 6" },
		{ "bytes behind", "}\n", "}\nx", "line 16" },
		{ "list around", "{\n", "[{\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_cover got;
		struct sr_err err;
		char text[2048];

		print_message("case: %s\n", cases[i].why);
		replace(cases[i].from, cases[i].to, text, sizeof(text));
		assert_int_equal(sr_cover_decode(bytes_of(text), &got, &err), SR_CORRUPT);
		assert_non_null(strstr(err.text, "cover.json: "));
		if (!strstr(err.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
	}
}

static void a_long_organ_fits_up_to_its_field(void **state)
{
	struct sr_cover cover = example();
	struct sr_cover got;
	struct sr_err err;

	(void)state;
	memset(cover.organ, 'x', 255);
	for (size_t length = 255; length <= 256; length++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		char organ[512] = { 0 };
		char text[2048];

		memset(organ, 'x', length);
		replace("某市医疗保障局", organ, text, sizeof(text));
		assert_int_equal(sr_cover_decode(bytes_of(text), &got, &err),
		                 length == 255 ? SR_OK : SR_CORRUPT);
	}
}

static void a_cover_that_could_not_be_read_is_not_written(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_cover cover = example();
	struct sr_err err;

	(void)state;
	cover.sealed_at_ns += 1;
	assert_int_equal(sr_cover_encode(&cover, &out, &err), SR_INVALID);
	cover = example();
	cover.organ[0] = (char)0xff;
	assert_int_equal(sr_cover_encode(&cover, &out, &err), SR_INVALID);
	cover = example();
	cover.has_previous = false;
	assert_int_equal(sr_cover_encode(&cover, &out, &err), SR_INVALID);
	assert_int_equal(out.size, 0);
}

static void a_first_permanent_part_has_neither_previous_nor_end(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_cover cover = example();
	struct sr_cover got;
	const char *text;
	struct sr_err err;

	(void)state;
	cover.part = 1;
	cover.has_previous = false;
	cover.retention_until[0] = 0;
	snprintf(cover.retention, sizeof(cover.retention), "permanent");
	snprintf(cover.classification, sizeof(cover.classification), "none");
	assert_ok(sr_cover_encode(&cover, &out, &err));
	assert_ok(sr_buf_text(&out, &text, &err));
	assert_non_null(strstr(text, "\"previous_seal\": null"));
	assert_non_null(strstr(text, "\"retention_until\": null"));
	assert_ok(sr_cover_decode(bytes_of(text), &got, &err));
	assert_false(got.has_previous);
	assert_string_equal(got.retention_until, "");
}

static void every_truncation_of_a_cover_is_corrupt(void **state)
{
	struct sr_cover got;
	struct sr_err err;

	(void)state;
	/* Without its last newline it is still the same JSON. */
	for (size_t size = 0; size < strlen(part_two) - 1; size++)
		assert_int_equal(
			sr_cover_decode((struct sr_bytes){ (const uint8_t *)part_two, size }, &got, &err),
			SR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cover_is_written_as_the_format_says),
		cmocka_unit_test(a_cover_is_read_back_field_by_field),
		cmocka_unit_test(a_changed_cover_is_refused_with_the_reason),
		cmocka_unit_test(a_long_organ_fits_up_to_its_field),
		cmocka_unit_test(a_cover_that_could_not_be_read_is_not_written),
		cmocka_unit_test(a_first_permanent_part_has_neither_previous_nor_end),
		cmocka_unit_test(every_truncation_of_a_cover_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
