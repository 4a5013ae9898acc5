/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 stanzas: a file key wrapped for one recipient (C2SP age.md).  Private to this folder; no state. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/crypto/age_grammar.h"
#include "appliance/crypto/age_header.h"

/* Append one stanza under the X25519 secret @ephemeral.  SR_INVALID for a recipient of low order. */
SR_CHECKED enum sr_status sr_age_stanza_make(const struct sr_age_recipient *recipient,
                                             const uint8_t ephemeral[SR_AGE_KEY_BYTES],
                                             const uint8_t file_key[SR_AGE_FILE_KEY_BYTES],
                                             struct sr_buf *out, struct sr_err *err);

bool sr_age_stanza_is(const struct sr_age_stanza *stanza, const char *type);

/* The ephemeral share of an X25519 stanza; SR_CORRUPT when its arguments or body are not as they must be. */
SR_CHECKED enum sr_status sr_age_stanza_share(const struct sr_age_stanza *stanza,
                                              uint8_t share[SR_AGE_KEY_BYTES], struct sr_err *err);

/*
 * Open the body of an X25519 stanza with an identity and its public key.  SR_DENIED when it is another's,
 * SR_CORRUPT for a malformed stanza or a share of low order.
 */
SR_CHECKED enum sr_status sr_age_stanza_open(const struct sr_age_stanza *stanza,
                                             const uint8_t identity[SR_AGE_KEY_BYTES],
                                             const uint8_t recipient[SR_AGE_KEY_BYTES],
                                             uint8_t file_key[SR_AGE_FILE_KEY_BYTES], struct sr_err *err);
