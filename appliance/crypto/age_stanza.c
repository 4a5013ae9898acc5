/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_stanza.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/crypto/aead.h"
#include "appliance/crypto/hkdf.h"
#include "appliance/crypto/wipe.h"
#include "appliance/crypto/x25519.h"

#define WRAPPED_BYTES (SR_AGE_FILE_KEY_BYTES + SR_AEAD_TAG_BYTES)

/* One wrap key wraps one file key, so the nonce is always this. */
static const uint8_t zero_nonce[SR_AEAD_NONCE_BYTES];

/* The cipher that wraps a file key between @own and @peer. */
static enum sr_status wrap_cipher(const uint8_t own[SR_AGE_KEY_BYTES], const uint8_t peer[SR_AGE_KEY_BYTES],
                                  const uint8_t share[SR_AGE_KEY_BYTES],
                                  const uint8_t recipient[SR_AGE_KEY_BYTES], EVP_CIPHER_CTX **out,
                                  struct sr_err *err)
{
	static const uint8_t info[] = "age-encryption.org/v1/X25519";
	SR_CLEANUP(sr_wipe_key) uint8_t shared[32] = { 0 };
	SR_CLEANUP(sr_wipe_key) uint8_t key[32] = { 0 };
	uint8_t salt[2 * SR_AGE_KEY_BYTES];

	SR_TRY(sr_x25519_shared(own, peer, shared, err));
	memcpy(salt, share, SR_AGE_KEY_BYTES);
	memcpy(salt + SR_AGE_KEY_BYTES, recipient, SR_AGE_KEY_BYTES);
	SR_TRY(sr_hkdf_sha256((struct sr_bytes){ shared, sizeof(shared) },
	                      (struct sr_bytes){ salt, sizeof(salt) },
	                      (struct sr_bytes){ info, sizeof(info) - 1 }, key, err));
	return sr_aead_new(key, out, err);
}

enum sr_status sr_age_stanza_make(const struct sr_age_recipient *recipient,
                                  const uint8_t ephemeral[SR_AGE_KEY_BYTES],
                                  const uint8_t file_key[SR_AGE_FILE_KEY_BYTES], struct sr_buf *out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_aead_freep) EVP_CIPHER_CTX *cipher = NULL;
	uint8_t share[SR_AGE_KEY_BYTES];
	uint8_t body[WRAPPED_BYTES];

	SR_TRY(sr_x25519_public(ephemeral, share, err));
	enum sr_status status =
		wrap_cipher(ephemeral, recipient->bytes, share, recipient->bytes, &cipher, err);
	if (status == SR_CORRUPT) /* the recipient is the caller's, not read from a file */
		return sr_fail(err, SR_INVALID, "the recipient is no usable key (low order)");
	if (status != SR_OK)
		return status;
	SR_TRY(sr_aead_seal(cipher, zero_nonce, file_key, SR_AGE_FILE_KEY_BYTES, body, err));

	SR_TRY(sr_buf_add_text(out, "-> X25519 ", err));
	SR_TRY(sr_base64_encode(SR_BASE64_RAW, share, sizeof(share), out, err));
	SR_TRY(sr_buf_add_text(out, "\n", err));
	SR_TRY(sr_base64_encode(SR_BASE64_RAW, body, sizeof(body), out, err)); /* 43 columns: one line */
	return sr_buf_add_text(out, "\n", err);
}

bool sr_age_stanza_is(const struct sr_age_stanza *stanza, const char *type)
{
	const struct sr_bytes *first = &stanza->arguments[0];

	return first->size == strlen(type) && memcmp(first->data, type, first->size) == 0;
}

enum sr_status sr_age_stanza_share(const struct sr_age_stanza *stanza, uint8_t share[SR_AGE_KEY_BYTES],
                                   struct sr_err *err)
{
	if (stanza->argument_count != 2)
		return sr_fail(err, SR_CORRUPT, "X25519 stanza with %zu arguments instead of 2",
		               stanza->argument_count);
	/* Before any decryption: a body of another length would be an oracle for the key. */
	if (stanza->body_size != WRAPPED_BYTES)
		return sr_fail(err, SR_CORRUPT, "X25519 stanza with a body of %zu bytes instead of %d",
		               stanza->body_size, WRAPPED_BYTES);
	enum sr_status status = sr_age_base64(stanza->arguments[1], share, SR_AGE_KEY_BYTES, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "X25519 share: ");
	return SR_OK;
}

enum sr_status sr_age_stanza_open(const struct sr_age_stanza *stanza,
                                  const uint8_t identity[SR_AGE_KEY_BYTES],
                                  const uint8_t recipient[SR_AGE_KEY_BYTES],
                                  uint8_t file_key[SR_AGE_FILE_KEY_BYTES], struct sr_err *err)
{
	SR_CLEANUP(sr_aead_freep) EVP_CIPHER_CTX *cipher = NULL;
	uint8_t share[SR_AGE_KEY_BYTES];

	SR_TRY(sr_age_stanza_share(stanza, share, err));
	SR_TRY(wrap_cipher(identity, share, share, recipient, &cipher, err));
	enum sr_status status = sr_aead_open(cipher, zero_nonce, stanza->body, WRAPPED_BYTES, file_key, err);
	return status == SR_TAMPERED ? sr_fail(err, SR_DENIED, "the stanza is another's") : status;
}
