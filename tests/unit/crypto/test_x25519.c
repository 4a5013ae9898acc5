/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 against RFC 7748 and OpenSSL's.  Shares of low order: test_age_header. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/crypto/x25519.h"

struct number {
	uint8_t bytes[SR_X25519_BYTES];
};

static struct number from_hex(const char *hex)
{
	struct number number;

	assert_true(sr_hex_decode(hex, strlen(hex), true, number.bytes, sizeof(number.bytes)));
	return number;
}

static void assert_hex(const uint8_t bytes[SR_X25519_BYTES], const char *hex)
{
	const struct number want = from_hex(hex);

	assert_memory_equal(bytes, want.bytes, sizeof(want.bytes));
}

/* Section 5.2. */
static void products_agree_with_the_rfc(void **state)
{
	static const struct {
		const char *scalar, *u, *result;
	} cases[] = {
		{ "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
		  "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
		  "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552" },
		/* with the top bit of u set, which counts for nothing */
		{ "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
		  "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
		  "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		const struct number scalar = from_hex(cases[i].scalar), u = from_hex(cases[i].u);
		uint8_t out[SR_X25519_BYTES];
		struct sr_err err;

		assert_ok(sr_x25519_shared(scalar.bytes, u.bytes, out, &err));
		assert_hex(out, cases[i].result);
	}
}

/* Section 6.1. */
static void alice_and_bob_agree(void **state)
{
	const struct number alice =
		from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
	const struct number bob =
		from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
	uint8_t alices[SR_X25519_BYTES], bobs[SR_X25519_BYTES], out[SR_X25519_BYTES];
	struct sr_err err;

	(void)state;
	assert_ok(sr_x25519_public(alice.bytes, alices, &err));
	assert_hex(alices, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	assert_ok(sr_x25519_public(bob.bytes, bobs, &err));
	assert_hex(bobs, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
	assert_ok(sr_x25519_shared(alice.bytes, bobs, out, &err));
	assert_hex(out, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	assert_ok(sr_x25519_shared(bob.bytes, alices, out, &err));
	assert_hex(out, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

static void openssl_finds_the_same(void **state)
{
	uint8_t secret[SR_X25519_BYTES], peer[SR_X25519_BYTES], ours[SR_X25519_BYTES],
		theirs[SR_X25519_BYTES];
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_ok(sr_random_fill(secret, sizeof(secret), &err));
		assert_ok(sr_random_fill(peer, sizeof(peer), &err));
		EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, sizeof(secret));
		EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, sizeof(peer));
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
		size_t size = sizeof(theirs);

		assert_ok(sr_x25519_public(secret, ours, &err));
		assert_int_equal(EVP_PKEY_get_raw_public_key(own, theirs, &size), 1);
		assert_memory_equal(ours, theirs, sizeof(ours));
		assert_ok(sr_x25519_shared(secret, peer, ours, &err));
		assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
		assert_int_equal(EVP_PKEY_derive_set_peer(ctx, other), 1);
		assert_int_equal(EVP_PKEY_derive(ctx, theirs, &size), 1);
		assert_memory_equal(ours, theirs, sizeof(ours));
		EVP_PKEY_CTX_free(ctx);
		EVP_PKEY_free(other);
		EVP_PKEY_free(own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products_agree_with_the_rfc),
		cmocka_unit_test(alice_and_bob_agree),
		cmocka_unit_test(openssl_finds_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
