/* SPDX-License-Identifier: Apache-2.0 */
/* policy show, propose, confirm; clock confirm. */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

#define TABLE_FILE_BYTES (256u << 10)

/* --- the approval table ---------------------------------------------------------------------------- */

static enum sr_status print_table(const char *label, const json_t *record, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	sr_output_field(label, sr_json_text(record, "policy"));
	sr_output_field("proposed by (提议人)", sr_json_text(record, "by"));
	SR_TRY(sr_json_write_pretty(json_object_get(record, "table"), &text, err));
	SR_TRY(sr_buf_add(&text, "", 1, err));
	for (char *line = (char *)text.data; *line;) {
		size_t size = strcspn(line, "\n");
		char *next = line + size + (line[size] != 0);

		line[size] = 0;
		sr_output_text(line);
		putchar('\n');
		line = next;
	}
	return SR_OK;
}

static enum sr_status print_policy(const json_t *reply, struct sr_err *err)
{
	size_t index;
	json_t *record;

	SR_TRY(print_table("approval table (审批权限表)", reply, err));
	json_array_foreach(json_object_get(reply, "proposed"), index, record)
		SR_TRY(print_table("waits for confirmation (待确认)", record, err));
	return SR_OK;
}

enum sr_status sr_cmd_policy_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ShowPolicy", json_object(), print_policy, err);
}

static enum sr_status print_digest(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("approval table (审批权限表)", sr_json_text(reply, "policy"));
	return SR_OK;
}

enum sr_status sr_cmd_policy_propose(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *table = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(sr_open_file(words.list[0], &fd, err));
	SR_TRY(sr_fd_read_to_end(fd, TABLE_FILE_BYTES, &text, err));
	enum sr_status status = sr_json_parse(text.data, text.size, TABLE_FILE_BYTES, &table, err);
	if (status != SR_OK) /* a file of the caller's: a mistake, not damage */
		return sr_fail_in(err, status == SR_CORRUPT ? SR_INVALID : status, "%s: ", words.list[0]);
	return sr_command_run(globals, "ProposePolicy", json_pack("{s:O}", "table", table), print_digest,
	                      err);
}

enum sr_status sr_cmd_policy_confirm(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err)
{
	const char *digest = NULL;
	const struct sr_option options[] = { { .name = "--policy", .value = &digest } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	return sr_command_run(globals, "ConfirmPolicy", json_pack("{s:s*}", "policy", digest), print_digest,
	                      err);
}

/* --- the clock ------------------------------------------------------------------------------------- */

static enum sr_status print_clock(const json_t *reply, struct sr_err *err)
{
	(void)err;
	puts(json_is_true(json_object_get(reply, "set"))
	             ? "ledger time follows the machine's clock again (时钟已校准)"
	             : "confirmed; now the other administrator confirms, within an hour (待另一管理员确认)");
	return SR_OK;
}

enum sr_status sr_cmd_clock_confirm(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ConfirmClock", json_object(), print_clock, err);
}
