/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of our own: what verifies, and that nothing else does. */
#include "tests/unit/crypto/pki_lab.h"

#include "appliance/crypto/cms.h"

static struct lab lab;

static int setup(void **state)
{
	(void)state;
	lab_open(&lab);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_close(&lab);
	return 0;
}

static void sign(struct sr_bytes content, struct sr_buf *out)
{
	struct sr_err err;

	assert_ok(sr_cms_sign(lab.seal_key, lab.seal, lab.roots, content, LAB_NOW_NS, out, &err));
}

static enum sr_status verify(struct sr_bytes signature, struct sr_bytes content)
{
	struct sr_err err;

	return sr_cms_verify(signature, content, lab.roots, lab.chain, LAB_NOW_NS, NULL, &err);
}

static bool is_refusal(enum sr_status status)
{
	return status == SR_CORRUPT || status == SR_TAMPERED || status == SR_LIMIT;
}

static const uint8_t hundred[100] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void refuse_flip(struct sr_buf *signature, struct sr_bytes content, size_t bit)
{
	signature->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	enum sr_status status = verify(sr_buf_bytes(signature), content);

	if (!is_refusal(status))
		print_message("content of %zu bytes: bit %zu of byte %zu of %zu passes\n", content.size,
		              bit % 8, bit / 8, signature->size);
	assert_true(is_refusal(status));
	signature->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
}

static void every_flipped_bit_of_a_signature_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	const struct sr_bytes content = { .data = hundred, .size = sizeof(hundred) };

	(void)state;
	sign(content, &signature);
	for (size_t bit = 0; bit < 8 * signature.size; bit++)
		refuse_flip(&signature, content, bit);
	assert_int_equal(verify(sr_buf_bytes(&signature), content), SR_OK);
}

static void content_of_every_small_size_is_covered(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(hundred); size++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
		const struct sr_bytes content = { .data = hundred, .size = size };

		sign(content, &signature);
		assert_int_equal(verify(sr_buf_bytes(&signature), content), SR_OK);
		/* One byte more is other content; other bits of the signature at every size. */
		assert_int_equal(verify(sr_buf_bytes(&signature), (struct sr_bytes){ hundred, size + 1 }),
		                 SR_TAMPERED);
		for (size_t bit = size; bit < 8 * signature.size; bit += 499)
			refuse_flip(&signature, content, bit);
	}
}

static void every_flipped_bit_of_the_content_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	uint8_t content[100] = { 0 };
	const struct sr_bytes bytes = { .data = content, .size = sizeof(content) };

	(void)state;
	sign(bytes, &signature);
	for (size_t bit = 0; bit < 8 * sizeof(content); bit++) {
		content[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(verify(sr_buf_bytes(&signature), bytes), SR_TAMPERED);
		content[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_int_equal(verify(sr_buf_bytes(&signature), bytes), SR_OK);
}

static void every_truncation_and_every_byte_behind_is_corrupt(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	struct sr_bytes content = lab_bytes("content");
	struct sr_err err;

	(void)state;
	sign(content, &signature);
	for (size_t size = 0; size < signature.size; size++)
		assert_int_equal(verify((struct sr_bytes){ signature.data, size }, content), SR_CORRUPT);
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t behind = (uint8_t)byte;

		assert_ok(sr_buf_add(&signature, &behind, 1, &err));
		assert_int_equal(verify(sr_buf_bytes(&signature), content), SR_CORRUPT);
		signature.size--;
	}
	assert_int_equal(verify(sr_buf_bytes(&signature), content), SR_OK);
}

static void a_signature_too_large_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zeros = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_buf_reserve(&zeros, 65537, &err));
	memset(zeros.data, 0, 65537);
	zeros.size = 65537;
	assert_int_equal(verify(sr_buf_bytes(&zeros), lab_bytes("content")), SR_LIMIT);
}

static void a_key_that_is_not_the_certificates_does_not_sign(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_cms_sign(lab.stamp_key, lab.seal, NULL, lab_bytes("x"), LAB_NOW_NS, &out, &err),
	                 SR_INVALID);
	assert_int_equal(out.size, 0);
}

static void the_certificates_must_be_valid_as_of_the_time(void **state)
{
	static const struct {
		const char *why;
		int64_t at_ns;
		enum sr_status status;
	} cases[] = {
		{ "first second", LAB_BEGIN_NS, SR_OK },
		{ "a second before", LAB_BEGIN_NS - SR_SECOND_NS, SR_TAMPERED },
		{ "last second of five years", LAB_BEGIN_NS + (5 * 365 + 1) * LAB_DAY_NS - SR_SECOND_NS,
		  SR_OK },
		{ "a second later", LAB_BEGIN_NS + (5 * 365 + 1) * LAB_DAY_NS + SR_SECOND_NS, SR_TAMPERED },
		{ "in 1970", 0, SR_TAMPERED },
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	struct sr_bytes content = lab_bytes("content");

	(void)state;
	sign(content, &signature);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_cms_verify(sr_buf_bytes(&signature), content, lab.roots, lab.chain,
		                               cases[i].at_ns, NULL, &err),
		                 cases[i].status);
	}
}

static void another_authority_of_the_same_name_is_not_trusted(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	struct sr_bytes content = lab_bytes("content");
	struct sr_err err;
	struct lab other;

	(void)state;
	lab_open(&other); /* the very same names, other keys */
	assert_ok(
		sr_cms_sign(other.seal_key, other.seal, other.roots, content, LAB_NOW_NS, &signature, &err));
	struct sr_bytes bytes = sr_buf_bytes(&signature);
	assert_ok(sr_cms_verify(bytes, content, other.roots, other.chain, LAB_NOW_NS, NULL, &err));
	assert_int_equal(verify(bytes, content), SR_TAMPERED);
	/* Neither with its own certificates and lists beside it. */
	assert_int_equal(sr_cms_verify(bytes, content, lab.roots, other.chain, LAB_NOW_NS, NULL, &err),
	                 SR_TAMPERED);
	/* And ours still verifies with the other's certificates in the way. */
	SR_CLEANUP(sr_buf_dispose) struct sr_buf ours = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	SR_CLEANUP(sr_certs_freep) struct sr_certs *both = NULL;
	sign(content, &ours);
	assert_ok(sr_certs_to_pem(other.chain, &pem, &err));
	assert_ok(sr_certs_to_pem(lab.chain, &pem, &err));
	assert_ok(sr_certs_from_pem(sr_buf_bytes(&pem), &both, &err));
	assert_ok(sr_cms_verify(sr_buf_bytes(&ours), content, lab.roots, both, LAB_NOW_NS, NULL, &err));
	lab_close(&other);
}

static void a_chain_without_revocation_list_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	SR_CLEANUP(sr_certs_freep) struct sr_certs *bare = NULL;
	struct sr_bytes content = lab_bytes("content");
	struct sr_err err;

	(void)state;
	sign(content, &signature);
	assert_ok(sr_certs_new(&bare, &err));
	assert_ok(sr_certs_add(bare, lab.root, &err));
	assert_int_equal(
		sr_cms_verify(sr_buf_bytes(&signature), content, lab.roots, bare, LAB_NOW_NS, NULL, &err),
		SR_TAMPERED);
	assert_int_equal(
		sr_cms_verify(sr_buf_bytes(&signature), content, lab.roots, NULL, LAB_NOW_NS, NULL, &err),
		SR_TAMPERED);
	/* A list from later than the time asked for says nothing about it. */
	assert_ok(sr_certs_add_empty_crl(bare, lab.root_key, lab.root, LAB_NOW_NS + SR_SECOND_NS, &err));
	assert_int_equal(
		sr_cms_verify(sr_buf_bytes(&signature), content, lab.roots, bare, LAB_NOW_NS, NULL, &err),
		SR_TAMPERED);
	assert_ok(sr_certs_add_empty_crl(bare, lab.root_key, lab.root, LAB_BEGIN_NS, &err));
	assert_ok(sr_cms_verify(sr_buf_bytes(&signature), content, lab.roots, bare, LAB_NOW_NS, NULL, &err));
}

static void only_a_certificate_for_seals_can_seal(void **state)
{
	const struct {
		const char *why;
		const struct sr_key *key;
		const struct sr_cert *cert;
	} cases[] = {
		{ "for encryption", lab.wrap_key, lab.wrap },
		{ "for encryption, escrow", lab.escrow_key, lab.escrow },
		{ "for time stamps", lab.stamp_key, lab.stamp },
		{ "the authority itself", lab.root_key, lab.root },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
		struct sr_bytes content = lab_bytes("content");
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_cms_sign(cases[i].key, cases[i].cert, NULL, content, LAB_NOW_NS, &signature,
		                      &err));
		assert_int_equal(verify(sr_buf_bytes(&signature), content), SR_TAMPERED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_of_a_signature_is_refused),
		cmocka_unit_test(content_of_every_small_size_is_covered),
		cmocka_unit_test(every_flipped_bit_of_the_content_is_refused),
		cmocka_unit_test(every_truncation_and_every_byte_behind_is_corrupt),
		cmocka_unit_test(a_signature_too_large_is_refused),
		cmocka_unit_test(a_key_that_is_not_the_certificates_does_not_sign),
		cmocka_unit_test(the_certificates_must_be_valid_as_of_the_time),
		cmocka_unit_test(another_authority_of_the_same_name_is_not_trusted),
		cmocka_unit_test(a_chain_without_revocation_list_is_refused),
		cmocka_unit_test(only_a_certificate_for_seals_can_seal),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
