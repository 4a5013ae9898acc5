/* SPDX-License-Identifier: Apache-2.0 */
/* Finding sealed cases: by id from the names in the vault, by number from the catalogues. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "appliance/archive/unlock.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/data.h"
#include "appliance/keeper/keyring.h"

/* The published parts of one case, in order; parts[i] is part i + 1. */
struct sr_vault_parts {
	char case_id[SR_UUID_TEXT];
	unsigned count;
};

/* One archive, unlocked. */
struct sr_vault_archive {
	int fd;
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

/*
 * Find a case by id or by case number (案号, bytes equal).  An archive that cannot be unlocked is
 * logged and passed over while looking for a number.  SR_NOT_FOUND names what was looked for;
 * SR_CORRUPT when a part between the first and the last is missing.
 */
SR_CHECKED enum sr_status sr_vault_find(const struct sr_data *data, const struct sr_opener *opener,
                                        const char *reference, struct sr_vault_parts *out,
                                        struct sr_err *err);

/* Call @each with every case's first part unlocked and its number of parts; damaged archives are logged and
 * passed over. */
SR_CHECKED enum sr_status
sr_vault_each(const struct sr_data *data, const struct sr_opener *opener,
              enum sr_status (*each)(void *context, const struct sr_vault_parts *parts,
                                     const struct sr_vault_archive *first, bool *stop, struct sr_err *err),
              void *context, struct sr_err *err);

/* SHA-256 of seal/tagmanifest.p7s: what the ledger records and a supplement refers to. */
SR_CHECKED enum sr_status sr_vault_seal_digest(const struct sr_archive *archive, struct sr_digest *out,
                                               struct sr_err *err);
