/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a data directory that is put back.  Private to restore.c. */
#pragma once

#include <stdbool.h>

#include "appliance/base/err.h"

struct sr_restore_keys {
	int backup_fd;         /* the backup's folder */
	const char *folder;    /* a folder with keys; NULL: see below */
	const char *identity;  /* file that opens the backup's private keys; NULL */
	const char *source;    /* data directory that the backup is of */
	const char *appliance; /* whose it must be */
};

/*
 * Put keys/ into the folder @to_fd, all but the ledger's: from @folder, else from the backup with @identity,
 * else from the keys of @source where it is still there and the same appliance's.  With @look only find out
 * whether that can be done.  SR_DENIED says what is needed.
 */
SR_CHECKED enum sr_status sr_restore_keys(const struct sr_restore_keys *from, int to_fd, bool look,
                                          struct sr_err *err);
