/* SPDX-License-Identifier: Apache-2.0 */
/* The tree and its proofs word by word from RFC 6962 section 2.1, over the hashes of MOST leaves. */
#pragma once

#include "tests/unit/ledger/ledger_lab.h"

#include "appliance/ledger/merkle.h"

#define MOST 70u

static struct sr_digest leaves[MOST];

static inline struct sr_digest hash_two(const struct sr_digest *a, const struct sr_digest *b)
{
	uint8_t bytes[65] = { 1 };
	struct sr_digest out;
	struct sr_err err;

	memcpy(bytes + 1, a, 32);
	memcpy(bytes + 33, b, 32);
	assert_ok(sr_digest_of(bytes, sizeof(bytes), &out, &err));
	return out;
}

static inline unsigned largest_power_below(unsigned n)
{
	unsigned k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

static inline struct sr_digest mth(const struct sr_digest *d, unsigned n)
{
	if (n == 1)
		return d[0];
	unsigned k = largest_power_below(n);
	struct sr_digest left = mth(d, k), right = mth(d + k, n - k);

	return hash_two(&left, &right);
}

static inline void path(unsigned m, const struct sr_digest *d, unsigned n, struct sr_proof *out)
{
	if (n == 1)
		return;
	unsigned k = largest_power_below(n);

	if (m < k) {
		path(m, d, k, out);
		out->hashes[out->count++] = mth(d + k, n - k);
	} else {
		path(m - k, d + k, n - k, out);
		out->hashes[out->count++] = mth(d, k);
	}
}

static inline void subproof(unsigned m, const struct sr_digest *d, unsigned n, bool whole,
                            struct sr_proof *out)
{
	if (m == n) {
		if (!whole)
			out->hashes[out->count++] = mth(d, m);
		return;
	}
	unsigned k = largest_power_below(n);

	if (m <= k) {
		subproof(m, d, k, whole, out);
		out->hashes[out->count++] = mth(d + k, n - k);
	} else {
		subproof(m - k, d + k, n - k, false, out);
		out->hashes[out->count++] = mth(d, k);
	}
}

/* Put the reference's leaves into a lab. */
static inline void reference_grow(struct lab *lab)
{
	struct sr_err err;

	for (unsigned i = 0; i < MOST; i++) {
		uint8_t entry[5] = { 'l', 'e', 'a', 'f', (uint8_t)i };

		lab_add_bytes(lab, entry, sizeof(entry));
		assert_ok(sr_merkle_leaf(entry, sizeof(entry), &leaves[i], &err));
	}
}
