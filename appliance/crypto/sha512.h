/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-512 (FIPS 180-4), which bags made by others may use instead of SHA-256 (RFC 8493 section 2.4).
 * The algorithm is fetched once a process; a hasher belongs to one thread at a time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_SHA512_BYTES 64

struct sr_sha512 {
	uint8_t bytes[SR_SHA512_BYTES];
};

struct sr_hasher512; /* one running hash; reusable */

SR_CHECKED enum sr_status sr_hasher512_new(struct sr_hasher512 **out, struct sr_err *err);
void sr_hasher512_free(struct sr_hasher512 *hasher); /* NULL is allowed */
static inline void sr_hasher512_freep(struct sr_hasher512 **hasher)
{
	sr_hasher512_free(*hasher);
	*hasher = NULL;
}
SR_CHECKED enum sr_status sr_hasher512_add(struct sr_hasher512 *hasher, const void *data, size_t size,
                                           struct sr_err *err);
/* The digest of everything added; the hasher then starts again from nothing. */
SR_CHECKED enum sr_status sr_hasher512_finish(struct sr_hasher512 *hasher, struct sr_sha512 *out,
                                              struct sr_err *err);
