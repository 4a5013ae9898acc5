/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A posting: which cases of one block have one search term.  A block is SR_BLOCK_CASES neighbours in the
 * order of cases; a place is a case's index in its block.  Stored as gaps (few cases) or as bits (many),
 * whichever is shorter, so that the same set has the same bytes.  docs/INDEX.md.
 */
#pragma once

#include <roaring/roaring.h>

#include "appliance/base/buf.h"

/* Bits of a full block, LMDB's page header and our tag fill two pages of 4 KiB, not three. */
#define SR_BLOCK_CASES 65280u
#define SR_POSTING_BYTES (SR_BLOCK_CASES / 8 + 1) /* of a stored posting, at most */

/* Ordinal of a case: year of its listed day in the upper half, sequence within the year in the lower. */
#define SR_YEAR_CASES (SR_BLOCK_CASES * 65535ull)

static inline uint64_t sr_ordinal_of(int year, uint64_t sequence)
{
	return (uint64_t)year << 32 | sequence;
}
static inline int sr_ordinal_year(uint64_t ordinal)
{
	return (int)(ordinal >> 32 & 0xffff);
}
static inline uint32_t sr_ordinal_block(uint64_t ordinal)
{
	return (uint32_t)(ordinal >> 32 << 16) | (uint32_t)(ordinal & 0xffffffff) / SR_BLOCK_CASES;
}
static inline uint16_t sr_ordinal_place(uint64_t ordinal)
{
	return (uint16_t)((uint32_t)(ordinal & 0xffffffff) % SR_BLOCK_CASES);
}
static inline uint64_t sr_ordinal_at(uint32_t block, uint32_t place)
{
	return (uint64_t)(block >> 16) << 32 | ((uint64_t)(block & 0xffff) * SR_BLOCK_CASES + place);
}

/* Append the encoding of @count places, strictly rising, at least one. */
SR_CHECKED enum sr_status sr_posting_encode(const uint16_t *places, size_t count, struct sr_buf *out,
                                            struct sr_err *err);
/* Untrusted bytes.  @places has room for SR_BLOCK_CASES.  SR_CORRUPT unless they are rising and in range. */
SR_CHECKED enum sr_status sr_posting_decode(struct sr_bytes value, uint16_t *places, size_t *count,
                                            struct sr_err *err);
/* The same as a set for searching; the caller frees *out with roaring_bitmap_free. */
SR_CHECKED enum sr_status sr_posting_set(struct sr_bytes value, roaring_bitmap_t **out, struct sr_err *err);

static inline void sr_roaring_freep(roaring_bitmap_t **set)
{
	if (*set)
		roaring_bitmap_free(*set);
	*set = NULL;
}
