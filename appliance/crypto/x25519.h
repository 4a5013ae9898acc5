/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 (RFC 7748) over OpenSSL.  Private to this folder; a key may be shared by threads. */
#pragma once

#include <openssl/evp.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* Derives the public key at once: one scalar multiplication. */
SR_CHECKED enum sr_status sr_x25519_new(const uint8_t secret[32], EVP_PKEY **out, struct sr_err *err);
static inline void sr_x25519_freep(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
	*key = NULL;
}
SR_CHECKED enum sr_status sr_x25519_public(const EVP_PKEY *key, uint8_t out[32], struct sr_err *err);

/* SR_CORRUPT when @peer is a point of low order: the shared secret would be all zero. */
SR_CHECKED enum sr_status sr_x25519_shared(EVP_PKEY *key, const uint8_t peer[32], uint8_t out[32],
                                           struct sr_err *err);
