/* SPDX-License-Identifier: Apache-2.0 */
/* Postings: list and set agree, and what decodes encodes to a form that decodes alike. */
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/posting.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint16_t places[SR_BLOCK_CASES];
	static uint16_t again[SR_BLOCK_CASES];
	SR_CLEANUP(sr_roaring_freep) roaring_bitmap_t *set = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_bytes bytes = { data, size };
	size_t count = 0;
	size_t again_count = 0;
	struct sr_err err;

	enum sr_status status = sr_posting_decode(bytes, places, &count, &err);
	if (sr_posting_set(bytes, &set, &err) != status)
		__builtin_trap();
	if (status != SR_OK)
		return 0;
	if (roaring_bitmap_get_cardinality(set) != count ||
	    !roaring_bitmap_contains(set, places[count - 1]) || places[count - 1] >= SR_BLOCK_CASES)
		__builtin_trap();
	if (sr_posting_encode(places, count, &value, &err) != SR_OK || value.size > size ||
	    sr_posting_decode(sr_buf_bytes(&value), again, &again_count, &err) != SR_OK ||
	    again_count != count || memcmp(places, again, count * sizeof(*places)) != 0)
		__builtin_trap();
	return 0;
}
