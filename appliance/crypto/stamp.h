/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3161 time stamps over SHA-256, from the built-in authority or an outside one. */
#pragma once

#include "appliance/crypto/pki.h"

/* Policy of the built-in authority: under the UUID arc 2.25, so that nobody else's. */
#define SR_STAMP_POLICY "2.25.267126180743842953210871430214680123457"

struct sr_stamper {
	const char *url;          /* an outside authority (http, https), or NULL for the built-in one */
	const struct sr_key *key; /* the built-in authority's */
	const struct sr_cert *cert;
	const struct sr_certs *chain; /* what the response carries besides; may be NULL */
};

/*
 * Append a DER TimeStampResp over the bytes of @data.  Built-in: genTime = @now_ns in seconds, random 128-bit
 * serial, ESS certificate id with SHA-256.  Outside: POST application/timestamp-query with a nonce and
 * certReq, at most SR_LIMIT_STAMP_REPLY_BYTES, 30 s, three redirects, no proxy; status, imprint and nonce of
 * the answer are compared, and its token is kept in a response that says 'granted' alone.  Nothing here knows
 * whom to trust: verify what was made before relying on it.
 *
 * SR_BUSY when the authority cannot be reached, refuses (the text says what it said) or answers wrongly;
 * SR_INVALID when the URL is neither http nor https, or the certificate is not for stamps.
 */
SR_CHECKED enum sr_status sr_stamp_make(const struct sr_stamper *stamper, struct sr_bytes data,
                                        int64_t now_ns, struct sr_buf *out, struct sr_err *err);

/*
 * Verify a response: status granted and nothing beside it, SignedData with one signer (SHA-256, 384 or 512),
 * ESS certificate id of either version, chain (sole critical purpose timestamping, as of genTime, with
 * revocation lists) to @roots through @others, imprint SHA-256 of @data.  DER, no bytes behind it; embedded
 * certificates as in sr_cms_verify.  *gen_time_ns is set on SR_OK.  @roots NULL, SR_CORRUPT, SR_LIMIT and
 * SR_TAMPERED as there.
 */
SR_CHECKED enum sr_status sr_stamp_verify(struct sr_bytes response, struct sr_bytes data,
                                          const struct sr_certs *roots, const struct sr_certs *others,
                                          int64_t *gen_time_ns, struct sr_err *err);

/* genTime without any verification, to know as of when to verify the signature under the stamp. */
SR_CHECKED enum sr_status sr_stamp_peek(struct sr_bytes response, int64_t *gen_time_ns, struct sr_err *err);
