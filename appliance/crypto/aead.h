/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ChaCha20-Poly1305 (RFC 8439) without additional data.  Private to this folder; a context belongs to
 * one thread at a time.  The caller answers for never using a nonce twice under one key.
 */
#pragma once

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_AEAD_NONCE_BYTES 12
#define SR_AEAD_TAG_BYTES 16

SR_CHECKED enum sr_status sr_aead_new(const uint8_t key[32], EVP_CIPHER_CTX **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_aead_rekey(EVP_CIPHER_CTX *ctx, const uint8_t key[32], struct sr_err *err);
static inline void sr_aead_freep(EVP_CIPHER_CTX **ctx)
{
	EVP_CIPHER_CTX_free(*ctx); /* wipes the key */
	*ctx = NULL;
}

/* Neither allocates.  @size is at most INT_MAX - 16; @out has room for size + 16. */
SR_CHECKED enum sr_status sr_aead_seal(EVP_CIPHER_CTX *ctx, const uint8_t nonce[SR_AEAD_NONCE_BYTES],
                                       const uint8_t *plain, size_t size, uint8_t *out, struct sr_err *err);
/* @size counts the tag and is at least 16.  SR_TAMPERED when the tag fails; @out is wiped then. */
SR_CHECKED enum sr_status sr_aead_open(EVP_CIPHER_CTX *ctx, const uint8_t nonce[SR_AEAD_NONCE_BYTES],
                                       const uint8_t *sealed, size_t size, uint8_t *out, struct sr_err *err);
