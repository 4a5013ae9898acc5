/* SPDX-License-Identifier: Apache-2.0 */
/* Text: UTF-8, hexadecimal, base64.  No locale, no allocation but into a struct sr_buf. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms); NUL counts as a character. */
bool sr_utf8_is_valid(const void *data, size_t size);

/* Decode one character; returns its bytes (1 to 4), or 0 where the bytes are not UTF-8. */
size_t sr_utf8_decode(const uint8_t *data, size_t size, uint32_t *out);

/* Characters (code points) of a valid text; bytes that are not UTF-8 count one each. */
size_t sr_utf8_length(const char *text);

/*
 * Replace, in place, control characters (bidirectional overrides too) and bytes that are not
 * UTF-8 by '?', and cut a character that the end of the array split.  @capacity counts the NUL.
 */
void sr_text_make_printable(char *text, size_t capacity);

bool sr_text_starts_with(const char *text, const char *prefix);
bool sr_text_ends_with(const char *text, const char *suffix);
bool sr_text_is_blank(const char *text); /* NULL, empty, or white space (U+3000 too) only */

/* @hex receives 2 * size characters and a NUL. */
void sr_hex_encode(const uint8_t *data, size_t size, char *hex);
/* Exactly 2 * size hexadecimal digits; @lower_only refuses capitals. */
bool sr_hex_decode(const char *hex, size_t digits, bool lower_only, uint8_t *out, size_t size);

enum sr_base64 {
	SR_BASE64_PADDED, /* RFC 4648 section 4, with '=' */
	SR_BASE64_RAW,    /* the same alphabet without padding: age headers */
	SR_BASE64_URL,    /* section 5 without padding: ledger salts, tokens */
};

/* Append the encoding of @data to @out. */
SR_CHECKED enum sr_status sr_base64_encode(enum sr_base64 kind, const uint8_t *data, size_t size,
                                           struct sr_buf *out, struct sr_err *err);
/*
 * Append the decoding to @out.  Canonical input only: exact padding, no white space, unused bits
 * zero.  SR_CORRUPT otherwise, and nothing is appended.
 */
SR_CHECKED enum sr_status sr_base64_decode(enum sr_base64 kind, const char *text, size_t size,
                                           struct sr_buf *out, struct sr_err *err);

/* A decimal number without sign, blanks or leading zeros, at most @max. */
bool sr_decimal_parse(const char *text, size_t size, uint64_t max, uint64_t *out);
