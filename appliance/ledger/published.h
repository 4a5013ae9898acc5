/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a published log (C2SP tlog-tiles) back: its checkpoint, every hash checked against the checkpoint's
 * root before use, every entry against its hash.  The folder is untrusted.  One thread an object.
 */
#pragma once

#include "appliance/ledger/checkpoint.h"
#include "appliance/ledger/merkle.h"

/*
 * The published checkpoint; @note (may be NULL) receives its bytes, as receipts need them.  SR_NOT_FOUND when
 * there is none yet, else as sr_checkpoint_open.
 */
SR_CHECKED enum sr_status sr_published_checkpoint(int dir_fd, const char *verifier, struct sr_buf *note,
                                                  struct sr_checkpoint *out, struct sr_err *err);

/*
 * What a keeper asks at its start: does the tree of @size in @store extend the published checkpoint?
 * SR_NOT_FOUND when nothing is published, SR_TAMPERED when it does not; the text says which of both is older.
 */
SR_CHECKED enum sr_status sr_published_check(int dir_fd, const char *verifier,
                                             const struct sr_merkle_store *store, uint64_t size,
                                             struct sr_checkpoint *out, struct sr_err *err);

struct sr_published;

/*
 * The log of @size entries with that root; both come from a checkpoint that was checked.  A log that has
 * grown since is fine.  Reads the tiles of the right edge, which make the root: SR_TAMPERED when they give
 * another one, SR_CORRUPT when one is missing or has a wrong size.  @dir_fd is borrowed.
 */
SR_CHECKED enum sr_status sr_published_open(int dir_fd, uint64_t size, const struct sr_digest *root,
                                            struct sr_published **out, struct sr_err *err);
void sr_published_free(struct sr_published *published); /* NULL is allowed */
static inline void sr_published_freep(struct sr_published **published)
{
	sr_published_free(*published);
	*published = NULL;
}

/* Its hashes as a store to read from, for proofs: every hash is checked against the root first. */
struct sr_merkle_store sr_published_store(struct sr_published *published);

/*
 * Call @each with the entries from @first on, in order, each checked; a status that @each returns ends it and
 * is returned.  SR_TAMPERED names the first entry, or the tile, that is wrong.
 */
SR_CHECKED enum sr_status sr_published_entries(struct sr_published *published, uint64_t first,
                                               enum sr_status (*each)(void *context, uint64_t seq,
                                                                      struct sr_bytes entry,
                                                                      struct sr_err *err),
                                               void *context, struct sr_err *err);
