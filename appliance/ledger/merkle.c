/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/merkle.h"

#include <string.h>

#include "appliance/base/cleanup.h"

/* Prefixes that keep leaves and nodes apart (RFC 6962 section 2.1). */
#define LEAF 0x00
#define NODE 0x01

#define SMALL_ENTRY 2048u /* most are smaller: hashed in one go from the stack */

static enum sr_status large_leaf(const void *entry, size_t size, struct sr_digest *out, struct sr_err *err)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	static const uint8_t prefix = LEAF;

	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_hasher_add(hasher, &prefix, 1, err));
	SR_TRY(sr_hasher_add(hasher, entry, size, err));
	return sr_hasher_finish(hasher, out, err);
}

enum sr_status sr_merkle_leaf(const void *entry, size_t size, struct sr_digest *out, struct sr_err *err)
{
	uint8_t bytes[1 + SMALL_ENTRY];

	if (size > SMALL_ENTRY)
		return large_leaf(entry, size, out, err);
	bytes[0] = LEAF;
	if (size > 0)
		memcpy(bytes + 1, entry, size);
	return sr_digest_of(bytes, 1 + size, out, err);
}

enum sr_status sr_merkle_node(const struct sr_digest *left, const struct sr_digest *right,
                              struct sr_digest *out, struct sr_err *err)
{
	uint8_t bytes[1 + 2 * SR_DIGEST_BYTES] = { NODE };

	memcpy(bytes + 1, left->bytes, SR_DIGEST_BYTES);
	memcpy(bytes + 1 + SR_DIGEST_BYTES, right->bytes, SR_DIGEST_BYTES);
	return sr_digest_of(bytes, sizeof(bytes), out, err);
}

enum sr_status sr_merkle_append(const struct sr_merkle_store *store, uint64_t size,
                                const struct sr_digest *leaf, struct sr_err *err)
{
	struct sr_digest hash = *leaf;
	uint64_t index = size;

	if (size >= SR_MERKLE_LEAVES)
		return sr_fail(err, SR_LIMIT, "the ledger's tree is full");
	SR_TRY(store->put(store->context, 0, index, &hash, err));
	for (unsigned level = 0; index & 1; level++) {
		struct sr_digest left;

		SR_TRY(store->get(store->context, level, index - 1, &left, err));
		SR_TRY(sr_merkle_node(&left, &hash, &hash, err));
		index >>= 1;
		SR_TRY(store->put(store->context, level + 1, index, &hash, err));
	}
	return SR_OK;
}

/*
 * MTH of leaves [start, start + count), where @start is a multiple of a power of two >= count: as in every
 * subtree that RFC 6962 speaks of.  The binary digits of @count are its complete subtrees; the smallest is
 * the rightmost, and they are joined from the right.
 */
static enum sr_status range_root(const struct sr_merkle_store *store, uint64_t start, uint64_t count,
                                 struct sr_digest *out, struct sr_err *err)
{
	bool first = true;

	for (unsigned level = 0; level < SR_MERKLE_LEVELS; level++) {
		struct sr_digest part;

		if (!(count >> level & 1))
			continue;
		uint64_t begin = start + (count >> level) * ((uint64_t)1 << level) - ((uint64_t)1 << level);
		SR_TRY(store->get(store->context, level, begin >> level, &part, err));
		if (first)
			*out = part;
		else
			SR_TRY(sr_merkle_node(&part, out, out, err));
		first = false;
	}
	return SR_OK;
}

enum sr_status sr_merkle_root(const struct sr_merkle_store *store, uint64_t size, struct sr_digest *out,
                              struct sr_err *err)
{
	struct sr_digest root;

	if (size > SR_MERKLE_LEAVES)
		return sr_fail(err, SR_INVALID, "no tree has that many leaves");
	if (size == 0)
		return sr_digest_of("", 0, out, err);
	SR_TRY(range_root(store, 0, size, &root, err));
	*out = root;
	return SR_OK;
}

/* The largest power of two smaller than @count, which is over 1. */
static uint64_t split_of(uint64_t count)
{
	uint64_t half = 1;

	while (half < count - half)
		half *= 2;
	return half;
}

/* The part of a tree that a proof's descent has reached: leaves [start, start + count). */
struct span {
	uint64_t start;
	uint64_t count;
};

/* Go down towards the leaf @target (counted from span->start), and put the sibling's hash into the proof. */
static enum sr_status descend(const struct sr_merkle_store *store, struct span *span, uint64_t *target,
                              struct sr_proof *proof, struct sr_err *err)
{
	uint64_t half = split_of(span->count);
	struct sr_digest *sibling = &proof->hashes[proof->count++];

	if (*target < half) {
		SR_TRY(range_root(store, span->start + half, span->count - half, sibling, err));
		span->count = half;
		return SR_OK;
	}
	SR_TRY(range_root(store, span->start, half, sibling, err));
	*target -= half;
	span->start += half;
	span->count -= half;
	return SR_OK;
}

/* Proofs are found from the root down and written from the leaf up. */
static void reverse(struct sr_proof *proof)
{
	for (size_t i = 0, j = proof->count; i + 1 < j; i++) {
		j--;
		struct sr_digest hash = proof->hashes[i];

		proof->hashes[i] = proof->hashes[j];
		proof->hashes[j] = hash;
	}
}

enum sr_status sr_merkle_inclusion(const struct sr_merkle_store *store, uint64_t index, uint64_t size,
                                   struct sr_proof *out, struct sr_err *err)
{
	struct span span = { .count = size };

	if (index >= size || size > SR_MERKLE_LEAVES)
		return sr_fail(err, SR_INVALID, "entry %llu is not in a ledger of %llu entries",
		               (unsigned long long)index, (unsigned long long)size);
	out->count = 0;
	while (span.count > 1)
		SR_TRY(descend(store, &span, &index, out, err));
	reverse(out);
	return SR_OK;
}

enum sr_status sr_merkle_consistency(const struct sr_merkle_store *store, uint64_t old, uint64_t size,
                                     struct sr_proof *out, struct sr_err *err)
{
	struct span span = { .count = size };
	uint64_t last = old - 1; /* of the old tree, seen from the span */

	if (old == 0 || old > size || size > SR_MERKLE_LEAVES)
		return sr_fail(err, SR_INVALID, "no proof leads from %llu to %llu entries",
		               (unsigned long long)old, (unsigned long long)size);
	out->count = 0;
	while (last + 1 != span.count)
		SR_TRY(descend(store, &span, &last, out, err));
	/* What begins at 0 is the old tree itself: the verifier has its root. */
	if (span.start != 0)
		SR_TRY(range_root(store, span.start, span.count, &out->hashes[out->count++], err));
	reverse(out);
	return SR_OK;
}

/* The way up from one node of a tree (RFC 9162 sections 2.1.3.2 and 2.1.4.2). */
struct climb {
	uint64_t node;        /* index on the level reached */
	uint64_t last;        /* index of the level's last node */
	struct sr_digest old; /* root of the tree that ends with the first node */
	struct sr_digest all; /* root of the whole tree */
};

/* One hash of the proof a level with a sibling; the roots stand in old and all once last is 0. */
static enum sr_status climb(struct climb *c, const struct sr_digest *hashes, size_t count, struct sr_err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (c->last == 0)
			return sr_fail(err, SR_TAMPERED, "the proof has a hash too many");
		if (!(c->node & 1) && c->node != c->last) {
			SR_TRY(sr_merkle_node(&c->all, &hashes[i], &c->all, err));
		} else {
			SR_TRY(sr_merkle_node(&hashes[i], &c->old, &c->old, err));
			SR_TRY(sr_merkle_node(&hashes[i], &c->all, &c->all, err));
			/* A last node without a sibling is moved up as it is. */
			while (c->node != 0 && !(c->node & 1)) {
				c->node >>= 1;
				c->last >>= 1;
			}
		}
		c->node >>= 1;
		c->last >>= 1;
	}
	if (c->last != 0)
		return sr_fail(err, SR_TAMPERED, "the proof has a hash too few");
	return SR_OK;
}

enum sr_status sr_merkle_verify_inclusion(const struct sr_digest *leaf, uint64_t index, uint64_t size,
                                          const struct sr_proof *proof, const struct sr_digest *root,
                                          struct sr_err *err)
{
	struct climb c = { .node = index, .last = size - 1, .old = *leaf, .all = *leaf };

	if (index >= size || proof->count > SR_PROOF_HASHES)
		return sr_fail(err, SR_TAMPERED, "the proof is for an entry beyond the ledger's end");
	SR_TRY(climb(&c, proof->hashes, proof->count, err));
	if (!sr_digest_equal(&c.all, root))
		return sr_fail(err, SR_TAMPERED,
		               "the proof does not lead from the entry to the checkpoint's root");
	return SR_OK;
}

enum sr_status sr_merkle_verify_consistency(uint64_t old, const struct sr_digest *old_root, uint64_t size,
                                            const struct sr_digest *root, const struct sr_proof *proof,
                                            struct sr_err *err)
{
	struct climb c = { .node = old - 1, .last = size - 1, .old = *old_root, .all = *old_root };
	size_t used = 0;

	if (old == 0)
		return sr_fail(err, SR_INVALID, "nothing can be proved of an empty ledger");
	if (old > size || proof->count > SR_PROOF_HASHES)
		return sr_fail(err, SR_TAMPERED, "the ledger is shorter than the older checkpoint");
	while (c.node & 1) {
		c.node >>= 1;
		c.last >>= 1;
	}
	/* An old tree of a power of two is a node of the new one; else the proof begins with the node. */
	if (c.node != 0 && old != size) {
		if (proof->count == 0)
			return sr_fail(err, SR_TAMPERED, "the consistency proof is empty");
		c.old = c.all = proof->hashes[used++];
	}
	if (old == size)
		c.last = 0; /* the old root is the root, and no hash may follow */
	SR_TRY(climb(&c, proof->hashes + used, proof->count - used, err));
	if (!sr_digest_equal(&c.old, old_root) || !sr_digest_equal(&c.all, root))
		return sr_fail(err, SR_TAMPERED, "the ledger does not extend the older checkpoint");
	return SR_OK;
}
