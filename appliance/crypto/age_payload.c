/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_payload.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/aead.h"

struct sr_age_cipher {
	EVP_CIPHER_CTX *ctx;
};

uint64_t sr_age_chunk_count(uint64_t plain)
{
	return plain == 0 ? 1 : (plain - 1) / SR_AGE_CHUNK_BYTES + 1;
}

uint64_t sr_age_payload_bytes(uint64_t plain)
{
	uint64_t tags = sr_age_chunk_count(plain) * SR_AGE_TAG_BYTES; /* at most 2^52 */
	uint64_t payload;

	return __builtin_add_overflow(plain, tags, &payload) ? UINT64_MAX : payload;
}

enum sr_status sr_age_plain_bytes(uint64_t payload, uint64_t *out, struct sr_err *err)
{
	uint64_t whole = payload / SR_AGE_SEALED_CHUNK_BYTES;
	uint64_t rest = payload % SR_AGE_SEALED_CHUNK_BYTES;

	/* A last chunk holds its tag and, unless it is the only one, plaintext. */
	if (payload < SR_AGE_TAG_BYTES || (whole > 0 && rest > 0 && rest <= SR_AGE_TAG_BYTES))
		return sr_fail(err, SR_CORRUPT, "no age payload is %llu bytes long: it was cut or extended",
		               (unsigned long long)payload);
	*out = payload - (whole + (rest > 0)) * SR_AGE_TAG_BYTES;
	return SR_OK;
}

enum sr_status sr_age_cipher_new(const uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_age_cipher **out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = calloc(1, sizeof(*cipher));

	if (!cipher)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a cipher");
	SR_TRY(sr_aead_new(payload_key, &cipher->ctx, err));
	*out = SR_MOVE(cipher);
	return SR_OK;
}

enum sr_status sr_age_cipher_rekey(struct sr_age_cipher *cipher, const uint8_t payload_key[SR_AGE_KEY_BYTES],
                                   struct sr_err *err)
{
	return sr_aead_rekey(cipher->ctx, payload_key, err);
}

void sr_age_cipher_free(struct sr_age_cipher *cipher)
{
	if (!cipher)
		return;
	sr_aead_freep(&cipher->ctx);
	free(cipher);
}

/* Eleven bytes of big-endian counter, then the mark of the last chunk. */
static void make_nonce(uint64_t index, bool last, uint8_t nonce[SR_AEAD_NONCE_BYTES])
{
	nonce[0] = nonce[1] = nonce[2] = 0;
	for (unsigned i = 0; i < 8; i++)
		nonce[3 + i] = (uint8_t)(index >> (56 - 8 * i));
	nonce[11] = last;
}

/* Only the last chunk may be short, and it is empty only where there is no other. */
static bool size_fits(uint64_t index, bool last, size_t plain)
{
	if (plain == SR_AGE_CHUNK_BYTES)
		return true;
	return last && plain < SR_AGE_CHUNK_BYTES && (plain > 0 || index == 0);
}

enum sr_status sr_age_chunk_seal(struct sr_age_cipher *cipher, uint64_t index, bool last,
                                 const uint8_t *plain, size_t size, uint8_t *out, struct sr_err *err)
{
	uint8_t nonce[SR_AEAD_NONCE_BYTES];

	if (!size_fits(index, last, size))
		return sr_fail(err, SR_INVALID, "chunk %llu cannot hold %zu bytes", (unsigned long long)index,
		               size);
	make_nonce(index, last, nonce);
	return sr_aead_seal(cipher->ctx, nonce, plain, size, out, err);
}

enum sr_status sr_age_chunk_open(struct sr_age_cipher *cipher, uint64_t index, bool last,
                                 const uint8_t *sealed, size_t size, uint8_t *out, struct sr_err *err)
{
	uint8_t nonce[SR_AEAD_NONCE_BYTES];

	if (size < SR_AGE_TAG_BYTES || !size_fits(index, last, size - SR_AGE_TAG_BYTES))
		return sr_fail(err, SR_CORRUPT, "chunk %llu of %zu bytes: the file was cut or extended",
		               (unsigned long long)index, size);
	make_nonce(index, last, nonce);
	enum sr_status status = sr_aead_open(cipher->ctx, nonce, sealed, size, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "chunk %llu: ", (unsigned long long)index);
	return SR_OK;
}
