/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/enveloped.h"

#include "appliance/base/limits.h"
#include "appliance/crypto/der.h"

#define TAG_BYTES 16
#define NONCE_BYTES 12
#define WRAPPED_KEY_BYTES 40 /* RFC 3394: 32 bytes of key and 8 of check */

#define LITERAL(text)                                                                                        \
	{                                                                                                    \
		.data = (const uint8_t *)(text), .size = sizeof(text) - 1                                    \
	}

/* Whole DER elements. */
static const struct sr_bytes oid_auth_enveloped =
	LITERAL("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17");
static const struct sr_bytes oid_data = LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
static const struct sr_bytes oid_aes256_gcm = LITERAL("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e");
static const struct sr_bytes version_0 = LITERAL("\x02\x01\x00");
static const struct sr_bytes version_2 = LITERAL("\x02\x01\x02");
static const struct sr_bytes version_3 = LITERAL("\x02\x01\x03");
static const struct sr_bytes tag_length = LITERAL("\x02\x01\x10");
/* dhSinglePass-stdDH-sha256kdf with id-aes256-wrap (RFC 5753 section 7.1.4). */
static const struct sr_bytes ecdh_algorithm = LITERAL(
	"\x30\x15\x06\x06\x2b\x81\x04\x01\x0b\x01\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2d");
/* id-RSAES-OAEP with SHA-256 and MGF1 over SHA-256 (RFC 4055 section 4.1), the digests without NULL or with.
 */
static const struct sr_bytes oaep_algorithm =
	LITERAL("\x30\x38\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07\x30\x2b\xa0\x0d\x30\x0b\x06\x09\x60\x86"
                "\x48\x01\x65\x03\x04\x02\x01\xa1\x1a\x30\x18\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"
                "\x08\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01");
static const struct sr_bytes oaep_algorithm_null =
	LITERAL("\x30\x3c\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07\x30\x2f\xa0\x0f\x30\x0d\x06\x09\x60\x86"
                "\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"
                "\x08\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00");
/* An ephemeral key on the recipient's curve (RFC 5753 section 3.1.1: parameters absent). */
static const struct sr_bytes ephemeral_algorithm = LITERAL("\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01");

static bool take_exactly(struct sr_cursor *c, struct sr_bytes want)
{
	struct sr_der item = sr_der_take(c, 0);

	return !c->bad && sr_bytes_equal(item.whole, want);
}

/* KeyTransRecipientInfo (RFC 5652 section 6.2.1): an RSA recipient. */
static bool transport_is_known(struct sr_cursor in)
{
	bool known = take_exactly(&in, version_2);

	(void)sr_der_take(&in, SR_DER_CONTEXT_RAW); /* subject key id */
	struct sr_bytes algorithm = sr_der_whole(&in, SR_DER_SEQUENCE);
	known = known &&
	        (sr_bytes_equal(algorithm, oaep_algorithm) || sr_bytes_equal(algorithm, oaep_algorithm_null));
	(void)sr_der_take(&in, SR_DER_OCTET_STRING);
	return known && sr_der_ended(&in);
}

/* Whole bytes of an uncompressed point (SEC 1 section 2.3.3): OpenSSL would take other forms of it as well.
 */
static bool is_point(struct sr_cursor bits)
{
	return !bits.bad && bits.left >= 2 && bits.next[0] == 0x00 && bits.next[1] == 0x04;
}

/* KeyAgreeRecipientInfo (RFC 5652 section 6.2.2): an EC recipient, one a structure as OpenSSL makes them. */
static bool agreement_is_known(struct sr_cursor in)
{
	bool known = take_exactly(&in, version_3);
	struct sr_cursor originator = sr_der_enter(&in, SR_DER_CONTEXT);

	struct sr_cursor ephemeral = sr_der_enter(&originator, SR_DER_CONTEXT + 1);
	known = known && take_exactly(&ephemeral, ephemeral_algorithm);
	known = known && is_point(sr_der_enter(&ephemeral, SR_DER_BIT_STRING)) && sr_der_ended(&ephemeral) &&
	        sr_der_ended(&originator) && take_exactly(&in, ecdh_algorithm);
	struct sr_cursor keys = sr_der_enter(&in, SR_DER_SEQUENCE);
	struct sr_cursor key = sr_der_enter(&keys, SR_DER_SEQUENCE);
	struct sr_cursor key_id = sr_der_enter(&key, SR_DER_CONTEXT);
	(void)sr_der_take(&key_id, SR_DER_OCTET_STRING);
	struct sr_cursor wrapped = sr_der_enter(&key, SR_DER_OCTET_STRING);
	return known && sr_der_ended(&in) && sr_der_ended(&keys) && sr_der_ended(&key) &&
	       sr_der_ended(&key_id) && wrapped.left == WRAPPED_KEY_BYTES;
}

static enum sr_status parse_recipients(struct sr_cursor *c, struct sr_err *err)
{
	struct sr_cursor in = sr_der_enter(c, SR_DER_SET);
	size_t count = 0;

	for (; !in.bad && in.left > 0; count++) {
		struct sr_der item = sr_der_take(&in, 0);
		bool known = !in.bad && (item.tag == SR_DER_SEQUENCE      ? transport_is_known(item.content)
		                         : item.tag == SR_DER_CONTEXT + 1 ? agreement_is_known(item.content)
		                                                          : false);

		if (!known)
			return sr_fail(err, SR_CORRUPT,
			               "recipient %zu of the wrapped key is of an unknown kind", count + 1);
	}
	if (in.bad || count == 0)
		return sr_fail(err, SR_CORRUPT, "the wrapped key has no recipients");
	if (count > SR_LIMIT_CERTIFICATES)
		return sr_fail(err, SR_LIMIT, "a key wrapped for more than %u recipients",
		               SR_LIMIT_CERTIFICATES);
	return SR_OK;
}

static enum sr_status parse_content(struct sr_cursor *c, struct sr_enveloped *out, struct sr_err *err)
{
	struct sr_cursor in = sr_der_enter(c, SR_DER_SEQUENCE);
	bool known = take_exactly(&in, oid_data);
	struct sr_cursor algorithm = sr_der_enter(&in, SR_DER_SEQUENCE);

	known = known && take_exactly(&algorithm, oid_aes256_gcm);
	struct sr_cursor parameters = sr_der_enter(&algorithm, SR_DER_SEQUENCE);
	struct sr_cursor nonce = sr_der_enter(&parameters, SR_DER_OCTET_STRING);
	known = known && nonce.left == NONCE_BYTES && take_exactly(&parameters, tag_length) &&
	        sr_der_ended(&parameters) && sr_der_ended(&algorithm);
	if (!known)
		return sr_fail(err, SR_CORRUPT, "the wrapped key is not encrypted with AES-256-GCM");
	struct sr_cursor sealed = sr_der_enter(&in, SR_DER_CONTEXT_RAW);
	if (!sr_der_ended(&in) || sealed.bad || sealed.left == 0)
		return sr_fail(err, SR_CORRUPT, "the wrapped key is empty");
	out->plain_size = sealed.left;
	return SR_OK;
}

enum sr_status sr_enveloped_parse(struct sr_bytes der, struct sr_enveloped *out, struct sr_err *err)
{
	struct sr_cursor c = sr_der_cursor(der);
	struct sr_cursor info = sr_der_enter(&c, SR_DER_SEQUENCE);
	struct sr_enveloped parts = { 0 };

	if (!take_exactly(&info, oid_auth_enveloped))
		return sr_fail(err, SR_CORRUPT, "not a CMS AuthEnvelopedData (AES-256-GCM)");
	struct sr_cursor wrapper = sr_der_enter(&info, SR_DER_CONTEXT);
	struct sr_cursor body = sr_der_enter(&wrapper, SR_DER_SEQUENCE);
	if (!sr_der_ended(&c) || !sr_der_ended(&info) || !sr_der_ended(&wrapper) ||
	    !take_exactly(&body, version_0))
		return sr_fail(err, SR_CORRUPT, "not a CMS AuthEnvelopedData");
	SR_TRY(parse_recipients(&body, err));
	SR_TRY(parse_content(&body, &parts, err));
	struct sr_cursor tag = sr_der_enter(&body, SR_DER_OCTET_STRING);
	if (!sr_der_ended(&body) || tag.left != TAG_BYTES)
		return sr_fail(err, SR_CORRUPT, "the wrapped key has no tag of %d bytes", TAG_BYTES);
	*out = parts;
	return SR_OK;
}
