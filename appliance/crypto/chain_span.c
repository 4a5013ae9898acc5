/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/chain_span.h"

#include <openssl/err.h>

#include "appliance/crypto/cert.h"

/* roots, others, embedded */
#define POOLS 3u

struct pools {
	const struct sr_certs *certs[POOLS - 1];
	const STACK_OF(X509) * embedded;
};

static int pool_size(const struct pools *pools, size_t pool)
{
	if (pool == POOLS - 1)
		return sk_X509_num(pools->embedded);
	return pools->certs[pool] ? (int)pools->certs[pool]->count : 0;
}

static X509 *pool_at(const struct pools *pools, size_t pool, int index)
{
	if (pool == POOLS - 1)
		return sk_X509_value(pools->embedded, index);
	return pools->certs[pool]->certs[index]->x509;
}

/* Another certificate of the same subject could be taken in @x509's place at another time. */
static bool has_namesake(const struct pools *pools, const X509 *x509)
{
	for (size_t pool = 0; pool < POOLS; pool++)
		for (int i = 0; i < pool_size(pools, pool); i++) {
			const X509 *other = pool_at(pools, pool, i);

			if (X509_NAME_cmp(X509_get_subject_name(other), X509_get_subject_name(x509)) == 0 &&
			    X509_cmp(other, x509) != 0)
				return true;
		}
	return false;
}

static bool has_namesakes(const struct pools *pools)
{
	for (size_t pool = 0; pool < POOLS; pool++)
		for (int i = 0; i < pool_size(pools, pool); i++)
			if (has_namesake(pools, pool_at(pools, pool, i)))
				return true;
	return false;
}

static bool take_time(const ASN1_TIME *date, time_t *out)
{
	struct tm tm;

	if (!date || ASN1_TIME_to_tm(date, &tm) != 1)
		return false;
	*out = (time_t)(sr_date_join(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * SR_DAY_S +
	                tm.tm_hour * 3600ll + tm.tm_min * 60ll + tm.tm_sec);
	return true;
}

static bool narrow(struct sr_chain_span *span, const ASN1_TIME *first, const ASN1_TIME *last)
{
	time_t from, until;

	if (!take_time(first, &from) || !take_time(last, &until))
		return false;
	if (from > span->from)
		span->from = from;
	if (until < span->until)
		span->until = until;
	return true;
}

/* Whatever the day that it names: which day counts is the chain's own business. */
static bool lists_any(X509_CRL *crl, const STACK_OF(X509) * chain)
{
	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509_REVOKED *entry = NULL;

		if (X509_CRL_get0_by_cert(crl, &entry, sk_X509_value(chain, i)) != 0)
			return true;
	}
	return false;
}

/* The lists of both pools as one. */
static X509_CRL *crl_at(const struct pools *pools, int index)
{
	for (size_t pool = 0; pool < POOLS - 1; pool++) {
		const struct sr_certs *certs = pools->certs[pool];

		if (!certs)
			continue;
		if (index < sk_X509_CRL_num(certs->crls))
			return sk_X509_CRL_value(certs->crls, index);
		index -= sk_X509_CRL_num(certs->crls);
	}
	return NULL;
}

static bool take_crls(const struct pools *pools, const STACK_OF(X509) * chain, struct sr_chain_span *span)
{
	X509_CRL *crl, *other;

	for (int i = 0; (crl = crl_at(pools, i)); i++) {
		for (int j = 0; (other = crl_at(pools, j)); j++)
			if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_CRL_get_issuer(other)) == 0 &&
			    X509_CRL_match(crl, other) != 0)
				return false;
		if (lists_any(crl, chain) ||
		    !narrow(span, X509_CRL_get0_lastUpdate(crl), X509_CRL_get0_nextUpdate(crl)))
			return false;
	}
	return true;
}

static bool take_certs(const STACK_OF(X509) * chain, struct sr_chain_span *span)
{
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *x509 = sk_X509_value(chain, i);

		if (!narrow(span, X509_get0_notBefore(x509), X509_get0_notAfter(x509)))
			return false;
	}
	return true;
}

bool sr_chain_span(const STACK_OF(X509) * chain, const STACK_OF(X509) * embedded,
                   const struct sr_trust *trust, struct sr_chain_span *out)
{
	const struct pools pools = { .certs = { trust->roots, trust->others }, .embedded = embedded };
	struct sr_chain_span span = { .from = INT64_MIN, .until = INT64_MAX };

	bool fits = !has_namesakes(&pools) && take_certs(chain, &span) && take_crls(&pools, chain, &span) &&
	            span.from < span.until;
	ERR_clear_error();
	if (fits)
		*out = span;
	return fits;
}
