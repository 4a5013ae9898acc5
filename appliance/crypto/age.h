/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age files (age-encryption.org/v1), X25519 recipients only: keys, header, payload chunks.
 * Source: C2SP age.md; FORMAT.md section "age".  Functions hold no state and may run in any thread;
 * a struct sr_age_cipher belongs to one thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/secret.h"

#define SR_AGE_KEY_BYTES 32
#define SR_AGE_FILE_KEY_BYTES 16
#define SR_AGE_NONCE_BYTES 16
#define SR_AGE_TAG_BYTES 16
#define SR_AGE_CHUNK_BYTES 65536u                                         /* plaintext of a full chunk */
#define SR_AGE_SEALED_CHUNK_BYTES (SR_AGE_CHUNK_BYTES + SR_AGE_TAG_BYTES) /* 65552 */
#define SR_AGE_HEAD_BYTES 184u   /* header for one recipient (168) and nonce (16) */
#define SR_AGE_RECIPIENT_TEXT 63 /* "age1…", 62 characters and NUL */
#define SR_AGE_IDENTITY_TEXT 75  /* "AGE-SECRET-KEY-1…", 74 characters and NUL */

struct sr_age_recipient {
	uint8_t bytes[SR_AGE_KEY_BYTES]; /* X25519 public key */
};

/* What must be random in one file; drawn beforehand so that tests and parallel writers agree. */
struct sr_age_seeds {
	uint8_t file_key[SR_AGE_FILE_KEY_BYTES];
	uint8_t nonce[SR_AGE_NONCE_BYTES];
	uint8_t ephemeral[SR_AGE_KEY_BYTES]; /* X25519 secret of the first stanza, seed of the others' */
};

/* --- keys: an identity is a struct sr_secret of exactly SR_AGE_KEY_BYTES (X25519 private key) ------ */

SR_CHECKED enum sr_status sr_age_identity_new(struct sr_secret **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_age_identity_recipient(const struct sr_secret *identity,
                                                    struct sr_age_recipient *out, struct sr_err *err);
/* @out: SR_AGE_IDENTITY_TEXT bytes in a secret, NUL-terminated. */
SR_CHECKED enum sr_status sr_age_identity_to_text(const struct sr_secret *identity, struct sr_secret **out,
                                                  struct sr_err *err);
/*
 * The first identity of an identity file: blank lines and '#' lines are skipped, CRLF is accepted.
 * SR_CORRUPT when there is none, when it is damaged, or of another kind.
 */
SR_CHECKED enum sr_status sr_age_identity_from_text(const char *text, size_t size, struct sr_secret **out,
                                                    struct sr_err *err);
SR_CHECKED enum sr_status sr_age_recipient_to_text(const struct sr_age_recipient *recipient,
                                                   char out[SR_AGE_RECIPIENT_TEXT], struct sr_err *err);
SR_CHECKED enum sr_status sr_age_recipient_from_text(const char *text, struct sr_age_recipient *out,
                                                     struct sr_err *err);

/* --- header ---------------------------------------------------------------------------------------- */

SR_CHECKED enum sr_status sr_age_seeds_draw(struct sr_age_seeds *out, struct sr_err *err);

/*
 * Append header and nonce for @count recipients (1 to SR_LIMIT_AGE_STANZAS); for one recipient that is
 * SR_AGE_HEAD_BYTES.  @payload_key receives SR_AGE_KEY_BYTES.  The first
 * stanza's ephemeral secret is seeds->ephemeral; that of stanza i > 0 is HKDF-SHA-256(ikm = ephemeral, salt =
 * recipient, info = "strongroom ephemeral" and the byte i), so that equal seeds give equal bytes.
 */
SR_CHECKED enum sr_status sr_age_head_make(const struct sr_age_recipient *recipients, size_t count,
                                           const struct sr_age_seeds *seeds, struct sr_buf *out,
                                           uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_err *err);

/*
 * Parse and unlock a header.  @bytes starts at the file's first byte and holds the whole header and
 * nonce, or the file's first SR_LIMIT_AGE_HEADER_BYTES + SR_AGE_NONCE_BYTES.  Untrusted, any content is safe.
 * *head_bytes is where the payload begins.  Returns SR_CORRUPT when the bytes are no age header (armoured
 * ones too) or break a rule or limit, SR_DENIED when no stanza opens with @identity, SR_TAMPERED when one
 * does but the header's MAC fails.
 */
SR_CHECKED enum sr_status sr_age_head_open(const uint8_t *bytes, size_t size,
                                           const struct sr_secret *identity,
                                           uint8_t payload_key[SR_AGE_KEY_BYTES], size_t *head_bytes,
                                           struct sr_err *err);

/* --- payload --------------------------------------------------------------------------------------- */

/* Bytes of the payload (all chunks, no head) for @plain bytes of plaintext. */
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

/* @size <= SR_AGE_CHUNK_BYTES, full unless last; @out has room for size + 16.  @out may not overlap @plain.
 */
SR_CHECKED enum sr_status sr_age_chunk_seal(struct sr_age_cipher *cipher, uint64_t index, bool last,
                                            const uint8_t *plain, size_t size, uint8_t *out,
                                            struct sr_err *err);
/* @size counts the tag (16 to SR_AGE_SEALED_CHUNK_BYTES); @out has room for size - 16 and holds nothing
 * unless SR_OK.  SR_TAMPERED when the tag fails. */
SR_CHECKED enum sr_status sr_age_chunk_open(struct sr_age_cipher *cipher, uint64_t index, bool last,
                                            const uint8_t *sealed, size_t size, uint8_t *out,
                                            struct sr_err *err);

/* --- whole files ----------------------------------------------------------------------------------- */

/* Append the age file for a small plaintext. */
SR_CHECKED enum sr_status sr_age_encrypt(const struct sr_age_recipient *recipients, size_t count,
                                         struct sr_bytes plain, struct sr_buf *out, struct sr_err *err);
/* Decrypt a small age file into new locked memory; at most @max bytes of plaintext.  An empty plaintext
 * gives a secret with size 0 (one page is mapped all the same). */
SR_CHECKED enum sr_status sr_age_decrypt(const struct sr_secret *identity, struct sr_bytes file, size_t max,
                                         struct sr_secret **out, struct sr_err *err);

/* A stream from @in_fd to @out_fd with constant memory; nothing unauthenticated is ever written. */
SR_CHECKED enum sr_status sr_age_encrypt_fd(const struct sr_age_recipient *recipients, size_t count,
                                            int in_fd, int out_fd, struct sr_err *err);
SR_CHECKED enum sr_status sr_age_decrypt_fd(const struct sr_secret *identity, int in_fd, int out_fd,
                                            struct sr_err *err);

/* --- random access --------------------------------------------------------------------------------- */

struct sr_age_reader; /* one age file inside a seekable file; reads may come from one thread at a time */

/*
 * @fd is borrowed and must stay open; the age file lies at @offset and is @size bytes long, head included.
 * Unlocks the head and opens the last chunk, so that the size is authentic.  Errors as sr_age_head_open.
 */
SR_CHECKED enum sr_status sr_age_reader_open(int fd, uint64_t offset, uint64_t size,
                                             const struct sr_secret *identity, struct sr_age_reader **out,
                                             struct sr_err *err);
/* The same with a payload key that was unwrapped before; @head_bytes is where the payload begins. */
SR_CHECKED enum sr_status sr_age_reader_open_key(int fd, uint64_t offset, uint64_t size, uint64_t head_bytes,
                                                 const uint8_t payload_key[SR_AGE_KEY_BYTES],
                                                 struct sr_age_reader **out, struct sr_err *err);
void sr_age_reader_close(struct sr_age_reader *reader); /* wipes; NULL is allowed */
static inline void sr_age_reader_closep(struct sr_age_reader **reader)
{
	sr_age_reader_close(*reader);
	*reader = NULL;
}
uint64_t sr_age_reader_size(const struct sr_age_reader *reader); /* plaintext bytes */
/* Up to @size bytes at @offset, fewer only at the end.  SR_TAMPERED names the chunk; nothing of a chunk
 * that fails is returned. */
SR_CHECKED enum sr_status sr_age_reader_read(struct sr_age_reader *reader, uint64_t offset, uint8_t *out,
                                             size_t size, size_t *got, struct sr_err *err);
