/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, case records and packed terms: what is written is read again, and nothing else is. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/case_record.h"
#include "appliance/index/pack.h"
#include "appliance/index/terms.h"

static struct sr_bytes text(const char *string)
{
	return (struct sr_bytes){ .data = (const uint8_t *)string, .size = strlen(string) };
}

static void expect_text(struct sr_bytes got, const char *want)
{
	assert_int_equal(got.size, strlen(want));
	assert_memory_equal(got.data, want, got.size);
}

/* --- numbers ------------------------------------------------------------------------------------ */

/* Bytes by the definition of LEB128 and of zigzag. */
static void numbers_have_one_form(void **state)
{
	static const struct {
		const char *why;
		uint8_t bytes[11];
		size_t size;
		bool good;
		uint64_t value;
	} cases[] = {
		{ "zero", { 0 }, 1, true, 0 },
		{ "127", { 0x7f }, 1, true, 127 },
		{ "128", { 0x80, 0x01 }, 2, true, 128 },
		{ "624485", { 0xe5, 0x8e, 0x26 }, 3, true, 624485 },
		{ "the highest",
		  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 },
		  10,
		  true,
		  UINT64_MAX },
		{ "over 64 bits",
		  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 },
		  10,
		  false,
		  0 },
		{ "eleven bytes",
		  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0 },
		  11,
		  false,
		  0 },
		{ "longer than it need be", { 0x80, 0x00 }, 2, false, 0 },
		{ "cut off", { 0x80 }, 1, false, 0 },
		{ "nothing", { 0 }, 0, false, 0 },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		struct sr_cursor c = { .next = cases[i].bytes, .left = cases[i].size };

		print_message("case: %s\n", cases[i].why);
		uint64_t value = sr_unpack_number(&c);
		assert_int_equal(!c.bad && c.left == 0, cases[i].good);
		if (!cases[i].good)
			continue;
		assert_true(value == cases[i].value);
		assert_ok(sr_pack_number(&out, value, &err));
		assert_int_equal(out.size, cases[i].size);
		assert_memory_equal(out.data, cases[i].bytes, out.size);
	}
}

static void signed_numbers_come_back(void **state)
{
	static const int64_t values[] = { 0, -1, 1, -2, 63, -64, 64, INT64_MAX, INT64_MIN, INT64_MIN + 1 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(values); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };

		assert_ok(sr_pack_signed(&out, values[i], &err));
		struct sr_cursor c = { .next = out.data, .left = out.size };
		assert_true(sr_unpack_signed(&c) == values[i] && !c.bad && c.left == 0);
	}
}

/* Published test vectors of FNV-1a, 32 bits. */
static void the_checksum_is_fnv_1a(void **state)
{
	(void)state;
	assert_int_equal(sr_check32(SR_CHECK_SEED, "", 0), 0x811c9dc5u);
	assert_int_equal(sr_check32(SR_CHECK_SEED, "a", 1), 0xe40c292cu);
	assert_int_equal(sr_check32(SR_CHECK_SEED, "foobar", 6), 0xbf9cf968u);
}

/* --- case records --------------------------------------------------------------------------------- */

struct record_of {
	struct sr_buf parties;
	struct sr_buf parts;
	struct sr_case_record record;
};

static void record_dispose(struct record_of *of)
{
	sr_buf_dispose(&of->parties);
	sr_buf_dispose(&of->parts);
}

static void make_record(struct record_of *of)
{
	struct sr_case_part parts[] = {
		{ .number = 1,
		  .sealed_ns = 1747000000000000000,
		  .seal = { 1, 2, 3 },
		  .first_member = 1,
		  .member_count = 20,
		  .bytes = 123456,
		  .archive = text("2025/x-001.tar"),
		  .handler = text("zhang"),
		  .archivist = text("wang") },
		{ .number = 2,
		  .classes = SR_CLASS_PRIVACY,
		  .sealed_ns = 1757000000000000000,
		  .first_member = 21,
		  .member_count = 2,
		  .bytes = 1000,
		  .archive = text("2025/x-002.tar"),
		  .handler = text("li"),
		  .archivist = text("wang") },
	};
	struct sr_err err;

	*of = (struct record_of){ 0 };
	assert_ok(sr_case_pack_party(&of->parties, text("某药店"), &err));
	assert_ok(sr_case_pack_party(&of->parties, text("李某"), &err));
	assert_ok(sr_case_pack_part(&of->parts, &parts[0], &err));
	assert_ok(sr_case_pack_part(&of->parts, &parts[1], &err));
	of->record = (struct sr_case_record){
		.ordinal = 8697308774416,
		.classes = SR_CLASS_COMMERCIAL,
		.retention_years = 30,
		.retention_end_day = 31000,
		.started_ns = SR_NO_TIME,
		.closed_day = SR_NO_DAY,
		.listed_day = 20220,
		.sealed_ns = 1747000000000000000,
		.number = text("呼医保罚〔2025〕12号"),
		.title = text("某药店串换药品骗取医保基金案"),
		.organ = text("150100-YB"),
		.unit = text("基金监管科"),
		.category = text("penalty"),
		.procedure = text("ordinary"),
		.outcome = text("penalty"),
		.handler = text("zhang"),
		.member_count = 22,
		.bytes = 124456,
		.party_count = 2,
		.parties = sr_buf_bytes(&of->parties),
		.part_count = 2,
		.parts = sr_buf_bytes(&of->parts),
	};
	assert_true(sr_case_id_parse("0196c2a4-7b1c-7def-8123-456789abcdef", &of->record.id));
}

static void a_case_record_comes_back_whole(void **state)
{
	SR_CLEANUP(record_dispose) struct record_of of = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_case_record got;
	struct sr_case_part part;
	struct sr_bytes name;
	char id[SR_UUID_TEXT];
	struct sr_err err;

	(void)state;
	make_record(&of);
	assert_ok(sr_case_record_encode(&of.record, &value, &err));
	assert_ok(sr_case_record_decode(sr_buf_bytes(&value), &got, &err));
	sr_case_id_format(&got.id, id);
	assert_string_equal(id, "0196c2a4-7b1c-7def-8123-456789abcdef");
	assert_true(got.ordinal == of.record.ordinal && got.listed_day == 20220 &&
	            got.closed_day == SR_NO_DAY);
	assert_true(got.started_ns == SR_NO_TIME && got.classes == SR_CLASS_COMMERCIAL);
	expect_text(got.number, "呼医保罚〔2025〕12号");
	expect_text(got.title, "某药店串换药品骗取医保基金案");
	expect_text(got.handler, "zhang");
	struct sr_cursor parties = sr_case_walk(got.parties);
	assert_true(sr_case_party_next(&parties, &name));
	expect_text(name, "某药店");
	assert_true(sr_case_party_next(&parties, &name));
	expect_text(name, "李某");
	assert_false(sr_case_party_next(&parties, &name));
	struct sr_cursor parts = sr_case_walk(got.parts);
	assert_true(sr_case_part_next(&parts, &part));
	assert_int_equal(part.seal[1], 2);
	assert_true(sr_case_part_next(&parts, &part));
	assert_int_equal(part.first_member, 21);
	expect_text(part.archive, "2025/x-002.tar");
	assert_false(sr_case_part_next(&parts, &part));
}

static void every_flipped_bit_of_a_case_record_is_noticed(void **state)
{
	SR_CLEANUP(record_dispose) struct record_of of = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_case_record got;
	struct sr_err err;

	(void)state;
	make_record(&of);
	assert_ok(sr_case_record_encode(&of.record, &value, &err));
	for (size_t bit = 0; bit < 8 * value.size; bit++) {
		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(sr_case_record_decode(sr_buf_bytes(&value), &got, &err), SR_CORRUPT);
		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t size = 0; size < value.size; size++)
		assert_int_equal(sr_case_record_decode((struct sr_bytes){ value.data, size }, &got, &err),
		                 SR_CORRUPT);
}

/* The checksum made right again, so that the parser itself is asked. */
static void damage_behind_a_right_checksum_never_breaks_the_parser(void **state)
{
	SR_CLEANUP(record_dispose) struct record_of of = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_case_record got;
	struct sr_err err;
	size_t refused = 0;

	(void)state;
	make_record(&of);
	assert_ok(sr_case_record_encode(&of.record, &value, &err));
	for (size_t bit = 48; bit < 8 * value.size; bit++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf copy = { 0 };

		assert_ok(
			sr_buf_add(&copy, value.data, value.size, &err)); /* of its own, for the sanitizer */
		copy.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		uint32_t check = sr_check32(SR_CHECK_SEED, copy.data + 6, copy.size - 6);
		for (unsigned i = 0; i < 4; i++)
			copy.data[2 + i] = (uint8_t)(check >> 8 * i);
		refused += sr_case_record_decode(sr_buf_bytes(&copy), &got, &err) != SR_OK;
	}
	assert_true(refused > 0);
}

static void records_over_their_bounds_are_refused(void **state)
{
	char long_text[1100];
	struct sr_err err;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	for (unsigned i = 0; i < 9; i++) {
		SR_CLEANUP(record_dispose) struct record_of of = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };

		make_record(&of);
		switch (i) {
		case 0:
			of.record.number = (struct sr_bytes){ (const uint8_t *)long_text, 256 };
			break;
		case 1:
			of.record.title = (struct sr_bytes){ (const uint8_t *)long_text, 1025 };
			break;
		case 2:
			of.record.classes = 8;
			break;
		case 3:
			of.record.listed_day = SR_NO_DAY;
			break;
		case 4:
			of.record.member_count = 21;
			break;
		case 5:
			of.record.party_count = 1;
			break;
		case 6:
			of.record.title = (struct sr_bytes){ (const uint8_t *)"\xff", 1 };
			break;
		case 7:
			of.record.organ.size = 0;
			break;
		default:
			of.record.number = (struct sr_bytes){ (const uint8_t *)"a\0b", 3 };
			break;
		}
		print_message("case: %u\n", i);
		assert_int_equal(sr_case_record_encode(&of.record, &value, &err), SR_INVALID);
		assert_int_equal(value.size, 0);
	}
}

/* --- terms ---------------------------------------------------------------------------------------- */

static void every_flipped_bit_of_packed_terms_is_noticed(void **state)
{
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_bytes packed;
	struct sr_cursor walk;
	struct sr_err err;

	(void)state;
	assert_ok(sr_terms_new(SR_CLASS_PRIVACY, &terms, &err));
	assert_ok(sr_terms_add_text(terms, SR_CLASS_COMMERCIAL, text("某药店 GSP"), &err));
	assert_ok(sr_terms_pack(terms, &packed, &err));
	assert_ok(sr_buf_add(&value, packed.data, packed.size, &err));
	assert_ok(sr_terms_open(sr_buf_bytes(&value), &walk, &err));
	for (size_t bit = 0; bit < 8 * value.size; bit++) {
		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(sr_terms_open(sr_buf_bytes(&value), &walk, &err), SR_CORRUPT);
		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void terms_are_kept_once_and_under_their_classes(void **state)
{
	static const struct {
		uint8_t classes;
		const char *bytes;
	} want[] = {
		{ 1, "w某" }, { 1, "w某药" }, { 1, "w药" }, { 1, "wgsp" }, { 3, "w药" },
	};
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	struct sr_bytes packed;
	struct sr_cursor walk;
	struct sr_term term;
	struct sr_err err;

	(void)state;
	assert_ok(sr_terms_new(SR_CLASS_PRIVACY, &terms, &err));
	assert_ok(sr_terms_add_text(terms, 0, text("某药 GSP ｇｓｐ"), &err));
	assert_ok(sr_terms_add_text(terms, 0, text("药"), &err));
	assert_ok(sr_terms_add_text(terms, SR_CLASS_COMMERCIAL, text("药"), &err));
	assert_ok(sr_terms_pack(terms, &packed, &err));
	assert_ok(sr_terms_open(packed, &walk, &err));
	size_t seen = 0;
	while (sr_terms_next(&walk, &term)) {
		bool known = false;

		for (size_t i = 0; i < SR_COUNT(want); i++)
			known = known || (want[i].classes == term.classes &&
			                  strlen(want[i].bytes) == term.bytes.size &&
			                  memcmp(want[i].bytes, term.bytes.data, term.bytes.size) == 0);
		assert_true(known);
		seen++;
	}
	assert_false(walk.bad);
	assert_int_equal(seen, SR_COUNT(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_one_form),
		cmocka_unit_test(signed_numbers_come_back),
		cmocka_unit_test(the_checksum_is_fnv_1a),
		cmocka_unit_test(a_case_record_comes_back_whole),
		cmocka_unit_test(every_flipped_bit_of_a_case_record_is_noticed),
		cmocka_unit_test(damage_behind_a_right_checksum_never_breaks_the_parser),
		cmocka_unit_test(records_over_their_bounds_are_refused),
		cmocka_unit_test(every_flipped_bit_of_packed_terms_is_noticed),
		cmocka_unit_test(terms_are_kept_once_and_under_their_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
