/* SPDX-License-Identifier: Apache-2.0 */
/* A cover that is read is written back and read again as the same. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/archive/cover.h"
#include "appliance/base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_cover cover;
	struct sr_cover again;
	struct sr_err err;

	if (sr_cover_decode((struct sr_bytes){ .data = data, .size = size }, &cover, &err) != SR_OK)
		return 0;
	if (sr_cover_encode(&cover, &text, &err) != SR_OK ||
	    sr_cover_decode(sr_buf_bytes(&text), &again, &err) != SR_OK ||
	    strcmp(cover.case_id, again.case_id) != 0 || strcmp(cover.organ, again.organ) != 0 ||
	    cover.sealed_at_ns != again.sealed_at_ns || cover.bytes != again.bytes)
		abort();
	return 0;
}
