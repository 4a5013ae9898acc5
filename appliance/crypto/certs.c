/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/certs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "appliance/base/limits.h"
#include "appliance/crypto/cert.h"
#include "appliance/crypto/der.h"
#include "appliance/crypto/pem.h"

enum sr_status sr_certs_new(struct sr_certs **out, struct sr_err *err)
{
	struct sr_certs *certs = calloc(1, sizeof(*certs));

	if (!certs)
		return sr_fail(err, SR_NO_MEMORY, "no memory for certificates");
	certs->crls = sk_X509_CRL_new_null();
	if (!certs->crls) {
		free(certs);
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for certificates");
	}
	*out = certs;
	return SR_OK;
}

void sr_certs_free(struct sr_certs *certs)
{
	if (!certs)
		return;
	for (size_t i = 0; i < certs->count; i++)
		sr_cert_free(certs->certs[i]);
	sk_X509_CRL_pop_free(certs->crls, X509_CRL_free);
	free(certs);
}

size_t sr_certs_count(const struct sr_certs *certs)
{
	return certs->count;
}

const struct sr_cert *sr_certs_at(const struct sr_certs *certs, size_t index)
{
	return certs->certs[index];
}

size_t sr_certs_crl_count(const struct sr_certs *certs)
{
	return (size_t)sk_X509_CRL_num(certs->crls);
}

static enum sr_status require_room(const struct sr_certs *certs, struct sr_err *err)
{
	if (certs->count + sr_certs_crl_count(certs) >= SR_LIMIT_CERTIFICATES)
		return sr_fail(err, SR_LIMIT, "more than %u certificates and revocation lists",
		               SR_LIMIT_CERTIFICATES);
	return SR_OK;
}

static enum sr_status add_x509(struct sr_certs *certs, X509 *x509, struct sr_err *err)
{
	SR_TRY(require_room(certs, err));
	SR_TRY(sr_cert_share(x509, &certs->certs[certs->count], err));
	certs->count++;
	certs->has_source = false;
	return SR_OK;
}

enum sr_status sr_certs_add(struct sr_certs *certs, const struct sr_cert *cert, struct sr_err *err)
{
	return add_x509(certs, cert->x509, err);
}

enum sr_status sr_certs_add_crl(struct sr_certs *certs, X509_CRL *crl, struct sr_err *err)
{
	SR_TRY(require_room(certs, err));
	if (sk_X509_CRL_push(certs->crls, crl) <= 0)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a revocation list");
	X509_CRL_up_ref(crl);
	certs->has_source = false;
	return SR_OK;
}

enum sr_status sr_certs_copy(const struct sr_certs *certs, struct sr_certs **out, struct sr_err *err)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *copy = NULL;

	SR_TRY(sr_certs_new(&copy, err));
	assert(copy != NULL);
	for (size_t i = 0; i < certs->count; i++)
		SR_TRY(add_x509(copy, certs->certs[i]->x509, err));
	for (int i = 0; i < sk_X509_CRL_num(certs->crls); i++)
		SR_TRY(sr_certs_add_crl(copy, sk_X509_CRL_value(certs->crls, i), err));
	copy->has_source = certs->has_source;
	copy->source = certs->source;
	*out = SR_MOVE(copy);
	return SR_OK;
}

bool sr_certs_contain(const struct sr_certs *certs, const X509 *x509)
{
	for (size_t i = 0; certs && i < certs->count; i++)
		if (X509_cmp(certs->certs[i]->x509, x509) == 0)
			return true;
	return false;
}

/* --- PEM ------------------------------------------------------------------------------------------- */

static enum sr_status parse_crl(struct sr_bytes der, X509_CRL **out, struct sr_err *err)
{
	const unsigned char *at = der.data;

	SR_TRY(sr_der_check(der, err));
	SR_CLEANUP(sr_crl_freep) X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.size);
	if (!crl || at != der.data + der.size)
		return sr_crypto_fail(err, SR_CORRUPT, "not a revocation list");

	unsigned char *again = NULL;
	int size = i2d_X509_CRL(crl, &again);
	bool same = size >= 0 && (size_t)size == der.size && memcmp(again, der.data, der.size) == 0;
	OPENSSL_free(again);
	if (!same)
		return sr_fail(err, SR_CORRUPT, "a revocation list that is not DER");
	*out = SR_MOVE(crl);
	return SR_OK;
}

static enum sr_status add_block(void *context, const char *label, struct sr_bytes der, struct sr_err *err)
{
	struct sr_certs *certs = context;

	if (strcmp(label, PEM_STRING_X509) == 0) {
		SR_CLEANUP(sr_x509_freep) X509 *x509 = NULL;

		SR_TRY(sr_cert_parse(der, &x509, err));
		return add_x509(certs, x509, err);
	}
	if (strcmp(label, PEM_STRING_X509_CRL) == 0) {
		SR_CLEANUP(sr_crl_freep) X509_CRL *crl = NULL;

		SR_TRY(parse_crl(der, &crl, err));
		return sr_certs_add_crl(certs, crl, err);
	}
	return sr_fail(err, SR_CORRUPT, "a PEM block '%s' where certificates and revocation lists belong",
	               label);
}

enum sr_status sr_certs_from_pem(struct sr_bytes pem, struct sr_certs **out, struct sr_err *err)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *certs = NULL;

	SR_TRY(sr_certs_new(&certs, err));
	assert(certs != NULL);
	SR_TRY(sr_pem_read(pem, add_block, certs, err));
	SR_TRY(sr_digest_of(pem.data, pem.size, &certs->source, err));
	certs->has_source = true;
	*out = SR_MOVE(certs);
	return SR_OK;
}

enum sr_status sr_certs_to_pem(const struct sr_certs *certs, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_bio_freep) BIO *pem = BIO_new(BIO_s_mem());

	if (!pem)
		return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode certificates");
	for (size_t i = 0; i < certs->count; i++)
		if (PEM_write_bio_X509(pem, certs->certs[i]->x509) != 1)
			return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode a certificate");
	for (int i = 0; i < sk_X509_CRL_num(certs->crls); i++)
		if (PEM_write_bio_X509_CRL(pem, sk_X509_CRL_value(certs->crls, i)) != 1)
			return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode a revocation list");
	return sr_ossl_append(pem, out, err);
}
