/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/crypto/bech32.h"

static enum sr_status decode(const char *text, struct sr_bech32 *out)
{
	struct sr_err err;

	return sr_bech32_decode(text, strlen(text), out, &err);
}

/* "Test vectors" of BIP 173; the data as bytes, by hand. */
static const struct {
	const char *text;
	const char *prefix;
	bool upper;
	const char *hex;
} valid[] = {
	{ "A12UEL5L", "a", true, "" },
	{ "a12uel5l", "a", false, "" },
	{ "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
	  "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio", false, "" },
	{ "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", false,
	  "00443214c74254b635cf84653a56d7c675be77df" },
	{ "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j", "1",
	  false,
	  "000000000000000000000000000000000000000000000000000000000000"
	  "000000000000000000000000000000000000000000" },
	{ "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split", false,
	  "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d" },
	{ "?1ezyfcl", "?", false, "" },
};

static void the_valid_vectors_of_bip_173_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(valid); i++) {
		struct sr_bech32 bech32;
		char hex[2 * SR_BECH32_DATA_MAX + 1];

		print_message("case: %s\n", valid[i].text);
		assert_int_equal(decode(valid[i].text, &bech32), SR_OK);
		assert_int_equal(bech32.prefix, strlen(valid[i].prefix));
		sr_hex_encode(bech32.data, bech32.size, hex);
		assert_string_equal(hex, valid[i].hex);
	}
}

static void the_valid_vectors_of_bip_173_encode(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(valid); i++) {
		uint8_t data[SR_BECH32_DATA_MAX];
		size_t size = strlen(valid[i].hex) / 2;
		char text[SR_BECH32_TEXT_MAX + 1];
		struct sr_err err;

		assert_true(sr_hex_decode(valid[i].hex, 2 * size, true, data, size));
		assert_ok(sr_bech32_encode(valid[i].prefix, valid[i].upper, data, size, text,
		                           strlen(valid[i].text) + 1, &err));
		assert_string_equal(text, valid[i].text);
		assert_int_equal(sr_bech32_encode(valid[i].prefix, valid[i].upper, data, size, text,
		                                  strlen(valid[i].text), &err),
		                 SR_LIMIT);
	}
}

static void what_bip_173_calls_invalid_is_refused(void **state)
{
	static const struct {
		const char *why, *text;
	} cases[] = {
		{ "blank in the prefix", "\x20"
		                         "1nwldj5" },
		{ "DEL in the prefix", "\x7f"
		                       "1axkwrx" },
		{ "byte 80 in the prefix", "\x80"
		                           "1eym55h" },
		{ "no separator", "pzry9x0s0muk" },
		{ "empty prefix", "1pzry9x0s0muk" },
		{ "character b in the data", "x1b4n0q5v" },
		{ "checksum too short", "li1dgmt3" },
		{ "foreign character in the checksum", "de1lg7wt\xff" },
		{ "checksum of the capitals", "A1G7SGD8" },
		{ "empty prefix, data", "10a06t8" },
		{ "empty prefix, no data", "1qzzfhee" },
		{ "mixed case", "A12uEL5L" },
		{ "mixed case of prefix and data", "A12uel5l" },
		{ "nothing", "" },
		{ "separator alone", "1" },
		{ "prefix alone", "age1" },
		/* Good checksums over data that are no bytes; made with the reference code of BIP 173. */
		{ "five padding bits", "a1q3g6mn3" },
		{ "seven padding bits", "a1qqqd87cpp" },
		{ "padding that is not zero", "a1qpamnt9j" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_bech32 bech32;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(decode(cases[i].text, &bech32), SR_CORRUPT);
	}
}

static void a_text_of_any_length_is_safe(void **state)
{
	char text[SR_BECH32_TEXT_MAX + 2];
	struct sr_bech32 bech32;
	struct sr_err err;

	(void)state;
	memset(text, 'q', sizeof(text));
	text[0] = 'a';
	text[1] = '1';
	for (size_t size = 0; size <= sizeof(text); size++)
		assert_int_equal(sr_bech32_decode(text, size, &bech32, &err), SR_CORRUPT);
}

/* The code finds every change of up to four characters (BIP 173). */
static void every_change_of_one_character_is_refused(void **state)
{
	static const char text[] = "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w";

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		for (int c = 0; c < 256; c++) {
			char changed[sizeof(text)];
			struct sr_bech32 bech32;
			struct sr_err err;

			memcpy(changed, text, sizeof(text));
			changed[i] = (char)c;
			if (changed[i] == text[i])
				continue;
			assert_int_equal(sr_bech32_decode(changed, sizeof(text) - 1, &bech32, &err),
			                 SR_CORRUPT);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_valid_vectors_of_bip_173_decode),
		cmocka_unit_test(the_valid_vectors_of_bip_173_encode),
		cmocka_unit_test(what_bip_173_calls_invalid_is_refused),
		cmocka_unit_test(a_text_of_any_length_is_safe),
		cmocka_unit_test(every_change_of_one_character_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
