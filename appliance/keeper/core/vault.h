/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of the vault, unlocked with the appliance's own key. */
#pragma once

#include <limits.h>

#include "appliance/archive/unlock.h"
#include "appliance/index/txn.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/keys/keyring.h"

/* One archive, unlocked. */
struct sr_vault_archive {
	int fd; /* -1 where somebody else closes it */
	struct sr_archive *archive;
	struct sr_secret *identity;
	struct sr_catalogue *catalogue;
};

/* Absolute path of an archive, for people; "" when it is too long. */
void sr_vault_path(const struct sr_data *data, const char *name, char out[PATH_MAX]);

void sr_vault_archive_dispose(struct sr_vault_archive *opened);

/* SR_NOT_FOUND when the vault has no such name; SR_CORRUPT and SR_TAMPERED name the archive. */
SR_CHECKED enum sr_status sr_vault_open(const struct sr_data *data, const struct sr_opener *opener,
                                        const char *name, struct sr_vault_archive *out, struct sr_err *err);

/* The same for an archive that is open already and stays the caller's. */
SR_CHECKED enum sr_status sr_vault_unlock(int fd, const struct sr_opener *opener,
                                          struct sr_vault_archive *out, struct sr_err *err);

/* Whether the log, by way of the index, names the archive @name: a part of a case that was sealed or
 * imported. */
SR_CHECKED enum sr_status sr_vault_names(struct sr_txn *txn, const char *name, bool *out, struct sr_err *err);

/* SHA-256 of seal/tagmanifest.p7s: what the ledger records and a supplement refers to. */
SR_CHECKED enum sr_status sr_vault_seal_digest(const struct sr_archive *archive, struct sr_digest *out,
                                               struct sr_err *err);
