/* SPDX-License-Identifier: Apache-2.0 */
/* Figures and early warnings: stats, warnings. */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

static enum sr_status set_number(json_t *parameters, const char *key, const char *text, struct sr_err *err)
{
	uint64_t number;

	if (!text || !sr_decimal_parse(text, strlen(text), 1000000, &number))
		return sr_fail(err, SR_USAGE, "--%s takes a number", key);
	return sr_json_set(parameters, key, json_integer((json_int_t)number), err);
}

/* --- stats ------------------------------------------------------------------------------------------- */

static enum sr_status print_figures(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "figure", "figure (指标)" },
		                                    { "label", "" },
		                                    { "value", "count (数量)" },
		                                    { "rate", "rate (比率)" } };
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	const char *name;
	json_t *list;

	json_object_foreach(json_object_get(reply, "figures"), name, list) {
		const json_t *rate = json_object_get(json_object_get(reply, "rates"), name);
		char text[32] = "";
		size_t index;
		json_t *row;

		if (json_is_real(rate))
			snprintf(text, sizeof(text), "%.1f %%", json_real_value(rate) * 100);
		json_array_foreach(list, index, row) {
			json_t *item = NULL;

			SR_TRY(SR_JSON_PACK(&item, err, "{s:s,s:O,s:O,s:s}", "figure", index == 0 ? name : "",
			                    "label", json_object_get(row, "label"), "value",
			                    json_object_get(row, "value"), "rate", index == 0 ? text : ""));
			SR_TRY(sr_json_append(rows, item, err));
		}
	}
	return sr_output_table(rows, columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_stats(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	const char *year = NULL;
	const struct sr_option options[] = { { .name = "--year", .value = &year } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	SR_TRY(set_number(parameters, "year", year, err));
	return sr_command_run(globals, "Statistics", SR_MOVE(parameters), print_figures, err);
}

/* --- warnings ---------------------------------------------------------------------------------------- */

static enum sr_status print_warnings(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "number", "number (编号)" },
		                                    { "due", "due (期限)" },
		                                    { "case", "case" } };
	size_t index;
	json_t *warning;

	json_array_foreach(json_object_get(reply, "warnings"), index, warning) {
		const json_t *cases = json_object_get(warning, "cases");

		printf("%s%s — %s: %zu\n", index ? "\n" : "", sr_json_text(warning, "zh"),
		       sr_json_text(warning, "en"), json_array_size(cases));
		SR_TRY(sr_output_table(cases, columns, SR_COUNT(columns), err));
	}
	if (index == 0)
		puts("nothing to warn of (无预警)");
	return SR_OK;
}

enum sr_status sr_cmd_warnings(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "Warnings", json_object(), print_warnings, err);
}
