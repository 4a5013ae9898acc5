/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_file.h"

#include "appliance/base/cleanup.h"
#include "appliance/crypto/age_header.h"
#include "appliance/crypto/age_payload.h"
#include "appliance/crypto/wipe.h"

static size_t chunk_size(size_t left, size_t full)
{
	return left < full ? left : full;
}

static enum sr_status seal_all(const uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_bytes plain,
                               struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	uint64_t chunks = sr_age_chunk_count(plain.size);

	SR_TRY(sr_buf_reserve(out, sr_age_payload_bytes(plain.size), err));
	SR_TRY(sr_age_cipher_new(payload_key, &cipher, err));
	for (uint64_t i = 0; i < chunks; i++) {
		size_t size = chunk_size(plain.size, SR_AGE_CHUNK_BYTES);

		SR_TRY(sr_age_chunk_seal(cipher, i, i == chunks - 1, plain.data, size, out->data + out->size,
		                         err));
		out->size += size + SR_AGE_TAG_BYTES;
		plain.size -= size;
		plain.data = plain.size > 0 ? plain.data + size : NULL;
	}
	return SR_OK;
}

enum sr_status sr_age_encrypt(const struct sr_age_recipient *recipients, size_t count, struct sr_bytes plain,
                              struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_age_seeds_wipep) struct sr_age_seeds seeds = { 0 };
	SR_CLEANUP(sr_wipe_key) uint8_t payload_key[32] = { 0 };
	size_t start = out->size;

	SR_TRY(sr_age_seeds_draw(&seeds, err));
	SR_TRY(sr_age_head_make(recipients, count, &seeds, out, payload_key, err));
	enum sr_status status = seal_all(payload_key, plain, out, err);
	if (status != SR_OK)
		out->size = start;
	return status;
}

static enum sr_status open_all(const uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_bytes payload,
                               uint8_t *out, struct sr_err *err)
{
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;

	SR_TRY(sr_age_cipher_new(payload_key, &cipher, err));
	for (uint64_t i = 0; payload.size > 0; i++) {
		size_t size = chunk_size(payload.size, SR_AGE_SEALED_CHUNK_BYTES);

		SR_TRY(sr_age_chunk_open(cipher, i, size == payload.size, payload.data, size, out, err));
		payload.data += size;
		payload.size -= size;
		out += size - SR_AGE_TAG_BYTES;
	}
	return SR_OK;
}

enum sr_status sr_age_decrypt(const struct sr_secret *identity, struct sr_bytes file, size_t max,
                              struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
	SR_CLEANUP(sr_wipe_key) uint8_t payload_key[32] = { 0 };
	size_t head;
	uint64_t size;

	SR_TRY(sr_age_head_open(file.data, file.size, identity, payload_key, &head, err));
	SR_TRY(sr_age_plain_bytes(file.size - head, &size, err));
	if (size > max)
		return sr_fail(err, SR_LIMIT, "age file of more than %zu bytes", max);
	SR_TRY(sr_secret_new(size > 0 ? size : 1, &plain, err));
	plain->size = size;
	SR_TRY(open_all(payload_key, (struct sr_bytes){ file.data + head, file.size - head }, plain->data,
	                err));
	*out = SR_MOVE(plain);
	return SR_OK;
}
