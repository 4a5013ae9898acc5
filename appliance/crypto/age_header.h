/* SPDX-License-Identifier: Apache-2.0 */
/* Header and payload nonce of an age file.  Thread-safe: no state. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/age_keys.h"

#define SR_AGE_FILE_KEY_BYTES 16
#define SR_AGE_NONCE_BYTES 16
#define SR_AGE_HEAD_BYTES 184u /* header for one recipient (168) and nonce (16) */
#define SR_AGE_HEAD_MAX (SR_LIMIT_AGE_HEADER_BYTES + SR_AGE_NONCE_BYTES)

/* What must be random in one file; drawn beforehand so that tests and parallel writers agree. */
struct sr_age_seeds {
	uint8_t file_key[SR_AGE_FILE_KEY_BYTES];
	uint8_t nonce[SR_AGE_NONCE_BYTES];
	uint8_t ephemeral[SR_AGE_KEY_BYTES]; /* X25519 secret of the first stanza, seed of the others' */
};
/* Release handler: seeds are as secret as the file, and good for one file only. */
static inline void sr_age_seeds_wipep(struct sr_age_seeds *seeds)
{
	sr_wipe(seeds, sizeof(*seeds));
}

SR_CHECKED enum sr_status sr_age_seeds_draw(struct sr_age_seeds *out, struct sr_err *err);

/*
 * Append header and nonce for @count recipients (1 to SR_LIMIT_AGE_STANZAS); for one recipient that is
 * SR_AGE_HEAD_BYTES.  @payload_key receives SR_AGE_KEY_BYTES.  The first stanza's ephemeral secret is
 * seeds->ephemeral; that of stanza i > 0 is HKDF-SHA-256(ikm = ephemeral, salt = recipient,
 * info = "strongroom ephemeral" and the byte i), so that equal seeds give equal bytes.
 * SR_INVALID when a recipient is a point of low order, which protects nothing, or for a wrong count.
 */
SR_CHECKED enum sr_status sr_age_head_make(const struct sr_age_recipient *recipients, size_t count,
                                           const struct sr_age_seeds *seeds, struct sr_buf *out,
                                           uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_err *err);

/*
 * Parse and unlock a header.  @bytes starts at the file's first byte and holds the whole header and
 * nonce, or the file's first SR_AGE_HEAD_MAX bytes.  Untrusted, any content is safe.
 * *head_bytes is where the payload begins.  Returns SR_CORRUPT when the bytes are no age header (armoured
 * ones too) or break a rule or limit, SR_DENIED when no stanza opens with @identity, SR_TAMPERED when one
 * does but the header's MAC fails.
 */
SR_CHECKED enum sr_status sr_age_head_open(const uint8_t *bytes, size_t size,
                                           const struct sr_secret *identity,
                                           uint8_t payload_key[SR_AGE_KEY_BYTES], size_t *head_bytes,
                                           struct sr_err *err);

/*
 * An identity that opens many heads: what is the same for each of them is done once.  Immutable; any thread.
 * Its secret lies in locked memory.
 */
struct sr_age_unlocker;
SR_CHECKED enum sr_status sr_age_unlocker_new(const struct sr_secret *identity, struct sr_age_unlocker **out,
                                              struct sr_err *err);
void sr_age_unlocker_free(struct sr_age_unlocker *unlocker); /* wipes; NULL is allowed */
static inline void sr_age_unlocker_freep(struct sr_age_unlocker **unlocker)
{
	sr_age_unlocker_free(*unlocker);
	*unlocker = NULL;
}
/* As sr_age_head_open. */
SR_CHECKED enum sr_status sr_age_unlocker_open(const struct sr_age_unlocker *unlocker, const uint8_t *bytes,
                                               size_t size, uint8_t payload_key[SR_AGE_KEY_BYTES],
                                               size_t *head_bytes, struct sr_err *err);
