/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of struct sr_cert.  Private to this folder. */
#pragma once

#include <stdbool.h>

#include "appliance/crypto/ossl.h"
#include "appliance/crypto/pki.h"

struct sr_cert {
	X509 *x509;
};

/* A new sr_cert that shares @x509 (its reference count goes up). */
SR_CHECKED enum sr_status sr_cert_share(X509 *x509, struct sr_cert **out, struct sr_err *err);

/* One DER certificate, nothing behind it, that encodes to the same bytes again.  The caller owns *out. */
SR_CHECKED enum sr_status sr_cert_parse(struct sr_bytes der, X509 **out, struct sr_err *err);

/* Whether @x509 encodes to exactly @der: then nothing of the bytes was lost in parsing. */
bool sr_cert_encodes_to(const X509 *x509, struct sr_bytes der);
