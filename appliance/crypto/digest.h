/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4).  Algorithms are fetched once a process; a hasher belongs to one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_DIGEST_BYTES 32
#define SR_DIGEST_HEX (2 * SR_DIGEST_BYTES + 1) /* with NUL */

struct sr_digest {
	uint8_t bytes[SR_DIGEST_BYTES];
};

struct sr_hasher; /* one running hash; reusable */

SR_CHECKED enum sr_status sr_hasher_new(struct sr_hasher **out, struct sr_err *err);
void sr_hasher_free(struct sr_hasher *hasher); /* NULL is allowed */
static inline void sr_hasher_freep(struct sr_hasher **hasher)
{
	sr_hasher_free(*hasher);
	*hasher = NULL;
}
SR_CHECKED enum sr_status sr_hasher_add(struct sr_hasher *hasher, const void *data, size_t size,
                                        struct sr_err *err);
/* The digest of everything added; the hasher then starts again from nothing. */
SR_CHECKED enum sr_status sr_hasher_finish(struct sr_hasher *hasher, struct sr_digest *out,
                                           struct sr_err *err);

SR_CHECKED enum sr_status sr_digest_of(const void *data, size_t size, struct sr_digest *out,
                                       struct sr_err *err);
bool sr_digest_equal(const struct sr_digest *a, const struct sr_digest *b);
void sr_digest_to_hex(const struct sr_digest *digest, char out[SR_DIGEST_HEX]);
/* 64 digits, capitals allowed. */
bool sr_digest_from_hex(const char *hex, struct sr_digest *out);
