/* SPDX-License-Identifier: Apache-2.0 */
/* Small age files, whole in memory.  Thread-safe: no state. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/age_keys.h"

/* Append the age file for a small plaintext; on failure nothing is appended. */
SR_CHECKED enum sr_status sr_age_encrypt(const struct sr_age_recipient *recipients, size_t count,
                                         struct sr_bytes plain, struct sr_buf *out, struct sr_err *err);
/*
 * Decrypt a small age file into new locked memory; at most @max bytes of plaintext (SR_LIMIT).  An empty
 * plaintext gives a secret with size 0 (one page is mapped all the same).  Errors as sr_age_head_open and
 * sr_age_chunk_open.
 */
SR_CHECKED enum sr_status sr_age_decrypt(const struct sr_secret *identity, struct sr_bytes file, size_t max,
                                         struct sr_secret **out, struct sr_err *err);
