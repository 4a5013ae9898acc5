/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs that must fail: another bit, another shape, another place. */
#include "tests/unit/ledger/merkle_reference.h"

static struct lab many;

static int setup(void **state)
{
	(void)state;
	lab_open(&many, LAB_ORIGIN);
	reference_grow(&many);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_close(&many);
	return 0;
}

static bool includes(unsigned m, unsigned n, const struct sr_proof *proof, const struct sr_digest *root)
{
	struct sr_err err;
	enum sr_status status = sr_merkle_verify_inclusion(&leaves[m % MOST], m, n, proof, root, &err);

	assert_true(status == SR_OK || status == SR_TAMPERED);
	return status == SR_OK;
}

static bool extends(unsigned m, const struct sr_digest *old_root, unsigned n, const struct sr_digest *root,
                    const struct sr_proof *proof)
{
	struct sr_err err;
	enum sr_status status = sr_merkle_verify_consistency(m, old_root, n, root, proof, &err);

	assert_true(status == SR_OK || status == SR_TAMPERED);
	return status == SR_OK;
}

static void no_inclusion_proof_with_a_flipped_bit_passes(void **state)
{
	static const unsigned sizes[] = { 1, 2, 3, 7, 8, 13, 64, 70 };
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		struct sr_digest root = mth(leaves, sizes[i]);

		for (unsigned m = 0; m < sizes[i]; m++) {
			assert_ok(sr_merkle_inclusion(&many.store, m, sizes[i], &proof, &err));
			uint8_t *bytes = proof.hashes[0].bytes;
			for (size_t bit = 0; bit < 8 * proof.count * SR_DIGEST_BYTES; bit++) {
				bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
				assert_false(includes(m, sizes[i], &proof, &root));
				bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			}
			for (unsigned bit = 0; bit < 256; bit++) {
				root.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
				assert_false(includes(m, sizes[i], &proof, &root));
				root.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			}
		}
	}
}

/* A hash more at either end, one less at either end, none, two exchanged. */
static void no_inclusion_proof_of_another_shape_passes(void **state)
{
	struct sr_proof proof, other;
	struct sr_err err;

	(void)state;
	for (unsigned n = 1; n <= MOST; n++) {
		struct sr_digest root = mth(leaves, n);

		for (unsigned m = 0; m < n; m++) {
			assert_ok(sr_merkle_inclusion(&many.store, m, n, &proof, &err));
			other = proof;
			other.hashes[other.count++] = root;
			assert_false(includes(m, n, &other, &root));
			memmove(other.hashes + 1, proof.hashes, proof.count * sizeof(proof.hashes[0]));
			assert_false(includes(m, n, &other, &root));
			if (proof.count == 0)
				continue;
			other = proof;
			other.count--;
			assert_false(includes(m, n, &other, &root));
			memmove(other.hashes, proof.hashes + 1, other.count * sizeof(proof.hashes[0]));
			assert_false(includes(m, n, &other, &root));
			other.count = 0;
			assert_false(includes(m, n, &other, &root));
			if (proof.count < 2)
				continue;
			other = proof;
			other.hashes[0] = proof.hashes[1];
			other.hashes[1] = proof.hashes[0];
			assert_false(includes(m, n, &other, &root));
		}
	}
}

static void no_inclusion_proof_passes_for_another_index(void **state)
{
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	for (unsigned n = 1; n <= 20; n++) {
		struct sr_digest root = mth(leaves, n);

		for (unsigned m = 0; m < n; m++) {
			assert_ok(sr_merkle_inclusion(&many.store, m, n, &proof, &err));
			for (unsigned wrong = 0; wrong < 2 * n; wrong++)
				if (wrong != m)
					assert_false(includes(wrong, n, &proof, &root));
			/* the entry itself, said to be elsewhere */
			for (unsigned wrong = 0; wrong < 2 * n; wrong++)
				if (wrong != m)
					assert_int_equal(sr_merkle_verify_inclusion(&leaves[m], wrong, n,
					                                            &proof, &root, &err),
					                 SR_TAMPERED);
		}
	}
	assert_int_equal(sr_merkle_verify_inclusion(&leaves[0], 0, 0, &proof, &leaves[0], &err), SR_TAMPERED);
	proof.count = 0;
	assert_int_equal(
		sr_merkle_verify_inclusion(&leaves[0], UINT64_MAX, UINT64_MAX, &proof, &leaves[0], &err),
		SR_TAMPERED);
	proof.count = SR_PROOF_HASHES + 1;
	assert_int_equal(sr_merkle_verify_inclusion(&leaves[0], 0, 1, &proof, &leaves[0], &err), SR_TAMPERED);
}

/* The root fixes the size only together with the proof's shape, so a wrong size need not fail always;
 * it must where the shape differs, and an index beyond the size always. */
static void a_size_that_gives_the_proof_another_shape_is_refused(void **state)
{
	struct sr_proof proof, shape;
	struct sr_err err;

	(void)state;
	for (unsigned n = 1; n <= 40; n++) {
		struct sr_digest root = mth(leaves, n);

		for (unsigned m = 0; m < n; m++) {
			assert_ok(sr_merkle_inclusion(&many.store, m, n, &proof, &err));
			for (unsigned wrong = 0; wrong <= MOST; wrong++) {
				shape.count = SIZE_MAX;
				if (m < wrong)
					assert_ok(sr_merkle_inclusion(&many.store, m, wrong, &shape, &err));
				if (shape.count != proof.count)
					assert_false(includes(m, wrong, &proof, &root));
			}
		}
	}
}

static void no_consistency_proof_with_a_flipped_bit_passes(void **state)
{
	static const struct {
		unsigned m, n;
	} cases[] = { { 1, 2 },  { 1, 8 },   { 6, 8 },   { 7, 8 },  { 3, 7 },
		      { 8, 13 }, { 63, 70 }, { 64, 70 }, { 70, 70 } };
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_digest old_root = mth(leaves, cases[i].m), root = mth(leaves, cases[i].n);

		assert_ok(sr_merkle_consistency(&many.store, cases[i].m, cases[i].n, &proof, &err));
		for (size_t bit = 0; bit < 8 * (proof.count + 2) * SR_DIGEST_BYTES; bit++) {
			size_t hash = bit / 256;
			struct sr_digest *at = hash < proof.count    ? &proof.hashes[hash]
			                       : hash == proof.count ? &root
			                                             : &old_root;

			at->bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
			assert_false(extends(cases[i].m, &old_root, cases[i].n, &root, &proof));
			at->bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
		}
		assert_true(extends(cases[i].m, &old_root, cases[i].n, &root, &proof));
	}
}

static void no_consistency_proof_of_another_shape_passes(void **state)
{
	struct sr_proof proof, other;
	struct sr_err err;

	(void)state;
	for (unsigned n = 1; n <= MOST; n++) {
		struct sr_digest root = mth(leaves, n);

		for (unsigned m = 1; m <= n; m++) {
			struct sr_digest old_root = mth(leaves, m);

			assert_ok(sr_merkle_consistency(&many.store, m, n, &proof, &err));
			other = proof;
			other.hashes[other.count++] = root;
			assert_false(extends(m, &old_root, n, &root, &other));
			memmove(other.hashes + 1, proof.hashes, proof.count * sizeof(proof.hashes[0]));
			other.hashes[0] = old_root;
			assert_false(extends(m, &old_root, n, &root, &other));
			if (proof.count == 0)
				continue;
			other = proof;
			other.count--;
			assert_false(extends(m, &old_root, n, &root, &other));
			memmove(other.hashes, proof.hashes + 1, other.count * sizeof(proof.hashes[0]));
			assert_false(extends(m, &old_root, n, &root, &other));
			other.count = 0;
			assert_false(extends(m, &old_root, n, &root, &other));
			assert_false(extends(n, &old_root, m, &root, &proof));
			assert_false(extends(n, &root, n, &root, &proof));
		}
	}
}

static void an_old_tree_of_nothing_or_of_more_is_refused(void **state)
{
	struct sr_proof proof = { .count = 0 };
	struct sr_digest out;
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_merkle_verify_consistency(0, &leaves[0], 1, &leaves[0], &proof, &err),
	                 SR_INVALID);
	assert_int_equal(sr_merkle_verify_consistency(2, &leaves[0], 1, &leaves[0], &proof, &err),
	                 SR_TAMPERED);
	assert_int_equal(sr_merkle_verify_consistency(1, &leaves[0], 0, &leaves[0], &proof, &err),
	                 SR_TAMPERED);
	assert_int_equal(sr_merkle_consistency(&many.store, 0, 5, &proof, &err), SR_INVALID);
	assert_int_equal(sr_merkle_consistency(&many.store, 6, 5, &proof, &err), SR_INVALID);
	assert_int_equal(sr_merkle_inclusion(&many.store, 5, 5, &proof, &err), SR_INVALID);
	assert_int_equal(sr_merkle_inclusion(&many.store, 0, 0, &proof, &err), SR_INVALID);
	assert_int_equal(sr_merkle_root(&many.store, SR_MERKLE_LEAVES + 1, &out, &err), SR_INVALID);
	assert_int_equal(sr_merkle_append(&many.store, SR_MERKLE_LEAVES, &leaves[0], &err), SR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_inclusion_proof_with_a_flipped_bit_passes),
		cmocka_unit_test(no_inclusion_proof_of_another_shape_passes),
		cmocka_unit_test(no_inclusion_proof_passes_for_another_index),
		cmocka_unit_test(a_size_that_gives_the_proof_another_shape_is_refused),
		cmocka_unit_test(no_consistency_proof_with_a_flipped_bit_passes),
		cmocka_unit_test(no_consistency_proof_of_another_shape_passes),
		cmocka_unit_test(an_old_tree_of_nothing_or_of_more_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
