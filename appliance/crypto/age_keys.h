/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age's X25519 keys and their texts.  An identity is a struct sr_secret of exactly SR_AGE_KEY_BYTES
 * (the X25519 private key).  Thread-safe: no state.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"

#define SR_AGE_KEY_BYTES 32
#define SR_AGE_RECIPIENT_TEXT 63 /* "age1…", 62 characters and NUL */
#define SR_AGE_IDENTITY_TEXT 75  /* "AGE-SECRET-KEY-1…", 74 characters and NUL */

struct sr_age_recipient {
	uint8_t bytes[SR_AGE_KEY_BYTES]; /* X25519 public key */
};

SR_CHECKED enum sr_status sr_age_identity_new(struct sr_secret **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_age_identity_recipient(const struct sr_secret *identity,
                                                    struct sr_age_recipient *out, struct sr_err *err);
/* @out: SR_AGE_IDENTITY_TEXT bytes in a secret, NUL-terminated. */
SR_CHECKED enum sr_status sr_age_identity_to_text(const struct sr_secret *identity, struct sr_secret **out,
                                                  struct sr_err *err);
/*
 * The first identity of an identity file: blank lines and '#' lines are skipped, CRLF is accepted.
 * SR_CORRUPT when there is none, when it is damaged, or of another kind.  The error never repeats it.
 */
SR_CHECKED enum sr_status sr_age_identity_from_text(const char *text, size_t size, struct sr_secret **out,
                                                    struct sr_err *err);
SR_CHECKED enum sr_status sr_age_recipient_to_text(const struct sr_age_recipient *recipient,
                                                   char out[SR_AGE_RECIPIENT_TEXT], struct sr_err *err);
/* SR_INVALID when @text is no X25519 recipient: damaged, of another kind, an identity by mistake. */
SR_CHECKED enum sr_status sr_age_recipient_from_text(const char *text, struct sr_age_recipient *out,
                                                     struct sr_err *err);
