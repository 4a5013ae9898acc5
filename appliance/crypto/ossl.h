/* SPDX-License-Identifier: Apache-2.0 */
/* What the certificate, CMS and time-stamp files share of OpenSSL: buffers and release handlers. */
#pragma once

#include <stdint.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/err.h"
#include "appliance/crypto/failure.h"

/* A read-only BIO over @bytes, which must outlive it; NULL when memory is out or they are too many. */
BIO *sr_ossl_reader(struct sr_bytes bytes);

/* Append what was written to the memory BIO @from. */
SR_CHECKED enum sr_status sr_ossl_append(BIO *from, struct sr_buf *out, struct sr_err *err);

/* Append @cms in DER; SR_LIMIT over SR_LIMIT_SIGNATURE_BYTES.  @what is for messages. */
SR_CHECKED enum sr_status sr_ossl_append_cms(CMS_ContentInfo *cms, const char *what, struct sr_buf *out,
                                             struct sr_err *err);

/* Whole seconds, rounded down. */
static inline time_t sr_ossl_seconds(int64_t time_ns)
{
	int64_t seconds = time_ns / SR_SECOND_NS;

	return (time_t)(time_ns % SR_SECOND_NS < 0 ? seconds - 1 : seconds);
}

#define SR_OSSL_RELEASE(name, type, release)                                                                 \
	static inline void name(type **object)                                                               \
	{                                                                                                    \
		release(*object);                                                                            \
		*object = NULL;                                                                              \
	}

static inline void sr_ossl_x509_stack_free(STACK_OF(X509) * stack)
{
	sk_X509_pop_free(stack, X509_free);
}

SR_OSSL_RELEASE(sr_bio_freep, BIO, BIO_free_all)
SR_OSSL_RELEASE(sr_pkey_freep, EVP_PKEY, EVP_PKEY_free)
SR_OSSL_RELEASE(sr_pkey_ctx_freep, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
SR_OSSL_RELEASE(sr_x509_freep, X509, X509_free)
SR_OSSL_RELEASE(sr_x509_stackp, STACK_OF(X509), sr_ossl_x509_stack_free) /* with its members */
SR_OSSL_RELEASE(sr_x509_viewp, STACK_OF(X509), sk_X509_free)             /* members are borrowed */
SR_OSSL_RELEASE(sr_crl_viewp, STACK_OF(X509_CRL), sk_X509_CRL_free)
SR_OSSL_RELEASE(sr_crl_freep, X509_CRL, X509_CRL_free)
SR_OSSL_RELEASE(sr_x509_ext_freep, X509_EXTENSION, X509_EXTENSION_free)
SR_OSSL_RELEASE(sr_x509_store_freep, X509_STORE, X509_STORE_free)
SR_OSSL_RELEASE(sr_x509_store_ctx_freep, X509_STORE_CTX, X509_STORE_CTX_free)
SR_OSSL_RELEASE(sr_cms_freep, CMS_ContentInfo, CMS_ContentInfo_free)
SR_OSSL_RELEASE(sr_asn1_integer_freep, ASN1_INTEGER, ASN1_INTEGER_free)
SR_OSSL_RELEASE(sr_asn1_time_freep, ASN1_TIME, ASN1_TIME_free)
SR_OSSL_RELEASE(sr_asn1_object_freep, ASN1_OBJECT, ASN1_OBJECT_free)
SR_OSSL_RELEASE(sr_bn_freep, BIGNUM, BN_free)
SR_OSSL_RELEASE(sr_ess_freep, ESS_SIGNING_CERT, ESS_SIGNING_CERT_free)
SR_OSSL_RELEASE(sr_ess2_freep, ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free)
SR_OSSL_RELEASE(sr_ts_req_freep, TS_REQ, TS_REQ_free)
SR_OSSL_RELEASE(sr_ts_resp_freep, TS_RESP, TS_RESP_free)
SR_OSSL_RELEASE(sr_ts_resp_ctx_freep, TS_RESP_CTX, TS_RESP_CTX_free)
SR_OSSL_RELEASE(sr_tst_info_freep, TS_TST_INFO, TS_TST_INFO_free)
