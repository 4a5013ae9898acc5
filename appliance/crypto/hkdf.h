/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) of 32 bytes.  Private to this folder; thread-safe. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

SR_CHECKED enum sr_status sr_hmac_sha256(struct sr_bytes key, struct sr_bytes data, uint8_t out[32],
                                         struct sr_err *err);

/* Extract and expand to exactly 32 bytes.  An empty @salt stands for 32 zero bytes (RFC 5869 section 2.2). */
SR_CHECKED enum sr_status sr_hkdf_sha256(struct sr_bytes ikm, struct sr_bytes salt, struct sr_bytes info,
                                         uint8_t out[32], struct sr_err *err);
