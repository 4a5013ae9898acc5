/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/cert_issue.h"

#include <string.h>

#include "appliance/base/random.h"
#include "appliance/crypto/cert.h"
#include "appliance/crypto/certs.h"
#include "appliance/crypto/key.h"

#define SERIAL_BYTES 16

static const struct profile {
	int years;
	const char *constraints;
	const char *usage;
	const char *extended_usage; /* NULL: none */
} profiles[] = {
	[SR_CERT_ROOT] = { 20, "critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign", NULL },
	[SR_CERT_SEAL] = { 5, "critical,CA:FALSE", "critical,digitalSignature,nonRepudiation", NULL },
	[SR_CERT_STAMP] = { 5, "critical,CA:FALSE", "critical,digitalSignature,nonRepudiation",
	                    "critical,timeStamping" },
	[SR_CERT_WRAP] = { 5, "critical,CA:FALSE", "critical,keyAgreement", NULL },
	[SR_CERT_ESCROW] = { 20, "critical,CA:FALSE", "critical,keyAgreement", NULL },
};

static enum sr_status set_serial(X509 *x509, struct sr_err *err)
{
	uint8_t random[SERIAL_BYTES];

	SR_TRY(sr_random_fill(random, sizeof(random), err));
	random[0] = (uint8_t)((random[0] & 0x7f) | 0x40); /* positive, and of full length */
	SR_CLEANUP(sr_bn_freep) BIGNUM *number = BN_bin2bn(random, sizeof(random), NULL);
	if (!number || !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)))
		return sr_crypto_fail(err, SR_NO_MEMORY, "serial number");
	return SR_OK;
}

/* The same day and time @years later; 28 February for a 29th that does not exist. */
static int64_t years_later(int64_t seconds, int years)
{
	int64_t days = seconds / SR_DAY_S;
	int year, month, day;

	if (seconds % SR_DAY_S < 0)
		days--;
	int64_t rest = seconds - days * SR_DAY_S;
	sr_date_split(days, &year, &month, &day);
	int64_t later = sr_date_join(year + years, month, 1) + day - 1;
	int later_year, later_month, later_day;
	sr_date_split(later, &later_year, &later_month, &later_day);
	if (later_month != month)
		later--;
	return later * SR_DAY_S + rest;
}

/* A certificate never outlives its issuer's: a chain would break before its end. */
static enum sr_status set_validity(X509 *x509, const struct sr_cert_request *request, struct sr_err *err)
{
	int64_t begin = sr_ossl_seconds(request->not_before_ns);
	int64_t end = years_later(begin, profiles[request->role].years);

	if (request->issuer_cert) {
		int64_t issuer_end = sr_ossl_seconds(sr_cert_not_after_ns(request->issuer_cert));

		if (end > issuer_end)
			end = issuer_end;
	}
	if (end <= begin)
		return sr_fail(err, SR_INVALID, "the issuer's certificate has expired; a new root is needed");
	if (!ASN1_TIME_set(X509_getm_notBefore(x509), begin) || !ASN1_TIME_set(X509_getm_notAfter(x509), end))
		return sr_crypto_fail(err, SR_INVALID, "validity of a certificate");
	return SR_OK;
}

static enum sr_status add_name(X509_NAME *name, int nid, const char *text, struct sr_err *err)
{
	/* MBSTRING checks that it is UTF-8 of at most 64 characters (RFC 5280 appendix A, ub-common-name). */
	if (X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) != 1)
		return sr_crypto_fail(err, SR_INVALID,
		                      "a certificate's name must be UTF-8 of 1 to 64 characters");
	return SR_OK;
}

static enum sr_status set_names(X509 *x509, const struct sr_cert_request *request, struct sr_err *err)
{
	X509_NAME *name = X509_get_subject_name(x509);

	if (request->organization)
		SR_TRY(add_name(name, NID_organizationName, request->organization, err));
	SR_TRY(add_name(name, NID_commonName, request->common_name, err));
	const X509_NAME *issuer =
		request->issuer_cert ? X509_get_subject_name(request->issuer_cert->x509) : name;
	if (X509_set_issuer_name(x509, issuer) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "issuer of a certificate");
	return SR_OK;
}

static enum sr_status add_extension(X509 *x509, X509V3_CTX *context, int nid, const char *value,
                                    struct sr_err *err)
{
	if (!value)
		return SR_OK;
	SR_CLEANUP(sr_x509_ext_freep)
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	if (!extension || X509_add_ext(x509, extension, -1) != 1)
		return sr_crypto_fail(err, SR_IO, "extension of a certificate");
	return SR_OK;
}

static enum sr_status set_extensions(X509 *x509, const struct sr_cert_request *request, struct sr_err *err)
{
	const struct profile *profile = &profiles[request->role];
	X509V3_CTX context;

	X509V3_set_ctx(&context, request->issuer_cert ? request->issuer_cert->x509 : x509, x509, NULL, NULL,
	               0);
	SR_TRY(add_extension(x509, &context, NID_basic_constraints, profile->constraints, err));
	SR_TRY(add_extension(x509, &context, NID_key_usage, profile->usage, err));
	SR_TRY(add_extension(x509, &context, NID_ext_key_usage, profile->extended_usage, err));
	SR_TRY(add_extension(x509, &context, NID_subject_key_identifier, "hash", err));
	return add_extension(x509, &context, NID_authority_key_identifier, "keyid:always", err);
}

static enum sr_status require_issuer(const struct sr_cert_request *request, struct sr_err *err)
{
	bool root = request->role == SR_CERT_ROOT;

	if (root != !request->issuer_key || root != !request->issuer_cert)
		return sr_fail(err, SR_INVALID,
		               "a root has no issuer, every other certificate has key and "
		               "certificate of one");
	if (!root && !sr_key_matches(request->issuer_key, request->issuer_cert))
		return sr_fail(err, SR_INVALID, "the issuer's key is not that of its certificate");
	if (!root && X509_check_ca(request->issuer_cert->x509) != 1)
		return sr_fail(err, SR_INVALID, "the issuer's certificate is no authority's");
	return SR_OK;
}

enum sr_status sr_cert_issue(const struct sr_cert_request *request, struct sr_cert **out, struct sr_err *err)
{
	SR_CLEANUP(sr_x509_freep) X509 *x509 = X509_new();
	const struct sr_key *signer = request->issuer_key ? request->issuer_key : request->subject_key;

	SR_TRY(require_issuer(request, err));
	if (!x509 || X509_set_version(x509, X509_VERSION_3) != 1 ||
	    X509_set_pubkey(x509, request->subject_key->pkey) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "new certificate");
	SR_TRY(set_serial(x509, err));
	SR_TRY(set_validity(x509, request, err));
	SR_TRY(set_names(x509, request, err));
	SR_TRY(set_extensions(x509, request, err));
	if (X509_sign(x509, signer->pkey, EVP_sha256()) <= 0)
		return sr_crypto_fail(err, SR_INVALID, "cannot sign a certificate");
	return sr_cert_share(x509, out, err);
}

static enum sr_status set_crl_times(X509_CRL *crl, const struct sr_cert *issuer, int64_t now_ns,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_asn1_time_freep) ASN1_TIME *now = ASN1_TIME_set(NULL, sr_ossl_seconds(now_ns));

	if (!now || X509_CRL_set1_lastUpdate(crl, now) != 1 ||
	    X509_CRL_set1_nextUpdate(crl, X509_get0_notAfter(issuer->x509)) != 1)
		return sr_crypto_fail(err, SR_INVALID, "times of a revocation list");
	return SR_OK;
}

/* RFC 5280 section 5.2: number and authority key id are mandatory. */
static enum sr_status set_crl_extensions(X509_CRL *crl, const struct sr_cert *issuer, int64_t now_ns,
                                         struct sr_err *err)
{
	SR_CLEANUP(sr_asn1_integer_freep) ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509V3_CTX context;

	/* Seconds grow with every list, without a counter to keep. */
	if (!number || ASN1_INTEGER_set_int64(number, sr_ossl_seconds(now_ns)) != 1 ||
	    X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "number of a revocation list");
	X509V3_set_ctx(&context, issuer->x509, NULL, NULL, crl, 0);
	SR_CLEANUP(sr_x509_ext_freep)
	X509_EXTENSION *extension =
		X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	if (!extension || X509_CRL_add_ext(crl, extension, -1) != 1)
		return sr_crypto_fail(err, SR_INVALID, "extension of a revocation list");
	return SR_OK;
}

enum sr_status sr_certs_add_empty_crl(struct sr_certs *certs, const struct sr_key *issuer_key,
                                      const struct sr_cert *issuer, int64_t now_ns, struct sr_err *err)
{
	SR_CLEANUP(sr_crl_freep) X509_CRL *crl = X509_CRL_new();

	if (!sr_key_matches(issuer_key, issuer))
		return sr_fail(err, SR_INVALID, "the issuer's key is not that of its certificate");
	if (!crl || X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 ||
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "new revocation list");
	SR_TRY(set_crl_times(crl, issuer, now_ns, err));
	SR_TRY(set_crl_extensions(crl, issuer, now_ns, err));
	if (X509_CRL_sign(crl, issuer_key->pkey, EVP_sha256()) <= 0)
		return sr_crypto_fail(err, SR_INVALID, "cannot sign a revocation list");
	return sr_certs_add_crl(certs, crl, err);
}
