/* SPDX-License-Identifier: Apache-2.0 */
/* hold place, release, list; disposal propose, approve, list. */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/scope_words.h"

/* --- holds ----------------------------------------------------------------------------------------- */

static enum sr_status print_hold(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("hold (暂缓处置)", sr_json_text(reply, "hold"));
	return SR_OK;
}

static enum sr_status change_hold(const struct sr_globals *globals, int argc, char **argv, const char *method,
                                  bool takes_hold, struct sr_err *err)
{
	const char *reason = NULL, *hold = NULL;
	const struct sr_option options[] = { { .name = "--reason", .value = &reason },
		                             { .name = "--hold", .value = &hold } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, takes_hold ? 2 : 1, 1, 1, &words, err));
	if (!reason)
		return sr_fail(err, SR_USAGE, "say why: --reason TEXT");
	return sr_command_run(
		globals, method,
		json_pack("{s:s,s:s,s:s*}", "case", words.list[0], "reason", reason, "hold", hold),
		print_hold, err);
}

enum sr_status sr_cmd_hold_place(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	return change_hold(globals, argc, argv, "PlaceHold", false, err);
}

enum sr_status sr_cmd_hold_release(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	return change_hold(globals, argc, argv, "ReleaseHold", true, err);
}

static enum sr_status print_holds(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "hold", "hold" },           { "number", "number (案号)" }, { "title", "title (题名)" },
		{ "placed_by", "placed by" }, { "since", "since" },          { "reason", "reason" },
	};
	const json_t *holds = json_object_get(reply, "holds");

	if (json_array_size(holds) > 0)
		return sr_output_table(holds, columns, SR_COUNT(columns), err);
	puts("nothing is held");
	return SR_OK;
}

enum sr_status sr_cmd_hold_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 1, &words, err));
	return sr_command_run(globals, "ListHolds",
	                      json_pack("{s:s*}", "case", words.count ? words.list[0] : NULL), print_holds,
	                      err);
}

/* --- disposals ------------------------------------------------------------------------------------- */

static enum sr_status print_disposal(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("disposal list (销毁清册)", sr_json_text(reply, "disposal"));
	sr_output_field("digest", sr_json_text(reply, "list"));
	if (sr_json_text(reply, "state"))
		puts("approved; the archives stay: this version does not carry a disposal out");
	return SR_OK;
}

enum sr_status sr_cmd_disposal_propose(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	const char *reason = NULL;
	const struct sr_option options[] = { { .name = "--reason", .value = &reason } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, -1, &words, err));
	if (!reason)
		return sr_fail(err, SR_USAGE, "say why: --reason TEXT");
	for (int i = 0; i < words.count; i++)
		SR_TRY(sr_words_add(cases, words.list[i], err));
	return sr_command_run(globals, "ProposeDisposal",
	                      json_pack("{s:O,s:s}", "cases", cases, "reason", reason), print_disposal, err);
}

enum sr_status sr_cmd_disposal_approve(const struct sr_globals *globals, int argc, char **argv,
                                       struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	return sr_command_run(globals, "ApproveDisposal", json_pack("{s:s}", "case", words.list[0]),
	                      print_disposal, err);
}

static enum sr_status print_disposals(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "number", "number (案号)" },
		                                    { "title", "title (题名)" },
		                                    { "retained_until", "kept until (保管期满)" },
		                                    { "case", "case" } };
	size_t index;
	json_t *disposal;

	if (json_array_size(json_object_get(reply, "disposals")) == 0)
		puts("no disposal list");
	json_array_foreach(json_object_get(reply, "disposals"), index, disposal) {
		sr_output_field("disposal list (销毁清册)", sr_json_text(disposal, "disposal"));
		sr_output_field("state", sr_json_text(disposal, "state"));
		sr_output_field("proposed by", sr_json_text(disposal, "proposed_by"));
		sr_output_field("approved by", sr_json_text(disposal, "approved_by"));
		sr_output_field("reason", sr_json_text(disposal, "reason"));
		sr_output_field("digest", sr_json_text(disposal, "list"));
		SR_TRY(sr_output_table(json_object_get(disposal, "catalogue"), columns, SR_COUNT(columns),
		                       err));
	}
	return SR_OK;
}

enum sr_status sr_cmd_disposal_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ListDisposals", json_object(), print_disposals, err);
}
