/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/offline.h"
#include "tools/findings.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

enum sr_status sr_cmd_check(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	const char *rulebook = NULL;
	const struct sr_option options[] = { { .name = "--rulebook", .value = &rulebook } };
	struct sr_words words;

	sr_progress_bar_init(&bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	SR_TRY(sr_offline_check(words.list[0], rulebook, &bar.progress, &reply, err));
	sr_progress_bar_dispose(&bar);
	if (globals->json)
		SR_TRY(sr_output_json(reply, err));
	else
		sr_findings_print(reply);
	long long blockers = json_integer_value(json_object_get(reply, "blockers"));
	if (blockers > 0)
		return sr_fail(err, SR_BLOCKED, "%lld blockers: mend them before the case can be sealed",
		               blockers);
	return SR_OK;
}
