/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/hkdf.h"

#include <openssl/evp.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/algorithms.h"
#include "appliance/crypto/failure.h"
#include "appliance/crypto/wipe.h"

static void free_mac(EVP_MAC_CTX **ctx)
{
	EVP_MAC_CTX_free(*ctx);
}

/* HMAC over two parts, either of which may be empty. */
static enum sr_status hmac(struct sr_bytes key, struct sr_bytes first, struct sr_bytes second,
                           uint8_t out[32], struct sr_err *err)
{
	const struct sr_algorithms *algorithms;

	SR_TRY(sr_algorithms_get(&algorithms, err));
	SR_CLEANUP(free_mac) EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(algorithms->hmac_sha256);
	size_t got;

	if (!ctx)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for HMAC-SHA-256");
	if (EVP_MAC_init(ctx, key.data, key.size, NULL) != 1 ||
	    EVP_MAC_update(ctx, first.data, first.size) != 1 ||
	    EVP_MAC_update(ctx, second.data, second.size) != 1 || EVP_MAC_final(ctx, out, &got, 32) != 1 ||
	    got != 32)
		return sr_crypto_fail(err, SR_IO, "HMAC-SHA-256");
	return SR_OK;
}

enum sr_status sr_hmac_sha256(struct sr_bytes key, struct sr_bytes data, uint8_t out[32], struct sr_err *err)
{
	return hmac(key, data, (struct sr_bytes){ 0 }, out, err);
}

enum sr_status sr_hkdf_sha256(struct sr_bytes ikm, struct sr_bytes salt, struct sr_bytes info,
                              uint8_t out[32], struct sr_err *err)
{
	static const uint8_t zeros[32];
	static const uint8_t one = 1; /* T(1) is all of the output: L = HashLen */
	SR_CLEANUP(sr_wipe_key) uint8_t prk[32] = { 0 };

	if (salt.size == 0)
		salt = (struct sr_bytes){ zeros, sizeof(zeros) };
	SR_TRY(hmac(salt, ikm, (struct sr_bytes){ 0 }, prk, err));
	return hmac((struct sr_bytes){ prk, sizeof(prk) }, info, (struct sr_bytes){ &one, 1 }, out, err);
}
