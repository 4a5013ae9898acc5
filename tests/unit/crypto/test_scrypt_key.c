/* SPDX-License-Identifier: Apache-2.0 */
/* Keys under one passphrase cost one scrypt a process, and each is a file that stands for itself. */
#include "tests/unit/crypto/pki_lab.h"

#include <dlfcn.h>

#include <openssl/evp.h>

#include "appliance/crypto/scrypt_key.h"

static struct folder folder;
static unsigned derivations;

/* In the place of OpenSSL's: counted, and passed on. */
int EVP_PBE_scrypt(const char *pass, size_t passlen, const unsigned char *salt, size_t saltlen, uint64_t N,
                   uint64_t r, uint64_t p, uint64_t maxmem, unsigned char *key, size_t keylen)
{
	int (*real)(const char *, size_t, const unsigned char *, size_t, uint64_t, uint64_t, uint64_t,
	            uint64_t, unsigned char *, size_t);

	*(void **)&real = dlsym(RTLD_NEXT, "EVP_PBE_scrypt");
	derivations += key != NULL; /* without one it checks the cost */
	return real(pass, passlen, salt, saltlen, N, r, p, maxmem, key, keylen);
}

static int setup(void **state)
{
	(void)state;
	folder_open(&folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_close(&folder);
	return 0;
}

static void write_four(const char *passphrase, const char *kind)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = secret_of(passphrase);
	struct sr_err err;
	char name[32];

	for (int i = 0; i < 4; i++) {
		SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;

		snprintf(name, sizeof(name), "%s%d.key", kind, i);
		assert_ok(sr_key_generate(SR_KEY_ED25519, &key, &err));
		assert_ok(sr_key_write(key, folder.fd, name, secret, &err));
	}
}

static enum sr_status read_one(const char *name, const char *passphrase)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = secret_of(passphrase);
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	struct sr_err err;

	return sr_key_read(folder.fd, name, secret, &key, &err);
}

static void four_keys_cost_one_derivation(void **state)
{
	char name[32];

	(void)state;
	derivations = 0;
	write_four("the first of them", "a");
	assert_int_equal(derivations, 1);
	/* Old and new by turns, as at a change of the passphrase. */
	write_four("the second of them", "b");
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "%c%d.key", "ab"[i % 2], i / 2);
		assert_int_equal(read_one(name, i % 2 ? "the second of them" : "the first of them"), SR_OK);
	}
	assert_int_equal(derivations, 2);
}

static void they_share_a_salt_and_nothing_else(void **state)
{
	(void)state;
	folder_must(&folder,
	            "for k in a0 a1 a2 a3; do openssl asn1parse -in $k.key | sed -n 's/.*HEX DUMP\\]://p' "
	            ">$k.parts; [ $(wc -l <$k.parts) = 3 ] || exit 1; done");
	folder_must(&folder, "[ $(sed -sn 1p a?.parts | sort -u | wc -l) = 1 ]"); /* salt */
	folder_must(&folder, "[ $(sed -sn 2p a?.parts | sort -u | wc -l) = 4 ]"); /* initialisation vector */
	folder_must(&folder, "[ $(sed -sn 3p a?.parts | sort -u | wc -l) = 4 ]"); /* key */
	folder_must(&folder, "for k in b0; do openssl asn1parse -in $k.key | sed -n 's/.*HEX DUMP\\]://p' "
	                     ">$k.parts; done; "
	                     "[ $(sed -sn 1p a0.parts b0.parts | sort -u | wc -l) = 2 ]");
	folder_must(
		&folder,
		"for k in a0 a1 a2 a3; do openssl pkey -in $k.key -passin 'pass:the first of them' -noout || "
		"exit 1; done");
}

static void a_wrong_passphrase_opens_nothing_meanwhile(void **state)
{
	static const char *const wrong[] = { "the first of the", "the first of them!", "The first of them",
		                             "x" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(wrong); i++) {
		assert_int_equal(read_one("a0.key", "the first of them"), SR_OK);
		assert_int_equal(read_one("a1.key", wrong[i]), SR_DENIED);
		assert_int_equal(read_one("b1.key", "the first of them"), SR_DENIED);
	}
}

/* A file by others, with a salt of its own; costs that would take more memory than there should be. */
static void files_by_others_are_opened(void **state)
{
	(void)state;
	folder_must(&folder,
	            "openssl genpkey -algorithm ED25519 | openssl pkcs8 -topk8 -v2 aes-256-cbc -scrypt "
	            "-passout 'pass:the first of them' -out theirs && chmod 600 theirs");
	assert_int_equal(read_one("theirs", "the first of them"), SR_OK);
	assert_int_equal(read_one("theirs", "the second of them"), SR_DENIED);
	folder_must(&folder,
	            "openssl genpkey -algorithm ED25519 | openssl pkcs8 -topk8 -v2 aes-128-cbc -scrypt "
	            "-passout 'pass:the first of them' -out other && chmod 600 other");
	assert_int_equal(read_one("other", "the first of them"), SR_OK);
	folder_must(
		&folder,
		"openssl pkcs8 -topk8 -v2 aes-256-cbc -scrypt -scrypt_N 1024 -in theirs -passin "
		"'pass:the first of them' -passout 'pass:the first of them' -out cheap && chmod 600 cheap");
	assert_int_equal(read_one("cheap", "the first of them"), SR_OK);
}

static void a_cost_out_of_bounds_is_refused(void **state)
{
	const struct sr_scrypt_cost dear = { .n = 1u << 20, .r = 8, .p = 1 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = secret_of("the first of them");
	uint8_t salt[SR_SCRYPT_SALT_BYTES] = { 0 }, key[SR_SCRYPT_KEY_BYTES];
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_scrypt_key(secret, (struct sr_bytes){ salt, sizeof(salt) }, &dear, key, &err),
	                 SR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_keys_cost_one_derivation),
		cmocka_unit_test(they_share_a_salt_and_nothing_else),
		cmocka_unit_test(a_wrong_passphrase_opens_nothing_meanwhile),
		cmocka_unit_test(files_by_others_are_opened),
		cmocka_unit_test(a_cost_out_of_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
