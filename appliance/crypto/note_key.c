/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/note_key.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/crypto/digest.h"

#define TYPE_ED25519 0x01

/* Code points with the property White_Space (Unicode 15, PropList.txt). */
static bool is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	       c == 0x3000;
}

bool sr_note_name_is_valid(struct sr_bytes name)
{
	if (name.size == 0)
		return false;
	while (name.size > 0) {
		uint32_t c;
		size_t size = sr_utf8_decode(name.data, name.size, &c);

		if (size == 0 || c < 0x20 || c == 0x7f || c == '+' || is_space(c))
			return false;
		name.data += size;
		name.size -= size;
	}
	return true;
}

enum sr_status sr_note_key_make(struct sr_bytes name, const uint8_t public_key[SR_NOTE_KEY_BYTES],
                                struct sr_note_key *out, struct sr_err *err)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	static const uint8_t between[2] = { '\n', TYPE_ED25519 };
	struct sr_digest digest;

	if (!sr_note_name_is_valid(name))
		return sr_fail(err, SR_INVALID, "a note key's name must not be empty nor have spaces or '+'");
	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_hasher_add(hasher, name.data, name.size, err));
	SR_TRY(sr_hasher_add(hasher, between, sizeof(between), err));
	SR_TRY(sr_hasher_add(hasher, public_key, SR_NOTE_KEY_BYTES, err));
	SR_TRY(sr_hasher_finish(hasher, &digest, err));
	out->name = name;
	memcpy(out->id, digest.bytes, SR_NOTE_ID_BYTES);
	memcpy(out->public_key, public_key, SR_NOTE_KEY_BYTES);
	return SR_OK;
}

enum sr_status sr_note_key_write(const struct sr_note_key *key, struct sr_buf *out, struct sr_err *err)
{
	uint8_t typed[1 + SR_NOTE_KEY_BYTES] = { TYPE_ED25519 };
	char hex[2 * SR_NOTE_ID_BYTES + 1];

	memcpy(typed + 1, key->public_key, SR_NOTE_KEY_BYTES);
	sr_hex_encode(key->id, SR_NOTE_ID_BYTES, hex);
	SR_TRY(sr_buf_add(out, key->name.data, key->name.size, err));
	SR_TRY(sr_buf_printf(out, err, "+%s+", hex));
	return sr_base64_encode(SR_BASE64_PADDED, typed, sizeof(typed), out, err);
}

enum sr_status sr_note_key_read(const char *text, struct sr_note_key *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf typed = { 0 };
	/* The base64 may have a '+' of its own: only the first two separate. */
	const char *id = strchr(text, '+');
	const char *base64 = id ? strchr(id + 1, '+') : NULL;
	uint8_t claimed[SR_NOTE_ID_BYTES];
	struct sr_note_key key;

	if (!base64 || !sr_hex_decode(id + 1, (size_t)(base64 - id - 1), true, claimed, sizeof(claimed)))
		return sr_fail(err, SR_INVALID,
		               "a verifier key looks like NAME+8 hexadecimal digits+base64; give it whole");
	base64++;
	if (sr_base64_decode(SR_BASE64_PADDED, base64, strlen(base64), &typed, err) != SR_OK ||
	    typed.size != 1 + SR_NOTE_KEY_BYTES || typed.data[0] != TYPE_ED25519)
		return sr_fail(err, SR_INVALID, "the verifier key's last part is no Ed25519 key in base64");
	struct sr_bytes name = { .data = (const uint8_t *)text, .size = (size_t)(id - text) };
	SR_TRY(sr_note_key_make(name, typed.data + 1, &key, err));
	if (memcmp(claimed, key.id, sizeof(claimed)) != 0)
		return sr_fail(err, SR_INVALID,
		               "the verifier key's id is not that of its name and key; copy it again");
	*out = key;
	return SR_OK;
}
