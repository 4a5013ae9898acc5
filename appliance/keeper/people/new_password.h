/* SPDX-License-Identifier: Apache-2.0 */
/* A new password's hash, made by the keeper's workers. */
#pragma once

#include "appliance/keeper/core/password.h"

struct sr_keeper;

/*
 * Check @password against the rules for @user, and hash it; waits.  SR_INVALID says what is wrong with it;
 * SR_BUSY when too many wait.
 */
SR_CHECKED enum sr_status sr_new_password_hash(struct sr_keeper *keeper, const char *user,
                                               const char *password, char out[SR_PASSWORD_HASH_TEXT],
                                               struct sr_err *err);
