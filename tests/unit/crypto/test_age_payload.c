/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/crypto/age_files.h"

#include <pthread.h>

static const uint8_t key[SR_AGE_KEY_BYTES] = { 1, 2, 3 };

/* C2SP age.md: chunks of 65536, tags of 16, the last chunk may be full, empty only if all is empty. */
static void sizes_follow_from_the_chunks(void **state)
{
	static const struct {
		uint64_t plain, chunks, payload;
	} cases[] = {
		{ 0, 1, 16 },
		{ 1, 1, 17 },
		{ 65535, 1, 65551 },
		{ 65536, 1, 65552 },
		{ 65537, 2, 65569 },
		{ 131072, 2, 131104 },
		{ 131073, 3, 131121 },
		{ 1ull << 40, 1ull << 24, (1ull << 40) + (1ull << 28) },
		{ UINT64_MAX, 1ull << 48, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		uint64_t plain;
		struct sr_err err;

		assert_true(sr_age_chunk_count(cases[i].plain) == cases[i].chunks);
		assert_true(sr_age_payload_bytes(cases[i].plain) == cases[i].payload);
		if (cases[i].plain == UINT64_MAX)
			continue;
		assert_ok(sr_age_plain_bytes(cases[i].payload, &plain, &err));
		assert_true(plain == cases[i].plain);
	}
}

static void sizes_that_no_payload_has_are_refused(void **state)
{
	static const uint64_t cases[] = { 0, 1, 15, 65553, 65568, 131105, 131120 };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		uint64_t plain;
		struct sr_err err;

		assert_int_equal(sr_age_plain_bytes(cases[i], &plain, &err), SR_CORRUPT);
	}
}

static void only_the_last_chunk_may_be_short_and_only_the_first_empty(void **state)
{
	static const struct {
		const char *why;
		uint64_t index;
		bool last;
		size_t size;
		bool good;
	} cases[] = {
		{ "empty file", 0, true, 0, true },
		{ "full chunk", 0, false, 65536, true },
		{ "full last chunk", 7, true, 65536, true },
		{ "one byte at the end", 7, true, 1, true },
		{ "short chunk in the middle", 0, false, 65535, false },
		{ "empty chunk in the middle", 0, false, 0, false },
		{ "empty last chunk", 1, true, 0, false },
		{ "too long", 0, true, 65537, false },
	};
	static uint8_t plain[SR_AGE_CHUNK_BYTES + 1], sealed[SR_AGE_SEALED_CHUNK_BYTES + 1];
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_age_cipher_new(key, &cipher, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		enum sr_status status = sr_age_chunk_seal(cipher, cases[i].index, cases[i].last, plain,
		                                          cases[i].size, sealed, &err);

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(status, cases[i].good ? SR_OK : SR_INVALID);
		status = sr_age_chunk_open(cipher, cases[i].index, cases[i].last, sealed, cases[i].size + 16,
		                           plain, &err);
		assert_int_equal(status, cases[i].good ? SR_OK : SR_CORRUPT);
	}
	for (size_t size = 0; size < SR_AGE_TAG_BYTES; size++)
		assert_int_equal(sr_age_chunk_open(cipher, 0, true, sealed, size, plain, &err), SR_CORRUPT);
}

static void a_chunk_opens_only_in_its_place(void **state)
{
	static const struct {
		const char *why;
		uint64_t index;
		bool last;
		enum sr_status want;
	} cases[] = {
		{ "its place", 5, true, SR_OK },
		{ "not as the last", 5, false, SR_TAMPERED },
		{ "one later", 6, true, SR_TAMPERED },
		{ "first", 0, true, SR_TAMPERED },
		{ "high byte of the counter", 5 | 1ull << 56, true, SR_TAMPERED },
	};
	static uint8_t plain[SR_AGE_CHUNK_BYTES], back[SR_AGE_CHUNK_BYTES], sealed[SR_AGE_SEALED_CHUNK_BYTES];
	static const uint8_t zeros[SR_AGE_CHUNK_BYTES];
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	struct sr_err err;

	(void)state;
	fill_pattern(plain, sizeof(plain));
	assert_ok(sr_age_cipher_new(key, &cipher, &err));
	assert_ok(sr_age_chunk_seal(cipher, 5, true, plain, sizeof(plain), sealed, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		memset(back, 0xaa, sizeof(back));
		assert_int_equal(sr_age_chunk_open(cipher, cases[i].index, cases[i].last, sealed,
		                                   sizeof(sealed), back, &err),
		                 cases[i].want);
		/* What fails its tag leaves nothing behind. */
		assert_memory_equal(back, cases[i].want == SR_OK ? plain : zeros, sizeof(back));
	}
}

static void every_flipped_bit_of_a_chunk_is_tampering(void **state)
{
	uint8_t plain[61], back[61], sealed[77];
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	struct sr_err err;

	(void)state;
	fill_pattern(plain, sizeof(plain));
	assert_ok(sr_age_cipher_new(key, &cipher, &err));
	assert_ok(sr_age_chunk_seal(cipher, 0, true, plain, sizeof(plain), sealed, &err));
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(sr_age_chunk_open(cipher, 0, true, sealed, sizeof(sealed), back, &err),
		                 SR_TAMPERED);
		sealed[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_ok(sr_age_chunk_open(cipher, 0, true, sealed, sizeof(sealed), back, &err));
	assert_memory_equal(back, plain, sizeof(plain));
}

static void a_cipher_takes_another_key(void **state)
{
	static const uint8_t other[SR_AGE_KEY_BYTES] = { 9 };
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *one = NULL;
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *two = NULL;
	uint8_t sealed[20], again[20], back[4];
	struct sr_err err;

	(void)state;
	assert_ok(sr_age_cipher_new(key, &one, &err));
	assert_ok(sr_age_cipher_new(other, &two, &err));
	assert_ok(sr_age_chunk_seal(two, 0, true, (const uint8_t *)"word", 4, sealed, &err));
	assert_int_equal(sr_age_chunk_open(one, 0, true, sealed, sizeof(sealed), back, &err), SR_TAMPERED);
	assert_ok(sr_age_cipher_rekey(one, other, &err));
	assert_ok(sr_age_chunk_open(one, 0, true, sealed, sizeof(sealed), back, &err));
	assert_memory_equal(back, "word", 4);
	assert_ok(sr_age_chunk_seal(one, 0, true, (const uint8_t *)"word", 4, again, &err));
	assert_memory_equal(again, sealed, sizeof(sealed));
}

struct work {
	bool good;
	uint64_t index;
	uint8_t sealed[SR_AGE_SEALED_CHUNK_BYTES];
};

static void *seal_and_open(void *context)
{
	struct work *work = context;
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	static const uint8_t plain[SR_AGE_CHUNK_BYTES];
	SR_CLEANUP(sr_secret_freep) struct sr_secret *back = NULL;
	struct sr_err err;

	work->good = sr_secret_new(SR_AGE_CHUNK_BYTES, &back, &err) == SR_OK &&
	             sr_age_cipher_new(key, &cipher, &err) == SR_OK;
	for (int i = 0; work->good && i < 20; i++)
		work->good = sr_age_chunk_seal(cipher, work->index, false, plain, sizeof(plain), work->sealed,
		                               &err) == SR_OK &&
		             sr_age_chunk_open(cipher, work->index, false, work->sealed, sizeof(work->sealed),
		                               back->data, &err) == SR_OK &&
		             memcmp(plain, back->data, sizeof(plain)) == 0;
	return NULL;
}

static void many_threads_seal_with_ciphers_of_their_own(void **state)
{
	static struct work work[4];
	pthread_t threads[SR_COUNT(work)];

	(void)state;
	for (size_t i = 0; i < SR_COUNT(work); i++) {
		work[i].index = i;
		assert_int_equal(pthread_create(&threads[i], NULL, seal_and_open, &work[i]), 0);
	}
	for (size_t i = 0; i < SR_COUNT(work); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(work[i].good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_seal_with_ciphers_of_their_own),
		cmocka_unit_test(sizes_follow_from_the_chunks),
		cmocka_unit_test(sizes_that_no_payload_has_are_refused),
		cmocka_unit_test(only_the_last_chunk_may_be_short_and_only_the_first_empty),
		cmocka_unit_test(a_chunk_opens_only_in_its_place),
		cmocka_unit_test(every_flipped_bit_of_a_chunk_is_tampering),
		cmocka_unit_test(a_cipher_takes_another_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
