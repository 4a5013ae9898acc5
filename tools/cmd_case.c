/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/base/uuid.h"
#include "appliance/keeper/cases.h"
#include "appliance/keeper/data.h"
#include "tools/options.h"
#include "tools/output.h"

#define FIND_LIMIT_DEFAULT 50

enum sr_status sr_cmd_find(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "number", "number (案号)" }, { "title", "title (题名)" }, { "category", "category" },
		{ "parts", "parts" },          { "sealed_at", "sealed" },   { "case", "case" },
	};
	SR_CLEANUP(sr_data_closep) struct sr_data *data = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_cases_find request = { 0 };
	const char *limit = NULL;
	uint64_t most = FIND_LIMIT_DEFAULT;
	const struct sr_option options[] = {
		{ .name = "--number", .value = &request.number },
		{ .name = "--after", .value = &request.after },
		{ .name = "--limit", .value = &limit },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (limit && (!sr_decimal_parse(limit, strlen(limit), 10000, &most) || most == 0))
		return sr_fail(err, SR_USAGE, "--limit takes a number from 1 to 10000, not %s", limit);
	if (request.after && !sr_uuid_is_valid(request.after))
		return sr_fail(err, SR_USAGE, "--after takes the cursor that the page before printed, not %s",
		               request.after);
	request.limit = most;
	SR_TRY(sr_data_open(globals->data, &data, err));
	SR_TRY(sr_cases_find(data, &request, &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	const json_t *cases = json_object_get(reply, "cases");
	if (json_array_size(cases) == 0) {
		puts(request.number  ? "no sealed case has this number"
		     : request.after ? "no case was sealed after this one"
		                     : "no case is sealed yet");
		return SR_OK;
	}
	SR_TRY(sr_output_table(cases, columns, SR_COUNT(columns), err));
	const char *next = sr_json_text(reply, "next");
	if (next)
		printf("%zu of %lld; more with: --after %s\n", json_array_size(cases),
		       (long long)json_integer_value(json_object_get(reply, "total")), next);
	return SR_OK;
}

static enum sr_status print_members(const json_t *catalogue, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "number", "no." },         { "class", "class" }, { "volume", "volume" },
		{ "title", "title (题名)" }, { "date", "date" },   { "responsible", "responsible (责任者)" },
		{ "bytes", "bytes" },        { "path", "path" },
	};

	return sr_output_table(json_object_get(catalogue, "members"), columns, SR_COUNT(columns), err);
}

static enum sr_status print_part(const json_t *part, struct sr_err *err)
{
	const json_t *cover = json_object_get(part, "cover");

	printf("\npart %lld\n", (long long)json_integer_value(json_object_get(part, "part")));
	sr_output_field("  sealed at", sr_json_text(part, "sealed_at"));
	sr_output_field("  seal", sr_json_text(part, "seal"));
	sr_output_field("  archive", sr_json_text(part, "archive"));
	sr_output_field("  retention", sr_json_text(cover, "retention"));
	putchar('\n');
	return print_members(json_object_get(part, "catalogue"), err);
}

enum sr_status sr_cmd_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_data_closep) struct sr_data *data = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;
	size_t index;
	json_t *part;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(sr_data_open(globals->data, &data, err));
	SR_TRY(sr_cases_show(data, words.list[0], &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	sr_output_field("number (案号)", sr_json_text(reply, "number"));
	sr_output_field("title (题名)", sr_json_text(reply, "title"));
	sr_output_field("case", sr_json_text(reply, "case"));
	json_array_foreach(json_object_get(reply, "parts"), index, part)
		SR_TRY(print_part(part, err));
	return SR_OK;
}
