/* SPDX-License-Identifier: Apache-2.0 */
/* Names, ids and verifier keys of signed notes (C2SP signed-note).  Private to this folder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_NOTE_KEY_BYTES 32 /* an Ed25519 public key */
#define SR_NOTE_ID_BYTES 4

/* What identifies and checks one signer; the name is borrowed. */
struct sr_note_key {
	struct sr_bytes name;
	uint8_t id[SR_NOTE_ID_BYTES];
	uint8_t public_key[SR_NOTE_KEY_BYTES];
};

/* Not empty, UTF-8 without control characters, no Unicode space, no '+'. */
bool sr_note_name_is_valid(struct sr_bytes name);

/* The key of @name and @public_key with its id: SHA-256(name, LF, 0x01, public key), first four bytes. */
SR_CHECKED enum sr_status sr_note_key_make(struct sr_bytes name, const uint8_t public_key[SR_NOTE_KEY_BYTES],
                                           struct sr_note_key *out, struct sr_err *err);

/* Append "name+id+base64". */
SR_CHECKED enum sr_status sr_note_key_write(const struct sr_note_key *key, struct sr_buf *out,
                                            struct sr_err *err);
/* Read the same; the id must be that of name and key.  SR_INVALID otherwise. */
SR_CHECKED enum sr_status sr_note_key_read(const char *text, struct sr_note_key *out, struct sr_err *err);
