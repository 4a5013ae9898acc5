/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bech32 (BIP 173, checksum constant 1) for age's keys: whole bytes as data, no limit of 90 characters.
 * Private to this folder; holds no state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"

#define SR_BECH32_TEXT_MAX 128 /* characters that are looked at */
#define SR_BECH32_DATA_MAX 75  /* (SR_BECH32_TEXT_MAX - 7) * 5 / 8 */

struct sr_bech32 {
	size_t prefix; /* characters of the human-readable part, at the start of the text */
	size_t size;   /* bytes of data */
	uint8_t data[SR_BECH32_DATA_MAX];
};

/* The data may be a key. */
static inline void sr_bech32_wipep(struct sr_bech32 *bech32)
{
	sr_wipe(bech32, sizeof(*bech32));
}

/*
 * SR_CORRUPT when the text is not Bech32: checksum, mixed case, foreign characters, no prefix, data
 * that is no whole number of bytes, longer than SR_BECH32_TEXT_MAX.  The error never repeats the text.
 */
SR_CHECKED enum sr_status sr_bech32_decode(const char *text, size_t size, struct sr_bech32 *out,
                                           struct sr_err *err);

/*
 * @prefix in lower case; @upper writes all of it in capitals.  @out receives @capacity bytes at most, NUL
 * included; SR_LIMIT when that is too little.
 */
SR_CHECKED enum sr_status sr_bech32_encode(const char *prefix, bool upper, const uint8_t *data, size_t size,
                                           char *out, size_t capacity, struct sr_err *err);
