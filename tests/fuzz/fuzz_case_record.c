/* SPDX-License-Identifier: Apache-2.0 */
/* Case records: any bytes, and the same with their checksum made right. */
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/case_record.h"
#include "appliance/index/pack.h"
#include "tests/fuzz/target.h"

#define CHECKED_FROM 6 /* magic, version, checksum */

static void read_all(struct sr_bytes value)
{
	struct sr_case_record record;
	struct sr_case_part part;
	struct sr_bytes name;
	struct sr_err err;
	size_t used = 0;

	if (sr_case_record_decode(value, &record, &err) != SR_OK)
		return;
	struct sr_cursor parties = sr_case_walk(record.parties);
	while (sr_case_party_next(&parties, &name))
		used += name.size;
	struct sr_cursor parts = sr_case_walk(record.parts);
	while (sr_case_part_next(&parts, &part))
		used += part.archive.size;
	/* What decodes has one form. */
	SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };
	if (sr_case_record_encode(&record, &again, &err) != SR_OK || again.size != value.size ||
	    memcmp(again.data, value.data, value.size) != 0 || used > value.size)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf copy = { 0 };
	struct sr_err err;

	read_all((struct sr_bytes){ data, size });
	if (size < CHECKED_FROM || sr_buf_add(&copy, data, size, &err) != SR_OK)
		return 0;
	uint32_t check = sr_check32(SR_CHECK_SEED, copy.data + CHECKED_FROM, size - CHECKED_FROM);
	for (unsigned i = 0; i < 4; i++)
		copy.data[2 + i] = (uint8_t)(check >> 8 * i);
	read_all(sr_buf_bytes(&copy));
	return 0;
}
