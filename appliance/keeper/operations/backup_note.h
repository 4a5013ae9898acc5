/* SPDX-License-Identifier: Apache-2.0 */
/* backup.json: what the snapshot in a backup is (backup.h).  Untrusted. */
#pragma once

#include <stdbool.h>

#include "appliance/base/buf.h"
#include "appliance/crypto/digest.h"
#include "appliance/ledger/checkpoint.h"

#define SR_BACKUP_FILE "backup.json"
#define SR_BACKUP_FORMAT 1
#define SR_BACKUP_JSON_BYTES (64u << 10)

struct sr_backup_note {
	char appliance[SR_ORIGIN_TEXT];
	char db[64];       /* folder of the snapshot */
	char data[4096];   /* the data directory it came from */
	bool is_protected; /* its keys were under a passphrase; in the backup they are not */
	uint64_t epoch;
	uint64_t size;
	struct sr_digest root;
	struct sr_buf checkpoint; /* newest one that was published when it was made */
};
void sr_backup_note_dispose(struct sr_backup_note *note);
/* SR_NOT_FOUND when the folder is no finished backup; SR_CORRUPT when its note is damaged. */
SR_CHECKED enum sr_status sr_backup_note_read(int dir_fd, struct sr_backup_note *out, struct sr_err *err);
