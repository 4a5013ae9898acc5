/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a data directory that is put back.  Private to restore.c. */
#pragma once

#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/keeper/keys/passphrase.h"

struct sr_restore_keys {
	int backup_fd;         /* the backup's folder */
	const char *folder;    /* a folder with keys; NULL: see below */
	const char *identity;  /* file that opens the backup's private keys; NULL */
	const char *source;    /* data directory that the backup is of */
	const char *appliance; /* whose it must be */
	bool was_protected;    /* the backup says that its keys were under a passphrase */
	/* Of those opened with @identity, which are in the backup without one; NULL: none.  Borrowed. */
	const struct sr_secret *passphrase;
};

/*
 * Put keys/ into the folder @to_fd, all but the ledger's: from @folder, else from the backup with @identity,
 * else from the keys of @source where it is still there and the same appliance's.  With @look only find out
 * whether that can be done.  SR_DENIED says what is needed.
 */
SR_CHECKED enum sr_status sr_restore_keys(const struct sr_restore_keys *from, int to_fd, bool look,
                                          struct sr_err *err);

/*
 * The passphrase that the keys will have: a new one for those opened with an identity, where they had one;
 * else the one under which they lie.  *out (caller owns) is NULL for none.
 */
SR_CHECKED enum sr_status sr_restore_keys_passphrase(const struct sr_restore_keys *from,
                                                     const struct sr_passphrase_source *source,
                                                     struct sr_secret **out, struct sr_err *err);
