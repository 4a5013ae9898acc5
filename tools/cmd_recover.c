/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/offline.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/passphrase.h"
#include "tools/progress_bar.h"

static void print_recovered(const json_t *reply)
{
	const json_t *damage = json_object_get(reply, "damage");
	size_t index;
	json_t *one;

	printf("recovered %lld of %lld members of ",
	       (long long)json_integer_value(json_object_get(reply, "recovered")),
	       (long long)json_integer_value(json_object_get(reply, "members")));
	sr_output_text(sr_json_text(reply, "number"));
	fputs(" into ", stdout);
	sr_output_text(sr_json_text(reply, "out"));
	putchar('\n');
	json_array_foreach(damage, index, one) {
		fputs("  damaged: ", stdout);
		sr_output_text(sr_json_text(one, "member"));
		fputs(": ", stdout);
		sr_output_text(sr_json_text(one, "what"));
		putchar('\n');
	}
}

enum sr_status sr_cmd_recover(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	struct sr_passphrase_asker asker;
	struct sr_offline_recover request = { .progress = &bar.progress,
		                              .passphrase = sr_passphrase_asker_init(&asker, globals) };
	const struct sr_option options[] = {
		{ .name = "--identity", .value = &request.identity },
		{ .name = "--out", .value = &request.out },
		{ .name = "--root", .value = &request.root },
		{ .name = "--stamp-root", .value = &request.stamp_root },
	};
	struct sr_words words;

	sr_progress_bar_init(&bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!request.identity || !request.out)
		return sr_fail(err, SR_USAGE, "--identity and --out are needed");
	request.archive = words.list[0];
	enum sr_status status = sr_offline_recover(&request, &reply, err);
	sr_progress_bar_dispose(&bar);
	bar.shown = false;
	if (!reply)
		return status;
	if (globals->json) {
		struct sr_err second;

		if (sr_output_json(reply, &second) != SR_OK)
			return sr_fail(err, SR_IO, "%s", second.text);
	} else {
		print_recovered(reply);
	}
	if (!request.root)
		fprintf(stderr, "strongroom recover: the signer was not judged; give --root CERT to do so\n");
	return status;
}
