/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts (调阅存证回执): one entry with its inclusion proof and a signed checkpoint (C2SP tlog-proof),
 * checked offline with the verifier key alone.  No state; any thread.  docs/LEDGER.md, "Receipts".
 */
#pragma once

#include "appliance/ledger/checkpoint.h"
#include "appliance/ledger/merkle.h"

#define SR_RECEIPT_BYTES (100u << 10) /* of the text: the longest entry, proof and checkpoint fit */

struct sr_receipt {
	struct sr_buf entry; /* the exact bytes; sr_entry_decode accepts them */
	uint64_t seq;
	struct sr_checkpoint checkpoint;
};

void sr_receipt_dispose(struct sr_receipt *receipt);

/*
 * Append the text of a receipt: "c2sp.org/tlog-proof@v1", "extra <base64 of the entry>", "index <seq>", the
 * hashes, an empty line, the checkpoint's note as it is.  @proof is from the checkpoint's size.  SR_LIMIT
 * over SR_RECEIPT_BYTES.  Whether it proves anything is sr_receipt_verify's to say.
 */
SR_CHECKED enum sr_status sr_receipt_encode(struct sr_bytes entry, uint64_t seq, const struct sr_proof *proof,
                                            struct sr_bytes checkpoint, struct sr_buf *out,
                                            struct sr_err *err);
/* The checkpoint's note of what may be a receipt: what stands behind its empty line; any other text as it is.
 */
struct sr_bytes sr_receipt_note(struct sr_bytes text);

/*
 * Read and verify with the verifier key alone.  Untrusted.  SR_CORRUPT when it is no receipt of ours,
 * SR_TAMPERED when the signature, the proof or the entry's own number fails, SR_INVALID for a verifier key
 * that is none. The caller disposes of @out after SR_OK.
 */
SR_CHECKED enum sr_status sr_receipt_verify(struct sr_bytes text, const char *verifier,
                                            struct sr_receipt *out, struct sr_err *err);
