/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <pthread.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/digest.h"

/* FIPS 180-4 examples of NIST; the empty text as sha256sum(1) says. */
static const struct {
	const char *text, *hex;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void a_digest_is_sha_256(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(vectors); i++) {
		struct sr_digest digest;
		char hex[SR_DIGEST_HEX];
		struct sr_err err;

		assert_ok(sr_digest_of(vectors[i].text, strlen(vectors[i].text), &digest, &err));
		sr_digest_to_hex(&digest, hex);
		assert_string_equal(hex, vectors[i].hex);
	}
}

static void a_hasher_starts_again_after_each_digest(void **state)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_hasher_new(&hasher, &err));
	for (size_t i = 0; i < SR_COUNT(vectors); i++) {
		struct sr_digest digest, want;

		for (const char *at = vectors[i].text; *at; at++)
			assert_ok(sr_hasher_add(hasher, at, 1, &err));
		assert_ok(sr_hasher_finish(hasher, &digest, &err));
		assert_true(sr_digest_from_hex(vectors[i].hex, &want));
		assert_true(sr_digest_equal(&digest, &want));
	}
}

/* A million times "a" (FIPS 180-4 examples). */
static void a_long_input_may_come_in_pieces_of_any_size(void **state)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	struct sr_digest digest, want;
	uint8_t piece[997];
	size_t left = 1000000;
	struct sr_err err;

	(void)state;
	memset(piece, 'a', sizeof(piece));
	assert_true(sr_digest_from_hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	                               &want));
	assert_ok(sr_hasher_new(&hasher, &err));
	while (left > 0) {
		size_t size = left < sizeof(piece) ? left : sizeof(piece);

		assert_ok(sr_hasher_add(hasher, piece, size, &err));
		left -= size;
	}
	assert_ok(sr_hasher_finish(hasher, &digest, &err));
	assert_true(sr_digest_equal(&digest, &want));
}

static void hex_of_a_digest_is_64_digits(void **state)
{
	static const struct {
		const char *why, *hex;
		bool good;
	} cases[] = {
		{ "capitals", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", true },
		{ "63 digits", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a", false },
		{ "65 digits", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0", false },
		{ "letter g", "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", false },
		{ "blank", " a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", false },
		{ "nothing", "", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_digest digest;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_digest_from_hex(cases[i].hex, &digest), cases[i].good);
	}
}

static void *hash_many(void *context)
{
	struct sr_digest want;
	struct sr_err err;
	bool *good = context;

	*good = sr_digest_from_hex(vectors[1].hex, &want);
	for (int i = 0; i < 200; i++) {
		struct sr_digest digest;

		*good = *good && sr_digest_of("abc", 3, &digest, &err) == SR_OK &&
		        sr_digest_equal(&digest, &want);
	}
	return NULL;
}

static void many_threads_hash_at_once(void **state)
{
	pthread_t threads[4];
	bool good[SR_COUNT(threads)];

	(void)state;
	for (size_t i = 0; i < SR_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_many, &good[i]), 0);
	for (size_t i = 0; i < SR_COUNT(threads); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(good[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_hash_at_once), /* first: the algorithms are fetched here */
		cmocka_unit_test(a_digest_is_sha_256),
		cmocka_unit_test(a_hasher_starts_again_after_each_digest),
		cmocka_unit_test(a_long_input_may_come_in_pieces_of_any_size),
		cmocka_unit_test(hex_of_a_digest_is_64_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
