/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that were published after a snapshot was taken.  Private to restore.c. */
#pragma once

#include "appliance/crypto/digest.h"
#include "appliance/index/env.h"

/*
 * Append the entries that the published log in @folder_fd has behind the *size entries of @env, and apply
 * them; *size and *root are then those of the published checkpoint.  Nothing is published, or no more than
 * @env has: nothing happens.  SR_TAMPERED when the published log is of another history.
 */
SR_CHECKED enum sr_status sr_restore_forward(struct sr_env *env, int folder_fd, const char *verifier,
                                             uint64_t *size, struct sr_digest *root, struct sr_err *err);
