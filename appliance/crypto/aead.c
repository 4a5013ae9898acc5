/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/aead.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/algorithms.h"
#include "appliance/crypto/failure.h"

enum sr_status sr_aead_new(const uint8_t key[32], EVP_CIPHER_CTX **out, struct sr_err *err)
{
	const struct sr_algorithms *algorithms;

	SR_TRY(sr_algorithms_get(&algorithms, err));
	SR_CLEANUP(sr_aead_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!ctx)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for ChaCha20-Poly1305");
	if (EVP_EncryptInit_ex2(ctx, algorithms->chacha20_poly1305, key, NULL, NULL) != 1)
		return sr_crypto_fail(err, SR_IO, "ChaCha20-Poly1305 key");
	*out = SR_MOVE(ctx);
	return SR_OK;
}

enum sr_status sr_aead_rekey(EVP_CIPHER_CTX *ctx, const uint8_t key[32], struct sr_err *err)
{
	if (EVP_EncryptInit_ex2(ctx, NULL, key, NULL, NULL) != 1)
		return sr_crypto_fail(err, SR_IO, "ChaCha20-Poly1305 key");
	return SR_OK;
}

enum sr_status sr_aead_seal(EVP_CIPHER_CTX *ctx, const uint8_t nonce[SR_AEAD_NONCE_BYTES],
                            const uint8_t *plain, size_t size, uint8_t *out, struct sr_err *err)
{
	int written = 0;
	int rest = 0;

	assert(size <= INT_MAX - SR_AEAD_TAG_BYTES);
	if (EVP_EncryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
	    (size > 0 && EVP_EncryptUpdate(ctx, out, &written, plain, (int)size) != 1) ||
	    EVP_EncryptFinal_ex(ctx, out + size, &rest) != 1 || (size_t)written != size || rest != 0 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SR_AEAD_TAG_BYTES, out + size) != 1)
		return sr_crypto_fail(err, SR_IO, "seal with ChaCha20-Poly1305");
	return SR_OK;
}

enum sr_status sr_aead_open(EVP_CIPHER_CTX *ctx, const uint8_t nonce[SR_AEAD_NONCE_BYTES],
                            const uint8_t *sealed, size_t size, uint8_t *out, struct sr_err *err)
{
	uint8_t tag[SR_AEAD_TAG_BYTES]; /* OpenSSL takes it through a pointer to non-const */
	uint8_t nothing[1];
	int written = 0;
	int rest = 0;

	assert(size >= SR_AEAD_TAG_BYTES && size <= INT_MAX);
	size -= SR_AEAD_TAG_BYTES;
	memcpy(tag, sealed + size, sizeof(tag));
	if (EVP_DecryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SR_AEAD_TAG_BYTES, tag) != 1)
		return sr_crypto_fail(err, SR_IO, "open with ChaCha20-Poly1305");
	if ((size > 0 && EVP_DecryptUpdate(ctx, out, &written, sealed, (int)size) != 1) ||
	    EVP_DecryptFinal_ex(ctx, nothing, &rest) != 1 || (size_t)written != size || rest != 0) {
		sr_wipe(out, size);
		return sr_crypto_fail(err, SR_TAMPERED, "authentication fails");
	}
	return SR_OK;
}
