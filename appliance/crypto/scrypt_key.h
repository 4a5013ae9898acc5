/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encryption key of a key file from its passphrase: scrypt (RFC 7914), made slow on purpose.  The private
 * keys of a data directory are under one passphrase and one salt, each with an initialisation vector of its
 * own, so that a guess costs what it costs and a start pays for one only: the last few keys stay, in locked
 * memory, for as long as the process that has the passphrase anyway.  One salt helps no attacker: a guess is
 * tried on one file in any case.
 *
 * Threads: any.
 */
#pragma once

#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/secret.h"

#define SR_SCRYPT_KEY_BYTES 32u
#define SR_SCRYPT_SALT_BYTES 16u

struct sr_scrypt_cost {
	uint64_t n, r, p;
};

/* Into @key, which the caller wipes; SR_CORRUPT when it takes more memory than OpenSSL's own 32 MiB. */
SR_CHECKED enum sr_status sr_scrypt_key(const struct sr_secret *passphrase, struct sr_bytes salt,
                                        const struct sr_scrypt_cost *cost, uint8_t key[SR_SCRYPT_KEY_BYTES],
                                        struct sr_err *err);

/* For a new file: the salt that the process used with this passphrase and cost, or else a new one. */
SR_CHECKED enum sr_status sr_scrypt_salt(const struct sr_secret *passphrase,
                                         const struct sr_scrypt_cost *cost,
                                         uint8_t salt[SR_SCRYPT_SALT_BYTES], struct sr_err *err);
