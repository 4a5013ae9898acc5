/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload of an age file: chunks of 64 KiB under ChaCha20-Poly1305, the STREAM construction.
 * A struct sr_age_cipher belongs to one thread at a time; several may share one payload key.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/crypto/age_keys.h"

#define SR_AGE_TAG_BYTES 16
#define SR_AGE_CHUNK_BYTES 65536u                                         /* plaintext of a full chunk */
#define SR_AGE_SEALED_CHUNK_BYTES (SR_AGE_CHUNK_BYTES + SR_AGE_TAG_BYTES) /* 65552 */

/* Bytes of the payload (all chunks, no head) for @plain bytes of plaintext; UINT64_MAX when there is no such
 * number. */
uint64_t sr_age_payload_bytes(uint64_t plain);
/* Chunks of a payload for @plain bytes: at least 1. */
uint64_t sr_age_chunk_count(uint64_t plain);
/* Plaintext bytes of a payload of @payload bytes; SR_CORRUPT for an impossible size.  Only the last
 * chunk's tag proves it: open that chunk before telling the size to anyone. */
SR_CHECKED enum sr_status sr_age_plain_bytes(uint64_t payload, uint64_t *out, struct sr_err *err);

struct sr_age_cipher; /* ChaCha20-Poly1305 under one payload key; holds the key in its context */

SR_CHECKED enum sr_status sr_age_cipher_new(const uint8_t payload_key[SR_AGE_KEY_BYTES],
                                            struct sr_age_cipher **out, struct sr_err *err);
/* Take another key: cheaper than a new one. */
SR_CHECKED enum sr_status sr_age_cipher_rekey(struct sr_age_cipher *cipher,
                                              const uint8_t payload_key[SR_AGE_KEY_BYTES],
                                              struct sr_err *err);
void sr_age_cipher_free(struct sr_age_cipher *cipher); /* wipes; NULL is allowed */
static inline void sr_age_cipher_freep(struct sr_age_cipher **cipher)
{
	sr_age_cipher_free(*cipher);
	*cipher = NULL;
}

/*
 * Neither allocates.  Seal: @size <= SR_AGE_CHUNK_BYTES, full unless last, empty only where it is the only
 * chunk (SR_INVALID otherwise); @out has room for size + 16 and may not overlap @plain.  Never seal two
 * plaintexts under one key and index: that breaks the cipher.
 */
SR_CHECKED enum sr_status sr_age_chunk_seal(struct sr_age_cipher *cipher, uint64_t index, bool last,
                                            const uint8_t *plain, size_t size, uint8_t *out,
                                            struct sr_err *err);
/*
 * @size counts the tag (16 to SR_AGE_SEALED_CHUNK_BYTES); @out has room for size - 16, does not overlap
 * @sealed, and holds nothing unless SR_OK.  SR_CORRUPT for a size that this chunk cannot have,
 * SR_TAMPERED when the tag fails.
 */
SR_CHECKED enum sr_status sr_age_chunk_open(struct sr_age_cipher *cipher, uint64_t index, bool last,
                                            const uint8_t *sealed, size_t size, uint8_t *out,
                                            struct sr_err *err);
