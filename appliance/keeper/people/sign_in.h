/* SPDX-License-Identifier: Apache-2.0 */
/* A password that somebody shows: verified by the keeper's workers, behind the back-off. */
#pragma once

#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/password.h"

/*
 * Is @password that of @user, whose stored hash is @hash ("": nobody's, or none; the same work is done)?
 * Refuses with WrongPassword, and counts it for the log: in the user's name only where @known.  SR_BUSY
 * during a wait.  @renewed receives a new hash to be stored, or "".
 */
SR_CHECKED enum sr_status sr_sign_in_verify(struct sr_act *act, const char *user, bool known,
                                            const char *hash, const char *password,
                                            char renewed[SR_PASSWORD_HASH_TEXT], struct sr_err *err);
