/* SPDX-License-Identifier: Apache-2.0 */
/* Everything together as an archive uses it, and the openssl command line as second opinion. */
#include "tests/unit/crypto/pki_lab.h"

#include <pthread.h>

#include "appliance/crypto/cms.h"
#include "appliance/crypto/stamp.h"

static struct lab lab;
static struct folder folder;

static int setup(void **state)
{
	(void)state;
	lab_open(&lab);
	folder_open(&folder);
	folder_put_cert(&folder, "root.pem", lab.root);
	folder_put_certs(&folder, "chain.pem", lab.chain);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_close(&folder);
	lab_close(&lab);
	return 0;
}

static void make_seal(struct sr_bytes content, struct sr_buf *signature, struct sr_buf *stamp)
{
	struct sr_err err;
	const struct sr_stamper stamper = { .key = lab.stamp_key, .cert = lab.stamp, .chain = lab.roots };

	assert_ok(sr_cms_sign(lab.seal_key, lab.seal, lab.roots, content, LAB_NOW_NS, signature, &err));
	assert_ok(sr_stamp_make(&stamper, sr_buf_bytes(signature), LAB_NOW_NS, stamp, &err));
}

static void a_seal_verifies_here(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf stamp = { 0 };
	SR_CLEANUP(sr_cert_freep) struct sr_cert *signer = NULL;
	struct sr_bytes content = lab_bytes("content\nof two lines\n");
	struct sr_err err;
	int64_t time_ns, peeked_ns;

	(void)state;
	make_seal(content, &signature, &stamp);
	assert_ok(sr_cms_verify(sr_buf_bytes(&signature), content, lab.roots, lab.chain, LAB_NOW_NS, &signer,
	                        &err));
	assert_true(sr_key_matches(lab.seal_key, signer));
	assert_ok(sr_cms_verify(sr_buf_bytes(&signature), content, NULL, lab.chain, LAB_NOW_NS, NULL, &err));
	assert_ok(sr_stamp_verify(sr_buf_bytes(&stamp), sr_buf_bytes(&signature), lab.roots, lab.chain,
	                          &time_ns, &err));
	assert_ok(sr_stamp_peek(sr_buf_bytes(&stamp), &peeked_ns, &err));
	assert_true(time_ns == LAB_NOW_NS && peeked_ns == LAB_NOW_NS);
}

static void a_seal_verifies_with_the_openssl_command(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf stamp = { 0 };
	struct sr_bytes content = lab_bytes("content\nof two lines\n");

	(void)state;
	make_seal(content, &signature, &stamp);
	folder_put(&folder, "content", content);
	folder_put(&folder, "x.p7s", sr_buf_bytes(&signature));
	folder_put(&folder, "x.tsr", sr_buf_bytes(&stamp));
	folder_must(&folder, "openssl cms -verify -attime " LAB_NOW_TEXT
	                     " -cades -binary -inform DER -in x.p7s -content content "
	                     "-CAfile root.pem -certfile chain.pem -out /dev/null");
	folder_must(&folder, "openssl ts -verify -attime " LAB_NOW_TEXT
	                     " -data x.p7s -in x.tsr -CAfile root.pem -untrusted chain.pem");
	folder_must(&folder, "openssl verify -attime " LAB_NOW_TEXT
	                     " -crl_check_all -CAfile root.pem -CRLfile chain.pem "
	                     "-untrusted chain.pem chain.pem");
}

static void a_wrapped_key_opens_here_and_with_the_openssl_command(void **state)
{
	static const char identity[] = "AGE-SECRET-KEY-1EXAMPLE\n";
	SR_CLEANUP(sr_certs_freep) struct sr_certs *recipients = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *back = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf opened = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_certs_new(&recipients, &err));
	assert_ok(sr_certs_add(recipients, lab.wrap, &err));
	assert_ok(sr_certs_add(recipients, lab.escrow, &err));
	assert_ok(sr_secret_new(sizeof(identity) - 1, &plain, &err));
	memcpy(plain->data, identity, plain->size);
	assert_ok(sr_cms_wrap(recipients, plain, &der, &err));
	assert_ok(sr_cms_unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap, &back, &err));
	assert_int_equal(back->size, plain->size);
	assert_memory_equal(back->data, identity, back->size);

	folder_put(&folder, "identity.p7m", sr_buf_bytes(&der));
	assert_ok(sr_key_write(lab.escrow_key, folder.fd, "escrow.key", NULL, &err));
	folder_must(&folder, "openssl cms -decrypt -binary -inform DER -in identity.p7m -inkey escrow.key "
	                     "-out identity");
	folder_get(&folder, "identity", &opened);
	assert_int_equal(opened.size, sizeof(identity) - 1);
	assert_memory_equal(opened.data, identity, opened.size);
}

/* --- threads share keys and certificates ------------------------------------------------------------ */

#define THREADS 4
#define ROUNDS 20

/* cmocka's asserts belong to the main thread: a thread counts what went well. */
static void *seal_and_open(void *context)
{
	struct sr_bytes content = lab_bytes("shared");
	int *good = context;

	for (int i = 0; i < ROUNDS; i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf stamp = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };
		SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
		SR_CLEANUP(sr_secret_freep) struct sr_secret *back = NULL;
		SR_CLEANUP(sr_certs_freep) struct sr_certs *recipients = NULL;
		const struct sr_stamper stamper = { .key = lab.stamp_key, .cert = lab.stamp };
		int64_t time_ns;
		struct sr_err err;

		if (sr_cms_sign(lab.seal_key, lab.seal, lab.chain, content, LAB_NOW_NS, &signature, &err) ==
		            SR_OK &&
		    sr_cms_verify(sr_buf_bytes(&signature), content, lab.roots, lab.chain, LAB_NOW_NS, NULL,
		                  &err) == SR_OK &&
		    sr_stamp_make(&stamper, content, LAB_NOW_NS, &stamp, &err) == SR_OK &&
		    sr_stamp_verify(sr_buf_bytes(&stamp), content, lab.roots, lab.chain, &time_ns, &err) ==
		            SR_OK &&
		    sr_certs_new(&recipients, &err) == SR_OK &&
		    sr_certs_add(recipients, lab.wrap, &err) == SR_OK &&
		    sr_secret_new(8, &plain, &err) == SR_OK &&
		    sr_cms_wrap(recipients, plain, &der, &err) == SR_OK &&
		    sr_cms_unwrap(sr_buf_bytes(&der), lab.wrap_key, lab.wrap, &back, &err) == SR_OK)
			(*good)++;
	}
	return NULL;
}

static void threads_share_keys_and_certificates(void **state)
{
	pthread_t threads[THREADS];
	int good[THREADS] = { 0 };

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, seal_and_open, &good[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(good[i], ROUNDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seal_verifies_here),
		cmocka_unit_test(a_seal_verifies_with_the_openssl_command),
		cmocka_unit_test(a_wrapped_key_opens_here_and_with_the_openssl_command),
		cmocka_unit_test(threads_share_keys_and_certificates),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
