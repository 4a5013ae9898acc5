/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints (C2SP tlog-checkpoint): origin, size and root of the ledger as a signed note. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/note.h"

#define SR_ORIGIN_TEXT 64        /* "<appliance id>/<epoch>" and NUL */
#define SR_CHECKPOINT_BYTES 8192 /* of a note that we read */

struct sr_checkpoint {
	char origin[SR_ORIGIN_TEXT];
	uint64_t size;
	struct sr_digest root;
};

/* Append the signed note. */
SR_CHECKED enum sr_status sr_checkpoint_sign(const struct sr_checkpoint *checkpoint, const struct sr_key *key,
                                             struct sr_buf *out, struct sr_err *err);
/*
 * Read a note signed by @verifier ("name+id+base64"); signatures of others are passed over, as the
 * note's specification says.  Untrusted.  SR_CORRUPT when it is no such note, SR_TAMPERED when the signature
 * is missing or wrong, or the origin is not the verifier's name.
 */
SR_CHECKED enum sr_status sr_checkpoint_open(struct sr_bytes note, const char *verifier,
                                             struct sr_checkpoint *out, struct sr_err *err);
