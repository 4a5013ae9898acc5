/* SPDX-License-Identifier: Apache-2.0 */
/* Postings and the cutting of texts. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/fold.h"
#include "appliance/index/posting.h"

static struct sr_bytes text(const char *string)
{
	return (struct sr_bytes){ .data = (const uint8_t *)string, .size = strlen(string) };
}

static uint64_t chance_state = 12345;

static unsigned chance(unsigned below)
{
	chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(chance_state >> 33) % below;
}

/* Each place with the odds of @of in 10,000. */
static size_t choose_places(unsigned of, unsigned end, uint16_t *places)
{
	size_t count = 0;

	for (unsigned place = 0; place < end; place++) {
		if (chance(10000) < of)
			places[count++] = (uint16_t)place;
	}
	if (count == 0)
		places[count++] = (uint16_t)chance(end);
	return count;
}

/* Bytes worked out by hand from docs/INDEX.md. */
static void small_postings_have_the_documented_bytes(void **state)
{
	static const struct {
		const char *why;
		uint16_t places[9];
		size_t count;
		uint8_t bytes[8];
		size_t size;
	} cases[] = {
		{ "the first case", { 0 }, 1, { 0, 0 }, 2 },
		{ "one far away", { 300 }, 1, { 0, 0xac, 0x02 }, 3 },
		{ "the last case", { 65279 }, 1, { 0, 0xff, 0xfd, 0x03 }, 4 },
		{ "two", { 5, 7 }, 2, { 1, 0xa0 }, 2 },
		{ "all of eight are bits", { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, { 1, 0xff }, 2 },
		{ "as long either way are gaps", { 1, 9 }, 2, { 0, 1, 7 }, 3 },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_posting_encode(cases[i].places, cases[i].count, &value, &err));
		assert_int_equal(value.size, cases[i].size);
		assert_memory_equal(value.data, cases[i].bytes, value.size);
	}
}

static void postings_of_every_density_come_back_as_list_and_as_set(void **state)
{
	static const unsigned odds[] = { 0, 1, 20, 100, 600, 700, 1200, 1300, 5000, 9990, 10000 };
	static uint16_t places[SR_BLOCK_CASES];
	static uint16_t got[SR_BLOCK_CASES];
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(odds) * 4; i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
		SR_CLEANUP(sr_roaring_freep) roaring_bitmap_t *set = NULL;
		unsigned end = i % 4 == 0 ? SR_BLOCK_CASES : 1 + chance(SR_BLOCK_CASES);
		size_t count = choose_places(odds[i / 4], end, places);
		size_t got_count = 0;

		assert_ok(sr_posting_encode(places, count, &value, &err));
		assert_true(value.size <= SR_POSTING_BYTES);
		assert_ok(sr_posting_decode(sr_buf_bytes(&value), got, &got_count, &err));
		assert_int_equal(got_count, count);
		assert_memory_equal(got, places, count * sizeof(*places));
		assert_ok(sr_posting_set(sr_buf_bytes(&value), &set, &err));
		assert_int_equal(roaring_bitmap_get_cardinality(set), count);
		for (size_t n = 0; n < count; n++)
			assert_true(roaring_bitmap_contains(set, places[n]));
	}
}

static void malformed_postings_are_refused(void **state)
{
	static const struct {
		const char *why;
		uint8_t bytes[6];
		size_t size;
	} cases[] = {
		{ "nothing", { 0 }, 0 },
		{ "a tag alone", { 0 }, 1 },
		{ "unknown tag", { 2, 1 }, 2 },
		{ "gap cut off", { 0, 0x80 }, 2 },
		{ "gap longer than it need be", { 0, 0x80, 0x00 }, 3 },
		{ "gap of four bytes", { 0, 0x80, 0x80, 0x80, 0x01 }, 5 },
		{ "place behind the block", { 0, 0x80, 0xfe, 0x03 }, 4 },
		{ "sum behind the block", { 0, 0xff, 0xfd, 0x03, 0x00 }, 5 },
		{ "bits that end in none", { 1, 1, 0 }, 3 },
	};
	static uint8_t long_bits[SR_POSTING_BYTES + 1];
	static uint16_t places[SR_BLOCK_CASES];
	roaring_bitmap_t *set = NULL;
	size_t count = 0;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_bytes value = { cases[i].bytes, cases[i].size };

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_posting_decode(value, places, &count, &err), SR_CORRUPT);
		assert_int_equal(sr_posting_set(value, &set, &err), SR_CORRUPT);
	}
	memset(long_bits, 1, sizeof(long_bits));
	assert_ok(sr_posting_decode((struct sr_bytes){ long_bits, SR_POSTING_BYTES }, places, &count, &err));
	assert_int_equal(
		sr_posting_decode((struct sr_bytes){ long_bits, sizeof(long_bits) }, places, &count, &err),
		SR_CORRUPT);
}

/* Not every flip can be noticed here; each gives a posting or a refusal, the same for list and set. */
static void flipped_bits_of_postings_never_leave_the_block(void **state)
{
	static uint16_t places[SR_BLOCK_CASES];
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_posting_encode(places, choose_places(60, 20000, places), &value, &err));
	for (size_t bit = 0; bit < 8 * value.size; bit++) {
		SR_CLEANUP(sr_roaring_freep) roaring_bitmap_t *set = NULL;
		size_t count = 0;

		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		enum sr_status status = sr_posting_decode(sr_buf_bytes(&value), places, &count, &err);
		assert_int_equal(sr_posting_set(sr_buf_bytes(&value), &set, &err), status);
		if (status == SR_OK) {
			assert_int_equal(roaring_bitmap_get_cardinality(set), count);
			for (size_t i = 0; i < count; i++)
				assert_true(places[i] < SR_BLOCK_CASES &&
				            (i == 0 || places[i] > places[i - 1]));
		}
		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void ordinals_lead_to_their_block_and_back(void **state)
{
	static const uint64_t sequences[] = { 0, 1, 65279, 65280, 65281, 1000000, SR_YEAR_CASES - 1 };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(sequences); i++) {
		uint64_t ordinal = sr_ordinal_of(2025, sequences[i]);

		assert_int_equal(sr_ordinal_year(ordinal), 2025);
		assert_true(sr_ordinal_at(sr_ordinal_block(ordinal), sr_ordinal_place(ordinal)) == ordinal);
		assert_int_equal(sr_ordinal_block(ordinal) >> 16, 2025);
	}
	assert_true(sr_ordinal_block(sr_ordinal_of(2026, 0)) >
	            sr_ordinal_block(sr_ordinal_of(2025, SR_YEAR_CASES - 1)));
}

/* --- cutting -------------------------------------------------------------------------------------- */

static enum sr_status join(void *context, struct sr_bytes word, struct sr_err *err)
{
	SR_TRY(sr_buf_add(context, word.data, word.size, err));
	return sr_buf_add(context, "|", 1, err);
}

static void texts_are_cut_into_words_and_pairs(void **state)
{
	static const struct {
		const char *why, *text, *filed, *asked;
	} cases[] = {
		{ "pairs and single ones", "某药店", "某|某药|药|药店|店|", "某药|药店|" },
		{ "one character", "药", "药|", "药|" },
		{ "words in lower case", "GSP Icu-7", "gsp|icu|7|", "gsp|icu|7|" },
		{ "full-width forms", "ＧＳＰ１２", "gsp12|", "gsp12|" },
		{ "case number", "呼医〔2025〕12号", "呼|呼医|医|2025|12|号|", "呼医|2025|12|号|" },
		{ "letters end a run", "药A店", "药|a|店|", "药|a|店|" },
		{ "punctuation ends a run", "药，店", "药|店|", "药|店|" },
		{ "withheld names", "李××", "李|李×|×|××|×|", "李×|××|" },
		{ "beyond the first plane", "𠮷野", "𠮷|𠮷野|野|", "𠮷野|" },
		{ "no UTF-8", "a\xff药", "a|药|", "a|药|" },
		{ "Cyrillic and Mongolian", "Улан ᠮᠣᠩᠭᠣᠯ", "улан|ᠮᠣᠩᠭᠣᠯ|", "улан|ᠮᠣᠩᠭᠣᠯ|" },
		{ "a long word is cut", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffff",
		  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee|",
		  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee|" },
		{ "nothing", "", "", "" },
		{ "punctuation alone", "，。—— ()", "", "" },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf filed = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf asked = { 0 };
		const char *got;

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_cut(text(cases[i].text), false, join, &filed, &err));
		assert_ok(sr_cut(text(cases[i].text), true, join, &asked, &err));
		assert_ok(sr_buf_text(&filed, &got, &err));
		assert_string_equal(got, cases[i].filed);
		assert_ok(sr_buf_text(&asked, &got, &err));
		assert_string_equal(got, cases[i].asked);
	}
}

static void numbers_and_names_are_compared_folded(void **state)
{
	static const struct {
		const char *why, *text, *with_gaps, *without;
	} cases[] = {
		{ "brackets of any kind", "阳医保罚[2025]12号", "阳医保罚 2025 12号", "阳医保罚202512号" },
		{ "full width", "阳医保罚〔２０２５〕１２号", "阳医保罚 2025 12号", "阳医保罚202512号" },
		{ "blanks at the ends", "　某 药 店 ", "某 药 店", "某药店" },
		{ "nothing", "()", "", "" },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf a = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf b = { 0 };
		const char *got;

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_fold(text(cases[i].text), ' ', &a, &err));
		assert_ok(sr_fold(text(cases[i].text), 0, &b, &err));
		assert_ok(sr_buf_text(&a, &got, &err));
		assert_string_equal(got, cases[i].with_gaps);
		assert_ok(sr_buf_text(&b, &got, &err));
		assert_string_equal(got, cases[i].without);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_postings_have_the_documented_bytes),
		cmocka_unit_test(postings_of_every_density_come_back_as_list_and_as_set),
		cmocka_unit_test(malformed_postings_are_refused),
		cmocka_unit_test(flipped_bits_of_postings_never_leave_the_block),
		cmocka_unit_test(ordinals_lead_to_their_block_and_back),
		cmocka_unit_test(texts_are_cut_into_words_and_pairs),
		cmocka_unit_test(numbers_and_names_are_compared_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
