/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of a CMS AuthEnvelopedData (RFC 5083) as we write it, taken apart without trusting it:
 * AES-256-GCM (RFC 5084) with a tag of 16 bytes, recipients by subject key id, ECDH (RFC 5753) or RSA-OAEP
 * (RFC 3560), no originator's certificates, no attributes.
 */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

struct sr_enveloped {
	size_t plain_size; /* bytes; as many as there are of ciphertext */
};

/* @der must have passed sr_der_check.  SR_CORRUPT for anything else than the above. */
SR_CHECKED enum sr_status sr_enveloped_parse(struct sr_bytes der, struct sr_enveloped *out,
                                             struct sr_err *err);
