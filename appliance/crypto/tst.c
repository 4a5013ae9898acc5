/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/tst.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/der.h"

#define GENERALIZED_TIME 0x18u
#define UTF8_STRING 0x0cu
#define EXPLICIT_TSA (SR_DER_CONTEXT + 0u)
#define EXTENSIONS (SR_DER_CONTEXT + 1u)

#define LITERAL(text)                                                                                        \
	{                                                                                                    \
		.data = (const uint8_t *)(text), .size = sizeof(text) - 1                                    \
	}

static const struct sr_bytes version_1 = LITERAL("\x02\x01\x01");
static const struct sr_bytes granted = LITERAL("\x30\x03\x02\x01\x00");
static const struct sr_bytes sha256_plain = LITERAL("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01");
static const struct sr_bytes sha256_null =
	LITERAL("\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00");

/* --- TSTInfo --------------------------------------------------------------------------------------- */

/* RFC 3161 section 2.4.2: "YYYYMMDDhhmmss[.f]Z", UTC, no trailing zeros in the fraction. */
static bool parse_gen_time(struct sr_cursor c, int64_t *out)
{
	char text[SR_TIME_TEXT + 8], raw[32];
	size_t size = c.left;

	if (c.bad || size < 15 || size >= sizeof(raw) || c.next[size - 1] != 'Z')
		return false;
	memcpy(raw, c.next, size - 1);
	raw[size - 1] = 0;
	if (strlen(raw) != size - 1 || strspn(raw, "0123456789") < 14)
		return false;
	if (size > 15 && (raw[14] != '.' || size < 17 || raw[size - 2] == '0'))
		return false;
	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%sZ", raw, raw + 4, raw + 6, raw + 8,
	         raw + 10, raw + 12, raw + 14);
	return sr_time_parse(text, out);
}

static bool parse_imprint(struct sr_cursor in, struct sr_digest *out)
{
	struct sr_bytes algorithm = sr_der_whole(&in, SR_DER_SEQUENCE);
	struct sr_cursor digest = sr_der_enter(&in, SR_DER_OCTET_STRING);

	if (!sr_der_ended(&in) || digest.left != SR_DIGEST_BYTES ||
	    (!sr_bytes_equal(algorithm, sha256_plain) && !sr_bytes_equal(algorithm, sha256_null)))
		return false;
	memcpy(out->bytes, digest.next, SR_DIGEST_BYTES);
	return true;
}

/* All of it is signed, so that forms which mean the same need no refusal here. */
static enum sr_status parse_info(struct sr_bytes info, struct sr_tst *out, struct sr_err *err)
{
	SR_TRY(sr_der_check(info, err));
	struct sr_cursor outer = sr_der_cursor(info);
	struct sr_cursor in = sr_der_enter(&outer, SR_DER_SEQUENCE);
	struct sr_bytes version = sr_der_whole(&in, SR_DER_INTEGER);

	(void)sr_der_take(&in, SR_DER_OID); /* policy */
	if (in.bad || !sr_bytes_equal(version, version_1))
		return sr_fail(err, SR_CORRUPT, "the time stamp has an unknown version");
	if (!parse_imprint(sr_der_enter(&in, SR_DER_SEQUENCE), &out->imprint))
		return sr_fail(err, SR_CORRUPT, "the time stamp is not over a SHA-256 digest");
	(void)sr_der_take(&in, SR_DER_INTEGER); /* serial number */
	if (!parse_gen_time(sr_der_enter(&in, GENERALIZED_TIME), &out->gen_time_ns))
		return sr_fail(err, SR_CORRUPT, "the time stamp's time cannot be read");
	if (sr_der_is_next(&in, SR_DER_SEQUENCE))
		(void)sr_der_take(&in, SR_DER_SEQUENCE); /* accuracy */
	if (sr_der_is_next(&in, SR_DER_BOOLEAN))
		(void)sr_der_take(&in, SR_DER_BOOLEAN); /* ordering */
	out->nonce = (struct sr_bytes){ 0 };
	if (sr_der_is_next(&in, SR_DER_INTEGER))
		out->nonce = sr_der_whole(&in, SR_DER_INTEGER);
	if (sr_der_is_next(&in, EXPLICIT_TSA))
		(void)sr_der_take(&in, EXPLICIT_TSA);
	if (sr_der_is_next(&in, EXTENSIONS))
		(void)sr_der_take(&in, EXTENSIONS);
	if (!sr_der_ended(&in))
		return sr_fail(err, SR_CORRUPT, "the time stamp has unknown parts");
	return SR_OK;
}

/* --- TimeStampResp --------------------------------------------------------------------------------- */

static enum sr_status parse_token(struct sr_cursor *in, struct sr_tst *out, struct sr_err *err)
{
	out->token = sr_der_whole(in, SR_DER_SEQUENCE);
	if (!sr_der_ended(in))
		return sr_fail(err, SR_CORRUPT, "the response holds no time stamp");
	SR_TRY(sr_signed_data_parse(out->token, SR_SIGNED_TSTINFO, &out->signature, err));
	return parse_info(out->signature.content, out, err);
}

static enum sr_status open_response(struct sr_bytes response, struct sr_cursor *in, struct sr_err *err)
{
	if (response.size > SR_LIMIT_STAMP_REPLY_BYTES)
		return sr_fail(err, SR_LIMIT, "a time stamp response of %zu bytes", response.size);
	SR_TRY(sr_der_check(response, err));
	struct sr_cursor c = sr_der_cursor(response);
	*in = sr_der_enter(&c, SR_DER_SEQUENCE);
	if (in->bad)
		return sr_fail(err, SR_CORRUPT, "not a time stamp response");
	return SR_OK;
}

enum sr_status sr_tst_parse_stored(struct sr_bytes response, struct sr_tst *out, struct sr_err *err)
{
	struct sr_cursor in;
	struct sr_tst tst = { 0 };

	SR_TRY(open_response(response, &in, err));
	struct sr_bytes status = sr_der_whole(&in, SR_DER_SEQUENCE);
	if (!sr_bytes_equal(status, granted))
		return sr_fail(err, SR_CORRUPT, "the stored time stamp response is not simply 'granted'");
	SR_TRY(parse_token(&in, &tst, err));
	*out = tst;
	return SR_OK;
}

/* RFC 3161 section 2.4.2, PKIStatus; the authority's first line of text behind it. */
static enum sr_status refused(const struct sr_cursor *status, struct sr_cursor info, struct sr_err *err)
{
	static const char *const names[] = { "granted", "granted with modifications", "rejected",
		                             "waiting", "a revocation is imminent",   "revoked" };
	struct sr_cursor texts = { .bad = true };
	bool known = status->left == 1 && status->next[0] < SR_COUNT(names);

	if (sr_der_is_next(&info, SR_DER_SEQUENCE))
		texts = sr_der_enter(&info, SR_DER_SEQUENCE);
	struct sr_cursor text = sr_der_enter(&texts, UTF8_STRING);
	int size = text.bad || text.left > 200 ? 0 : (int)text.left;
	return sr_fail(err, SR_BUSY, "it says: %s%s%.*s", known ? names[status->next[0]] : "unknown status",
	               size > 0 ? ", " : "", size, size > 0 ? (const char *)text.next : "");
}

enum sr_status sr_tst_parse_answer(struct sr_bytes response, struct sr_tst *out, struct sr_err *err)
{
	struct sr_cursor in;
	struct sr_tst tst = { 0 };

	SR_TRY(open_response(response, &in, err));
	struct sr_cursor info = sr_der_enter(&in, SR_DER_SEQUENCE);
	struct sr_cursor status = sr_der_enter(&info, SR_DER_INTEGER);
	if (status.bad)
		return sr_fail(err, SR_CORRUPT, "not a time stamp response");
	if (status.left != 1 || status.next[0] > 1)
		return refused(&status, info, err);
	SR_TRY(parse_token(&in, &tst, err));
	*out = tst;
	return SR_OK;
}
