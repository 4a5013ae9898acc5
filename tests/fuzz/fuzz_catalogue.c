/* SPDX-License-Identifier: Apache-2.0 */
/* A catalogue as a reader meets it after decryption. */
#include "tests/fuzz/target.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/casefile/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	struct sr_err err;

	if (sr_catalogue_decode((struct sr_bytes){ data, size }, &catalogue, &err) != SR_OK)
		return 0;
	for (size_t i = 1; i < catalogue->member_count; i++)
		if (catalogue->members[i].number != catalogue->members[i - 1].number + 1)
			abort();
	return 0;
}
