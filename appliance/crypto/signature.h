/* SPDX-License-Identifier: Apache-2.0 */
/* Verify a SignedData, of a seal or of a time stamp.  Private to this folder. */
#pragma once

#include "appliance/crypto/chain.h"
#include "appliance/crypto/signed_data.h"

/*
 * Verify @der (which has passed sr_der_check and parsed into @parts): signature over @content (NULL when it
 * lies inside), content type, ESS certificate id (RFC 5035), chain, use.  Each embedded certificate must be
 * in the verified chain or, byte for byte, among trust->others: nothing else vouches for its bits.  *signer
 * (may be NULL; the caller frees) is set on SR_OK.  SR_CORRUPT, SR_TAMPERED.
 */
SR_CHECKED enum sr_status sr_signature_verify(struct sr_bytes der, const struct sr_signed_data *parts,
                                              const struct sr_bytes *content, const struct sr_trust *trust,
                                              struct sr_cert **signer, struct sr_err *err);
