/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts (立卷草稿): draft new, list, show, check, answer, submit, return, seal, drop. */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/draft_upload.h"
#include "tools/collect.h"
#include "tools/connect.h"
#include "tools/findings.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

static enum sr_status print_drafts(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "draft", "draft (草稿)" },         { "number", "number (案号)" },
		{ "handler", "handler (立卷人)" },   { "state", "state (状态)" },
		{ "touched", "touched (最近改动)" }, { "reason", "returned because (退回理由)" },
	};

	return sr_output_table(json_object_get(reply, "drafts"), columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_draft_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	const char *state = NULL;
	const struct sr_option options[] = { { .name = "--state", .value = &state } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (state)
		SR_TRY(sr_json_set(parameters, "state", json_string(state), err));
	return sr_command_run(globals, "ListDrafts", SR_MOVE(parameters), print_drafts, err);
}

enum sr_status sr_cmd_draft_new(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	struct sr_words words;

	sr_progress_bar_init(&bar);
	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 1, &words, err));
	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(sr_draft_upload(client, words.count > 0 ? words.list[0] : NULL, &bar.progress, &reply, err));
	sr_progress_bar_dispose(&bar);
	bar.shown = false;
	if (globals->json)
		return sr_output_json(reply, err);
	printf("draft (草稿): %s, %lld files\n", sr_json_text(reply, "draft"),
	       (long long)json_integer_value(json_object_get(reply, "files")));
	return SR_OK;
}

/* The whole answer of a command about a draft, however long its findings are. */
static enum sr_status ask_of_draft(const struct sr_globals *globals, const char *method, json_t *parameters,
                                   json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = parameters;
	SR_CLEANUP(sr_json_decrefp) json_t *collected = json_object();
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	const struct sr_client_request request = {
		.method = method, .parameters = taken, .each = sr_collect_each, .context = collected
	};

	if (!taken)
		return sr_fail(err, SR_INVALID, "what was typed is not UTF-8");
	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(sr_client_ask(client, &request, reply, NULL, err));
	return sr_collect_merge(collected, *reply, err);
}

static enum sr_status print_json(const json_t *reply, struct sr_err *err)
{
	return sr_output_json(reply, err);
}

enum sr_status sr_cmd_draft_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	return sr_command_run(globals, "ShowDraft", json_pack("{s:s}", "draft", words.list[0]), print_json,
	                      err);
}

/* The findings; SR_BLOCKED while something stands in the way. */
static enum sr_status tell_findings(const struct sr_globals *globals, const json_t *reply, bool counts,
                                    struct sr_err *err)
{
	long long blockers = (long long)json_integer_value(json_object_get(reply, "blockers"));
	long long unanswered = (long long)json_integer_value(json_object_get(reply, "unanswered"));

	if (globals->json)
		SR_TRY(sr_output_json(reply, err));
	else
		sr_findings_print(reply);
	if (blockers > 0 || (counts && unanswered > 0))
		return sr_fail(
			err, SR_BLOCKED,
			"%lld blockers, %lld findings without an answer: mend the blockers, answer the "
			"others with draft answer",
			blockers, unanswered);
	return SR_OK;
}

enum sr_status sr_cmd_draft_check(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(ask_of_draft(globals, "CheckDraft", json_pack("{s:s}", "draft", words.list[0]), &reply, err));
	return tell_findings(globals, reply, false, err);
}

enum sr_status sr_cmd_draft_answer(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	const char *by = NULL, *head = NULL;
	const struct sr_option options[] = { { .name = "--by", .value = &by },
		                             { .name = "--head", .value = &head } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 2, 2, &words, err));
	char *equals = strchr(words.list[1], '=');
	if (!equals || equals == words.list[1] || equals[1] == 0)
		return sr_fail(err, SR_USAGE, "an answer is given as CODE=TEXT, not %s", words.list[1]);
	*equals = 0;
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:s,s:s,s:s}", "draft", words.list[0], "code", words.list[1],
	                    "text", equals + 1));
	if (by)
		SR_TRY(sr_json_set(parameters, "by", json_string(by), err));
	if (head)
		SR_TRY(sr_json_set(parameters, "head", json_string(head), err));
	SR_TRY(ask_of_draft(globals, "AnswerFinding", SR_MOVE(parameters), &reply, err));
	return tell_findings(globals, reply, false, err);
}

enum sr_status sr_cmd_draft_submit(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(ask_of_draft(globals, "SubmitDraft", json_pack("{s:s}", "draft", words.list[0]), &reply, err));
	return tell_findings(globals, reply, true, err);
}

static enum sr_status print_nothing(const json_t *reply, struct sr_err *err)
{
	(void)reply;
	(void)err;
	return SR_OK;
}

/* `draft return D --reason TEXT` and `draft drop D [--reason TEXT]`. */
static enum sr_status end_draft(const struct sr_globals *globals, const char *method, int argc, char **argv,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	const char *reason = NULL;
	const struct sr_option options[] = { { .name = "--reason", .value = &reason } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!reason && strcmp(method, "ReturnDraft") == 0)
		return sr_fail(err, SR_USAGE, "a draft is returned with --reason TEXT");
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:s}", "draft", words.list[0]));
	if (reason)
		SR_TRY(sr_json_set(parameters, "reason", json_string(reason), err));
	return sr_command_run(globals, method, SR_MOVE(parameters), print_nothing, err);
}

enum sr_status sr_cmd_draft_return(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	return end_draft(globals, "ReturnDraft", argc, argv, err);
}

enum sr_status sr_cmd_draft_drop(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	return end_draft(globals, "DropDraft", argc, argv, err);
}
