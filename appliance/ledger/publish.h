/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing the log as C2SP tlog-tiles below one folder: tile/entries/…, tile/<L>/…, checkpoint; and reading
 * it back. Order: bundles and tiles, their folders synced, then the checkpoint by rename, synced.  One
 * thread.
 */
#pragma once

#include "appliance/ledger/checkpoint.h"
#include "appliance/ledger/merkle.h"

/* Where entries come from. */
struct sr_entry_source {
	/* Append the bytes of entry @seq. */
	enum sr_status (*get)(void *context, uint64_t seq, struct sr_buf *out, struct sr_err *err);
	void *context;
};

/*
 * Write what the files of @old entries lack for @size entries, then the checkpoint.  @dir_fd is the ledger
 * folder. Running it again after a crash is harmless.  Full tiles are never rewritten; a partial tile stays
 * until its full one exists and the next checkpoint is out.
 */
SR_CHECKED enum sr_status sr_publish(int dir_fd, const struct sr_merkle_store *store,
                                     const struct sr_entry_source *entries, uint64_t old, uint64_t size,
                                     const char *origin, const struct sr_key *key, struct sr_err *err);

/* The published checkpoint; SR_NOT_FOUND when there is none yet. */
SR_CHECKED enum sr_status sr_published_checkpoint(int dir_fd, const char *verifier, struct sr_checkpoint *out,
                                                  struct sr_err *err);

/* "tile/1/x001/234.p/5" (width 0: full); level -1 is "entries".  @out has 64 bytes. */
void sr_tile_path(int level, uint64_t index, unsigned width, char out[64]);

/*
 * Call @each with every entry of a published log of @size entries, in order, after its tile was checked
 * against @root; the entries are hashed here, and SR_TAMPERED names the first that is wrong.
 */
SR_CHECKED enum sr_status sr_published_entries(int dir_fd, uint64_t size, const struct sr_digest *root,
                                               enum sr_status (*each)(void *context, uint64_t seq,
                                                                      struct sr_bytes entry,
                                                                      struct sr_err *err),
                                               void *context, struct sr_err *err);
