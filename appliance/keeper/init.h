/* SPDX-License-Identifier: Apache-2.0 */
/* Make a new data directory: folders, configuration, keys, certificates. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"

struct sr_init_request {
	const char *data;       /* folder to make */
	const char *organ;      /* name, may be empty */
	const char *organ_code; /* may be empty */
	const char *admin_name; /* full name of the administrator; NULL or empty: 系统管理员 */
	const char *escrow_out; /* folder for what must leave the machine; NULL: DATA/escrow */
	const struct sr_secret *passphrase; /* of the keys that stay, not of the escrow keys; NULL: none */
};

/*
 * Makes a root certificate (20 years; its key goes to the escrow folder alone), seal, time-stamp and
 * key-wrapping certificates (5 years), an empty revocation list, the escrow certificate and age
 * recipient, the ledger's Ed25519 key; then the database and the log with its first people (founding.h).
 * *reply (caller owns):
 * {"data","appliance","root_certificate","verifier_key","escrow","users":[{"user","role","password"}]}.
 * SR_EXISTS when @data or the escrow folder is there already and not empty.
 */
SR_CHECKED enum sr_status sr_init(const struct sr_init_request *request, json_t **reply, struct sr_err *err);
