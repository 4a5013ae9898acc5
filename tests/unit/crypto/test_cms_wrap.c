/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapped keys: who can open them, and that a changed one opens for nobody. */
#include "tests/unit/crypto/pki_lab.h"

#include "appliance/crypto/cms.h"

static const char identity[] = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\n";

static struct lab lab;
static struct folder folder;
static struct sr_secret *plain;

static int setup(void **state)
{
	struct sr_err err;

	(void)state;
	lab_open(&lab);
	folder_open(&folder);
	assert_ok(sr_secret_new(sizeof(identity) - 1, &plain, &err));
	memcpy(plain->data, identity, plain->size);
	assert_ok(sr_key_write(lab.wrap_key, folder.fd, "wrap.key", NULL, &err));
	folder_put_cert(&folder, "wrap.pem", lab.wrap);
	folder_put_cert(&folder, "seal.pem", lab.seal);
	folder_put(&folder, "identity", lab_bytes(identity));
	/* A custodian's RSA key and certificate, made elsewhere. */
	folder_must(&folder,
	            "umask 077 && printf '[req]\\ndistinguished_name=dn\\n[dn]\\n' > conf && "
	            "openssl req -x509 -config conf -newkey rsa:3072 -nodes -keyout rsa.key -out rsa.pem "
	            "-subj /CN=custodian -days 99 -addext keyUsage=critical,keyEncipherment "
	            "-addext subjectKeyIdentifier=hash");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sr_secret_free(plain);
	folder_close(&folder);
	lab_close(&lab);
	return 0;
}

static void wrap(const struct sr_cert *first, const struct sr_cert *second, struct sr_buf *out)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *recipients = NULL;
	struct sr_err err;

	assert_ok(sr_certs_new(&recipients, &err));
	assert_ok(sr_certs_add(recipients, first, &err));
	if (second)
		assert_ok(sr_certs_add(recipients, second, &err));
	assert_ok(sr_cms_wrap(recipients, plain, out, &err));
}

/* What opens must be the right thing: an unwrap never gives other bytes. */
static enum sr_status unwrap(struct sr_bytes der, const struct sr_key *key, const struct sr_cert *cert)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *back = NULL;
	struct sr_err err;
	enum sr_status status = sr_cms_unwrap(der, key, cert, &back, &err);

	if (status != SR_OK) {
		assert_null(back);
		return status;
	}
	assert_int_equal(back->size, plain->size);
	assert_memory_equal(back->data, plain->data, plain->size);
	return SR_OK;
}

static void each_recipient_opens_it_and_nobody_else(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };
	const struct {
		const char *why;
		const struct sr_key *key;
		const struct sr_cert *cert;
		enum sr_status status;
	} cases[] = {
		{ "first", lab.wrap_key, lab.wrap, SR_OK },
		{ "second", lab.escrow_key, lab.escrow, SR_OK },
		{ "first, without certificate", lab.wrap_key, NULL, SR_OK },
		{ "second, without certificate", lab.escrow_key, NULL, SR_OK },
		{ "a stranger", lab.seal_key, lab.seal, SR_DENIED },
		{ "a stranger without certificate", lab.seal_key, NULL, SR_DENIED },
		{ "a stranger with a recipient's certificate", lab.seal_key, lab.wrap, SR_DENIED },
		{ "a recipient with another's certificate", lab.wrap_key, lab.escrow, SR_DENIED },
	};

	(void)state;
	wrap(lab.wrap, lab.escrow, &der);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(unwrap(sr_buf_bytes(&der), cases[i].key, cases[i].cert), cases[i].status);
	}
}

static void an_rsa_custodian_opens_it_here_and_with_openssl(void **state)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *custodian = NULL;
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };
	struct sr_err err;

	(void)state;
	folder_get_certs(&folder, "rsa.pem", &custodian);
	assert_ok(sr_key_read(folder.fd, "rsa.key", NULL, &key, &err));
	wrap(lab.wrap, sr_certs_at(custodian, 0), &der);
	assert_int_equal(unwrap(sr_buf_bytes(&der), key, sr_certs_at(custodian, 0)), SR_OK);
	assert_int_equal(unwrap(sr_buf_bytes(&der), key, NULL), SR_OK);
	assert_int_equal(unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap), SR_OK);
	assert_int_equal(unwrap(sr_buf_bytes(&der), lab.escrow_key, NULL), SR_DENIED);

	folder_put(&folder, "x.p7m", sr_buf_bytes(&der));
	folder_must(&folder, "openssl cms -decrypt -binary -inform DER -in x.p7m -inkey rsa.key -out a");
	folder_must(&folder, "openssl cms -decrypt -binary -inform DER -in x.p7m -inkey wrap.key -out b");
	folder_must(&folder,
	            "openssl cms -decrypt -binary -inform DER -in x.p7m -inkey wrap.key -recip wrap.pem "
	            "-out c");
	folder_must(&folder, "cmp a identity && cmp b identity && cmp c identity");
}

static void what_openssl_wraps_opens_when_it_is_as_strict_as_ours(void **state)
{
	static const struct {
		const char *why, *arguments;
		enum sr_status status;
	} cases[] = {
		{ "as ours", "-aes-256-gcm -keyid -recip wrap.pem -keyopt ecdh_kdf_md:sha256", SR_OK },
		{ "CBC", "-aes-256-cbc -keyid -recip wrap.pem -keyopt ecdh_kdf_md:sha256", SR_CORRUPT },
		{ "AES-128", "-aes-128-gcm -keyid -recip wrap.pem -keyopt ecdh_kdf_md:sha256", SR_CORRUPT },
		{ "KDF with SHA-1", "-aes-256-gcm -keyid -recip wrap.pem", SR_CORRUPT },
		{ "KDF with SHA-512", "-aes-256-gcm -keyid -recip wrap.pem -keyopt ecdh_kdf_md:sha512",
		  SR_CORRUPT },
		{ "recipient by issuer and serial", "-aes-256-gcm -recip wrap.pem -keyopt ecdh_kdf_md:sha256",
		  SR_CORRUPT },
		{ "RSA with PKCS #1 v1.5 beside it",
		  "-aes-256-gcm -keyid -recip rsa.pem -recip wrap.pem -keyopt ecdh_kdf_md:sha256",
		  SR_CORRUPT },
		{ "RSA with OAEP over SHA-1 beside it",
		  "-aes-256-gcm -keyid -recip rsa.pem -keyopt rsa_padding_mode:oaep -recip wrap.pem "
		  "-keyopt ecdh_kdf_md:sha256",
		  SR_CORRUPT },
		{ "RSA with OAEP over SHA-256 beside it",
		  "-aes-256-gcm -keyid -recip rsa.pem -keyopt rsa_padding_mode:oaep -keyopt "
		  "rsa_oaep_md:sha256 "
		  "-keyopt rsa_mgf1_md:sha256 -recip wrap.pem -keyopt ecdh_kdf_md:sha256",
		  SR_OK },
		{ "a recipient by shared key beside it",
		  "-aes-256-gcm -secretkey 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
		  "-secretkeyid 01 -keyid -recip wrap.pem -keyopt ecdh_kdf_md:sha256",
		  SR_CORRUPT },
		{ "in BER of indefinite length",
		  "-stream -aes-256-gcm -keyid -recip wrap.pem -keyopt ecdh_kdf_md:sha256", SR_CORRUPT },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };
		char command[1024];

		print_message("case: %s\n", cases[i].why);
		snprintf(command, sizeof(command),
		         "openssl cms -encrypt -binary -in identity -outform DER -out x.p7m %s",
		         cases[i].arguments);
		folder_must(&folder, command);
		folder_get(&folder, "x.p7m", &der);
		assert_int_equal(unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap), cases[i].status);
	}
}

/* One recipient: there is no bit that may be turned. */
static void every_flipped_bit_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };

	(void)state;
	wrap(lab.wrap, NULL, &der);
	for (size_t bit = 0; bit < 8 * der.size; bit++) {
		der.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		enum sr_status status = unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap);

		if (status != SR_CORRUPT && status != SR_TAMPERED && status != SR_DENIED)
			print_message("%s: bit %zu of byte %zu of %zu\n", sr_status_name(status), bit % 8,
			              bit / 8, der.size);
		assert_true(status == SR_CORRUPT || status == SR_TAMPERED || status == SR_DENIED);
		der.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_int_equal(unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap), SR_OK);
}

/* Two recipients: what is changed in one's entry only that one can see; each bit stops one at least. */
static void every_flipped_bit_is_refused_by_a_recipient(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };

	(void)state;
	wrap(lab.wrap, lab.escrow, &der);
	for (size_t bit = 0; bit < 8 * der.size; bit++) {
		der.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		bool both = unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap) == SR_OK &&
		            unwrap(sr_buf_bytes(&der), lab.escrow_key, lab.escrow) == SR_OK;

		if (both)
			print_message("bit %zu of byte %zu of %zu\n", bit % 8, bit / 8, der.size);
		assert_false(both);
		der.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
}

static void every_truncation_and_every_byte_behind_is_corrupt(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };
	struct sr_err err;

	(void)state;
	wrap(lab.wrap, lab.escrow, &der);
	for (size_t size = 0; size < der.size; size++)
		assert_int_equal(unwrap((struct sr_bytes){ der.data, size }, lab.wrap_key, lab.wrap),
		                 SR_CORRUPT);
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t behind = (uint8_t)byte;

		assert_ok(sr_buf_add(&der, &behind, 1, &err));
		assert_int_equal(unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap), SR_CORRUPT);
		der.size--;
	}
}

static void a_certificate_that_is_not_for_encryption_is_no_recipient(void **state)
{
	static const struct {
		const char *why, *arguments;
		enum sr_status status;
	} made[] = {
		{ "RSA for signatures", "-newkey rsa:3072 -addext keyUsage=digitalSignature", SR_INVALID },
		{ "RSA for agreement", "-newkey rsa:3072 -addext keyUsage=keyAgreement", SR_INVALID },
		{ "no key usage", "-newkey rsa:3072", SR_INVALID },
		{ "RSA of 2048 bits", "-newkey rsa:2048 -addext keyUsage=keyEncipherment", SR_INVALID },
		{ "EC for encipherment",
		  "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -addext keyUsage=keyEncipherment",
		  SR_INVALID },
		{ "a curve that we do not know",
		  "-newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -addext keyUsage=keyAgreement",
		  SR_INVALID },
		{ "Ed25519", "-newkey ed25519 -addext keyUsage=keyAgreement", SR_INVALID },
		{ "P-384", "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -addext keyUsage=keyAgreement",
		  SR_OK },
	};
	const struct sr_cert *ours[] = { lab.seal, lab.stamp, lab.root };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(ours); i++) {
		SR_CLEANUP(sr_certs_freep) struct sr_certs *recipients = NULL;

		assert_ok(sr_certs_new(&recipients, &err));
		assert_ok(sr_certs_add(recipients, ours[i], &err));
		assert_int_equal(sr_cms_wrap(recipients, plain, &out, &err), SR_INVALID);
	}
	for (size_t i = 0; i < SR_COUNT(made); i++) {
		SR_CLEANUP(sr_certs_freep) struct sr_certs *recipients = NULL;
		char command[512];

		print_message("case: %s\n", made[i].why);
		snprintf(command, sizeof(command),
		         "openssl req -x509 -config conf -nodes -keyout c.key -out c.pem -subj /CN=c -days 9 "
		         "-addext subjectKeyIdentifier=hash %s",
		         made[i].arguments);
		folder_must(&folder, command);
		folder_get_certs(&folder, "c.pem", &recipients);
		assert_int_equal(sr_cms_wrap(recipients, plain, &out, &err), made[i].status);
	}
}

static void a_wrap_needs_recipients_and_a_bounded_key(void **state)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *recipients = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *large = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_certs_new(&recipients, &err));
	assert_int_equal(sr_cms_wrap(recipients, plain, &out, &err), SR_INVALID);
	assert_ok(sr_certs_add(recipients, lab.wrap, &err));
	assert_ok(sr_secret_new(65537, &large, &err));
	assert_int_equal(sr_cms_wrap(recipients, large, &out, &err), SR_LIMIT);
	assert_int_equal(out.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_recipient_opens_it_and_nobody_else),
		cmocka_unit_test(an_rsa_custodian_opens_it_here_and_with_openssl),
		cmocka_unit_test(what_openssl_wraps_opens_when_it_is_as_strict_as_ours),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_flipped_bit_is_refused_by_a_recipient),
		cmocka_unit_test(every_truncation_and_every_byte_behind_is_corrupt),
		cmocka_unit_test(a_certificate_that_is_not_for_encryption_is_no_recipient),
		cmocka_unit_test(a_wrap_needs_recipients_and_a_bounded_key),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
