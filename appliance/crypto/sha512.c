/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/sha512.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "appliance/crypto/algorithms.h"
#include "appliance/crypto/failure.h"

struct sr_hasher512 {
	EVP_MD_CTX *ctx;
};

static enum sr_status restart(struct sr_hasher512 *hasher, struct sr_err *err)
{
	const struct sr_algorithms *algorithms;

	SR_TRY(sr_algorithms_get(&algorithms, err));
	if (EVP_DigestInit_ex2(hasher->ctx, algorithms->sha512, NULL) != 1)
		return sr_crypto_fail(err, SR_IO, "start SHA-512");
	return SR_OK;
}

enum sr_status sr_hasher512_new(struct sr_hasher512 **out, struct sr_err *err)
{
	struct sr_hasher512 *hasher = calloc(1, sizeof(*hasher));

	if (!hasher)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for SHA-512");
	hasher->ctx = EVP_MD_CTX_new();
	enum sr_status status = hasher->ctx ? restart(hasher, err)
	                                    : sr_crypto_fail(err, SR_NO_MEMORY, "no memory for SHA-512");
	if (status != SR_OK) {
		sr_hasher512_free(hasher);
		return status;
	}
	*out = hasher;
	return SR_OK;
}

void sr_hasher512_free(struct sr_hasher512 *hasher)
{
	if (!hasher)
		return;
	EVP_MD_CTX_free(hasher->ctx);
	free(hasher);
}

enum sr_status sr_hasher512_add(struct sr_hasher512 *hasher, const void *data, size_t size,
                                struct sr_err *err)
{
	if (EVP_DigestUpdate(hasher->ctx, data, size) != 1)
		return sr_crypto_fail(err, SR_IO, "SHA-512");
	return SR_OK;
}

enum sr_status sr_hasher512_finish(struct sr_hasher512 *hasher, struct sr_sha512 *out, struct sr_err *err)
{
	struct sr_sha512 digest;

	if (EVP_DigestFinal_ex(hasher->ctx, digest.bytes, NULL) != 1)
		return sr_crypto_fail(err, SR_IO, "finish SHA-512");
	SR_TRY(restart(hasher, err));
	*out = digest;
	return SR_OK;
}
