/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/crypto/age_files.h"

#include "appliance/base/text.h"
#include "appliance/crypto/hkdf.h"
#include "appliance/crypto/x25519.h"

static const struct sr_age_seeds seeds = {
	.file_key = { 11, 22, 33, 44 },
	.nonce = { 5, 6, 7, 8 },
	.ephemeral = { 77, 88, 99 },
};

static void every_flipped_bit_of_a_file_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };

	(void)state;
	assert_int_equal(system("printf 'age made this' | age -r " TEST_RECIPIENT " -o small.age"), 0);
	read_file("small.age", &file);
	assert_int_equal(file.size, SR_AGE_HEAD_BYTES + 13 + 16);
	for (size_t bit = 0; bit < 8 * file.size; bit++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
		SR_CLEANUP(sr_secret_freep) struct sr_secret *out = NULL;
		struct sr_err err;

		file.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		enum sr_status status = sr_age_decrypt(identity, sr_buf_bytes(&file), 1024, &out, &err);
		if (bit / 8 >= SR_AGE_HEAD_BYTES - SR_AGE_NONCE_BYTES)
			assert_int_equal(status, SR_TAMPERED); /* nonce and payload */
		else
			assert_true(status == SR_CORRUPT || status == SR_DENIED || status == SR_TAMPERED);
		file.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
}

static void every_truncation_of_a_file_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);

	(void)state;
	assert_int_equal(system("printf 'age made this' | age -r " TEST_RECIPIENT " -o small.age"), 0);
	read_file("small.age", &file);
	for (size_t size = 0; size < file.size; size++) {
		/* From nowhere when empty: no pointer is followed then. */
		struct sr_bytes cut = { size > 0 ? file.data : NULL, size };
		SR_CLEANUP(sr_secret_freep) struct sr_secret *out = NULL;
		struct sr_err err;
		enum sr_status want = size < SR_AGE_HEAD_BYTES + 16 ? SR_CORRUPT : SR_TAMPERED;

		assert_int_equal(sr_age_decrypt(identity, cut, 1024, &out, &err), want);
	}
}

static void equal_seeds_give_equal_bytes(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf one = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf two = { 0 };
	struct sr_age_recipient recipients[2] = { load_recipient(TEST_RECIPIENT),
		                                  load_recipient(OTHER_RECIPIENT) };
	uint8_t key_one[SR_AGE_KEY_BYTES], key_two[SR_AGE_KEY_BYTES];
	struct sr_err err;

	(void)state;
	assert_ok(sr_age_head_make(recipients, 2, &seeds, &one, key_one, &err));
	assert_ok(sr_age_head_make(recipients, 2, &seeds, &two, key_two, &err));
	assert_int_equal(one.size, SR_AGE_HEAD_BYTES + 98);
	assert_int_equal(two.size, one.size);
	assert_memory_equal(one.data, two.data, one.size);
	assert_memory_equal(key_one, key_two, sizeof(key_one));
}

/* As age_header.h says: HKDF over the seed, salted with the recipient, the stanza's index in the label. */
static void each_stanza_has_an_ephemeral_key_of_its_own(void **state)
{
	static const uint8_t info[] = "strongroom ephemeral\1";
	SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf shares = { 0 };
	struct sr_age_recipient recipients[2] = { load_recipient(TEST_RECIPIENT),
		                                  load_recipient(OTHER_RECIPIENT) };
	uint8_t secret[32], payload_key[SR_AGE_KEY_BYTES];
	struct sr_err err;

	(void)state;
	assert_ok(sr_age_head_make(recipients, 2, &seeds, &head, payload_key, &err));
	assert_ok(sr_hkdf_sha256((struct sr_bytes){ seeds.ephemeral, 32 },
	                         (struct sr_bytes){ recipients[1].bytes, 32 },
	                         (struct sr_bytes){ info, sizeof(info) - 1 }, secret, &err));
	for (size_t i = 0; i < 2; i++) {
		uint8_t share[32];

		assert_ok(sr_x25519_public(i == 0 ? seeds.ephemeral : secret, share, &err));
		shares.size = 0;
		assert_ok(sr_base64_encode(SR_BASE64_RAW, share, sizeof(share), &shares, &err));
		assert_memory_equal(head.data + 32 + 98 * i, shares.data, shares.size);
	}
}

static void a_head_opens_for_each_of_its_recipients(void **state)
{
	static const char *const identities[] = { TEST_IDENTITY, OTHER_IDENTITY };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
	struct sr_age_recipient recipients[2] = { load_recipient(TEST_RECIPIENT),
		                                  load_recipient(OTHER_RECIPIENT) };
	uint8_t payload_key[SR_AGE_KEY_BYTES];
	struct sr_err err;

	(void)state;
	assert_ok(sr_age_head_make(recipients, 2, &seeds, &head, payload_key, &err));
	for (size_t i = 0; i < SR_COUNT(identities); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(identities[i]);
		uint8_t opened[SR_AGE_KEY_BYTES];
		size_t head_bytes;

		assert_ok(sr_age_head_open(head.data, head.size, identity, opened, &head_bytes, &err));
		assert_int_equal(head_bytes, head.size);
		assert_memory_equal(opened, payload_key, sizeof(opened));
	}
}

static void a_file_has_one_to_32_recipients(void **state)
{
	struct sr_age_recipient recipients[SR_LIMIT_AGE_STANZAS + 1];
	SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
	uint8_t payload_key[SR_AGE_KEY_BYTES];
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(recipients); i++)
		recipients[i] = load_recipient(TEST_RECIPIENT);
	assert_int_equal(sr_age_head_make(recipients, 0, &seeds, &head, payload_key, &err), SR_INVALID);
	assert_int_equal(sr_age_head_make(recipients, SR_COUNT(recipients), &seeds, &head, payload_key, &err),
	                 SR_INVALID);
	assert_int_equal(head.size, 0);
	assert_ok(sr_age_head_make(recipients, SR_LIMIT_AGE_STANZAS, &seeds, &head, payload_key, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_of_a_file_is_refused),
		cmocka_unit_test(every_truncation_of_a_file_is_refused),
		cmocka_unit_test(equal_seeds_give_equal_bytes),
		cmocka_unit_test(each_stanza_has_an_ephemeral_key_of_its_own),
		cmocka_unit_test(a_head_opens_for_each_of_its_recipients),
		cmocka_unit_test(a_file_has_one_to_32_recipients),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
