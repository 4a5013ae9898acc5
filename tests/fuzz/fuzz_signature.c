/* SPDX-License-Identifier: Apache-2.0 */
/* The quick look at a member's first bytes: any content gives a signature from the table and no fault. */
#include "tests/fuzz/target.h"

#include <stdlib.h>

#include "appliance/casefile/extension.h"
#include "appliance/casefile/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t head = size < SR_SIGNATURE_BYTES ? size : SR_SIGNATURE_BYTES;
	enum sr_signature signature = sr_signature_of(data, head);

	if (signature > SR_SIGNATURE_TEXT || !sr_signature_media_type(signature))
		abort();
	for (unsigned each = 0; each <= SR_SIGNATURE_TEXT; each++)
		sr_signature_promised_bytes(each, data, head);
	return 0;
}
