/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/x25519.h"

#include <sodium.h>

/* Picks the fastest code for this processor, once; of several threads one does it and the others wait. */
static enum sr_status begin(struct sr_err *err)
{
	return sodium_init() < 0 ? sr_fail(err, SR_IO, "libsodium does not start") : SR_OK;
}

enum sr_status sr_x25519_public(const uint8_t secret[SR_X25519_BYTES], uint8_t out[SR_X25519_BYTES],
                                struct sr_err *err)
{
	SR_TRY(begin(err));
	if (crypto_scalarmult_curve25519_base(out, secret) != 0)
		return sr_fail(err, SR_IO, "X25519 public key");
	return SR_OK;
}

enum sr_status sr_x25519_shared(const uint8_t secret[SR_X25519_BYTES], const uint8_t peer[SR_X25519_BYTES],
                                uint8_t out[SR_X25519_BYTES], struct sr_err *err)
{
	SR_TRY(begin(err));
	/* Every 32 bytes are a public key; low order shows in the result. */
	if (crypto_scalarmult_curve25519(out, secret, peer) != 0)
		return sr_fail(err, SR_CORRUPT, "X25519 share of low order");
	return SR_OK;
}
