/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of struct sr_certs.  Private to this folder. */
#pragma once

#include "appliance/base/limits.h"
#include "appliance/crypto/ossl.h"
#include "appliance/crypto/pki.h"

struct sr_chain_memory;

struct sr_certs {
	struct sr_cert *certs[SR_LIMIT_CERTIFICATES];
	size_t count;
	STACK_OF(X509_CRL) * crls;      /* never NULL */
	bool has_source;                /* all of it comes from one PEM text, and nothing was added */
	struct sr_digest source;        /* SHA-256 of that text */
	struct sr_chain_memory *memory; /* where chains through these are remembered; NULL: nowhere */
};

/* The same certificates and lists once more, shared; without a memory. */
SR_CHECKED enum sr_status sr_certs_copy(const struct sr_certs *certs, struct sr_certs **out,
                                        struct sr_err *err);

size_t sr_certs_crl_count(const struct sr_certs *certs);

/* Share @crl (its reference count goes up). */
SR_CHECKED enum sr_status sr_certs_add_crl(struct sr_certs *certs, X509_CRL *crl, struct sr_err *err);

/* Whether the very same certificate, in every byte, is among @certs (which may be NULL). */
bool sr_certs_contain(const struct sr_certs *certs, const X509 *x509);
