/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/ledger_view.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/case_view.h"

bool sr_ledger_view_is_whole(const struct sr_act *act)
{
	return sr_act_is(act, SR_BY(AUDITOR));
}

static bool is_own(const struct sr_caller *caller, const struct sr_entry *entry)
{
	const char *who = sr_json_text(entry->actor, caller->pass ? "pass" : "user");

	return who && strcmp(who, caller->user) == 0;
}

static bool begins_with_one(const char *type, const char *const *families, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sr_text_starts_with(type, families[i]))
			return true;
	return false;
}

static enum sr_status may_know_case(struct sr_act *act, struct sr_txn *txn, const char *text, bool *out,
                                    struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id id;

	*out = false;
	if (!text || !sr_case_id_parse(text, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	return sr_case_view_may_know(act, txn, &record, out, err);
}

/* One case, or every one of a list. */
static enum sr_status may_know_all(struct sr_act *act, struct sr_txn *txn, const struct sr_entry *entry,
                                   bool *out, struct sr_err *err)
{
	const json_t *cases = json_object_get(entry->root, "cases");
	size_t index;
	json_t *one;

	if (!cases)
		return may_know_case(act, txn, sr_json_text(entry->root, "case"), out, err);
	*out = json_array_size(cases) > 0;
	json_array_foreach(cases, index, one) {
		if (*out)
			SR_TRY(may_know_case(act, txn, json_string_value(one), out, err));
	}
	return SR_OK;
}

enum sr_status sr_ledger_view_may_see(struct sr_act *act, struct sr_txn *txn, const struct sr_entry *entry,
                                      bool *out, struct sr_err *err)
{
	static const char *const readings[] = { "access.", "export." };
	static const char *const users[] = { "user.", "session.", "organ.", "authority." };

	*out = act->caller.known && (sr_ledger_view_is_whole(act) || is_own(&act->caller, entry));
	if (*out || !act->caller.known)
		return SR_OK;
	if (sr_act_is(act, SR_BY(SECURITY_ADMIN)))
		*out = begins_with_one(entry->type, users, SR_COUNT(users));
	else if (sr_act_is(act, SR_BY(OFFICIAL)) &&
	         begins_with_one(entry->type, readings, SR_COUNT(readings)))
		return may_know_all(act, txn, entry, out, err);
	return SR_OK;
}
