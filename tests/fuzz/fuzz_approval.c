/* SPDX-License-Identifier: Apache-2.0 */
/* The approval table: one that is taken never lets anything be read without an official. */
#include "tests/fuzz/target.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/approval.h"

static void judge(const json_t *table, const char *class, const char *purpose, const json_t *words)
{
	const struct sr_approval_question question = { class, purpose, words, words };

	if (sr_approval_officials(table, &question) == 0)
		abort();
	(void)sr_approval_missing_paper(table, &question, NULL);
	(void)sr_approval_missing_paper(table, &question, words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_json_decrefp) json_t *table = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *words = json_pack("[s,s,s]", "copy", "fs", "state-secret");
	SR_CLEANUP(sr_json_decrefp) json_t *none = json_array();
	struct sr_err err;

	if (sr_json_parse(data, size, 2u * SR_APPROVAL_TABLE_BYTES, &table, &err) != SR_OK ||
	    sr_approval_check_table(table, &err) != SR_OK)
		return 0;
	judge(table, "party", "party", none);
	judge(table, "official", "handling", words);
	judge(table, "lawyer", "litigation", words);
	return 0;
}
