/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/crypto/sha512.h"

/* FIPS 180-4 examples (NIST, SHA512.pdf); the empty text by sha512sum. */
static const struct {
	const char *text, *hex;
} cases[] = {
	{ "", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
	{ "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
	  "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
	  "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909" },
};

static void digests_agree_with_the_standard_in_any_pieces(void **state)
{
	SR_CLEANUP(sr_hasher512_freep) struct sr_hasher512 *hasher = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_hasher512_new(&hasher, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		size_t size = strlen(cases[i].text);

		for (size_t cut = 0; cut <= size; cut++) {
			struct sr_sha512 digest;
			char hex[2 * SR_SHA512_BYTES + 1];

			assert_ok(sr_hasher512_add(hasher, cases[i].text, cut, &err));
			assert_ok(sr_hasher512_add(hasher, cases[i].text + cut, size - cut, &err));
			assert_ok(sr_hasher512_finish(hasher, &digest, &err));
			sr_hex_encode(digest.bytes, sizeof(digest.bytes), hex);
			assert_string_equal(hex, cases[i].hex);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_agree_with_the_standard_in_any_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
