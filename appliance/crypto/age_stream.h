/* SPDX-License-Identifier: Apache-2.0 */
/* age files from one descriptor to another, constant memory: pipes of any length.  Thread-safe: no state. */
#pragma once

#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/age_keys.h"

SR_CHECKED enum sr_status sr_age_encrypt_fd(const struct sr_age_recipient *recipients, size_t count,
                                            int in_fd, int out_fd, struct sr_err *err);
/*
 * Nothing unauthenticated is ever written; chunks before a bad one are.  So the output is whole only on
 * SR_OK.  SR_CORRUPT when the input ends without its last chunk or goes on behind it; else as
 * sr_age_head_open and sr_age_chunk_open.
 */
SR_CHECKED enum sr_status sr_age_decrypt_fd(const struct sr_secret *identity, int in_fd, int out_fd,
                                            struct sr_err *err);
