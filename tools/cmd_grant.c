/* SPDX-License-Identifier: Apache-2.0 */
/* grant list, revoke, return. */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/scope_words.h"

static enum sr_status print_grants(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "grant", "grant (许可)" }, { "state", "state" }, { "reader", "reader (调阅人)" },
		{ "purpose", "purpose" },    { "from", "from" },   { "until", "until (有效期至)" },
		{ "request", "request" },
	};
	const json_t *grants = json_object_get(reply, "grants");

	if (json_array_size(grants) > 0)
		return sr_output_table(grants, columns, SR_COUNT(columns), err);
	puts("no such grant");
	return SR_OK;
}

enum sr_status sr_cmd_grant_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	const char *state = NULL;
	const struct sr_option options[] = { { .name = "--state", .value = &state } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	SR_TRY(sr_words_set_text(parameters, "state", state, err));
	return sr_command_run(globals, "ListGrants", SR_MOVE(parameters), print_grants, err);
}

static enum sr_status print_ended(const json_t *reply, struct sr_err *err)
{
	(void)reply;
	(void)err;
	puts("the grant has ended");
	return SR_OK;
}

static enum sr_status end_grant(const struct sr_globals *globals, int argc, char **argv, const char *method,
                                bool needs_reason, struct sr_err *err)
{
	const char *reason = NULL;
	const struct sr_option options[] = { { .name = "--reason", .value = &reason } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (needs_reason && !reason)
		return sr_fail(err, SR_USAGE, "say why: --reason TEXT");
	return sr_command_run(globals, method,
	                      json_pack("{s:s,s:s*}", "grant", words.list[0], "reason", reason), print_ended,
	                      err);
}

enum sr_status sr_cmd_grant_revoke(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	return end_grant(globals, argc, argv, "RevokeGrant", true, err);
}

enum sr_status sr_cmd_grant_return(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	return end_grant(globals, argc, argv, "ReturnGrant", false, err);
}
