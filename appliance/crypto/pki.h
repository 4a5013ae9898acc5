/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys, certificates and revocation lists: what `init` makes and what a verifier trusts.
 * EC P-256 for everything that CMS and RFC 3161 touch (Ed25519 cannot sign CMS in OpenSSL 3.0).
 * Objects are immutable after making and may be shared by threads.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/crypto/cert_issue.h" /* roles, sr_cert_issue, sr_certs_add_empty_crl */
#include "appliance/crypto/digest.h"
#include "appliance/crypto/key_file.h" /* sr_key_write, sr_key_read */

struct sr_key;   /* a private key (EVP_PKEY) */
struct sr_cert;  /* one certificate */
struct sr_certs; /* certificates and revocation lists, in order */

enum sr_key_kind {
	SR_KEY_P256,
	SR_KEY_ED25519,
};

void sr_key_free(struct sr_key *key); /* wipes; NULL is allowed */
static inline void sr_key_freep(struct sr_key **key)
{
	sr_key_free(*key);
	*key = NULL;
}
void sr_cert_free(struct sr_cert *cert); /* NULL is allowed */
static inline void sr_cert_freep(struct sr_cert **cert)
{
	sr_cert_free(*cert);
	*cert = NULL;
}
void sr_certs_free(struct sr_certs *certs); /* NULL is allowed */
static inline void sr_certs_freep(struct sr_certs **certs)
{
	sr_certs_free(*certs);
	*certs = NULL;
}

SR_CHECKED enum sr_status sr_key_generate(enum sr_key_kind kind, struct sr_key **out, struct sr_err *err);

SR_CHECKED enum sr_status sr_certs_new(struct sr_certs **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_certs_add(struct sr_certs *certs, const struct sr_cert *cert,
                                       struct sr_err *err);
size_t sr_certs_count(const struct sr_certs *certs); /* certificates, without revocation lists */
const struct sr_cert *sr_certs_at(const struct sr_certs *certs, size_t index); /* borrowed */
/* PEM with certificates and revocation lists; anything else in it, text between the blocks too, is
 * SR_CORRUPT. SR_LIMIT over SR_LIMIT_CERTIFICATES or SR_LIMIT_TAG_FILE_BYTES. */
SR_CHECKED enum sr_status sr_certs_from_pem(struct sr_bytes pem, struct sr_certs **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_certs_to_pem(const struct sr_certs *certs, struct sr_buf *out,
                                          struct sr_err *err);
SR_CHECKED enum sr_status sr_cert_from_pem(struct sr_bytes pem, struct sr_cert **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_cert_to_pem(const struct sr_cert *cert, struct sr_buf *out, struct sr_err *err);

/* "CN=…, O=…" in UTF-8, for people. */
SR_CHECKED enum sr_status sr_cert_subject(const struct sr_cert *cert, struct sr_buf *out, struct sr_err *err);
bool sr_key_matches(const struct sr_key *key, const struct sr_cert *cert);
int64_t sr_cert_not_after_ns(const struct sr_cert *cert);
/* SHA-256 of the certificate in DER. */
SR_CHECKED enum sr_status sr_cert_digest(const struct sr_cert *cert, struct sr_digest *out,
                                         struct sr_err *err);
