/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/cert.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "appliance/base/limits.h"
#include "appliance/crypto/certs.h"
#include "appliance/crypto/der.h"

void sr_cert_free(struct sr_cert *cert)
{
	if (!cert)
		return;
	X509_free(cert->x509);
	free(cert);
}

enum sr_status sr_cert_share(X509 *x509, struct sr_cert **out, struct sr_err *err)
{
	struct sr_cert *cert = calloc(1, sizeof(*cert));

	if (!cert)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a certificate");
	X509_up_ref(x509);
	cert->x509 = x509;
	*out = cert;
	return SR_OK;
}

bool sr_cert_encodes_to(const X509 *x509, struct sr_bytes der)
{
	unsigned char *again = NULL;
	int size = i2d_X509(x509, &again);
	bool same = size >= 0 && sr_bytes_equal(der, (struct sr_bytes){ again, (size_t)size });

	OPENSSL_free(again);
	return same;
}

/*
 * OpenSSL decodes a certificate's extensions at its first use and keeps them in it: done here, where one
 * thread has it, so that those who share it later only read.  What it thinks of them is asked at each
 * verification.
 */
static void decode_extensions(X509 *x509)
{
	ERR_set_mark();
	(void)X509_check_purpose(x509, -1, 0);
	ERR_pop_to_mark();
}

enum sr_status sr_cert_parse(struct sr_bytes der, X509 **out, struct sr_err *err)
{
	const unsigned char *at = der.data;

	if (der.size > SR_LIMIT_KEY_FILE_BYTES)
		return sr_fail(err, SR_LIMIT, "a certificate of %zu bytes", der.size);
	SR_TRY(sr_der_check(der, err));
	SR_CLEANUP(sr_x509_freep) X509 *x509 = d2i_X509(NULL, &at, (long)der.size);
	if (!x509 || at != der.data + der.size || !X509_get0_pubkey(x509))
		return sr_crypto_fail(err, SR_CORRUPT, "not a certificate");

	if (!sr_cert_encodes_to(x509, der))
		return sr_fail(err, SR_CORRUPT, "a certificate that is not DER");
	decode_extensions(x509);
	*out = SR_MOVE(x509);
	return SR_OK;
}

enum sr_status sr_cert_from_pem(struct sr_bytes pem, struct sr_cert **out, struct sr_err *err)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *certs = NULL;

	SR_TRY(sr_certs_from_pem(pem, &certs, err));
	if (sr_certs_count(certs) != 1 || sr_certs_crl_count(certs) != 0)
		return sr_fail(err, SR_CORRUPT, "expected one PEM certificate and nothing else");
	return sr_cert_share(sr_certs_at(certs, 0)->x509, out, err);
}

enum sr_status sr_cert_to_pem(const struct sr_cert *cert, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_bio_freep) BIO *pem = BIO_new(BIO_s_mem());

	if (!pem || PEM_write_bio_X509(pem, cert->x509) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode a certificate");
	return sr_ossl_append(pem, out, err);
}

enum sr_status sr_cert_subject(const struct sr_cert *cert, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_bio_freep) BIO *text = BIO_new(BIO_s_mem());
	/* Control characters and separators escaped, Chinese as it is, the name of the person first. */
	const unsigned long flags = ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |
	                            ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN |
	                            ASN1_STRFLGS_DUMP_DER | XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV |
	                            XN_FLAG_FN_SN;

	if (!text || X509_NAME_print_ex(text, X509_get_subject_name(cert->x509), 0, flags) < 0)
		return sr_crypto_fail(err, SR_CORRUPT, "cannot print a certificate's subject");
	return sr_ossl_append(text, out, err);
}

int64_t sr_cert_not_after_ns(const struct sr_cert *cert)
{
	struct tm tm;

	/* A date that cannot be read is long past. */
	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert->x509), &tm) != 1)
		return INT64_MIN;
	int64_t days = sr_date_join(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	int64_t seconds = days * SR_DAY_S + tm.tm_hour * 3600ll + tm.tm_min * 60ll + tm.tm_sec;
	int64_t time_ns;
	if (__builtin_mul_overflow(seconds, SR_SECOND_NS, &time_ns))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return time_ns;
}

enum sr_status sr_cert_digest(const struct sr_cert *cert, struct sr_digest *out, struct sr_err *err)
{
	unsigned size = sizeof(out->bytes);

	if (X509_digest(cert->x509, EVP_sha256(), out->bytes, &size) != 1)
		return sr_crypto_fail(err, SR_IO, "digest of a certificate");
	return SR_OK;
}
