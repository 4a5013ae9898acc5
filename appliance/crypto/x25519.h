/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X25519 (RFC 7748) over libsodium, which needs no key object: the secrets stay where the caller has locked
 * them, and sealing ten thousand small members takes three fifths of the time of OpenSSL's.  Private to this
 * folder; any thread.
 */
#pragma once

#include <stdint.h>

#include "appliance/base/err.h"

#define SR_X25519_BYTES 32

/* The public key of @secret: one scalar multiplication of the base point. */
SR_CHECKED enum sr_status sr_x25519_public(const uint8_t secret[SR_X25519_BYTES],
                                           uint8_t out[SR_X25519_BYTES], struct sr_err *err);

/* SR_CORRUPT when @peer is a point of low order: the shared secret would be all zero (section 6.1). */
SR_CHECKED enum sr_status sr_x25519_shared(const uint8_t secret[SR_X25519_BYTES],
                                           const uint8_t peer[SR_X25519_BYTES], uint8_t out[SR_X25519_BYTES],
                                           struct sr_err *err);
