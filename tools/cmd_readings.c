/* SPDX-License-Identifier: Apache-2.0 */
/* The register of readings (调阅登记簿): a table, JSON, or a page for paper. */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/reading/paper_readings.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

/* Page after page into one list. */
static enum sr_status gather(struct sr_client *client, const char *from, const char *to, json_t *rows,
                             struct sr_err *err)
{
	json_int_t after = 0;

	for (;;) {
		SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;

		SR_TRY(sr_client_call(client, "Readings",
		                      json_pack("{s:s,s:s,s:I}", "from", from, "to", to, "after", after),
		                      &reply, err));
		if (json_array_extend(rows, json_object_get(reply, "rows")) < 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for the register");
		const json_t *next = json_object_get(reply, "next");
		if (!json_is_integer(next))
			return SR_OK;
		after = json_integer_value(next);
	}
}

/* --- for people ------------------------------------------------------------------------------------ */

static enum sr_status set_local(json_t *row, const char *from, const char *to, struct sr_err *err)
{
	const char *utc = sr_json_text(row, from);
	char local[SR_TIME_TEXT];
	int64_t time_ns;

	if (!utc || !sr_time_parse(utc, &time_ns))
		return SR_OK;
	sr_time_format_local(time_ns, local);
	return sr_json_set(row, to, json_string(local), err);
}

/* Texts as a reader of the register wants them: local times, names. */
static enum sr_status prepare(json_t *rows, struct sr_err *err)
{
	size_t index;
	json_t *row;

	json_array_foreach(rows, index, row) {
		const char *name = sr_json_text(row, "full_name");
		const char *number = sr_json_text(row, "number");
		SR_CLEANUP(sr_buf_dispose) struct sr_buf officials = { 0 };
		const char *text;
		size_t at;
		json_t *one;

		json_array_foreach(json_object_get(row, "approved_by"), at, one)
			SR_TRY(sr_buf_printf(&officials, err, "%s%s", at ? "、" : "",
			                     json_string_value(one)));
		SR_TRY(sr_buf_text(&officials, &text, err));
		SR_TRY(set_local(row, "time", "opened_local", err));
		SR_TRY(set_local(row, "closed", "closed_local", err));
		SR_TRY(sr_json_set(row, "officials", json_string(text), err));
		SR_TRY(sr_json_set(row, "who", json_string(name ? name : sr_json_text(row, "reader")), err));
		SR_TRY(sr_json_set(row, "which", json_string(number ? number : sr_json_text(row, "case")),
		                   err));
	}
	return SR_OK;
}

static const struct sr_column columns[] = {
	{ "opened_local", "时间" }, { "who", "调阅人" },   { "organ", "单位" },        { "which", "案号" },
	{ "member", "件号" },       { "purpose", "用途" }, { "officials", "批准人" },  { "channel", "方式" },
	{ "bytes", "字节" },        { "request", "申请" }, { "closed_local", "结束" }, { "seq", "存证号" },
};

static enum sr_status print_page(const json_t *rows, const char *from, const char *to, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf page = { 0 };

	SR_TRY(sr_paper_readings(rows, from, to, &page, err));
	if (fwrite(page.data, 1, page.size, stdout) != page.size || fflush(stdout) != 0)
		return sr_fail_errno(err, "write to standard output");
	return SR_OK;
}

enum sr_status sr_cmd_readings(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const char *from = NULL, *to = NULL;
	bool paper = false;
	const struct sr_option options[] = {
		{ .name = "--from", .value = &from },
		{ .name = "--to", .value = &to },
		{ .name = "--print", .flag = &paper },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (!from || !to)
		return sr_fail(err, SR_USAGE, "--from and --to name days, such as 2026-01-01");
	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(gather(client, from, to, rows, err));
	if (globals->json) {
		SR_TRY(SR_JSON_PACK(&reply, err, "{s:s,s:s,s:O}", "from", from, "to", to, "readings", rows));
		return sr_output_json(reply, err);
	}
	if (paper)
		return print_page(rows, from, to, err);
	SR_TRY(prepare(rows, err));
	if (json_array_size(rows) == 0)
		puts("nothing was read in that time (无调阅)");
	else
		return sr_output_table(rows, columns, SR_COUNT(columns), err);
	return SR_OK;
}
