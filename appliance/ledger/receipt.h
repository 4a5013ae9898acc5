/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts (调阅存证回执): one entry with its inclusion proof and a signed checkpoint (C2SP tlog-proof),
 * checked offline. */
#pragma once

#include "appliance/ledger/checkpoint.h"
#include "appliance/ledger/merkle.h"

struct sr_receipt {
	struct sr_buf entry; /* the exact bytes */
	uint64_t seq;
	struct sr_checkpoint checkpoint;
};

void sr_receipt_dispose(struct sr_receipt *receipt);

/* Append the text of a receipt: "c2sp.org/tlog-proof@v1", "extra <base64 of the entry>", "index N", hashes,
 * blank line, checkpoint. */
SR_CHECKED enum sr_status sr_receipt_encode(struct sr_bytes entry, uint64_t seq, const struct sr_proof *proof,
                                            struct sr_bytes checkpoint, struct sr_buf *out,
                                            struct sr_err *err);
/* Read and verify with the verifier key alone.  SR_CORRUPT, SR_TAMPERED. */
SR_CHECKED enum sr_status sr_receipt_verify(struct sr_bytes text, const char *verifier,
                                            struct sr_receipt *out, struct sr_err *err);
