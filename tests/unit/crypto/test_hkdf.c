/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/crypto/hkdf.h"

struct field {
	uint8_t bytes[128];
	size_t size;
};

static struct field from_hex(const char *hex)
{
	struct field field = { .size = strlen(hex) / 2 };

	assert_true(field.size <= sizeof(field.bytes));
	assert_true(sr_hex_decode(hex, 2 * field.size, true, field.bytes, field.size));
	return field;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
	struct field want = from_hex(hex);

	assert_memory_equal(bytes, want.bytes, want.size);
}

/* RFC 5869 appendix A; the first 32 bytes of each OKM, which do not depend on L. */
static void hkdf_agrees_with_the_rfc(void **state)
{
	static const struct {
		const char *why, *ikm, *salt, *info, *okm;
	} cases[] = {
		{ "A.1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
		  "f0f1f2f3f4f5f6f7f8f9",
		  "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf" },
		{ "A.3, no salt, no info", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
		  "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct field ikm = from_hex(cases[i].ikm);
		struct field salt = from_hex(cases[i].salt);
		struct field info = from_hex(cases[i].info);
		uint8_t out[32];
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_hkdf_sha256((struct sr_bytes){ ikm.bytes, ikm.size },
		                         (struct sr_bytes){ salt.bytes, salt.size },
		                         (struct sr_bytes){ info.bytes, info.size }, out, &err));
		assert_hex(out, cases[i].okm);
	}
}

/* RFC 4231 section 4.3. */
static void hmac_agrees_with_the_rfc(void **state)
{
	static const char data[] = "what do ya want for nothing?";
	uint8_t out[32];
	struct sr_err err;

	(void)state;
	assert_ok(sr_hmac_sha256((struct sr_bytes){ (const uint8_t *)"Jefe", 4 },
	                         (struct sr_bytes){ (const uint8_t *)data, sizeof(data) - 1 }, out, &err));
	assert_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hkdf_agrees_with_the_rfc),
		cmocka_unit_test(hmac_agrees_with_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
