/* SPDX-License-Identifier: Apache-2.0 */
/* Verifier keys of C2SP signed notes: c2sp.org/signed-note, "Verifier keys". */
#include "appliance/crypto/note.h"

#include <string.h>

#include "appliance/base/text.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/key.h"

#define ED25519_BYTES 32
#define TYPE_ED25519 0x01
#define HASH_BYTES 4

/* Code points with the property White_Space (Unicode 15, PropList.txt). */
static bool is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	       c == 0x3000;
}

/* Not empty, UTF-8 without control characters, no space, no '+'. */
static bool name_is_valid(const char *name)
{
	const uint8_t *at = (const uint8_t *)name;
	size_t left = strlen(name);

	if (left == 0)
		return false;
	while (left > 0) {
		uint32_t c;
		size_t size = sr_utf8_decode(at, left, &c);

		if (size == 0 || c < 0x20 || c == 0x7f || c == '+' || is_space(c))
			return false;
		at += size;
		left -= size;
	}
	return true;
}

/* First four bytes of SHA-256(name, LF, type, public key). */
static enum sr_status key_hash(const char *name, const uint8_t typed_key[1 + ED25519_BYTES],
                               uint8_t out[HASH_BYTES], struct sr_err *err)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	struct sr_digest digest;

	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_hasher_add(hasher, name, strlen(name), err));
	SR_TRY(sr_hasher_add(hasher, "\n", 1, err));
	SR_TRY(sr_hasher_add(hasher, typed_key, 1 + ED25519_BYTES, err));
	SR_TRY(sr_hasher_finish(hasher, &digest, err));
	memcpy(out, digest.bytes, HASH_BYTES);
	return SR_OK;
}

enum sr_status sr_note_verifier_key(const char *name, const struct sr_key *key, struct sr_buf *out,
                                    struct sr_err *err)
{
	uint8_t typed_key[1 + ED25519_BYTES] = { TYPE_ED25519 };
	size_t size = ED25519_BYTES;
	uint8_t hash[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];

	if (!name_is_valid(name))
		return sr_fail(err, SR_INVALID, "a note key's name must not be empty nor have spaces or '+'");
	if (EVP_PKEY_get_base_id(key->pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(key->pkey, typed_key + 1, &size) != 1)
		return sr_crypto_fail(err, SR_INVALID, "a note key must be an Ed25519 key");
	SR_TRY(key_hash(name, typed_key, hash, err));
	sr_hex_encode(hash, sizeof(hash), hex);
	SR_TRY(sr_buf_printf(out, err, "%s+%s+", name, hex));
	return sr_base64_encode(SR_BASE64_PADDED, typed_key, sizeof(typed_key), out, err);
}
