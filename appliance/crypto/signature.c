/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/signature.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "appliance/base/limits.h"
#include "appliance/crypto/cert.h"
#include "appliance/crypto/der.h"
#include "appliance/crypto/known_chain.h"

/* --- certificates ---------------------------------------------------------------------------------- */

/* What OpenSSL made of each embedded certificate must encode to the same bytes. */
static enum sr_status take_embedded(CMS_ContentInfo *cms, struct sr_bytes certificates, STACK_OF(X509) * *out,
                                    struct sr_err *err)
{
	struct sr_cursor c = sr_der_cursor(certificates);
	SR_CLEANUP(sr_x509_stackp) STACK_OF(X509) *embedded = CMS_get1_certs(cms);
	int count = sk_X509_num(embedded); /* -1 for none */

	ERR_clear_error();
	if (count > (int)SR_LIMIT_CERTIFICATES)
		return sr_fail(err, SR_LIMIT, "more than %u embedded certificates", SR_LIMIT_CERTIFICATES);
	for (int i = 0; i < count; i++) {
		struct sr_bytes der = sr_der_whole(&c, SR_DER_SEQUENCE);

		if (c.bad || !sr_cert_encodes_to(sk_X509_value(embedded, i), der))
			return sr_fail(err, SR_CORRUPT, "embedded certificate %d is not DER", i + 1);
	}
	if (!sr_der_ended(&c))
		return sr_fail(err, SR_CORRUPT, "embedded certificates are not DER");
	*out = SR_MOVE(embedded);
	return SR_OK;
}

/* Byte for byte: OpenSSL compares names without regard to case and blanks. */
static bool is_named(struct sr_bytes issuer_and_serial, X509 *x509)
{
	struct sr_cursor c = sr_der_cursor(issuer_and_serial);
	struct sr_cursor in = sr_der_enter(&c, SR_DER_SEQUENCE);
	struct sr_bytes issuer = sr_der_whole(&in, SR_DER_SEQUENCE);
	struct sr_bytes serial = sr_der_whole(&in, SR_DER_INTEGER);
	const unsigned char *name = NULL;
	size_t name_size = 0;

	if (!sr_der_ended(&in) || X509_NAME_get0_der(X509_get_issuer_name(x509), &name, &name_size) != 1)
		return false;
	unsigned char *number = NULL;
	int number_size = i2d_ASN1_INTEGER(X509_get0_serialNumber(x509), &number);
	bool same = number_size > 0 &&
	            sr_bytes_equal(serial, (struct sr_bytes){ number, (size_t)number_size }) &&
	            sr_bytes_equal(issuer, (struct sr_bytes){ name, name_size });
	OPENSSL_free(number);
	return same;
}

static X509 *find_signer(struct sr_bytes issuer_and_serial, const STACK_OF(X509) * embedded,
                         const struct sr_certs *others)
{
	for (int i = 0; i < sk_X509_num(embedded); i++)
		if (is_named(issuer_and_serial, sk_X509_value(embedded, i)))
			return sk_X509_value(embedded, i);
	for (size_t i = 0; others && i < others->count; i++)
		if (is_named(issuer_and_serial, others->certs[i]->x509))
			return others->certs[i]->x509;
	return NULL;
}

static bool chain_contains(const STACK_OF(X509) * chain, const X509 *x509)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (X509_cmp(sk_X509_value(chain, i), x509) == 0)
			return true;
	return false;
}

static enum sr_status require_vouched(const STACK_OF(X509) * embedded, const STACK_OF(X509) * chain,
                                      const struct sr_certs *others, struct sr_err *err)
{
	for (int i = 0; i < sk_X509_num(embedded); i++) {
		const X509 *x509 = sk_X509_value(embedded, i);

		if (!chain_contains(chain, x509) && !sr_certs_contain(others, x509))
			return sr_fail(err, SR_TAMPERED,
			               "embedded certificate %d belongs neither to the "
			               "signer's chain nor to the known certificates",
			               i + 1);
	}
	return SR_OK;
}

/* --- signature ------------------------------------------------------------------------------------- */

/* X.690 section 11.6, SET OF in order, included.  OpenSSL's own tokens are not so strict: their SETs are not.
 */
static bool encodes_to(CMS_ContentInfo *cms, struct sr_bytes der)
{
	unsigned char *again = NULL;
	int size = i2d_CMS_ContentInfo(cms, &again);
	bool same = size >= 0 && sr_bytes_equal(der, (struct sr_bytes){ again, (size_t)size });

	OPENSSL_free(again);
	return same;
}

static enum sr_status parse_cms(struct sr_bytes der, enum sr_signer_use use, CMS_ContentInfo **out,
                                struct sr_err *err)
{
	const unsigned char *at = der.data;
	SR_CLEANUP(sr_cms_freep) CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);

	if (!cms || at != der.data + der.size)
		return sr_crypto_fail(err, SR_CORRUPT, "not a CMS signature");
	if (use == SR_USE_SEAL && !encodes_to(cms, der))
		return sr_crypto_fail(err, SR_CORRUPT, "the signature is not in DER");
	*out = SR_MOVE(cms);
	return SR_OK;
}

/* The chain is checked by ourselves: CMS_verify neither knows the use nor hands the chain out. */
static enum sr_status check_signature(CMS_ContentInfo *cms, X509 *signer, const struct sr_bytes *content,
                                      struct sr_err *err)
{
	const unsigned flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
	SR_CLEANUP(sr_x509_viewp) STACK_OF(X509) *only = sk_X509_new_null();
	SR_CLEANUP(sr_bio_freep) BIO *input = NULL;

	if (!only || sk_X509_push(only, signer) <= 0)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a certificate");
	if (content) {
		input = sr_ossl_reader(*content);
		if (!input)
			return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for signed content");
	}
	if (CMS_verify(cms, only, NULL, input, NULL, flags) != 1)
		return sr_crypto_fail(err, SR_TAMPERED, "the signature does not match the content");
	return SR_OK;
}

/* RFC 5652 section 11.1: the signed content type must be that of the content. */
static enum sr_status check_content_type(CMS_ContentInfo *cms, CMS_SignerInfo *info, struct sr_err *err)
{
	const ASN1_OBJECT *type =
		CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(NID_pkcs9_contentType), -3, V_ASN1_OBJECT);

	if (!type || OBJ_cmp(type, CMS_get0_eContentType(cms)) != 0)
		return sr_crypto_fail(err, SR_TAMPERED, "the signature is over another type of content");
	return SR_OK;
}

/* One attribute with one value, or NULL. */
static const ASN1_STRING *signed_sequence(CMS_SignerInfo *info, int nid)
{
	return CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(nid), -3, V_ASN1_SEQUENCE);
}

/* RFC 5035: the signature names its certificate by digest, so that no other one can be put in its place. */
static enum sr_status check_ess(CMS_SignerInfo *info, enum sr_signer_use use, STACK_OF(X509) * chain,
                                struct sr_err *err)
{
	const ASN1_STRING *v2 = signed_sequence(info, NID_id_smime_aa_signingCertificateV2);
	const ASN1_STRING *v1 = signed_sequence(info, NID_id_smime_aa_signingCertificate);
	SR_CLEANUP(sr_ess_freep) ESS_SIGNING_CERT *old = NULL;
	SR_CLEANUP(sr_ess2_freep) ESS_SIGNING_CERT_V2 *new = NULL;

	ERR_clear_error();
	/* Outside authorities may still use the first version (RFC 3161); our seals never do. */
	if (!v2 && !(v1 && use == SR_USE_STAMP))
		return sr_fail(err, SR_TAMPERED,
		               "the signature does not name its certificate "
		               "(signing-certificate-v2)");
	if (v2) {
		const unsigned char *at = ASN1_STRING_get0_data(v2);
		new = d2i_ESS_SIGNING_CERT_V2(NULL, &at, ASN1_STRING_length(v2));
	} else {
		const unsigned char *at = ASN1_STRING_get0_data(v1);
		old = d2i_ESS_SIGNING_CERT(NULL, &at, ASN1_STRING_length(v1));
	}
	if (!new && !old)
		return sr_crypto_fail(err, SR_TAMPERED, "signing-certificate attribute");
	if (OSSL_ESS_check_signing_certs(old, new, chain, 1) != 1)
		return sr_crypto_fail(err, SR_TAMPERED, "the signature names another certificate");
	return SR_OK;
}

/* --- certificates that are known ------------------------------------------------------------------- */

/* Without what the memory has already: neither parsing nor encoding looks at more than the element itself. */
static enum sr_status parse_bare(struct sr_bytes der, enum sr_signer_use use, CMS_ContentInfo **out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bare = { 0 };

	SR_TRY(sr_signed_data_bare(der, &bare, err));
	return parse_cms(sr_buf_bytes(&bare), use, out, err);
}

static enum sr_status parse_all(struct sr_bytes der, const struct sr_signed_data *parts,
                                const struct sr_trust *trust, CMS_ContentInfo **out,
                                struct sr_known_chain *found, struct sr_err *err)
{
	SR_TRY(parse_cms(der, trust->use, out, err));
	SR_TRY(take_embedded(*out, parts->certificates, &found->embedded, err));
	X509 *signer = find_signer(parts->issuer_and_serial, found->embedded, trust->others);
	if (!signer)
		return sr_fail(err, SR_TAMPERED, "the signer's certificate is not there");
	X509_up_ref(signer);
	found->signer = signer;
	return SR_OK;
}

/* As of the time of @trust, which need not be that for which the chain is known. */
static enum sr_status find_chain(const struct sr_trust *trust, const struct sr_chain_key *key,
                                 struct sr_known_chain *found, struct sr_err *err)
{
	const time_t at = sr_ossl_seconds(trust->at_ns);
	SR_CLEANUP(sr_x509_stackp) STACK_OF(X509) *known = found->chain;

	if (known && at > found->span.from && at < found->span.until) {
		known = NULL;
		return SR_OK;
	}
	found->chain = NULL;
	SR_TRY(sr_chain_build(found->signer, found->embedded, trust, &found->chain, err));
	SR_TRY(require_vouched(found->embedded, found->chain, trust->others, err));
	if (key->memory && !known && sr_chain_span(found->chain, found->embedded, trust, &found->span))
		sr_known_chain_keep(key, found);
	return SR_OK;
}

enum sr_status sr_signature_verify(struct sr_bytes der, const struct sr_signed_data *parts,
                                   const struct sr_bytes *content, const struct sr_trust *trust,
                                   struct sr_cert **signer_out, struct sr_err *err)
{
	SR_CLEANUP(sr_cms_freep) CMS_ContentInfo *cms = NULL;
	SR_CLEANUP(sr_known_chain_dispose) struct sr_known_chain found = { 0 };
	struct sr_chain_key key;

	SR_TRY(sr_chain_key_of(parts, trust, &key, err));
	if (sr_known_chain_recall(&key, &found))
		SR_TRY(parse_bare(der, trust->use, &cms, err));
	else
		SR_TRY(parse_all(der, parts, trust, &cms, &found, err));
	const EVP_PKEY *pkey = X509_get0_pubkey(found.signer); /* NULL where it cannot be read */
	if (!pkey || !sr_signature_algorithm_fits(parts->signature_algorithm, EVP_PKEY_get_base_id(pkey),
	                                          parts->digest_nid))
		return sr_fail(err, SR_TAMPERED, "the signature's algorithm does not fit its key");
	SR_TRY(check_signature(cms, found.signer, content, err));
	CMS_SignerInfo *info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	SR_TRY(check_content_type(cms, info, err));
	SR_TRY(find_chain(trust, &key, &found, err));
	SR_TRY(check_ess(info, trust->use, found.chain, err));
	return signer_out ? sr_cert_share(found.signer, signer_out, err) : SR_OK;
}
