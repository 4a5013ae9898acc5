/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/signed_data.h"

#include <openssl/evp.h>
#include <openssl/objects.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/der.h"

/* Whole DER elements. */
static const struct sr_bytes oid_signed_data = SR_DER_LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
static const struct sr_bytes content_types[] = {
	[SR_SIGNED_DETACHED] = SR_DER_LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
	[SR_SIGNED_TSTINFO] = SR_DER_LITERAL("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04"),
};
/* RFC 5652 section 5.1: 1 for id-data, else 3. */
static const struct sr_bytes versions[] = {
	[SR_SIGNED_DETACHED] = SR_DER_LITERAL("\x02\x01\x01"),
	[SR_SIGNED_TSTINFO] = SR_DER_LITERAL("\x02\x01\x03"),
};
static const struct sr_bytes signer_version = SR_DER_LITERAL("\x02\x01\x01"); /* with issuerAndSerialNumber */

/* Without parameters (RFC 5754 section 2), and with the NULL that must be accepted. */
static const struct {
	int nid;
	struct sr_bytes plain, with_null;
} digests[] = {
	{ NID_sha256, SR_DER_LITERAL("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"),
	  SR_DER_LITERAL("\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00") },
	{ NID_sha384, SR_DER_LITERAL("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02"),
	  SR_DER_LITERAL("\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00") },
	{ NID_sha512, SR_DER_LITERAL("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03"),
	  SR_DER_LITERAL("\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00") },
};

/* RFC 5754 section 3: ECDSA without parameters, RSA (PKCS #1 v1.5) with NULL. */
static const struct {
	int key_type;
	int digest_nid; /* NID_undef: any of the above */
	struct sr_bytes algorithm;
} signatures[] = {
	{ EVP_PKEY_EC, NID_sha256, SR_DER_LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02") },
	{ EVP_PKEY_EC, NID_sha384, SR_DER_LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03") },
	{ EVP_PKEY_EC, NID_sha512, SR_DER_LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04") },
	{ EVP_PKEY_RSA, NID_undef,
	  SR_DER_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00") },
	{ EVP_PKEY_RSA, NID_sha256,
	  SR_DER_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00") },
	{ EVP_PKEY_RSA, NID_sha384,
	  SR_DER_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00") },
	{ EVP_PKEY_RSA, NID_sha512,
	  SR_DER_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00") },
};

static int digest_nid_of(struct sr_bytes algorithm)
{
	for (size_t i = 0; i < SR_COUNT(digests); i++)
		if (sr_bytes_equal(algorithm, digests[i].plain) ||
		    sr_bytes_equal(algorithm, digests[i].with_null))
			return digests[i].nid;
	return NID_undef;
}

bool sr_signature_algorithm_fits(struct sr_bytes algorithm, int key_type, int digest_nid)
{
	for (size_t i = 0; i < SR_COUNT(signatures); i++)
		if (signatures[i].key_type == key_type &&
		    (signatures[i].digest_nid == NID_undef || signatures[i].digest_nid == digest_nid) &&
		    sr_bytes_equal(algorithm, signatures[i].algorithm))
			return true;
	return false;
}

static enum sr_status parse_encapsulated(struct sr_cursor *c, enum sr_signed_kind kind,
                                         struct sr_signed_data *out, struct sr_err *err)
{
	struct sr_cursor in = sr_der_enter(c, SR_DER_SEQUENCE);

	if (!sr_der_take_exactly(&in, content_types[kind]))
		return sr_fail(err, SR_CORRUPT, "the signature is over another type of content");
	if (kind == SR_SIGNED_TSTINFO) {
		struct sr_cursor wrapper = sr_der_enter(&in, SR_DER_CONTEXT);
		struct sr_cursor content = sr_der_enter(&wrapper, SR_DER_OCTET_STRING);

		if (!sr_der_ended(&wrapper) || content.bad)
			return sr_fail(err, SR_CORRUPT, "the time stamp has no content");
		out->content = (struct sr_bytes){ .data = content.next, .size = content.left };
	}
	if (!sr_der_ended(&in))
		return sr_fail(err, SR_CORRUPT, "the signature is not detached");
	return SR_OK;
}

/* X.509 certificates have a universal tag, every other choice of CertificateSet another one. */
static enum sr_status parse_certificates(struct sr_cursor *c, struct sr_signed_data *out, struct sr_err *err)
{
	if (!sr_der_is_next(c, SR_DER_CONTEXT)) {
		out->certificates = (struct sr_bytes){ 0 };
		return SR_OK;
	}
	struct sr_cursor in = sr_der_enter(c, SR_DER_CONTEXT);
	out->certificates = (struct sr_bytes){ .data = in.next, .size = in.left };
	while (!in.bad && in.left > 0)
		(void)sr_der_take(&in, SR_DER_SEQUENCE);
	if (in.bad || out->certificates.size == 0)
		return sr_fail(err, SR_CORRUPT,
		               "the signature carries certificates of another kind than X.509");
	return SR_OK;
}

static enum sr_status parse_signer(struct sr_cursor *c, struct sr_signed_data *out, struct sr_err *err)
{
	struct sr_cursor in = sr_der_enter(c, SR_DER_SEQUENCE);

	if (!sr_der_take_exactly(&in, signer_version) || !sr_der_is_next(&in, SR_DER_SEQUENCE))
		return sr_fail(err, SR_CORRUPT, "the signer is not named by issuer and serial number");
	out->issuer_and_serial = sr_der_whole(&in, SR_DER_SEQUENCE);
	if (digest_nid_of(sr_der_whole(&in, SR_DER_SEQUENCE)) != out->digest_nid)
		return sr_fail(err, SR_CORRUPT, "the signer uses another digest than the signature names");
	if (!sr_der_is_next(&in, SR_DER_CONTEXT))
		return sr_fail(err, SR_CORRUPT, "the signature has no signed attributes");
	(void)sr_der_take(&in, SR_DER_CONTEXT);
	out->signature_algorithm = sr_der_whole(&in, SR_DER_SEQUENCE);
	(void)sr_der_take(&in, SR_DER_OCTET_STRING);
	if (!sr_der_ended(&in))
		return sr_fail(err, SR_CORRUPT, "the signature has unsigned attributes or is incomplete");
	return SR_OK;
}

static enum sr_status parse_body(struct sr_cursor *c, enum sr_signed_kind kind, struct sr_signed_data *out,
                                 struct sr_err *err)
{
	if (!sr_der_take_exactly(c, versions[kind]))
		return sr_fail(err, SR_CORRUPT, "the signature has an unknown version");
	struct sr_cursor algorithms = sr_der_enter(c, SR_DER_SET);
	out->digest_nid = digest_nid_of(sr_der_whole(&algorithms, SR_DER_SEQUENCE));
	if (!sr_der_ended(&algorithms) || out->digest_nid == NID_undef ||
	    (kind == SR_SIGNED_DETACHED && out->digest_nid != NID_sha256))
		return sr_fail(err, SR_CORRUPT, "the signature uses another digest than SHA-256");
	SR_TRY(parse_encapsulated(c, kind, out, err));
	SR_TRY(parse_certificates(c, out, err));
	struct sr_cursor signers = sr_der_enter(c, SR_DER_SET);
	if (!sr_der_ended(c))
		return sr_fail(err, SR_CORRUPT, "the signature carries revocation lists or is incomplete");
	SR_TRY(parse_signer(&signers, out, err));
	if (!sr_der_ended(&signers))
		return sr_fail(err, SR_CORRUPT, "the signature has more than one signer");
	return SR_OK;
}

enum sr_status sr_signed_data_parse(struct sr_bytes der, enum sr_signed_kind kind, struct sr_signed_data *out,
                                    struct sr_err *err)
{
	struct sr_cursor c = sr_der_cursor(der);
	struct sr_cursor info = sr_der_enter(&c, SR_DER_SEQUENCE);
	struct sr_signed_data parts = { 0 };

	if (!sr_der_take_exactly(&info, oid_signed_data))
		return sr_fail(err, SR_CORRUPT, "not a CMS SignedData");
	struct sr_cursor wrapper = sr_der_enter(&info, SR_DER_CONTEXT);
	struct sr_cursor body = sr_der_enter(&wrapper, SR_DER_SEQUENCE);
	if (!sr_der_ended(&c) || !sr_der_ended(&info) || !sr_der_ended(&wrapper))
		return sr_fail(err, SR_CORRUPT, "not a CMS SignedData");
	SR_TRY(parse_body(&body, kind, &parts, err));
	*out = parts;
	return SR_OK;
}

/* --- without certificates -------------------------------------------------------------------------- */

static enum sr_status add_body(struct sr_cursor c, struct sr_buf *out, struct sr_err *err)
{
	while (!c.bad && c.left > 0) {
		struct sr_der part = sr_der_take(&c, 0);

		if (part.tag != SR_DER_CONTEXT)
			SR_TRY(sr_buf_add(out, part.whole.data, part.whole.size, err));
	}
	return SR_OK;
}

enum sr_status sr_signed_data_bare(struct sr_bytes der, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf body = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf wrapper = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf info = { 0 };
	struct sr_cursor c = sr_der_cursor(der);
	struct sr_cursor in = sr_der_enter(&c, SR_DER_SEQUENCE);

	(void)sr_der_take_exactly(&in, oid_signed_data);
	struct sr_cursor wrapped = sr_der_enter(&in, SR_DER_CONTEXT);
	SR_TRY(add_body(sr_der_enter(&wrapped, SR_DER_SEQUENCE), &body, err));
	if (wrapped.bad || in.bad)
		return sr_fail(err, SR_CORRUPT, "not a CMS SignedData");
	SR_TRY(sr_der_add_head(&wrapper, SR_DER_SEQUENCE, body.size, err));
	SR_TRY(sr_buf_add(&wrapper, body.data, body.size, err));
	SR_TRY(sr_buf_add(&info, oid_signed_data.data, oid_signed_data.size, err));
	SR_TRY(sr_der_add_head(&info, SR_DER_CONTEXT, wrapper.size, err));
	SR_TRY(sr_buf_add(&info, wrapper.data, wrapper.size, err));
	SR_TRY(sr_der_add_head(out, SR_DER_SEQUENCE, info.size, err));
	return sr_buf_add(out, info.data, info.size, err);
}
