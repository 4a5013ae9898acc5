/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting a data directory back: from a backup (backup.h), or from the published entries where the database
 * is lost.  Both begin a new epoch: no key ever signs two histories.  No keeper may run; docs/OPERATING.md.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/keeper/keys/passphrase.h"

struct sr_restore_request {
	const char *data;       /* the data directory to make */
	const char *backup;     /* the backup's folder */
	const char *checkpoint; /* file: newest checkpoint or receipt known elsewhere; NULL */
	bool accept_loss;
	bool replace;         /* DATA exists: set its database aside, keep its keys and archives */
	const char *identity; /* file: escrow.age-identity, which opens the backup's keys; NULL */
	const char *
		keys; /* folder with the keys; NULL: DATA's own, or those of the directory the backup is of */
	const struct sr_passphrase_source
		*passphrase; /* asked where the keys have one, or had when backed up */
	const struct sr_progress *progress;
};

/*
 * *reply (caller owns):
 * {"data","appliance","epoch","previous_size","previous_root","lost","verifier_key","archives"}. SR_EXISTS
 * when @data is not empty; SR_TAMPERED when backup and checkpoint are of two histories, or the backup's log
 * does not reach it without accept_loss; SR_DENIED where the keys cannot be had.
 */
SR_CHECKED enum sr_status sr_restore(const struct sr_restore_request *request, json_t **reply,
                                     struct sr_err *err);
