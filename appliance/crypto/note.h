/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of C2SP signed notes: the ledger's checkpoints are signed with one. */
#pragma once

#include "appliance/crypto/pki.h"

/* Append the verifier key "name+hash+base64" (C2SP signed-note, Ed25519 type 01) of an Ed25519 key. */
SR_CHECKED enum sr_status sr_note_verifier_key(const char *name, const struct sr_key *key, struct sr_buf *out,
                                               struct sr_err *err);

/*
 * Sign the text of a note (valid UTF-8, no control characters but LF, ends with LF): append text, an empty line and
 * "— name base64" (C2SP signed-note, Ed25519).
 */
SR_CHECKED enum sr_status sr_note_sign(struct sr_bytes text, const char *name, const struct sr_key *key,
				       struct sr_buf *out, struct sr_err *err);
/*
 * Check a note against a verifier key "name+id+base64" (its id is recomputed) and give its text (borrowed from @note).
 * Untrusted; at most 100 signature lines; lines of other keys are passed over; a known key with a bad signature refuses the whole.
 * SR_CORRUPT, SR_TAMPERED, SR_INVALID for a verifier key that is none.
 */
SR_CHECKED enum sr_status sr_note_open(struct sr_bytes note, const char *verifier, struct sr_bytes *text,
				       struct sr_err *err);
