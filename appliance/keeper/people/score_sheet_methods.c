/* SPDX-License-Identifier: Apache-2.0 */
/* ListScoreSheets: the sheets by which cases are evaluated (案卷评查表), as the base rulebook has them. */
#include "appliance/keeper/people/methods.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/keeper/core/act.h"

static enum sr_status list_score_sheets(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;

	SR_TRY(sr_rulebook_load("base", &base, err));
	SR_CLEANUP(sr_json_decrefp) json_t *sheets = json_deep_copy(sr_rulebook_table(base, "score_sheets"));
	if (!sheets)
		return sr_fail(err, SR_NO_MEMORY, "no memory for score sheets");
	return sr_act_reply(act, err, "{s:O}", "sheets", sheets);
}

static const struct sr_method methods[] = {
	{ "ListScoreSheets", "", SR_BY(SUPERVISOR) | SR_BY(AUDITOR), SR_DOOR_PEOPLE, 0, list_score_sheets },
};
const struct sr_method_family sr_score_sheet_methods = { methods, SR_COUNT(methods) };
