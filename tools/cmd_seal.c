/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/client.h"
#include "appliance/keeper/wire/file_server.h"
#include "tools/collect.h"
#include "tools/connect.h"
#include "tools/findings.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

#define REMARKS_MAX 100

static enum sr_status take_remark(void *context, const char *argument, struct sr_err *err)
{
	const char *equals = strchr(argument, '=');
	json_t *remarks = context;
	json_t *remark = NULL;

	if (!equals || equals == argument || equals[1] == 0)
		return sr_fail(err, SR_USAGE, "--remark takes CODE=TEXT, not %s", argument);
	if (json_array_size(remarks) == REMARKS_MAX)
		return sr_fail(err, SR_USAGE, "more than %d remarks", REMARKS_MAX);
	remark = json_pack("{s:s%,s:s}", "code", argument, (size_t)(equals - argument), "text", equals + 1);
	if (!remark)
		return sr_fail(err, SR_USAGE, "--remark takes UTF-8 text, not %s", argument);
	return sr_json_append(remarks, remark, err);
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

/* What stands in the way: `check`'s object, without what belongs to the answer alone. */
static enum sr_status print_blocked(const struct sr_globals *globals, json_t *reply, struct sr_err *err)
{
	char message[sizeof(err->text)];

	snprintf(message, sizeof(message), "%s",
	         sr_json_text(reply, "message") ? sr_json_text(reply, "message") : "");
	json_object_del(reply, "blocked");
	json_object_del(reply, "message");
	if (globals->json)
		SR_TRY(sr_output_json(reply, err));
	else
		sr_findings_print(reply);
	return sr_fail(err, SR_BLOCKED, "%s", message);
}

/* @folder NULL: the keeper has the files already. */
static enum sr_status ask(const struct sr_globals *globals, const char *folder, const json_t *parameters,
                          json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_file_server_stopp) struct sr_file_server *server = NULL;
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *collected = json_object();
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	int descriptors[2];

	sr_progress_bar_init(&bar);
	if (folder) {
		SR_TRY(sr_file_server_start(folder, &server, err));
		sr_file_server_descriptors(server, descriptors);
	}
	SR_TRY(sr_connect(globals, &client, err));
	const struct sr_client_request request = {
		.method = folder ? "SealFolder" : "SealDraft",
		.parameters = parameters,
		.descriptors = descriptors,
		.descriptor_count = folder ? SR_COUNT(descriptors) : 0,
		.progress = &bar.progress,
		.each = sr_collect_each,
		.context = collected,
	};

	SR_TRY(sr_client_ask(client, &request, reply, NULL, err));
	return sr_collect_merge(collected, *reply, err);
}

static enum sr_status print_result(const struct sr_globals *globals, json_t *reply, struct sr_err *err)
{
	if (json_is_true(json_object_get(reply, "blocked")))
		return print_blocked(globals, reply, err);
	if (globals->json)
		return sr_output_json(reply, err);
	print_sealed(reply);
	return SR_OK;
}

/* `seal FOLDER` and `supplement CASE FOLDER`: the same options, one word more. */
static enum sr_status parse_and_seal(const struct sr_globals *globals, int argc, char **argv, bool supplement,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *remarks = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const char *rulebook = NULL;
	const struct sr_option options[] = {
		{ .name = "--rulebook", .value = &rulebook },
		{ .name = "--remark", .each = take_remark, .context = remarks },
	};
	const int count = supplement ? 2 : 1;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), count, count, &words, err));
	parameters = json_pack("{s:s*,s:s*,s:O}", "rulebook", rulebook, "supplement",
	                       supplement ? words.list[0] : NULL, "remarks", remarks);
	if (!parameters)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	SR_TRY(ask(globals, words.list[count - 1], parameters, &reply, err));
	return print_result(globals, reply, err);
}

enum sr_status sr_cmd_draft_seal(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *remarks = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const struct sr_option options[] = {
		{ .name = "--remark", .each = take_remark, .context = remarks }
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	parameters = json_pack("{s:s,s:O}", "draft", words.list[0], "remarks", remarks);
	if (!parameters)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	SR_TRY(ask(globals, NULL, parameters, &reply, err));
	return print_result(globals, reply, err);
}

enum sr_status sr_cmd_seal(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	return parse_and_seal(globals, argc, argv, false, err);
}

enum sr_status sr_cmd_supplement(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	return parse_and_seal(globals, argc, argv, true, err);
}
