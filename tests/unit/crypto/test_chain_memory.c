/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of certificates changes no verdict. */
#include "tests/unit/crypto/pki_lab.h"

#include <pthread.h>

#include "appliance/crypto/chain_memory.h"
#include "appliance/crypto/cms.h"
#include "appliance/crypto/der.h"
#include "appliance/crypto/known_chain.h"
#include "appliance/crypto/stamp.h"

/* Every bit; where a sanitizer slows all down, every so many. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STEP 41u
#else
#define STEP 1u
#endif

static const char content_text[] = "content";
static struct lab lab;
static struct sr_certs *roots; /* of lab, from a PEM text as a verifier has them */
static struct sr_buf chain_pem, signature, stamp;

static void to_pem(const struct sr_certs *certs, struct sr_buf *out)
{
	struct sr_err err;

	out->size = 0;
	assert_ok(sr_certs_to_pem(certs, out, &err));
}

static int setup(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	(void)state;
	lab_open(&lab);
	to_pem(lab.roots, &pem);
	assert_ok(sr_certs_from_pem(sr_buf_bytes(&pem), &roots, &err));
	to_pem(lab.chain, &chain_pem);
	const struct sr_stamper stamper = { .key = lab.stamp_key, .cert = lab.stamp, .chain = lab.roots };
	assert_ok(sr_cms_sign(lab.seal_key, lab.seal, lab.roots, lab_bytes(content_text), LAB_NOW_NS,
	                      &signature, &err));
	assert_ok(sr_stamp_make(&stamper, sr_buf_bytes(&signature), LAB_NOW_NS, &stamp, &err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sr_buf_dispose(&chain_pem);
	sr_buf_dispose(&signature);
	sr_buf_dispose(&stamp);
	sr_certs_free(roots);
	lab_close(&lab);
	return 0;
}

/* As an archive's verification does it; @memory NULL: without one. */
static enum sr_status verify(struct sr_chain_memory *memory, const struct sr_certs *trusted,
                             const struct sr_buf *pem, const struct sr_buf *cms, int64_t at_ns)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *others = NULL;
	struct sr_err err = { 0 };

	assert_ok(sr_chain_memory_certs(memory, sr_buf_bytes(pem), &others, &err));
	return sr_cms_verify(sr_buf_bytes(cms), lab_bytes(content_text), trusted, others, at_ns, NULL, &err);
}

static enum sr_status verify_stamp(struct sr_chain_memory *memory, const struct sr_buf *response)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *others = NULL;
	struct sr_err err = { 0 };
	int64_t at_ns;

	assert_ok(sr_chain_memory_certs(memory, sr_buf_bytes(&chain_pem), &others, &err));
	return sr_stamp_verify(sr_buf_bytes(response), sr_buf_bytes(&signature), roots, others, &at_ns, &err);
}

/* Whether the chain of our signature is known to @memory. */
static bool is_known(struct sr_chain_memory *memory, const struct sr_buf *pem)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *others = NULL;
	SR_CLEANUP(sr_known_chain_dispose) struct sr_known_chain known = { 0 };
	struct sr_signed_data parts;
	struct sr_chain_key key;
	struct sr_err err;

	assert_ok(sr_chain_memory_certs(memory, sr_buf_bytes(pem), &others, &err));
	const struct sr_trust trust = { .roots = roots, .others = others, .use = SR_USE_SEAL };
	assert_ok(sr_signed_data_parse(sr_buf_bytes(&signature), SR_SIGNED_DETACHED, &parts, &err));
	assert_ok(sr_chain_key_of(&parts, &trust, &key, &err));
	return sr_known_chain_recall(&key, &known);
}

static void the_second_signature_finds_the_chain_of_the_first(void **state)
{
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf second = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_chain_memory_new(&memory, &err));
	assert_false(is_known(memory, &chain_pem));
	assert_int_equal(verify(memory, roots, &chain_pem, &signature, LAB_NOW_NS), SR_OK);
	assert_true(is_known(memory, &chain_pem));
	assert_ok(sr_cms_sign(lab.seal_key, lab.seal, lab.roots, lab_bytes(content_text),
	                      LAB_NOW_NS + LAB_DAY_NS, &second, &err));
	assert_int_equal(verify(memory, roots, &chain_pem, &second, LAB_NOW_NS + LAB_DAY_NS), SR_OK);
	assert_int_equal(verify_stamp(memory, &stamp), SR_OK);
	assert_int_equal(verify_stamp(memory, &stamp), SR_OK);
}

/* Every second around each end of the certificates' time, cold and warm. */
static void every_time_gets_the_same_answer(void **state)
{
	static const int64_t ends_s[] = { 0, 5 * 365 * SR_DAY_S, (5 * 365 + 1) * SR_DAY_S,
		                          (5 * 365 + 2) * SR_DAY_S, 20 * 365 * SR_DAY_S };
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	size_t good = 0, bad = 0;
	struct sr_err err;

	(void)state;
	assert_ok(sr_chain_memory_new(&memory, &err));
	assert_int_equal(verify(memory, roots, &chain_pem, &signature, LAB_NOW_NS), SR_OK);
	for (size_t i = 0; i < SR_COUNT(ends_s); i++)
		for (int64_t s = -3; s <= 3; s++) {
			int64_t at_ns = LAB_BEGIN_NS + (ends_s[i] + s) * SR_SECOND_NS;
			enum sr_status cold = verify(NULL, roots, &chain_pem, &signature, at_ns);

			assert_int_equal(verify(memory, roots, &chain_pem, &signature, at_ns), cold);
			assert_true(cold == SR_OK || cold == SR_TAMPERED);
			good += cold == SR_OK;
			bad += cold != SR_OK;
		}
	assert_true(good > 0 && bad > 0);
}

static void other_roots_and_other_lists_are_another_question(void **state)
{
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	SR_CLEANUP(sr_certs_freep) struct sr_certs *strange = NULL;
	SR_CLEANUP(sr_certs_freep) struct sr_certs *bare = NULL;
	struct lab other;
	struct sr_err err;

	(void)state;
	lab_open(&other);
	to_pem(other.roots, &pem);
	assert_ok(sr_certs_from_pem(sr_buf_bytes(&pem), &strange, &err));
	assert_ok(sr_chain_memory_new(&memory, &err));
	assert_int_equal(verify(memory, roots, &chain_pem, &signature, LAB_NOW_NS), SR_OK);
	assert_int_equal(verify(memory, strange, &chain_pem, &signature, LAB_NOW_NS), SR_TAMPERED);
	assert_int_equal(verify(memory, NULL, &chain_pem, &signature, LAB_NOW_NS), SR_OK);
	/* Without the list of the authority nothing is vouched for. */
	assert_ok(sr_certs_new(&bare, &err));
	assert_ok(sr_certs_add(bare, lab.root, &err));
	assert_ok(sr_certs_add(bare, lab.seal, &err));
	to_pem(bare, &pem);
	assert_int_equal(verify(memory, roots, &pem, &signature, LAB_NOW_NS), SR_TAMPERED);
	lab_close(&other);
}

/* Which of two lists counts depends on the time, so such a chain is verified each time. */
static void two_lists_of_one_authority_are_not_remembered(void **state)
{
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	SR_CLEANUP(sr_certs_freep) struct sr_certs *certs = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_certs_from_pem(sr_buf_bytes(&chain_pem), &certs, &err));
	assert_ok(sr_certs_add_empty_crl(certs, lab.root_key, lab.root, LAB_BEGIN_NS + LAB_DAY_NS, &err));
	to_pem(certs, &pem);
	assert_ok(sr_chain_memory_new(&memory, &err));
	assert_int_equal(verify(memory, roots, &pem, &signature, LAB_NOW_NS), SR_OK);
	assert_false(is_known(memory, &pem));
	assert_int_equal(verify(memory, roots, &pem, &signature, LAB_NOW_NS), SR_OK);
	/* Certificates that somebody added to have no text to be known by. */
	assert_int_equal(sr_cms_verify(sr_buf_bytes(&signature), lab_bytes(content_text), roots, certs,
	                               LAB_NOW_NS, NULL, &err),
	                 SR_OK);
}

/* No bit of signature, stamp or certificates passes because the right ones were seen before. */
static void a_flipped_bit_is_found_all_the_same(void **state)
{
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_chain_memory_new(&memory, &err));
	assert_int_equal(verify(memory, roots, &chain_pem, &signature, LAB_NOW_NS), SR_OK);
	assert_int_equal(verify_stamp(memory, &stamp), SR_OK);
	for (size_t bit = 0; bit < 8 * stamp.size; bit += STEP) {
		stamp.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_true(verify_stamp(memory, &stamp) != SR_OK);
		stamp.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t bit = 0; bit < 8 * signature.size; bit += STEP) {
		signature.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_true(verify(memory, roots, &chain_pem, &signature, LAB_NOW_NS) != SR_OK);
		signature.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_int_equal(verify(memory, roots, &chain_pem, &signature, LAB_NOW_NS), SR_OK);
}

/* Only so many are kept: a run over more keys than that is slower, and as right. */
static void the_oldest_give_way(void **state)
{
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_chain_memory_new(&memory, &err));
	for (unsigned i = 0; i < 100; i++) {
		pem.size = 0;
		for (unsigned line = 0; line < i; line++)
			assert_ok(sr_buf_add_text(&pem, "\n", &err));
		assert_ok(sr_buf_add(&pem, chain_pem.data, chain_pem.size, &err));
		assert_int_equal(verify(memory, roots, &pem, &signature, LAB_NOW_NS), SR_OK);
		assert_true(is_known(memory, &pem));
	}
	assert_false(is_known(memory, &chain_pem));
	assert_int_equal(verify(memory, roots, &chain_pem, &signature, LAB_NOW_NS), SR_OK);
	assert_true(is_known(memory, &chain_pem));
}

/* --- threads share a memory ------------------------------------------------------------------------- */

#define THREADS 4
#define ROUNDS 25

static void *verify_often(void *context)
{
	uintptr_t good = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		good += verify(context, roots, &chain_pem, &signature, LAB_NOW_NS) == SR_OK;
		good += verify_stamp(context, &stamp) == SR_OK;
	}
	return (void *)good; /* NOLINT(performance-no-int-to-ptr): a count */
}

static void threads_share_it(void **state)
{
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	pthread_t threads[THREADS];
	struct sr_err err;

	(void)state;
	assert_ok(sr_chain_memory_new(&memory, &err));
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, memory), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *good = NULL;

		pthread_join(threads[i], &good);
		assert_int_equal((uintptr_t)good, 2 * ROUNDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_signature_finds_the_chain_of_the_first),
		cmocka_unit_test(every_time_gets_the_same_answer),
		cmocka_unit_test(other_roots_and_other_lists_are_another_question),
		cmocka_unit_test(two_lists_of_one_authority_are_not_remembered),
		cmocka_unit_test(a_flipped_bit_is_found_all_the_same),
		cmocka_unit_test(the_oldest_give_way),
		cmocka_unit_test(threads_share_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
