/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suites: how the members of an archive are encrypted.  cover.json names one, and everything outside crypto/
 * reaches members' cryptography through its entry in one table, so that a second suite (the national
 * algorithms SM2, SM3, SM4) is one entry more.  docs/FORMAT.md, "Suite".
 *
 * What every suite has in common: an encrypted file is a head of fixed size, then chunks of a fixed plaintext
 * size with a tag each, so that offsets follow from sizes; the case has one identity with one recipient.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/secret.h"

#define SR_SUITE_AGE_X25519 "age-x25519"

/* Bounds that every suite keeps; callers size their memory by them. */
#define SR_SUITE_HEAD_MAX 1024u
#define SR_SUITE_KEY_MAX 64u
#define SR_SUITE_TAG_MAX 64u
#define SR_SUITE_CHUNK_MIN 16384u
#define SR_SUITE_CHUNK_MAX (1u << 20) /* and a power of two */

struct sr_suite_recipient {
	uint8_t bytes[64];
};

/* What must be random in one file; wiped by whoever drew it. */
struct sr_suite_seeds {
	uint8_t bytes[64];
};

struct sr_suite_cipher;   /* seals and opens chunks under one payload key; one thread at a time */
struct sr_suite_unlocker; /* opens the heads of one identity's files; any thread */
struct sr_suite_reader;   /* random access to one encrypted file; one thread at a time */

struct sr_suite {
	const char *name;
	size_t head_bytes;    /* of an encrypted file for one recipient, before its first chunk */
	size_t chunk_bytes;   /* plaintext of a full chunk */
	size_t tag_bytes;     /* that each chunk grows by */
	size_t key_bytes;     /* of a payload key */
	size_t identity_text; /* bytes of an identity's text, its NUL included */

	/* The case's identity; its text is what identity.p7m and identity.age hold. */
	enum sr_status (*identity_new)(struct sr_secret **out, struct sr_err *err);
	enum sr_status (*identity_to_text)(const struct sr_secret *identity, struct sr_secret **out,
	                                   struct sr_err *err);
	enum sr_status (*identity_from_text)(const char *text, size_t size, struct sr_secret **out,
	                                     struct sr_err *err);
	enum sr_status (*recipient_of)(const struct sr_secret *identity, struct sr_suite_recipient *out,
	                               struct sr_err *err);

	/* Encrypting in pieces: head_bytes at @head, the payload key into @key (key_bytes). */
	enum sr_status (*seeds_draw)(struct sr_suite_seeds *out, struct sr_err *err);
	enum sr_status (*head_make)(const struct sr_suite_recipient *recipient,
	                            const struct sr_suite_seeds *seeds, uint8_t *head, uint8_t *key,
	                            struct sr_err *err);
	enum sr_status (*cipher_new)(struct sr_suite_cipher **out, struct sr_err *err);
	enum sr_status (*cipher_rekey)(struct sr_suite_cipher *cipher, const uint8_t *key,
	                               struct sr_err *err);
	void (*cipher_free)(struct sr_suite_cipher *cipher); /* wipes; NULL is allowed */
	enum sr_status (*chunk_seal)(struct sr_suite_cipher *cipher, uint64_t index, bool last,
	                             const uint8_t *plain, size_t size, uint8_t *out, struct sr_err *err);

	/* Small files as a whole.  @max bytes of plaintext. */
	enum sr_status (*encrypt)(const struct sr_suite_recipient *recipient, struct sr_bytes plain,
	                          struct sr_buf *out, struct sr_err *err);
	enum sr_status (*decrypt)(const struct sr_secret *identity, struct sr_bytes file, size_t max,
	                          struct sr_secret **out, struct sr_err *err);

	/* Random access: as sr_age_reader_open and its fellows. */
	enum sr_status (*reader_open)(int fd, uint64_t offset, uint64_t size,
	                              const struct sr_secret *identity, struct sr_suite_reader **out,
	                              struct sr_err *err);
	/* The payload key (key_bytes) of one encrypted file; @head is its first head_bytes.  Statuses as
	 * sr_age_head_open. */
	enum sr_status (*unlocker_new)(const struct sr_secret *identity, struct sr_suite_unlocker **out,
	                               struct sr_err *err);
	void (*unlocker_free)(struct sr_suite_unlocker *unlocker); /* wipes; NULL is allowed */
	enum sr_status (*head_open)(const struct sr_suite_unlocker *unlocker, const uint8_t *head,
	                            uint8_t *key, struct sr_err *err);
	/* As sr_age_reader_open_known. */
	enum sr_status (*reader_open_key)(int fd, uint64_t offset, uint64_t plain_bytes, const uint8_t *key,
	                                  struct sr_suite_reader **out, struct sr_err *err);
	uint64_t (*reader_size)(const struct sr_suite_reader *reader);
	enum sr_status (*reader_read)(struct sr_suite_reader *reader, uint64_t offset, uint8_t *out,
	                              size_t size, size_t *got, struct sr_err *err);
	void (*reader_close)(struct sr_suite_reader *reader); /* wipes; NULL is allowed */
};

/* The suite of that name; NULL for one that this version does not know. */
const struct sr_suite *sr_suite_find(const char *name);

/* Bytes of the encrypted file for @plain bytes of plaintext; UINT64_MAX where that would overflow. */
uint64_t sr_suite_sealed_bytes(const struct sr_suite *suite, uint64_t plain);
/* Plaintext bytes of an encrypted file of @sealed bytes; SR_CORRUPT for an impossible size. */
SR_CHECKED enum sr_status sr_suite_plain_bytes(const struct sr_suite *suite, uint64_t sealed, uint64_t *out,
                                               struct sr_err *err);
