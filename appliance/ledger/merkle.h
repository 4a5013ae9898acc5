/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree of the ledger (RFC 6962 section 2.1, RFC 9162 section 2.1): hashes of complete subtrees in
 * a store that the caller provides, roots, inclusion and consistency proofs, and their verification.  No
 * state of its own; thread class is the store's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

#define SR_MERKLE_LEVELS 63u                   /* of complete subtrees: 0 to 62 */
#define SR_MERKLE_LEAVES ((uint64_t)INT64_MAX) /* at most 2^63 - 1 leaves; sequence numbers fit JSON */
#define SR_PROOF_HASHES                                                                                      \
	(SR_MERKLE_LEVELS + 1u) /* of a consistency proof; an inclusion proof has one less                   \
	                         */

/*
 * Hash of the complete subtree @index of @level: leaves [index * 2^level, (index + 1) * 2^level).  Functions
 * below ask for subtrees within the size they are given only, and put each once, children first.
 */
struct sr_merkle_store {
	enum sr_status (*get)(void *context, unsigned level, uint64_t index, struct sr_digest *out,
	                      struct sr_err *err);
	/* NULL for a store that is only read */
	enum sr_status (*put)(void *context, unsigned level, uint64_t index, const struct sr_digest *digest,
	                      struct sr_err *err);
	void *context;
};

struct sr_proof {
	struct sr_digest hashes[SR_PROOF_HASHES];
	size_t count;
};

/* SHA-256(0x00 ‖ entry) */
SR_CHECKED enum sr_status sr_merkle_leaf(const void *entry, size_t size, struct sr_digest *out,
                                         struct sr_err *err);
/* SHA-256(0x01 ‖ left ‖ right); @out may be one of them. */
SR_CHECKED enum sr_status sr_merkle_node(const struct sr_digest *left, const struct sr_digest *right,
                                         struct sr_digest *out, struct sr_err *err);

/*
 * Put leaf number @size (from 0) and every subtree that it completes.  The tree then has size + 1 leaves.
 * After a failure the same call may be made again.  SR_LIMIT for a full tree.
 */
SR_CHECKED enum sr_status sr_merkle_append(const struct sr_merkle_store *store, uint64_t size,
                                           const struct sr_digest *leaf, struct sr_err *err);

/* Root of the first @size leaves; SHA-256 of nothing for an empty tree. */
SR_CHECKED enum sr_status sr_merkle_root(const struct sr_merkle_store *store, uint64_t size,
                                         struct sr_digest *out, struct sr_err *err);

/* PATH(index, D[size]), leaf to root.  SR_INVALID unless index < size. */
SR_CHECKED enum sr_status sr_merkle_inclusion(const struct sr_merkle_store *store, uint64_t index,
                                              uint64_t size, struct sr_proof *out, struct sr_err *err);
/* PROOF(old, D[size]); empty where old = size.  SR_INVALID unless 0 < old <= size. */
SR_CHECKED enum sr_status sr_merkle_consistency(const struct sr_merkle_store *store, uint64_t old,
                                                uint64_t size, struct sr_proof *out, struct sr_err *err);

/*
 * SR_TAMPERED when the proof does not lead from @leaf to @root: wrong hash, index or size, a hash too few or
 * too many.  All of it is untrusted but @size and @root.
 */
SR_CHECKED enum sr_status sr_merkle_verify_inclusion(const struct sr_digest *leaf, uint64_t index,
                                                     uint64_t size, const struct sr_proof *proof,
                                                     const struct sr_digest *root, struct sr_err *err);
/*
 * SR_TAMPERED when the proof does not show that the tree of @size extends that of @old.  old = 0 is
 * SR_INVALID: every tree extends the empty one, so a proof of it would say nothing.
 */
SR_CHECKED enum sr_status sr_merkle_verify_consistency(uint64_t old, const struct sr_digest *old_root,
                                                       uint64_t size, const struct sr_digest *root,
                                                       const struct sr_proof *proof, struct sr_err *err);
