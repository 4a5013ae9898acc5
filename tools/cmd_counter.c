/* SPDX-License-Identifier: Apache-2.0 */
/* The archivist's counter: pass issue, application list, application drop. */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

static enum sr_status print_pass(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("pass (通行码)", sr_json_text(reply, "pass"));
	sr_output_field("until (有效期至)", sr_json_text(reply, "until"));
	fputs("Hand it over in person, after looking at the paper again.  It opens one session and is not "
	      "shown "
	      "again.\n",
	      stderr);
	return SR_OK;
}

enum sr_status sr_cmd_pass_issue(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	const char *identity = NULL;
	const struct sr_option options[] = { { .name = "--identity", .value = &identity } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!identity)
		return sr_fail(err, SR_USAGE, "--identity is missing: which paper you looked at");
	return sr_command_run(globals, "IssuePass",
	                      json_pack("{s:s,s:s}", "grant", words.list[0], "identity", identity),
	                      print_pass, err);
}

static enum sr_status print_applications(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "application", "application" }, { "filed_at", "filed (UTC)" },
		{ "number", "case number" },      { "name", "name" },
		{ "identity", "identity" },       { "contact", "contact" },
		{ "reason", "reason" },           { "stage", "stage" },
		{ "request", "request" }
	};

	return sr_output_table(json_object_get(reply, "applications"), columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_application_list(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ListApplications", json_object(), print_applications, err);
}

static enum sr_status print_dropped(const json_t *reply, struct sr_err *err)
{
	(void)reply;
	(void)err;
	puts("dropped; who applied is forgotten (已了结，个人信息已删除)");
	return SR_OK;
}

enum sr_status sr_cmd_application_drop(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err)
{
	const char *reason = NULL;
	const struct sr_option options[] = { { .name = "--reason", .value = &reason } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!reason)
		return sr_fail(err, SR_USAGE, "--reason is missing: the applicant sees it");
	return sr_command_run(globals, "DropApplication",
	                      json_pack("{s:s,s:s}", "application", words.list[0], "reason", reason),
	                      print_dropped, err);
}
