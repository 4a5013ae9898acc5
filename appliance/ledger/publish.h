/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing the log as C2SP tlog-tiles below one folder: tile/entries/…, tile/<L>/…, checkpoint.
 * docs/LEDGER.md, "Publishing".  One thread and one process at a time a folder; published.h reads it back.
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

/* What is published where; all of it is borrowed. */
struct sr_publication {
	int dir_fd; /* the ledger's folder, which exists; files are made 0600, folders 0700 */
	const struct sr_merkle_store *store;
	const struct sr_entry_source *entries;
	const char *origin;
	const struct sr_key *key;
};

/*
 * The bundles and tiles of @size entries alone, no checkpoint: so that a log which is frozen can be read up
 * to there.  Files that exist must have the right bytes (SR_TAMPERED); nothing is signed, and key and origin
 * are not used.
 */
SR_CHECKED enum sr_status sr_publish_tiles(const struct sr_publication *publication, uint64_t size,
                                           struct sr_err *err);

/*
 * Bring the folder from the size of its own checkpoint (nothing, without one) to @size entries, which must be
 * durable in store and source.  Order: bundles and tiles, synced with their folders; then the checkpoint by
 * rename, synced; then the folders of partial tiles whose full tile exists are removed.  Killed at any point
 * or stopped by an error, the old checkpoint or the new one is there with all the tiles it needs, and the
 * next call finishes the work; with nothing to do it only makes sure of that.
 *
 * Files never change: one that exists must have the right bytes.  SR_TAMPERED when it has not, when the tree
 * does not extend the published checkpoint (which is longer, or another history), or when that one is not
 * signed by
 * @key: no key ever signs two histories.
 */
SR_CHECKED enum sr_status sr_publish(const struct sr_publication *publication, uint64_t size,
                                     struct sr_err *err);
