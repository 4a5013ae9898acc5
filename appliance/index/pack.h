/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of the index's values: numbers of 1 to 10 bytes (LEB128, canonical), texts with their length, and a
 * checksum.  Reading follows struct sr_cursor: take everything, then ask once.
 */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/cursor.h"

/* Append. */
SR_CHECKED enum sr_status sr_pack_byte(struct sr_buf *out, uint8_t byte, struct sr_err *err);
SR_CHECKED enum sr_status sr_pack_fixed32(struct sr_buf *out, uint32_t value, struct sr_err *err);
SR_CHECKED enum sr_status sr_pack_number(struct sr_buf *out, uint64_t value, struct sr_err *err);
SR_CHECKED enum sr_status sr_pack_signed(struct sr_buf *out, int64_t value, struct sr_err *err);
SR_CHECKED enum sr_status sr_pack_text(struct sr_buf *out, struct sr_bytes text, struct sr_err *err);

/* The number, or 0 and bad: cut off, over 64 bits, or longer than it need be. */
uint64_t sr_unpack_number(struct sr_cursor *c);
/* The same, bad over @max. */
uint64_t sr_unpack_upto(struct sr_cursor *c, uint64_t max);
int64_t sr_unpack_signed(struct sr_cursor *c);
/* In place; bad when over @max bytes, not UTF-8, or with a NUL. */
struct sr_bytes sr_unpack_text(struct sr_cursor *c, size_t max);

/*
 * FNV-1a of 32 bits: notices every change of one byte.  Against a disk's errors, not against people (what
 * must withstand people is digested and signed elsewhere).  @seed chains pieces; SR_CHECK_SEED begins.
 */
#define SR_CHECK_SEED 2166136261u
uint32_t sr_check32(uint32_t seed, const void *data, size_t size);
