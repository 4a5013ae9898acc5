/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS: detached CAdES-BES signatures (ETSI EN 319 122-1 section 5, RFC 5652), and by cms_wrap.h key wrapping
 * with AuthEnvelopedData.  docs/FORMAT.md, "Seal".
 */
#pragma once

#include "appliance/crypto/cms_wrap.h"
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
 * and @roots applied (a chain without any list for its issuer, valid as of then, fails), key usage
 * digitalSignature or nonRepudiation and no extended one.  DER only; bytes behind it are refused.
 *
 * Every bit counts: what the signature does not cover must have the one form that sr_cms_sign writes (no
 * unsigned attributes, no embedded lists), and each embedded certificate must be in the signer's chain or,
 * byte for byte, among @others, however many there are.
 *
 * SR_CORRUPT when it does not parse, SR_LIMIT over SR_LIMIT_SIGNATURE_BYTES, SR_TAMPERED otherwise.  *signer
 * (caller frees) may be NULL.  With @roots NULL the chain may end in any self-signed certificate among
 * @others (recover without an appliance).  A certificate's last second does not count (OpenSSL).
 */
SR_CHECKED enum sr_status sr_cms_verify(struct sr_bytes signature, struct sr_bytes content,
                                        const struct sr_certs *roots, const struct sr_certs *others,
                                        int64_t at_ns, struct sr_cert **signer, struct sr_err *err);
