/* SPDX-License-Identifier: Apache-2.0 */
/* The database from the published entries, where it is lost.  No keeper may run; docs/LEDGER.md. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/keeper/keys/passphrase.h"

/*
 * The database is lost, keys and published files are there.  *reply (caller owns):
 * {"data","appliance","epoch",
 * "previous_size","previous_root","lost","verifier_key","users":[{"user","role","password"}]}: security
 * administrators get new passwords, shown this once.  @passphrase is asked if the keys have one.  SR_EXISTS
 * when there is a database.
 */
SR_CHECKED enum sr_status sr_rebuild_from_tiles(const char *data,
                                                const struct sr_passphrase_source *passphrase, json_t **reply,
                                                struct sr_err *err);
