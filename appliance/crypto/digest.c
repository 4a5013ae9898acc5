/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/crypto/algorithms.h"
#include "appliance/crypto/failure.h"

struct sr_hasher {
	EVP_MD_CTX *ctx;
};

static void free_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static enum sr_status start(EVP_MD_CTX *ctx, struct sr_err *err)
{
	const struct sr_algorithms *algorithms;

	SR_TRY(sr_algorithms_get(&algorithms, err));
	if (EVP_DigestInit_ex2(ctx, algorithms->sha256, NULL) != 1)
		return sr_crypto_fail(err, SR_IO, "start SHA-256");
	return SR_OK;
}

enum sr_status sr_hasher_new(struct sr_hasher **out, struct sr_err *err)
{
	SR_CLEANUP(free_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for SHA-256");
	SR_TRY(start(ctx, err));

	struct sr_hasher *hasher = calloc(1, sizeof(*hasher));
	if (!hasher)
		return sr_fail(err, SR_NO_MEMORY, "no memory for SHA-256");
	hasher->ctx = SR_MOVE(ctx);
	*out = hasher;
	return SR_OK;
}

void sr_hasher_free(struct sr_hasher *hasher)
{
	if (!hasher)
		return;
	EVP_MD_CTX_free(hasher->ctx);
	free(hasher);
}

enum sr_status sr_hasher_add(struct sr_hasher *hasher, const void *data, size_t size, struct sr_err *err)
{
	if (EVP_DigestUpdate(hasher->ctx, data, size) != 1)
		return sr_crypto_fail(err, SR_IO, "SHA-256");
	return SR_OK;
}

enum sr_status sr_hasher_finish(struct sr_hasher *hasher, struct sr_digest *out, struct sr_err *err)
{
	struct sr_digest digest;

	if (EVP_DigestFinal_ex(hasher->ctx, digest.bytes, NULL) != 1)
		return sr_crypto_fail(err, SR_IO, "finish SHA-256");
	SR_TRY(start(hasher->ctx, err));
	*out = digest;
	return SR_OK;
}

enum sr_status sr_digest_of(const void *data, size_t size, struct sr_digest *out, struct sr_err *err)
{
	const struct sr_algorithms *algorithms;
	struct sr_digest digest;

	SR_TRY(sr_algorithms_get(&algorithms, err));
	if (EVP_Digest(data, size, digest.bytes, NULL, algorithms->sha256, NULL) != 1)
		return sr_crypto_fail(err, SR_IO, "SHA-256");
	*out = digest;
	return SR_OK;
}

bool sr_digest_equal(const struct sr_digest *a, const struct sr_digest *b)
{
	return memcmp(a->bytes, b->bytes, SR_DIGEST_BYTES) == 0;
}

void sr_digest_to_hex(const struct sr_digest *digest, char out[SR_DIGEST_HEX])
{
	sr_hex_encode(digest->bytes, SR_DIGEST_BYTES, out);
}

bool sr_digest_from_hex(const char *hex, struct sr_digest *out)
{
	return sr_hex_decode(hex, strlen(hex), false, out->bytes, SR_DIGEST_BYTES);
}
