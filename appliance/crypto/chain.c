/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/chain.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "appliance/crypto/cert.h"

/* 112 bits: RSA of 2048 bits, EC of 224, no SHA-1 signature in the chain. */
#define SECURITY_LEVEL 2
#define DEPTH_MAX 8

static enum sr_status fail_for(struct sr_err *err, const X509 *x509, const char *what)
{
	char subject[160] = "?";

	if (x509)
		X509_NAME_oneline(X509_get_subject_name(x509), subject, sizeof(subject));
	ERR_clear_error();
	return sr_fail(err, SR_TAMPERED, "certificate %s: %s", subject, what);
}

static bool is_self_signed(X509 *x509)
{
	return X509_self_signed(x509, 1) == 1;
}

/* --- what the chain is built from ------------------------------------------------------------------ */

static enum sr_status add_certs(STACK_OF(X509) * view, const struct sr_certs *certs, bool only_self_signed,
                                struct sr_err *err)
{
	for (size_t i = 0; certs && i < certs->count; i++) {
		X509 *x509 = certs->certs[i]->x509;

		if (only_self_signed && !is_self_signed(x509))
			continue;
		if (sk_X509_push(view, x509) <= 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a certificate chain");
	}
	return SR_OK;
}

static enum sr_status add_crls(STACK_OF(X509_CRL) * view, const struct sr_certs *certs, struct sr_err *err)
{
	for (int i = 0; certs && i < sk_X509_CRL_num(certs->crls); i++)
		if (sk_X509_CRL_push(view, sk_X509_CRL_value(certs->crls, i)) <= 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for revocation lists");
	return SR_OK;
}

static enum sr_status add_embedded(STACK_OF(X509) * view, const STACK_OF(X509) * embedded, struct sr_err *err)
{
	for (int i = 0; i < sk_X509_num(embedded); i++)
		if (sk_X509_push(view, sk_X509_value(embedded, i)) <= 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a certificate chain");
	return SR_OK;
}

/* --- what a signer may be -------------------------------------------------------------------------- */

/* OpenSSL's purpose check lets purposes pass that it does not know. */
static bool is_for_stamps_alone(const X509 *leaf)
{
	static const uint8_t sole[] = "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08";
	int at = X509_get_ext_by_NID(leaf, NID_ext_key_usage, -1);

	if (at < 0)
		return false;
	X509_EXTENSION *extension = X509_get_ext(leaf, at);
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
	return X509_EXTENSION_get_critical(extension) == 1 && ASN1_STRING_length(value) == sizeof(sole) - 1 &&
	       memcmp(ASN1_STRING_get0_data(value), sole, sizeof(sole) - 1) == 0;
}

static enum sr_status check_use(X509 *leaf, enum sr_signer_use use, struct sr_err *err)
{
	const uint32_t signing = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
	uint32_t flags = X509_get_extension_flags(leaf);
	uint32_t usage = X509_get_key_usage(leaf);

	if (flags & EXFLAG_INVALID)
		return fail_for(err, leaf, "its extensions are not valid");
	if (!(flags & EXFLAG_KUSAGE) || !(usage & signing))
		return fail_for(err, leaf, "its key usage does not allow signatures");
	switch (use) {
	case SR_USE_SEAL:
		if (flags & EXFLAG_XKUSAGE)
			return fail_for(err, leaf, "it is for another purpose (extended key usage)");
		return SR_OK;
	case SR_USE_STAMP:
		if (usage & ~signing)
			return fail_for(err, leaf, "its key usage allows more than signatures");
		if (!is_for_stamps_alone(leaf))
			return fail_for(err, leaf,
			                "it is not for time stamps alone (critical extended key "
			                "usage timeStamping)");
		return SR_OK;
	}
	return sr_fail(err, SR_INVALID, "unknown use of a certificate");
}

/* --- revocation ------------------------------------------------------------------------------------ */

/*
 * OpenSSL consults one list an issuer, the best as of the time.  A certificate that any genuine list names
 * with an earlier day is revoked, too.
 */
static bool is_revoked(X509 *x509, X509 *issuer, STACK_OF(X509_CRL) * crls, time_t at)
{
	for (int i = 0; i < sk_X509_CRL_num(crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(crls, i);
		X509_REVOKED *entry = NULL;

		if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0 &&
		    X509_CRL_get0_by_cert(crl, &entry, x509) == 1 &&
		    X509_cmp_time(X509_REVOKED_get0_revocationDate(entry), &at) <= 0 &&
		    X509_CRL_verify(crl, X509_get0_pubkey(issuer)) == 1)
			return true;
	}
	return false;
}

static enum sr_status check_revocation(STACK_OF(X509) * chain, STACK_OF(X509_CRL) * crls, time_t at,
                                       struct sr_err *err)
{
	for (int i = 0; i + 1 < sk_X509_num(chain); i++) {
		X509 *x509 = sk_X509_value(chain, i);

		if (is_revoked(x509, sk_X509_value(chain, i + 1), crls, at))
			return fail_for(err, x509, "it is revoked");
	}
	ERR_clear_error();
	return SR_OK;
}

/* --- the chain ------------------------------------------------------------------------------------- */

static void set_parameters(X509_STORE_CTX *context, const struct sr_trust *trust)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);

	X509_VERIFY_PARAM_set_time(param, sr_ossl_seconds(trust->at_ns));
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
	if (trust->use == SR_USE_STAMP)
		X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_TIMESTAMP_SIGN);
}

struct sources {
	STACK_OF(X509) * trusted;
	STACK_OF(X509) * untrusted;
	STACK_OF(X509_CRL) * crls;
};

static enum sr_status build(X509 *leaf, const struct sources *from, const struct sr_trust *trust,
                            STACK_OF(X509) * *chain, struct sr_err *err)
{
	SR_CLEANUP(sr_x509_store_freep) X509_STORE *store = X509_STORE_new();
	SR_CLEANUP(sr_x509_store_ctx_freep) X509_STORE_CTX *context = X509_STORE_CTX_new();

	if (!store || !context || X509_STORE_CTX_init(context, store, leaf, from->untrusted) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a certificate chain");
	X509_STORE_CTX_set0_trusted_stack(context, from->trusted);
	X509_STORE_CTX_set0_crls(context, from->crls);
	set_parameters(context, trust);
	if (X509_verify_cert(context) != 1) {
		int code = X509_STORE_CTX_get_error(context);
		const X509 *bad = X509_STORE_CTX_get_current_cert(context);

		if (code == X509_V_ERR_OUT_OF_MEM)
			return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a certificate chain");
		return fail_for(err, bad ? bad : leaf, X509_verify_cert_error_string(code));
	}
	*chain = X509_STORE_CTX_get1_chain(context);
	if (!*chain)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a certificate chain");
	return SR_OK;
}

enum sr_status sr_chain_build(X509 *leaf, STACK_OF(X509) * embedded, const struct sr_trust *trust,
                              STACK_OF(X509) * *chain, struct sr_err *err)
{
	SR_CLEANUP(sr_x509_viewp) STACK_OF(X509) *trusted = sk_X509_new_null();
	SR_CLEANUP(sr_x509_viewp) STACK_OF(X509) *untrusted = sk_X509_new_null();
	SR_CLEANUP(sr_crl_viewp) STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	SR_CLEANUP(sr_x509_stackp) STACK_OF(X509) *found = NULL;

	if (!trusted || !untrusted || !crls)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a certificate chain");
	SR_TRY(add_certs(trusted, trust->roots ? trust->roots : trust->others, !trust->roots, err));
	SR_TRY(add_certs(untrusted, trust->others, false, err));
	SR_TRY(add_embedded(untrusted, embedded, err));
	SR_TRY(add_crls(crls, trust->others, err));
	SR_TRY(add_crls(crls, trust->roots, err));
	SR_TRY(check_use(leaf, trust->use, err));

	const struct sources from = { .trusted = trusted, .untrusted = untrusted, .crls = crls };
	SR_TRY(build(leaf, &from, trust, &found, err));
	SR_TRY(check_revocation(found, crls, sr_ossl_seconds(trust->at_ns), err));
	*chain = SR_MOVE(found);
	return SR_OK;
}
