/* SPDX-License-Identifier: Apache-2.0 */
/* CMS: detached CAdES-BES signatures, and key wrapping with AuthEnvelopedData.  FORMAT.md, "Seal". */
#pragma once

#include "appliance/crypto/pki.h"

/*
 * Sign @content: DER SignedData, detached, one signer, signed attributes content type, message digest,
 * signing time (@time_ns) and signing-certificate-v2; signer's certificate and @chain included.
 */
SR_CHECKED enum sr_status sr_cms_sign(const struct sr_key *key, const struct sr_cert *cert,
                                      const struct sr_certs *chain, struct sr_bytes content, int64_t time_ns,
                                      struct sr_buf *out, struct sr_err *err);

/*
 * Verify a detached signature as of @at_ns: exactly one signer, SHA-256, ESS certificate id present and
 * right, chain to one of @roots through @others and the embedded certificates, revocation lists of @others
 * applied (a chain without any list for its issuer fails), key usage digitalSignature or nonRepudiation.  DER
 * only; bytes behind it are refused.  SR_CORRUPT when it does not parse, SR_TAMPERED otherwise.  *signer
 * (caller frees) may be NULL. With @roots NULL the chain may end in any self-signed certificate among @others
 * (recover without an appliance).
 */
SR_CHECKED enum sr_status sr_cms_verify(struct sr_bytes signature, struct sr_bytes content,
                                        const struct sr_certs *roots, const struct sr_certs *others,
                                        int64_t at_ns, struct sr_cert **signer, struct sr_err *err);

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
