/* SPDX-License-Identifier: Apache-2.0 */
/* A stored password hash that is read is written as the same text, and its cost is within the bounds. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/keeper/core/phc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[512], again[SR_PASSWORD_HASH_TEXT];
	struct sr_phc phc;
	struct sr_err err;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (sr_phc_decode(text, &phc, &err) != SR_OK)
		return 0;
	if (!sr_phc_cost_is_valid(&phc.cost) || phc.hash_size < 16 ||
	    sr_phc_encode(&phc, again, &err) != SR_OK || strcmp(text, again) != 0)
		abort();
	return 0;
}
