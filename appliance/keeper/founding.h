/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first entries of a new appliance's log (docs/LEDGER.md): ledger.opened, its first three people and the
 * approval table that holds until another is confirmed.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"

struct sr_founding {
	const char *data;                   /* path of the data directory */
	int dir_fd, keys_fd;                /* it and its keys/; borrowed */
	const char *appliance;              /* id */
	const char *organ;                  /* name; may be empty */
	const char *organ_code;             /* may be empty: "local" */
	const char *admin_name;             /* NULL or empty: 系统管理员 */
	const struct sr_secret *passphrase; /* of the keys; NULL: none */
};

/*
 * Makes the database and publishes the log.  The administrator is the caller's Unix login; security
 * administrator and auditor get random passwords.  *users (caller owns): [{"user","role","password"}], the
 * administrator's password null.
 */
SR_CHECKED enum sr_status sr_found(const struct sr_founding *founding, json_t **users, struct sr_err *err);
