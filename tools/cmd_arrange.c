/* SPDX-License-Identifier: Apache-2.0 */
/* The order and page numbers that the pack proposes for a case folder: arrange. */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/offline.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

static enum sr_status print_arrangement(const json_t *arrangement, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "volume", "volume (卷)" }, { "page_from", "from (起页)" }, { "page_to", "to (止页)" },
		{ "pages", "pages (页数)" }, { "kind", "kind (文书种类)" },  { "path", "file (文件)" }
	};
	json_int_t changed = json_integer_value(json_object_get(arrangement, "changed"));

	SR_TRY(sr_output_table(json_object_get(arrangement, "members"), columns, SR_COUNT(columns), err));
	if (changed == 0)
		puts("the members lie as the rulebook proposes (顺序、页号无须调整)");
	else
		printf("%lld members would change (须调整的件数); --out FILE writes case.json so arranged\n",
		       (long long)changed);
	return SR_OK;
}

enum sr_status sr_cmd_arrange(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *arrangement = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	const char *rulebook = NULL, *out = NULL;
	const struct sr_option options[] = { { .name = "--rulebook", .value = &rulebook },
		                             { .name = "--out", .value = &out } };
	struct sr_words words;

	sr_progress_bar_init(&bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	SR_TRY(sr_offline_arrange(words.list[0], rulebook, &bar.progress, &arrangement, &description, err));
	sr_progress_bar_dispose(&bar);
	if (out) {
		SR_TRY(sr_json_write_pretty(description, &text, err));
		SR_TRY(sr_output_file(out, &text, err));
	}
	return globals->json ? sr_output_json(arrangement, err) : print_arrangement(arrangement, err);
}
