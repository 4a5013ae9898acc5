/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/review_people.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"

struct names {
	const char *user, *full_name;
};

static bool is_of(struct sr_bytes bytes, const struct names *names)
{
	const char *const both[] = { names->user, names->full_name };

	for (size_t i = 0; i < 2; i++)
		if (both[i][0] && bytes.size == strlen(both[i]) &&
		    memcmp(bytes.data, both[i], bytes.size) == 0)
			return true;
	return false;
}

static bool had_a_part(const struct sr_case_record *record, const struct names *names)
{
	struct sr_cursor walk = sr_case_walk(record->parts);
	struct sr_case_part part;

	if (is_of(record->handler, names))
		return true;
	while (sr_case_part_next(&walk, &part))
		if (is_of(part.handler, names) || is_of(part.archivist, names))
			return true;
	return false;
}

enum sr_status sr_review_is_own(struct sr_txn *txn, const struct sr_case_record *record, const char *user,
                                const char *full_name, bool *out, struct sr_err *err)
{
	const struct names names = { user, full_name };
	SR_CLEANUP(sr_json_decrefp) json_t *facts = NULL;
	char id[SR_UUID_TEXT];

	*out = had_a_part(record, &names);
	if (*out)
		return SR_OK;
	sr_case_id_format(&record->id, id);
	SR_TRY(sr_record_look(txn, SR_DB_FACTS, id, &facts, err));
	const json_t *people = json_object_get(facts, "people");
	*out = sr_scope_lists(people, user) || (full_name[0] && sr_scope_lists(people, full_name));
	return SR_OK;
}
