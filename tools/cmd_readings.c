/* SPDX-License-Identifier: Apache-2.0 */
/* The register of readings (调阅登记簿): a table, JSON, or a page for paper. */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
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

static void print_html_text(const char *text)
{
	for (; text && *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", stdout);
			break;
		case '<':
			fputs("&lt;", stdout);
			break;
		case '>':
			fputs("&gt;", stdout);
			break;
		case '"':
			fputs("&quot;", stdout);
			break;
		default:
			putchar(*text);
		}
	}
}

static void print_cell(const json_t *value)
{
	fputs("<td>", stdout);
	if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else
		print_html_text(json_string_value(value));
	fputs("</td>", stdout);
}

static void print_page(const json_t *rows, const char *from, const char *to)
{
	size_t index;
	json_t *row;

	puts("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta "
	     "charset=\"utf-8\">\n<title>调阅登记簿</title>\n"
	     "<style>\n@page { size: A4 landscape; margin: 15mm }\n"
	     "body { font-family: \"Noto Serif CJK SC\", SimSun, serif; font-size: 9pt }\n"
	     "h1 { text-align: center; font-size: 16pt }\n"
	     "table { border-collapse: collapse; width: 100% }\n"
	     "th, td { border: 0.5pt solid #000; padding: 1mm; text-align: left; word-break: break-all }\n"
	     "thead { display: table-header-group }\ntr { break-inside: avoid }\n"
	     "</style>\n</head>\n<body>\n<h1>调阅登记簿</h1>");
	fputs("<p>", stdout);
	print_html_text(from);
	fputs(" 至 ", stdout);
	print_html_text(to);
	printf("，共 %zu 次</p>\n<table>\n<thead><tr>", json_array_size(rows));
	for (size_t i = 0; i < SR_COUNT(columns); i++)
		printf("<th>%s</th>", columns[i].head);
	puts("</tr></thead>\n<tbody>");
	json_array_foreach(rows, index, row) {
		fputs("<tr>", stdout);
		for (size_t i = 0; i < SR_COUNT(columns); i++)
			print_cell(json_object_get(row, columns[i].key));
		puts("</tr>");
	}
	puts("</tbody>\n</table>\n<p>本簿由存证日志生成；“存证号”为日志条目序号，可开具存证回执核验。</p>\n</"
	     "body>\n</html>");
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
	SR_TRY(prepare(rows, err));
	if (paper)
		print_page(rows, from, to);
	else if (json_array_size(rows) == 0)
		puts("nothing was read in that time (无调阅)");
	else
		return sr_output_table(rows, columns, SR_COUNT(columns), err);
	return SR_OK;
}
