/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes (C2SP signed-note) with Ed25519 keys: the ledger's checkpoints are notes.
 * No state; any thread.
 */
#pragma once

#include "appliance/crypto/pki.h"

#define SR_NOTE_SIGNATURES 100u /* signature lines that we read; the specification asks for 16 at least */

/* Append the verifier key "name+id+base64" (type 01) of an Ed25519 key.  SR_INVALID for another kind of key
 * or a name that is empty or has a space, a control character or '+'. */
SR_CHECKED enum sr_status sr_note_verifier_key(const char *name, const struct sr_key *key, struct sr_buf *out,
                                               struct sr_err *err);

/*
 * Sign @text (UTF-8, no control characters but LF, ends with LF: SR_INVALID otherwise): append the text, an
 * empty line and "— name base64".  The same key, name and text give the same bytes (RFC 8032 is
 * deterministic).
 */
SR_CHECKED enum sr_status sr_note_sign(struct sr_bytes text, const char *name, const struct sr_key *key,
                                       struct sr_buf *out, struct sr_err *err);

/*
 * Check a note against a verifier key "name+id+base64" (its id is recomputed) and give its text, borrowed
 * from
 * @note.  Untrusted.  Lines of other keys must be well formed and are passed over: nothing vouches for their
 * bits.  Of several lines of the verifier's key the first counts.
 * SR_CORRUPT when it is no note or has over SR_NOTE_SIGNATURES lines, SR_TAMPERED when the verifier's
 * signature is missing or wrong, SR_INVALID for a verifier key that is none.
 */
SR_CHECKED enum sr_status sr_note_open(struct sr_bytes note, const char *verifier, struct sr_bytes *text,
                                       struct sr_err *err);
