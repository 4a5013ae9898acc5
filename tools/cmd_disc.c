/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/disc.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

enum sr_status sr_cmd_disc(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	struct sr_disc_request request = { .progress = &bar.progress };
	const struct sr_option options[] = { { .name = "--out", .value = &request.out } };
	struct sr_words words;

	sr_progress_bar_init(&bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!request.out)
		return sr_fail(err, SR_USAGE, "--out is needed");
	request.folder = words.list[0];
	SR_TRY(sr_disc_make(&request, &reply, err));
	sr_progress_bar_dispose(&bar);
	bar.shown = false;
	if (globals->json)
		return sr_output_json(reply, err);
	printf("%lld recordings, %lld files, in ",
	       (long long)json_integer_value(json_object_get(reply, "recordings")),
	       (long long)json_integer_value(json_object_get(reply, "files")));
	sr_output_text(request.out);
	printf("\nSHA-256 %s\n", sr_json_text(reply, "digest"));
	return SR_OK;
}
