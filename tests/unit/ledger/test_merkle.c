/* SPDX-License-Identifier: Apache-2.0 */
/* Roots and proofs against published vectors and a reference written from RFC 6962's definitions. */
#include "tests/unit/ledger/merkle_reference.h"

/* The leaves of Certificate Transparency's reference tree. */
static const struct {
	const char *bytes;
	size_t size;
} ct_leaves[8] = {
	{ "", 0 },
	{ "\x00", 1 },
	{ "\x10", 1 },
	{ "\x20\x21", 2 },
	{ "\x30\x31", 2 },
	{ "\x40\x41\x42\x43", 4 },
	{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
};

/* Roots of its first n leaves as published with certificate-transparency (merkle_tree_test). */
static const char *const ct_roots[9] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static struct lab ct, many;

static inline void assert_proofs_equal(const struct sr_proof *a, const struct sr_proof *b)
{
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->hashes, b->hashes, a->count * sizeof(a->hashes[0]));
}

/* --- tests --------------------------------------------------------------------------------------- */

static int setup(void **state)
{
	(void)state;
	lab_open(&ct, LAB_ORIGIN);
	lab_open(&many, LAB_ORIGIN);
	for (unsigned i = 0; i < 8; i++)
		lab_add_bytes(&ct, ct_leaves[i].bytes, ct_leaves[i].size);
	reference_grow(&many);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_close(&ct);
	lab_close(&many);
	return 0;
}

static void roots_are_those_of_the_reference_tree(void **state)
{
	char hex[SR_DIGEST_HEX];
	struct sr_digest root;
	struct sr_err err;

	(void)state;
	for (unsigned n = 0; n <= 8; n++) {
		assert_ok(sr_merkle_root(&ct.store, n, &root, &err));
		sr_digest_to_hex(&root, hex);
		assert_string_equal(hex, ct_roots[n]);
	}
}

/* The proofs of RFC 9162's and certificate-transparency's tests for the same tree. */
static void proofs_are_those_of_the_reference_tree(void **state)
{
	static const struct {
		bool inclusion;
		uint64_t from, size;
		const char *hashes[4];
	} cases[] = {
		{ true, 0, 1, { 0 } },
		{ true,
		  0,
		  8,
		  { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ true,
		  5,
		  8,
		  { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ true, 2, 3, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
		{ false, 1, 1, { 0 } },
		{ false,
		  1,
		  8,
		  { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ false,
		  6,
		  8,
		  { "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ false,
		  2,
		  5,
		  { "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
	};
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		size_t count = 0;

		if (cases[i].inclusion)
			assert_ok(sr_merkle_inclusion(&ct.store, cases[i].from, cases[i].size, &proof, &err));
		else
			assert_ok(
				sr_merkle_consistency(&ct.store, cases[i].from, cases[i].size, &proof, &err));
		for (; count < 4 && cases[i].hashes[count]; count++) {
			char hex[SR_DIGEST_HEX];

			sr_digest_to_hex(&proof.hashes[count], hex);
			assert_string_equal(hex, cases[i].hashes[count]);
		}
		assert_int_equal(proof.count, count);
	}
}

static void every_inclusion_proof_is_the_reference_s(void **state)
{
	struct sr_digest root;
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	for (unsigned n = 1; n <= MOST; n++) {
		struct sr_digest expected = mth(leaves, n);

		assert_ok(sr_merkle_root(&many.store, n, &root, &err));
		assert_true(sr_digest_equal(&root, &expected));
		for (unsigned m = 0; m < n; m++) {
			struct sr_proof reference = { .count = 0 };

			path(m, leaves, n, &reference);
			assert_ok(sr_merkle_inclusion(&many.store, m, n, &proof, &err));
			assert_proofs_equal(&proof, &reference);
			assert_ok(sr_merkle_verify_inclusion(&leaves[m], m, n, &proof, &expected, &err));
		}
	}
}

static void every_consistency_proof_is_the_reference_s(void **state)
{
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	for (unsigned n = 1; n <= MOST; n++) {
		struct sr_digest root = mth(leaves, n);

		for (unsigned m = 1; m <= n; m++) {
			struct sr_digest old_root = mth(leaves, m);
			struct sr_proof reference = { .count = 0 };

			subproof(m, leaves, n, true, &reference);
			assert_ok(sr_merkle_consistency(&many.store, m, n, &proof, &err));
			assert_proofs_equal(&proof, &reference);
			assert_ok(sr_merkle_verify_consistency(m, &old_root, n, &root, &proof, &err));
		}
	}
}

/* Every subtree gives the same hash: then a tree of any size needs no storage. */
static enum sr_status get_same(void *context, unsigned level, uint64_t index, struct sr_digest *out,
                               struct sr_err *err)
{
	(void)err;
	assert_true(level < SR_MERKLE_LEVELS && index < SR_MERKLE_LEAVES >> level);
	*out = ((struct sr_digest *)context)[level];
	return SR_OK;
}

static void the_largest_tree_has_proofs(void **state)
{
	static struct sr_digest levels[SR_MERKLE_LEVELS];
	const struct sr_merkle_store store = { .get = get_same, .context = levels };
	static const uint64_t indexes[] = { 0, 1, SR_MERKLE_LEAVES / 2, SR_MERKLE_LEAVES - 1 };
	static const uint64_t olds[] = {
		1, 2, 3, SR_MERKLE_LEAVES / 2 + 1, SR_MERKLE_LEAVES - 1, SR_MERKLE_LEAVES
	};
	struct sr_digest root, old_root;
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	levels[0] = leaves[0];
	for (unsigned level = 1; level < SR_MERKLE_LEVELS; level++)
		levels[level] = hash_two(&levels[level - 1], &levels[level - 1]);
	assert_ok(sr_merkle_root(&store, SR_MERKLE_LEAVES, &root, &err));
	for (size_t i = 0; i < SR_COUNT(indexes); i++) {
		assert_ok(sr_merkle_inclusion(&store, indexes[i], SR_MERKLE_LEAVES, &proof, &err));
		assert_true(proof.count <= 63);
		assert_ok(sr_merkle_verify_inclusion(&leaves[0], indexes[i], SR_MERKLE_LEAVES, &proof, &root,
		                                     &err));
	}
	for (size_t i = 0; i < SR_COUNT(olds); i++) {
		assert_ok(sr_merkle_root(&store, olds[i], &old_root, &err));
		assert_ok(sr_merkle_consistency(&store, olds[i], SR_MERKLE_LEAVES, &proof, &err));
		assert_true(proof.count <= SR_PROOF_HASHES);
		assert_ok(sr_merkle_verify_consistency(olds[i], &old_root, SR_MERKLE_LEAVES, &root, &proof,
		                                       &err));
	}
}

static void a_store_that_fails_is_told_and_the_append_can_be_made_again(void **state)
{
	struct sr_digest root, expected = mth(leaves, 16);
	struct sr_proof proof;
	struct sr_err err;
	struct lab lab;

	(void)state;
	for (size_t fail = 0; fail < 9; fail++) {
		lab_open(&lab, LAB_ORIGIN);
		for (unsigned i = 0; i < 15; i++)
			assert_ok(sr_merkle_append(&lab.store, i, &leaves[i], &err));
		/* leaf 15 completes four subtrees: five puts, four gets */
		if (fail < 5)
			lab.hashes.puts_left = fail;
		else
			lab.hashes.gets_left = fail - 5;
		assert_int_equal(sr_merkle_append(&lab.store, 15, &leaves[15], &err), SR_IO);
		lab.hashes.puts_left = lab.hashes.gets_left = SIZE_MAX;
		assert_ok(sr_merkle_append(&lab.store, 15, &leaves[15], &err));
		assert_ok(sr_merkle_root(&lab.store, 16, &root, &err));
		assert_true(sr_digest_equal(&root, &expected));
		lab.hashes.gets_left = 2;
		assert_int_equal(sr_merkle_inclusion(&lab.store, 3, 16, &proof, &err), SR_IO);
		lab.hashes.gets_left = 2;
		assert_int_equal(sr_merkle_consistency(&lab.store, 5, 16, &proof, &err), SR_IO);
		lab.hashes.gets_left = 0;
		assert_int_equal(sr_merkle_root(&lab.store, 16, &root, &err), SR_IO);
		lab_close(&lab);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_of_the_reference_tree),
		cmocka_unit_test(proofs_are_those_of_the_reference_tree),
		cmocka_unit_test(every_inclusion_proof_is_the_reference_s),
		cmocka_unit_test(every_consistency_proof_is_the_reference_s),
		cmocka_unit_test(the_largest_tree_has_proofs),
		cmocka_unit_test(a_store_that_fails_is_told_and_the_append_can_be_made_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
