/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes: what opens is the beginning of its note and ends with a newline; a key that is read is
 * written again. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/crypto/note.h"

/* Its private key is published with golang.org/x/mod/sumdb/note, so that fuzzing can begin at notes that
 * open. */
#define VERIFIER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sr_bytes note = { .data = data, .size = size };
	char verifier[256];
	struct sr_bytes text;
	struct sr_err err;

	if (sr_note_open(note, VERIFIER, &text, &err) == SR_OK &&
	    (text.data != data || text.size == 0 || text.size >= size || data[text.size - 1] != '\n'))
		abort();
	/* the same bytes as a verifier key, and as both */
	if (size >= sizeof(verifier))
		return 0;
	memcpy(verifier, data, size);
	verifier[size] = 0;
	if (sr_note_open(note, verifier, &text, &err) == SR_OK)
		abort();
	return 0;
}
