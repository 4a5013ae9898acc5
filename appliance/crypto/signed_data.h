/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of a CMS SignedData (RFC 5652 section 5) with one signer, taken apart without trusting it.
 * Everything that no signature covers must have the one form that we accept, so that no bit of it can be
 * turned unnoticed.
 */
#pragma once

#include <stdbool.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

enum sr_signed_kind {
	SR_SIGNED_DETACHED, /* id-data, no content inside, SHA-256 */
	SR_SIGNED_TSTINFO,  /* id-ct-TSTInfo (RFC 3161), SHA-256, 384 or 512 */
};

/* All are parts of the input. */
struct sr_signed_data {
	struct sr_bytes content;           /* TSTInfo; empty when detached */
	struct sr_bytes certificates;      /* one behind the other */
	struct sr_bytes issuer_and_serial; /* of the signer, DER */
	struct sr_bytes signature_algorithm;
	int digest_nid; /* of digest and signature */
};

/*
 * @der must have passed sr_der_check.  Exactly one signer, named by issuer and serial; no revocation lists,
 * no certificates of another kind than X.509, no unsigned attributes.  SR_CORRUPT otherwise.
 */
SR_CHECKED enum sr_status sr_signed_data_parse(struct sr_bytes der, enum sr_signed_kind kind,
                                               struct sr_signed_data *out, struct sr_err *err);

/* Whether @algorithm is the one encoding of "this kind of key with this digest" (EVP_PKEY_EC or _RSA). */
bool sr_signature_algorithm_fits(struct sr_bytes algorithm, int key_type, int digest_nid);

/*
 * Append @der, which has passed sr_signed_data_parse, without its certificates: parsing those is most of the
 * work where they are known already.  The signature covers none of them.
 */
SR_CHECKED enum sr_status sr_signed_data_bare(struct sr_bytes der, struct sr_buf *out, struct sr_err *err);
