/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Epochs: one key and one history each (docs/LEDGER.md, "Epochs and restore").  The log of the epoch that
 * runs lies in the database; those before it are frozen as ledger/<epoch>, and each names in its first entry
 * what it goes on from.  No state; any thread.
 */
#pragma once

#include <stdbool.h>

#include "appliance/ledger/entry.h"
#include "appliance/ledger/published.h"

#define SR_VERIFIER_TEXT 256 /* a verifier key with its NUL */
#define SR_EPOCHS 1000u      /* of one appliance */

/* What the first entry of an epoch says. */
struct sr_epoch {
	uint64_t number;
	char appliance[SR_ORIGIN_TEXT];
	char verifier[SR_VERIFIER_TEXT];
	bool continues; /* it goes on from another epoch: */
	uint64_t previous_size;
	struct sr_digest previous_root;
};

/* SR_CORRUPT when @entry does not open an epoch. */
SR_CHECKED enum sr_status sr_epoch_read(const struct sr_entry *entry, struct sr_epoch *out,
                                        struct sr_err *err);

/* The folder ledger/<number>; SR_NOT_FOUND. */
SR_CHECKED enum sr_status sr_epoch_folder(int ledger_fd, uint64_t number, int *out, struct sr_err *err);

/*
 * The frozen log that @epoch goes on from: the newest folder that gives its root at its size.  *fd and *log
 * are the caller's; @before (may be NULL) is what its first entry says.  SR_TAMPERED when no folder does.
 */
SR_CHECKED enum sr_status sr_epoch_previous(int ledger_fd, const struct sr_epoch *epoch, int *fd,
                                            struct sr_published **log, struct sr_epoch *before,
                                            struct sr_err *err);

/*
 * Call @each with the entries of all epochs before @epoch, from the first one's on, each up to where the next
 * went on; every one is checked against the root that the next epoch names.
 */
SR_CHECKED enum sr_status sr_epochs_each(int ledger_fd, const struct sr_epoch *epoch,
                                         enum sr_status (*each)(void *context, uint64_t seq,
                                                                struct sr_bytes entry, struct sr_err *err),
                                         void *context, struct sr_err *err);
