/* SPDX-License-Identifier: Apache-2.0 */
/* Key wrapping: CMS AuthEnvelopedData with AES-256-GCM (RFC 5083, 5084).  docs/FORMAT.md, "identity.p7m". */
#pragma once

#include "appliance/base/secret.h"
#include "appliance/crypto/pki.h"

/*
 * Wrap @plain for every certificate of @recipients: AES-256-GCM AuthEnvelopedData, DER, recipients by
 * subject key id; EC keys with ECDH, SHA-256 KDF and id-aes256-wrap; RSA keys with OAEP (SHA-256, MGF1
 * SHA-256). SR_INVALID when a certificate's key usage does not allow it.
 */
SR_CHECKED enum sr_status sr_cms_wrap(const struct sr_certs *recipients, const struct sr_secret *plain,
                                      struct sr_buf *out, struct sr_err *err);
/*
 * Unwrap with one recipient's key.  SR_CORRUPT when it is no AuthEnvelopedData with AES-256-GCM (never CBC)
 * or has trailing bytes, SR_DENIED when the key is no recipient's, SR_TAMPERED when the tag fails.  @cert may
 * be NULL: then every recipient is tried.
 */
SR_CHECKED enum sr_status sr_cms_unwrap(struct sr_bytes der, const struct sr_key *key,
                                        const struct sr_cert *cert, struct sr_secret **out,
                                        struct sr_err *err);
