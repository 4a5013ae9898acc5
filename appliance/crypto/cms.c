/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/cms.h"

#include <string.h>

#include <openssl/crypto.h>

#include "appliance/base/limits.h"
#include "appliance/crypto/cert.h"
#include "appliance/crypto/certs.h"
#include "appliance/crypto/der.h"
#include "appliance/crypto/key.h"
#include "appliance/crypto/signature.h"

#define SIGN_FLAGS (CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_CADES)

static enum sr_status add_signing_time(CMS_SignerInfo *info, int64_t time_ns, struct sr_err *err)
{
	/* UTCTime until 2049, then GeneralizedTime (RFC 5652 section 11.3). */
	SR_CLEANUP(sr_asn1_time_freep) ASN1_TIME *time = ASN1_TIME_set(NULL, sr_ossl_seconds(time_ns));

	if (!time ||
	    CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, ASN1_STRING_type(time), time, -1) != 1)
		return sr_crypto_fail(err, SR_INVALID, "signing time");
	return SR_OK;
}

/* The signer's own certificate is there already; the same one twice is an error to OpenSSL. */
static enum sr_status add_chain(CMS_ContentInfo *cms, const struct sr_cert *signer,
                                const struct sr_certs *chain, struct sr_err *err)
{
	for (size_t i = 0; chain && i < chain->count; i++) {
		X509 *x509 = chain->certs[i]->x509;
		bool twice = X509_cmp(x509, signer->x509) == 0;

		for (size_t j = 0; !twice && j < i; j++)
			twice = X509_cmp(x509, chain->certs[j]->x509) == 0;
		if (!twice && CMS_add1_cert(cms, x509) != 1)
			return sr_crypto_fail(err, SR_NO_MEMORY, "certificates of a signature");
	}
	return SR_OK;
}

enum sr_status sr_cms_sign(const struct sr_key *key, const struct sr_cert *cert, const struct sr_certs *chain,
                           struct sr_bytes content, int64_t time_ns, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_bio_freep) BIO *input = sr_ossl_reader(content);
	SR_CLEANUP(sr_cms_freep) CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, SIGN_FLAGS);

	if (!sr_key_matches(key, cert))
		return sr_fail(err, SR_INVALID, "the sealing key is not that of its certificate");
	if (!input || !cms)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a signature");
	CMS_SignerInfo *info = CMS_add1_signer(cms, cert->x509, key->pkey, EVP_sha256(), SIGN_FLAGS);
	if (!info)
		return sr_crypto_fail(err, SR_INVALID, "this key cannot sign (EC P-256 or RSA needed)");
	SR_TRY(add_signing_time(info, time_ns, err));
	SR_TRY(add_chain(cms, cert, chain, err));
	if (CMS_final(cms, input, NULL, SIGN_FLAGS) != 1)
		return sr_crypto_fail(err, SR_IO, "cannot sign");
	return sr_ossl_append_cms(cms, "cannot encode a signature", out, err);
}

enum sr_status sr_cms_verify(struct sr_bytes signature, struct sr_bytes content, const struct sr_certs *roots,
                             const struct sr_certs *others, int64_t at_ns, struct sr_cert **signer,
                             struct sr_err *err)
{
	const struct sr_trust trust = {
		.roots = roots, .others = others, .at_ns = at_ns, .use = SR_USE_SEAL
	};
	struct sr_signed_data parts;

	if (signature.size > SR_LIMIT_SIGNATURE_BYTES)
		return sr_fail(err, SR_LIMIT, "a signature of %zu bytes", signature.size);
	SR_TRY(sr_der_check(signature, err));
	SR_TRY(sr_signed_data_parse(signature, SR_SIGNED_DETACHED, &parts, err));
	return sr_signature_verify(signature, &parts, &content, &trust, signer, err);
}
