/* SPDX-License-Identifier: Apache-2.0 */
/* From a signer's certificate to a trusted root (RFC 5280 section 6), with revocation lists. */
#pragma once

#include "appliance/crypto/certs.h"
#include "appliance/crypto/ossl.h"
#include "appliance/crypto/pki.h"

enum sr_signer_use {
	SR_USE_SEAL,  /* key usage digitalSignature or nonRepudiation, no extended key usage */
	SR_USE_STAMP, /* RFC 3161 section 2.3: critical sole extended key usage timeStamping */
};

struct sr_trust {
	const struct sr_certs *roots;  /* NULL: any self-signed certificate of @others */
	const struct sr_certs *others; /* certificates and revocation lists; may be NULL */
	int64_t at_ns;                 /* as of when */
	enum sr_signer_use use;
};

/*
 * Build and check the chain of @leaf through @embedded (borrowed, may be NULL) and trust->others.  Every
 * certificate needs a revocation list of its issuer, valid as of the time, and may be on none.  SR_TAMPERED
 * with the certificate's subject otherwise.  The caller owns *chain, leaf first.
 */
SR_CHECKED enum sr_status sr_chain_build(X509 *leaf, STACK_OF(X509) * embedded, const struct sr_trust *trust,
                                         STACK_OF(X509) * *chain, struct sr_err *err);
