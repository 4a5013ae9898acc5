/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the appliance: Status, Configure, Backup, Readings. */
#include "appliance/keeper/families.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/act.h"
#include "appliance/keeper/keeper_parts.h"
#include "appliance/keeper/status.h"

static enum sr_status tell_status(struct sr_act *act, struct sr_err *err)
{
	return sr_status_report(act->keeper, &act->answer, err);
}

static enum sr_status configure(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();

	for (size_t i = 0; i < sr_config_key_count; i++) {
		const struct sr_config_key *key = &sr_config_keys[i];
		json_t *row = NULL;

		SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:s,s:s,s:s}", "key", key->name, "value",
		                    sr_config_text(act->keeper->data->config, key->name), "default",
		                    key->fallback, "help", key->help));
		SR_TRY(sr_json_append(rows, row, err));
	}
	return sr_act_reply(act, err, "{s:O}", "configuration", rows);
}

#define SR_BY_KEEPERS (SR_BY(ARCHIVIST) | SR_BY(AUDITOR) | SR_BY(SECURITY_ADMIN) | SR_BY(ADMIN))

static const struct sr_method methods[] = {
	{ "Status", "", SR_BY_KEEPERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, tell_status },
	{ "Configure", "", SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, configure },
};
const struct sr_method_family sr_operation_methods = { methods, SR_COUNT(methods) };
