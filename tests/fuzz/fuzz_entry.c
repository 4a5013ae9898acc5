/* SPDX-License-Identifier: Apache-2.0 */
/* Entries: what is read has one spelling, and can be written from its parts. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/ledger/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const fixed[] = { "v", "seq", "time", "type", "salt", "actor" };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	struct sr_err err;

	if (sr_entry_decode((struct sr_bytes){ .data = data, .size = size }, &entry, &err) != SR_OK)
		return 0;
	if (sr_json_write(entry.root, &again, &err) != SR_OK || again.size != size ||
	    memcmp(again.data, data, size) != 0)
		abort();
	fields = json_copy(entry.root);
	for (size_t i = 0; i < SR_COUNT(fixed); i++)
		json_object_del(fields, fixed[i]);
	const struct sr_entry_draft draft = { .type = entry.type, .actor = entry.actor, .fields = fields };
	again.size = 0;
	if (sr_entry_encode(&draft, entry.seq, entry.time_ns, &again, &err) != SR_OK || again.size != size)
		abort();
	return 0;
}
