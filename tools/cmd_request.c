/* SPDX-License-Identifier: Apache-2.0 */
/* request new, list, show, withdraw; decide. */
#include "tools/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/papers.h"
#include "tools/scope_words.h"

/* --- new ------------------------------------------------------------------------------------------- */

/* "KIND=FILE", or FILE, whose name up to its last point is the kind. */
static enum sr_status add_paper(void *context, const char *argument, struct sr_err *err)
{
	const char *equals = strchr(argument, '=');
	const char *slash = strchr(argument, '/');
	bool named = equals && equals != argument && (!slash || slash > equals);
	const char *path = named ? equals + 1 : argument;
	const char *name = sr_papers_name(path);
	const char *point = strrchr(name, '.');
	const char *kind = named ? argument : name;
	size_t size = named                   ? (size_t)(equals - argument)
	              : point && point > name ? (size_t)(point - name)
	                                      : strlen(name);

	return sr_papers_add(context, kind, size, path, err);
}

static enum sr_status print_filed(const json_t *reply, struct sr_err *err)
{
	(void)err;
	printf("request %s is filed; it waits for an official (待审批)\n", sr_json_text(reply, "request"));
	return SR_OK;
}

enum sr_status sr_cmd_request_new(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_papers_dispose)
	struct sr_papers papers = { .list = json_array(), .max = SR_PAPERS_MAX };
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *members = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *volumes = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *channels = json_array();
	const char *purpose = NULL, *reason = NULL, *days = NULL, *whom = NULL, *kind = NULL;
	const struct sr_option options[] = {
		{ .name = "--case", .each = sr_words_add, .context = cases, .many = true },
		{ .name = "--member", .each = sr_words_add_member, .context = members, .many = true },
		{ .name = "--papers", .each = add_paper, .context = &papers, .many = true },
		{ .name = "--volume", .each = sr_words_add_commas, .context = volumes },
		{ .name = "--channel", .each = sr_words_add_commas, .context = channels },
		{ .name = "--purpose", .value = &purpose },
		{ .name = "--reason", .value = &reason },
		{ .name = "--days", .value = &days },
		{ .name = "--for", .value = &whom },
		{ .name = "--for-kind", .value = &kind },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (json_array_size(cases) == 0 || !purpose || !reason)
		return sr_fail(err, SR_USAGE, "a request needs --case, --purpose and --reason");
	SR_TRY(sr_words_set_list(parameters, "cases", cases, err));
	SR_TRY(sr_words_set_list(parameters, "members", members, err));
	SR_TRY(sr_words_set_list(parameters, "volumes", volumes, err));
	SR_TRY(sr_words_set_list(parameters, "channels", channels, err));
	SR_TRY(sr_words_set_list(parameters, "papers", papers.list, err));
	SR_TRY(sr_words_set_text(parameters, "purpose", purpose, err));
	SR_TRY(sr_words_set_text(parameters, "reason", reason, err));
	SR_TRY(sr_words_set_text(parameters, "for", whom, err));
	SR_TRY(sr_words_set_text(parameters, "for_kind", kind, err));
	SR_TRY(sr_words_count("--days", days, parameters, "days", err));
	const struct sr_client_request request = { .method = "FileRequest",
		                                   .parameters = parameters,
		                                   .descriptors = papers.files,
		                                   .descriptor_count = papers.count };
	return sr_command_ask(globals, &request, print_filed, err);
}

/* --- list, show, withdraw -------------------------------------------------------------------------- */

static enum sr_status print_requests(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "request", "request (申请)" },
		{ "state", "state" },
		{ "reader", "reader (调阅人)" },
		{ "for", "for" },
		{ "purpose", "purpose" },
		{ "case_count", "cases" },
		{ "days", "days" },
		{ "filed", "filed (申请时间)" },
		{ "grant", "grant" },
	};
	const json_t *requests = json_object_get(reply, "requests");
	const char *next = sr_json_text(reply, "next");

	if (json_array_size(requests) == 0) {
		puts("no such request");
		return SR_OK;
	}
	SR_TRY(sr_output_table(requests, columns, SR_COUNT(columns), err));
	if (next)
		printf("more with: --after %s\n", next);
	return SR_OK;
}

enum sr_status sr_cmd_request_list(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	const char *state = NULL, *limit = NULL, *after = NULL;
	const struct sr_option options[] = {
		{ .name = "--state", .value = &state },
		{ .name = "--limit", .value = &limit },
		{ .name = "--after", .value = &after },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	SR_TRY(sr_words_set_text(parameters, "state", state, err));
	SR_TRY(sr_words_set_text(parameters, "after", after, err));
	SR_TRY(sr_words_count("--limit", limit, parameters, "limit", err));
	return sr_command_run(globals, "ListRequests", SR_MOVE(parameters), print_requests, err);
}

static void print_list(const char *label, const json_t *list)
{
	size_t index;
	json_t *value;

	if (json_array_size(list) == 0)
		return;
	printf("%s:", label);
	json_array_foreach(list, index, value) {
		putchar(' ');
		sr_output_text(json_string_value(value));
	}
	putchar('\n');
}

static void print_decision(const json_t *decision)
{
	printf("\n%s by ", strcmp(sr_json_text(decision, "decision"), "approve") == 0 ? "approved (同意)"
	                                                                              : "refused (不同意)");
	sr_output_text(sr_json_text(decision, "official"));
	if (sr_json_text(decision, "deputy_for")) {
		fputs(" for ", stdout);
		sr_output_text(sr_json_text(decision, "deputy_for"));
		fputs(" (代批)", stdout);
	}
	putchar('\n');
	sr_output_field("  time", sr_json_text(decision, "time"));
	sr_output_field("  reason", sr_json_text(decision, "reason"));
	sr_output_field("  escort (陪同)", sr_json_text(decision, "escort"));
	print_list("  channels", json_object_get(decision, "channels"));
}

static enum sr_status print_request(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "number", "number (案号)" },
		                                    { "title", "title (题名)" },
		                                    { "case", "case" } };
	size_t index;
	json_t *decision;

	sr_output_field("request (申请)", sr_json_text(reply, "request"));
	sr_output_field("state", sr_json_text(reply, "state"));
	sr_output_field("filed by", sr_json_text(reply, "filed_by"));
	sr_output_field("filed at", sr_json_text(reply, "filed"));
	sr_output_field("reader (调阅人)", sr_json_text(reply, "reader"));
	sr_output_field("for", sr_json_text(reply, "for"));
	sr_output_field("purpose (调阅目的)", sr_json_text(reply, "purpose"));
	sr_output_field("reason (理由)", sr_json_text(reply, "reason"));
	printf("days: %lld\n", (long long)json_integer_value(json_object_get(reply, "days")));
	print_list("channels", json_object_get(reply, "channels"));
	print_list("volumes", json_object_get(reply, "volumes"));
	printf("approvals needed: %lld\n",
	       (long long)json_integer_value(json_object_get(reply, "approvals")));
	sr_output_field("grant (许可)", sr_json_text(reply, "grant"));
	sr_output_field("digest", sr_json_text(reply, "digest"));
	print_list("you handled (本人经办)", json_object_get(reply, "handled"));
	putchar('\n');
	SR_TRY(sr_output_table(json_object_get(reply, "catalogue"), columns, SR_COUNT(columns), err));
	json_array_foreach(json_object_get(reply, "decisions"), index, decision)
		print_decision(decision);
	return SR_OK;
}

enum sr_status sr_cmd_request_show(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	return sr_command_run(globals, "ShowRequest", json_pack("{s:s}", "request", words.list[0]),
	                      print_request, err);
}

static enum sr_status print_withdrawn(const json_t *reply, struct sr_err *err)
{
	(void)reply;
	(void)err;
	puts("withdrawn (已撤回)");
	return SR_OK;
}

enum sr_status sr_cmd_request_withdraw(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err)
{
	const char *reason = NULL;
	const struct sr_option options[] = { { .name = "--reason", .value = &reason } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	return sr_command_run(globals, "WithdrawRequest",
	                      json_pack("{s:s,s:s*}", "request", words.list[0], "reason", reason),
	                      print_withdrawn, err);
}

/* --- decide ---------------------------------------------------------------------------------------- */

static enum sr_status print_decided(const json_t *reply, struct sr_err *err)
{
	const char *grant = sr_json_text(reply, "grant");

	(void)err;
	if (strcmp(sr_json_text(reply, "decision"), "refuse") == 0)
		puts("refused (不同意)");
	else if (grant)
		printf("approved (同意): grant %s\n", grant);
	else
		printf("approved (同意); awaits %lld more official(s)\n",
		       (long long)json_integer_value(json_object_get(reply, "awaits")));
	if (json_array_size(json_object_get(reply, "handled")) > 0)
		fputs("note: you handled a case of this request (本人经办的案件); the ledger says so\n",
		      stderr);
	return SR_OK;
}

enum sr_status sr_cmd_decide(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *without = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *with = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *channels = json_array();
	const char *digest = NULL, *reason = NULL, *days = NULL, *escort = NULL, *deputy = NULL;
	bool no_cache = false;
	const struct sr_option options[] = {
		{ .name = "--case", .each = sr_words_add, .context = cases },
		{ .name = "--without-member", .each = sr_words_add_member, .context = without },
		{ .name = "--with-member", .each = sr_words_add_member, .context = with },
		{ .name = "--channel", .each = sr_words_add_commas, .context = channels },
		{ .name = "--digest", .value = &digest },
		{ .name = "--reason", .value = &reason },
		{ .name = "--days", .value = &days },
		{ .name = "--escort", .value = &escort },
		{ .name = "--deputy-for", .value = &deputy },
		{ .name = "--no-cache", .flag = &no_cache },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 2, 2, &words, err));
	if (strcmp(words.list[1], "approve") != 0 && strcmp(words.list[1], "refuse") != 0)
		return sr_fail(err, SR_USAGE, "a decision is approve or refuse, not %s", words.list[1]);
	if (strcmp(words.list[1], "refuse") == 0 && !reason)
		return sr_fail(err, SR_USAGE, "a refusal needs --reason");
	SR_TRY(sr_words_set_text(parameters, "request", words.list[0], err));
	SR_TRY(sr_words_set_text(parameters, "decision", words.list[1], err));
	SR_TRY(sr_words_set_list(parameters, "cases", cases, err));
	SR_TRY(sr_words_set_list(parameters, "without_members", without, err));
	SR_TRY(sr_words_set_list(parameters, "with_members", with, err));
	SR_TRY(sr_words_set_list(parameters, "channels", channels, err));
	SR_TRY(sr_words_set_text(parameters, "digest", digest, err));
	SR_TRY(sr_words_set_text(parameters, "reason", reason, err));
	SR_TRY(sr_words_set_text(parameters, "escort", escort, err));
	SR_TRY(sr_words_set_text(parameters, "deputy_for", deputy, err));
	SR_TRY(sr_words_count("--days", days, parameters, "days", err));
	if (no_cache)
		SR_TRY(sr_json_set(parameters, "no_cache", json_true(), err));
	return sr_command_run(globals, "DecideRequest", SR_MOVE(parameters), print_decided, err);
}
