/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: one that verifies carries an entry that says its number. */
#include "tests/fuzz/target.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/ledger/entry.h"
#include "appliance/ledger/receipt.h"

/* Its private key is published with golang.org/x/mod/sumdb/note, so that fuzzing can begin at good receipts.
 */
#define VERIFIER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	const struct sr_bytes text = { .data = data, .size = size };
	struct sr_err err;

	if (sr_receipt_verify(text, VERIFIER, &receipt, &err) != SR_OK)
		return 0;
	if (receipt.seq >= receipt.checkpoint.size ||
	    sr_entry_decode(sr_buf_bytes(&receipt.entry), &entry, &err) != SR_OK || entry.seq != receipt.seq)
		abort();
	return 0;
}
