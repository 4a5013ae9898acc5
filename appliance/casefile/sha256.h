/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4) of a rulebook pack's few bytes.  This folder stands beside crypto/ and not above it,
 * so the digest that identifies a pack is computed here; everything big goes through crypto/digest.h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SR_SHA256_BYTES 32
#define SR_SHA256_BLOCK 64

struct sr_sha256 {
	uint32_t state[8];
	uint8_t block[SR_SHA256_BLOCK];
	uint64_t size; /* bytes added */
};

void sr_sha256_init(struct sr_sha256 *hash);
void sr_sha256_add(struct sr_sha256 *hash, const void *data, size_t size);
void sr_sha256_finish(struct sr_sha256 *hash, uint8_t out[SR_SHA256_BYTES]);
