/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of checkpoints, signed here so that they are read: what is read is written again, up to extension
 * lines. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/ledger/checkpoint.h"

#define ORIGIN "strongroom.example/01/1"

static struct sr_key *key;
static char verifier[256];

static void prepare(void)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	if (sr_key_generate(SR_KEY_ED25519, &key, &err) != SR_OK ||
	    sr_note_verifier_key(ORIGIN, key, &text, &err) != SR_OK)
		abort();
	memcpy(verifier, text.data, text.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };
	const struct sr_bytes text = { .data = data, .size = size };
	struct sr_checkpoint checkpoint;
	struct sr_err err;

	if (!key)
		prepare();
	if (sr_note_sign(text, ORIGIN, key, &note, &err) != SR_OK ||
	    sr_checkpoint_open(sr_buf_bytes(&note), verifier, &checkpoint, &err) != SR_OK)
		return 0;
	if (sr_checkpoint_sign(&checkpoint, key, &again, &err) != SR_OK)
		abort();
	const uint8_t *end = memmem(again.data, again.size, "\n\n", 2);
	if (!end || (size_t)(end - again.data) >= size ||
	    memcmp(again.data, data, (size_t)(end - again.data) + 1) != 0)
		abort();
	return 0;
}
