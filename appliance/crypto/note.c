/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/note.h"

#include <string.h>

#include "appliance/base/cursor.h"
#include "appliance/base/text.h"
#include "appliance/crypto/key.h"
#include "appliance/crypto/note_key.h"

#define SIGNATURE_BYTES 64 /* Ed25519 */

static const uint8_t dash[4] = { 0xe2, 0x80, 0x94, ' ' }; /* U+2014 and a space */

static enum sr_status own_key(const char *name, const struct sr_key *key, struct sr_note_key *out,
                              struct sr_err *err)
{
	struct sr_bytes bytes = { .data = (const uint8_t *)name, .size = strlen(name) };
	uint8_t public_key[SR_NOTE_KEY_BYTES];
	size_t size = sizeof(public_key);

	if (EVP_PKEY_get_base_id(key->pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(key->pkey, public_key, &size) != 1)
		return sr_crypto_fail(err, SR_INVALID, "a note key must be an Ed25519 key");
	return sr_note_key_make(bytes, public_key, out, err);
}

enum sr_status sr_note_verifier_key(const char *name, const struct sr_key *key, struct sr_buf *out,
                                    struct sr_err *err)
{
	struct sr_note_key own;

	SR_TRY(own_key(name, key, &own, err));
	return sr_note_key_write(&own, out, err);
}

/* UTF-8 without control characters but LF; ends with LF. */
static bool is_note_text(struct sr_bytes text)
{
	if (text.size == 0 || text.data[text.size - 1] != '\n' || !sr_utf8_is_valid(text.data, text.size))
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < 0x20 && text.data[i] != '\n')
			return false;
	return true;
}

SR_OSSL_RELEASE(free_md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)

enum sr_status sr_note_sign(struct sr_bytes text, const char *name, const struct sr_key *key,
                            struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t blob[SR_NOTE_ID_BYTES + SIGNATURE_BYTES];
	size_t size = SIGNATURE_BYTES;
	struct sr_note_key own;

	if (!is_note_text(text))
		return sr_fail(
			err, SR_INVALID,
			"the text of a note must be UTF-8 without control characters and end with a newline");
	SR_TRY(own_key(name, key, &own, err));
	memcpy(blob, own.id, SR_NOTE_ID_BYTES);
	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) != 1 ||
	    EVP_DigestSign(ctx, blob + SR_NOTE_ID_BYTES, &size, text.data, text.size) != 1)
		return sr_crypto_fail(err, SR_IO, "sign a note");
	SR_TRY(sr_buf_add(out, text.data, text.size, err));
	SR_TRY(sr_buf_add(out, "\n", 1, err));
	SR_TRY(sr_buf_add(out, dash, sizeof(dash), err));
	SR_TRY(sr_buf_printf(out, err, "%s ", name));
	SR_TRY(sr_base64_encode(SR_BASE64_PADDED, blob, sizeof(blob), out, err));
	return sr_buf_add(out, "\n", 1, err);
}

/* One line "— name base64" without its LF: the name in place, the decoded bytes in @blob. */
static enum sr_status read_line(struct sr_bytes line, struct sr_bytes *name, struct sr_buf *blob,
                                struct sr_err *err)
{
	if (line.size <= sizeof(dash) || memcmp(line.data, dash, sizeof(dash)) != 0)
		return sr_fail(err, SR_CORRUPT, "a signature line of the note does not begin with \"— \"");
	const uint8_t *start = line.data + sizeof(dash);
	size_t left = line.size - sizeof(dash);
	const uint8_t *space = memchr(start, ' ', left);

	if (!space)
		return sr_fail(err, SR_CORRUPT, "a signature line of the note has no signature");
	*name = (struct sr_bytes){ .data = start, .size = (size_t)(space - start) };
	if (!sr_note_name_is_valid(*name))
		return sr_fail(err, SR_CORRUPT, "a signature line of the note names no key");
	SR_TRY(sr_base64_decode(SR_BASE64_PADDED, (const char *)space + 1, left - name->size - 1, blob, err));
	if (blob->size <= SR_NOTE_ID_BYTES)
		return sr_fail(err, SR_CORRUPT, "a signature of the note is too short");
	return SR_OK;
}

static bool is_by(const struct sr_note_key *key, struct sr_bytes name, const struct sr_buf *blob)
{
	return name.data && name.size == key->name.size &&
	       memcmp(name.data, key->name.data, name.size) == 0 && blob->size > SR_NOTE_ID_BYTES &&
	       memcmp(blob->data, key->id, SR_NOTE_ID_BYTES) == 0;
}

static enum sr_status check_signature(const struct sr_note_key *key, struct sr_bytes text,
                                      const struct sr_buf *blob, struct sr_err *err)
{
	SR_CLEANUP(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	SR_CLEANUP(sr_pkey_freep)
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->public_key, SR_NOTE_KEY_BYTES);

	if (!ctx || !pkey || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1)
		return sr_crypto_fail(err, SR_IO, "check a note's signature");
	if (blob->size != SR_NOTE_ID_BYTES + SIGNATURE_BYTES ||
	    EVP_DigestVerify(ctx, blob->data + SR_NOTE_ID_BYTES, SIGNATURE_BYTES, text.data, text.size) != 1)
		return sr_crypto_fail(err, SR_TAMPERED, "the note's signature is wrong");
	return SR_OK;
}

/* Text and signature lines part at the last empty line. */
static bool split(struct sr_bytes note, struct sr_bytes *text, struct sr_bytes *lines)
{
	if (!is_note_text(note))
		return false;
	for (size_t i = note.size - 1; i > 1; i--) {
		if (note.data[i - 1] != '\n' || note.data[i - 2] != '\n')
			continue;
		*text = (struct sr_bytes){ .data = note.data, .size = i - 1 };
		*lines = (struct sr_bytes){ .data = note.data + i, .size = note.size - i };
		return true;
	}
	return false;
}

enum sr_status sr_note_open(struct sr_bytes note, const char *verifier, struct sr_bytes *text,
                            struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf blob = { 0 };
	struct sr_bytes signed_text, lines, name = { 0 };
	struct sr_note_key key = { 0 };
	bool found = false;

	SR_TRY(sr_note_key_read(verifier, &key, err));
	if (!split(note, &signed_text, &lines))
		return sr_fail(err, SR_CORRUPT,
		               "no signed note: it must be text, an empty line and signature lines in UTF-8");
	struct sr_cursor c = { .next = lines.data, .left = lines.size };
	for (unsigned count = 0; c.left > 0; count++) {
		struct sr_bytes line = { 0 };

		if (count == SR_NOTE_SIGNATURES)
			return sr_fail(err, SR_CORRUPT, "the note has over %u signatures",
			               SR_NOTE_SIGNATURES);
		line.data = sr_cursor_line(&c, &line.size);
		blob.size = 0;
		SR_TRY(read_line(line, &name, &blob, err));
		if (found || !is_by(&key, name, &blob))
			continue;
		SR_TRY(check_signature(&key, signed_text, &blob, err));
		found = true;
	}
	if (!found)
		return sr_fail(err, SR_TAMPERED, "the note has no signature of the key %.*s",
		               (int)key.name.size, (const char *)key.name.data);
	*text = signed_text;
	return SR_OK;
}
