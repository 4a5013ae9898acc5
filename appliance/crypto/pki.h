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
#include "appliance/base/secret.h"

struct sr_key;   /* a private key (EVP_PKEY) */
struct sr_cert;  /* one certificate */
struct sr_certs; /* certificates and revocation lists, in order */

enum sr_key_kind {
	SR_KEY_P256,
	SR_KEY_ED25519,
};

enum sr_cert_role {
	SR_CERT_ROOT,   /* CA, pathlen 0; keyCertSign and cRLSign; 20 years */
	SR_CERT_SEAL,   /* critical digitalSignature and nonRepudiation, no extended usage; 5 years */
	SR_CERT_STAMP,  /* critical digitalSignature and nonRepudiation, critical sole EKU timeStamping; 5
	                   years */
	SR_CERT_WRAP,   /* critical keyAgreement; 5 years: the appliance's key-wrapping certificate */
	SR_CERT_ESCROW, /* as WRAP, 20 years: a custodian's */
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
/* PKCS#8 PEM, written durably with mode 0600 and never over an existing file; encrypted (PBES2, AES-256) when
 * @passphrase is not NULL. */
SR_CHECKED enum sr_status sr_key_write(const struct sr_key *key, int dir_fd, const char *name,
                                       const struct sr_secret *passphrase, struct sr_err *err);
/* SR_DENIED when others than the owner can read or write the file, or it belongs to neither caller nor root
 * (the text says chmod 600), or the passphrase is missing or wrong; SR_CORRUPT when it is no key.  @dir_fd
 * may be AT_FDCWD. */
SR_CHECKED enum sr_status sr_key_read(int dir_fd, const char *name, const struct sr_secret *passphrase,
                                      struct sr_key **out, struct sr_err *err);

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

SR_CHECKED enum sr_status sr_certs_new(struct sr_certs **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_certs_add(struct sr_certs *certs, const struct sr_cert *cert,
                                       struct sr_err *err);
size_t sr_certs_count(const struct sr_certs *certs); /* certificates, without revocation lists */
const struct sr_cert *sr_certs_at(const struct sr_certs *certs, size_t index);
/* PEM with certificates and revocation lists, anything else in it is SR_CORRUPT. */
SR_CHECKED enum sr_status sr_certs_from_pem(struct sr_bytes pem, struct sr_certs **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_certs_to_pem(const struct sr_certs *certs, struct sr_buf *out,
                                          struct sr_err *err);
SR_CHECKED enum sr_status sr_cert_from_pem(struct sr_bytes pem, struct sr_cert **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_cert_to_pem(const struct sr_cert *cert, struct sr_buf *out, struct sr_err *err);

/* "CN=…, O=…" in UTF-8, for people. */
SR_CHECKED enum sr_status sr_cert_subject(const struct sr_cert *cert, struct sr_buf *out, struct sr_err *err);
bool sr_key_matches(const struct sr_key *key, const struct sr_cert *cert);
int64_t sr_cert_not_after_ns(const struct sr_cert *cert);
