/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup: a folder that holds a consistent snapshot of the database, the published log, the archives, the
 * configuration and the keys, encrypted for escrow (docs/OPERATING.md, "Backup and restore").  Taken beside a
 * running keeper; the same folder again copies what is new.
 *
 *   backup.json                 what the snapshot is; written last, so an unfinished backup changes nothing
 *   db-<seconds>/data.mdb       the snapshot that backup.json names
 *   ledger/<epoch>/…            published files of every epoch
 *   vault/<year>/….tar          archives
 *   keys/….pem, keys/….key.age  certificates; private keys under the escrow recipient
 *   other/…                     other folders of the data directory
 *   strongroom.conf
 *
 * It does not hold the ledger's key (no key ever signs two histories: a restore begins a new epoch), the
 * escrow keys, and what is still on its way in (staging/).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

struct sr_keeper;

struct sr_backup {
	struct sr_keeper *keeper;
	int dir_fd;    /* the backup's folder */
	bool archives; /* copy archives too */
	bool (*stop)(void *context);
	void (*progress)(void *context, const char *what, uint64_t done);
	void *context;
};

struct sr_backup_result {
	uint64_t size; /* entries of the running epoch in the snapshot */
	struct sr_digest root;
	uint64_t archives, bytes; /* in the backup */
	uint64_t copied;          /* archives copied now */
};

/* SR_EXISTS when the folder holds something else, or another appliance's backup. */
SR_CHECKED enum sr_status sr_backup_make(const struct sr_backup *backup, struct sr_backup_result *out,
                                         struct sr_err *err);

/* Afterwards: what was published meanwhile, the entry about this backup with it.  A restore goes forward to
 * it. */
SR_CHECKED enum sr_status sr_backup_follow(const struct sr_backup *backup, struct sr_err *err);
