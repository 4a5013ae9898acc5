/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/data.h"
#include "appliance/keeper/seal.h"
#include "tools/findings.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

#define REMARKS_MAX 100

/* Remarks of the command line; the codes are copies. */
struct remarks {
	struct sr_seal_remark list[REMARKS_MAX];
	char *codes[REMARKS_MAX];
	size_t count;
};

static void remarks_dispose(struct remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		free(remarks->codes[i]);
}

static enum sr_status take_remark(void *context, const char *argument, struct sr_err *err)
{
	struct remarks *remarks = context;
	const char *equals = strchr(argument, '=');

	if (!equals || equals == argument || equals[1] == 0)
		return sr_fail(err, SR_USAGE, "--remark takes CODE=TEXT, not %s", argument);
	if (remarks->count == REMARKS_MAX)
		return sr_fail(err, SR_USAGE, "more than %d remarks", REMARKS_MAX);
	char *code = strndup(argument, (size_t)(equals - argument));
	if (!code)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a remark");
	remarks->codes[remarks->count] = code;
	remarks->list[remarks->count++] = (struct sr_seal_remark){ .code = code, .text = equals + 1 };
	return SR_OK;
}

static void print_sealed(const json_t *reply)
{
	char size[SR_SIZE_TEXT];

	sr_output_size((uint64_t)json_integer_value(json_object_get(reply, "bytes")), size);
	printf("sealed (已封装归档): ");
	sr_output_text(sr_json_text(reply, "number"));
	printf(", part %lld, %lld members, %s\n",
	       (long long)json_integer_value(json_object_get(reply, "part")),
	       (long long)json_integer_value(json_object_get(reply, "members")), size);
	sr_output_field("case", sr_json_text(reply, "case"));
	sr_output_field("seal", sr_json_text(reply, "seal"));
	sr_output_field("archive", sr_json_text(reply, "archive"));
}

static enum sr_status seal(const struct sr_globals *globals, struct sr_seal_request request,
                           struct sr_err *err)
{
	SR_CLEANUP(sr_data_closep) struct sr_data *data = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;

	sr_progress_bar_init(&bar);
	request.progress = &bar.progress;
	SR_TRY(sr_data_open(globals->data, &data, err));
	enum sr_status status = sr_seal(data, &request, &reply, err);
	sr_progress_bar_dispose(&bar);
	bar.shown = false;
	if (status != SR_OK && status != SR_BLOCKED)
		return status;
	if (globals->json && reply) {
		struct sr_err second;

		if (sr_output_json(reply, &second) != SR_OK)
			return sr_fail(err, SR_IO, "%s", second.text);
	} else if (reply && status == SR_OK) {
		print_sealed(reply);
	} else if (reply) {
		sr_findings_print(reply);
	}
	return status;
}

/* `seal FOLDER` and `supplement CASE FOLDER`: the same options, one word more. */
static enum sr_status parse_and_seal(const struct sr_globals *globals, int argc, char **argv, bool supplement,
                                     struct sr_err *err)
{
	SR_CLEANUP(remarks_dispose) struct remarks remarks = { 0 };
	struct sr_seal_request request = { 0 };
	const struct sr_option options[] = {
		{ .name = "--rulebook", .value = &request.rulebook },
		{ .name = "--remark", .each = take_remark, .context = &remarks },
	};
	const int count = supplement ? 2 : 1;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), count, count, &words, err));
	request.supplement = supplement ? words.list[0] : NULL;
	request.folder = words.list[count - 1];
	request.remarks = remarks.list;
	request.remark_count = remarks.count;
	return seal(globals, request, err);
}

enum sr_status sr_cmd_seal(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	return parse_and_seal(globals, argc, argv, false, err);
}

enum sr_status sr_cmd_supplement(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	return parse_and_seal(globals, argc, argv, true, err);
}
