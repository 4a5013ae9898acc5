/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_keys.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/crypto/bech32.h"
#include "appliance/crypto/x25519.h"

#define RECIPIENT_PREFIX "age"
#define IDENTITY_PREFIX "age-secret-key-"
#define IDENTITY_PREFIX_SHOWN "AGE-SECRET-KEY-"

enum sr_status sr_age_identity_new(struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;

	SR_TRY(sr_secret_new(SR_AGE_KEY_BYTES, &identity, err));
	SR_TRY(sr_random_fill(identity->data, identity->size, err));
	*out = SR_MOVE(identity);
	return SR_OK;
}

enum sr_status sr_age_identity_recipient(const struct sr_secret *identity, struct sr_age_recipient *out,
                                         struct sr_err *err)
{
	if (identity->size != SR_AGE_KEY_BYTES)
		return sr_fail(err, SR_INVALID, "an identity of %zu bytes", identity->size);
	return sr_x25519_public(identity->data, out->bytes, err);
}

enum sr_status sr_age_identity_to_text(const struct sr_secret *identity, struct sr_secret **out,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;

	if (identity->size != SR_AGE_KEY_BYTES)
		return sr_fail(err, SR_INVALID, "an identity of %zu bytes", identity->size);
	SR_TRY(sr_secret_new(SR_AGE_IDENTITY_TEXT, &text, err));
	SR_TRY(sr_bech32_encode(IDENTITY_PREFIX, true, identity->data, identity->size, (char *)text->data,
	                        text->size, err));
	*out = SR_MOVE(text);
	return SR_OK;
}

static bool has_prefix(const char *text, size_t size, const char *prefix)
{
	size_t length = strlen(prefix);

	return size >= length && memcmp(text, prefix, length) == 0;
}

/* The key of a Bech32 text with exactly this prefix, spelled like this, and 32 bytes. */
static enum sr_status decode_key(const char *text, size_t size, const char *prefix,
                                 uint8_t out[SR_AGE_KEY_BYTES], struct sr_err *err)
{
	SR_CLEANUP(sr_bech32_wipep) struct sr_bech32 bech32 = { 0 };

	SR_TRY(sr_bech32_decode(text, size, &bech32, err));
	if (bech32.prefix != strlen(prefix) || !has_prefix(text, size, prefix))
		return sr_fail(err, SR_CORRUPT, "key text does not begin with %s1", prefix);
	if (bech32.size != SR_AGE_KEY_BYTES)
		return sr_fail(err, SR_CORRUPT, "key text holds %zu bytes instead of %d", bech32.size,
		               SR_AGE_KEY_BYTES);
	memcpy(out, bech32.data, SR_AGE_KEY_BYTES);
	return SR_OK;
}

static enum sr_status identity_from_line(const char *line, size_t size, struct sr_secret **out,
                                         struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;

	if (!has_prefix(line, size, IDENTITY_PREFIX_SHOWN "1"))
		return sr_fail(err, SR_CORRUPT,
		               "this is no X25519 identity: a line beginning with " IDENTITY_PREFIX_SHOWN
		               "1 is needed");
	SR_TRY(sr_secret_new(SR_AGE_KEY_BYTES, &identity, err));
	SR_TRY(decode_key(line, size, IDENTITY_PREFIX_SHOWN, identity->data, err));
	*out = SR_MOVE(identity);
	return SR_OK;
}

enum sr_status sr_age_identity_from_text(const char *text, size_t size, struct sr_secret **out,
                                         struct sr_err *err)
{
	size_t number = 0;

	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;
		size_t whole = end ? length + 1 : length;

		number++;
		if (length > 0 && text[length - 1] == '\r')
			length--;
		if (length > 0 && text[0] != '#') {
			enum sr_status status = identity_from_line(text, length, out, err);

			if (status != SR_OK)
				return sr_fail_in(err, status, "identity file, line %zu: ", number);
			return SR_OK;
		}
		text += whole;
		size -= whole;
	}
	return sr_fail(err, SR_CORRUPT, "identity file holds no identity");
}

enum sr_status sr_age_recipient_to_text(const struct sr_age_recipient *recipient,
                                        char out[SR_AGE_RECIPIENT_TEXT], struct sr_err *err)
{
	return sr_bech32_encode(RECIPIENT_PREFIX, false, recipient->bytes, sizeof(recipient->bytes), out,
	                        SR_AGE_RECIPIENT_TEXT, err);
}

enum sr_status sr_age_recipient_from_text(const char *text, struct sr_age_recipient *out, struct sr_err *err)
{
	struct sr_age_recipient recipient;
	size_t size = strlen(text);

	if (has_prefix(text, size, IDENTITY_PREFIX_SHOWN))
		return sr_fail(err, SR_INVALID, "this is an identity; a recipient begins with age1");
	if (decode_key(text, size, RECIPIENT_PREFIX, recipient.bytes, err) != SR_OK)
		return sr_fail_in(err, SR_INVALID, "recipient: ");
	*out = recipient;
	return SR_OK;
}
