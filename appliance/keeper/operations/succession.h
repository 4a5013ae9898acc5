/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One epoch goes on from another (docs/LEDGER.md, "Epochs and restore"): the old files are frozen, a new key
 * is made, and its first entry says what it goes on from.  For restore and rebuild, which hold the data
 * directory's lock; one thread.
 */
#pragma once

#include <jansson.h>

#include "appliance/index/env.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/state/epochs.h"

/* The folder in the data directory where a new database is made before it takes its place. */
#define SR_DB_NEW "db.new"

struct sr_succession {
	const char *data; /* path of the data directory */
	int dir_fd, keys_fd, ledger_fd;
	struct sr_env *env;   /* in SR_DB_NEW: holds the state to go on from; closed by sr_succession_take */
	const json_t *opened; /* the first entry of the epoch before: organ and keys are taken over */
	uint64_t number;      /* of the new epoch */
	uint64_t previous_size;
	struct sr_digest previous_root;
	struct sr_bytes checkpoint; /* newest known note of the epoch before; may be empty */
	bool lost;
	const struct sr_secret *passphrase; /* of the keys; NULL: none */
};

/* The highest number of a folder ledger/<epoch>; 0 without one. */
SR_CHECKED enum sr_status sr_succession_highest(int ledger_fd, uint64_t *out, struct sr_err *err);

/* The epoch that a checkpoint's first line names; SR_CORRUPT when it names none of this appliance. */
SR_CHECKED enum sr_status sr_succession_epoch_of(struct sr_bytes note, const char *appliance, uint64_t *out,
                                                 struct sr_err *err);

/* Move what is published in ledger/ into ledger/<number>; nothing there is as good. */
SR_CHECKED enum sr_status sr_succession_freeze(int ledger_fd, uint64_t number, struct sr_err *err);

/*
 * Make the new key, write the first entry, put SR_DB_NEW in the place of db (which must be gone or empty),
 * and publish.  Closes s->env.  *verifier receives the new verifier key.
 */
SR_CHECKED enum sr_status sr_succession_take(struct sr_succession *s, char verifier[SR_VERIFIER_TEXT],
                                             struct sr_err *err);
