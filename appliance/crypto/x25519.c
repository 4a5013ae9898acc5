/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/x25519.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/failure.h"

static void free_ctx(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

enum sr_status sr_x25519_new(const uint8_t secret[32], EVP_PKEY **out, struct sr_err *err)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, secret, 32);

	if (!key)
		return sr_crypto_fail(err, SR_IO, "take an X25519 key");
	*out = key;
	return SR_OK;
}

enum sr_status sr_x25519_public(const EVP_PKEY *key, uint8_t out[32], struct sr_err *err)
{
	size_t size = 32;

	if (EVP_PKEY_get_raw_public_key(key, out, &size) != 1 || size != 32)
		return sr_crypto_fail(err, SR_IO, "X25519 public key");
	return SR_OK;
}

enum sr_status sr_x25519_shared(EVP_PKEY *key, const uint8_t peer[32], uint8_t out[32], struct sr_err *err)
{
	static const uint8_t zeros[32];
	SR_CLEANUP(sr_x25519_freep)
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, peer, 32);
	SR_CLEANUP(free_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t size = 32;

	/* Every 32 bytes are a public key; low order shows in the result (RFC 7748 section 6.1). */
	if (!other || !ctx || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer_ex(ctx, other, 0) != 1)
		return sr_crypto_fail(err, SR_IO, "X25519");
	if (EVP_PKEY_derive(ctx, out, &size) != 1 || size != 32 || sr_secret_equal(out, zeros, 32))
		return sr_crypto_fail(err, SR_CORRUPT, "X25519 share of low order");
	return SR_OK;
}
