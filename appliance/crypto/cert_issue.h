/* SPDX-License-Identifier: Apache-2.0 */
/* New certificates and empty revocation lists (RFC 5280).  Part of pki.h. */
#pragma once

#include <stdint.h>

#include "appliance/base/err.h"

struct sr_key;
struct sr_cert;
struct sr_certs;

enum sr_cert_role {
	SR_CERT_ROOT,   /* CA, pathlen 0; keyCertSign and cRLSign; 20 years */
	SR_CERT_SEAL,   /* critical digitalSignature and nonRepudiation, no extended usage; 5 years */
	SR_CERT_STAMP,  /* critical digitalSignature and nonRepudiation, critical sole EKU timeStamping; 5
	                   years */
	SR_CERT_WRAP,   /* critical keyAgreement; 5 years: the appliance's key-wrapping certificate */
	SR_CERT_ESCROW, /* as WRAP, 20 years: a custodian's */
};

/* What a new certificate says. */
struct sr_cert_request {
	enum sr_cert_role role;
	const char *common_name;
	const char *organization; /* may be NULL */
	int64_t not_before_ns;
	const struct sr_key *subject_key;
	const struct sr_key *issuer_key;   /* NULL for SR_CERT_ROOT: self-signed */
	const struct sr_cert *issuer_cert; /* NULL for SR_CERT_ROOT */
};
/* Random 128-bit serial number, subject and authority key ids, SHA-256 signature. */
SR_CHECKED enum sr_status sr_cert_issue(const struct sr_cert_request *request, struct sr_cert **out,
                                        struct sr_err *err);
/* An empty revocation list of @issuer, next update with the issuer's end; appended to @certs. */
SR_CHECKED enum sr_status sr_certs_add_empty_crl(struct sr_certs *certs, const struct sr_key *issuer_key,
                                                 const struct sr_cert *issuer, int64_t now_ns,
                                                 struct sr_err *err);
