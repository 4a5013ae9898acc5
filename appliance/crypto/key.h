/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of struct sr_key.  Private to this folder. */
#pragma once

#include <stdbool.h>

#include "appliance/crypto/ossl.h"
#include "appliance/crypto/pki.h"

struct sr_key {
	EVP_PKEY *pkey;
};

/*
 * Reserve OpenSSL's secure heap (locked, left out of core files, with guard pages) once a process, before the
 * first private key: private numbers, and the PEM of a key while it is read or written, lie there.
 */
void sr_key_prepare_memory(void);

/* Take @pkey over, also on failure. */
SR_CHECKED enum sr_status sr_key_wrap(EVP_PKEY *pkey, struct sr_key **out, struct sr_err *err);

/* One of the kinds that we use: EC on P-256, P-384 or P-521, Ed25519, RSA of 3072 bits or more. */
bool sr_pkey_is_accepted(const EVP_PKEY *pkey);
