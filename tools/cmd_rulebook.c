/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/offline.h"
#include "tools/options.h"
#include "tools/output.h"

enum sr_status sr_cmd_rulebook_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "name", "name" }, { "rules", "rules" }, { "title_zh", "title" }, { "digest", "digest" }
	};
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	SR_TRY(sr_offline_rulebooks(&reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	return sr_output_table(json_object_get(reply, "rulebooks"), columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_rulebook_check(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(sr_offline_rulebook_check(words.list[0], &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	printf("valid: ");
	sr_output_text(sr_json_text(reply, "name"));
	const json_t *years = json_object_get(reply, "years");
	if (years)
		printf(" of %zu years, digest ", json_array_size(years));
	else
		printf(", %lld rules, digest ",
		       (long long)json_integer_value(json_object_get(reply, "rules")));
	sr_output_text(sr_json_text(reply, "digest"));
	putchar('\n');
	return SR_OK;
}
