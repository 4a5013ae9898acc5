/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints (C2SP tlog-checkpoint): origin, size and root of the ledger as a signed note.  No state; any
 * thread.  docs/LEDGER.md, "Checkpoint".
 */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/note.h"

#define SR_ORIGIN_TEXT 64         /* "<appliance id>/<epoch>" and NUL; also the name of the key */
#define SR_CHECKPOINT_BYTES 8192u /* of a note that we read, with the lines of witnesses */

struct sr_checkpoint {
	char origin[SR_ORIGIN_TEXT];
	uint64_t size; /* entries */
	struct sr_digest root;
};

/*
 * Append the signed note.  SR_INVALID for an origin that can't be a key's name, or an empty tree whose root
 * is not that of one.  Whether it extends what the key signed before is the caller's to know (sr_publish
 * does).
 */
SR_CHECKED enum sr_status sr_checkpoint_sign(const struct sr_checkpoint *checkpoint, const struct sr_key *key,
                                             struct sr_buf *out, struct sr_err *err);
/*
 * Read a note signed by @verifier ("name+id+base64"); signatures of others and extension lines are passed
 * over, as the specifications say.  Untrusted, at most SR_CHECKPOINT_BYTES.  SR_CORRUPT when it is no such
 * note, SR_TAMPERED when the signature is missing or wrong, or the origin is not the verifier's name.
 */
SR_CHECKED enum sr_status sr_checkpoint_open(struct sr_bytes note, const char *verifier,
                                             struct sr_checkpoint *out, struct sr_err *err);
