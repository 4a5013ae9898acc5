/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of C2SP signed notes: the ledger's checkpoints are signed with one. */
#pragma once

#include "appliance/crypto/pki.h"

/* Append the verifier key "name+hash+base64" (C2SP signed-note, Ed25519 type 01) of an Ed25519 key. */
SR_CHECKED enum sr_status sr_note_verifier_key(const char *name, const struct sr_key *key, struct sr_buf *out,
                                               struct sr_err *err);
