/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/paper_readings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/casefile/rulebook.h"
#include "appliance/keeper/cases/paper_html.h"

/* One line: what its rows come to. */
struct line {
	const json_t *first; /* row */
	json_t *rows;
	int64_t from_ns, to_ns;
	bool open; /* something of it is read now */
};

/* --- words ------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = sr_json_text(row, key);

	return text ? text : "";
}

/* The Chinese of a purpose, from the base pack; the word itself where it has none. */
static const char *purpose_zh(const json_t *purposes, const char *word)
{
	size_t index;
	json_t *row;

	json_array_foreach(purposes, index, row) {
		const char *kind = sr_json_text(row, "kind");

		if (kind && strcmp(kind, word) == 0)
			return text_of(row, "zh");
	}
	return word;
}

static void clock_of(int64_t time_ns, bool with_day, char out[SR_TIME_TEXT])
{
	char local[SR_TIME_TEXT];
	const size_t day = strlen("2026-01-01"), minute = strlen("2026-01-01T00:00");

	sr_time_format_local(time_ns, local);
	local[minute] = 0;
	local[day] = ' ';
	snprintf(out, SR_TIME_TEXT, "%s", with_day ? local : local + day + 1);
}

/* --- lines ------------------------------------------------------------------------------------------- */

static enum sr_status line_key(const json_t *row, int64_t time_ns, struct sr_buf *out, struct sr_err *err)
{
	static const char *const keys[] = { "reader", "grant", "case", "channel" };

	SR_TRY(sr_buf_printf(out, err, "%" PRId64, sr_date_of_time(time_ns)));
	for (size_t i = 0; i < SR_COUNT(keys); i++)
		SR_TRY(sr_buf_printf(out, err, "\n%s", text_of(row, keys[i])));
	return SR_OK;
}

/* @lines: key to a list of rows, in order of their first. */
static enum sr_status sort_rows(const json_t *rows, json_t *lines, struct sr_err *err)
{
	size_t index;
	json_t *row;

	json_array_foreach(rows, index, row) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { 0 };
		const char *time = sr_json_text(row, "time"), *text;
		int64_t time_ns;

		if (!time || !sr_time_parse(time, &time_ns))
			return sr_fail(err, SR_CORRUPT, "a reading has no time");
		SR_TRY(line_key(row, time_ns, &key, err));
		SR_TRY(sr_buf_text(&key, &text, err));
		json_t *of = json_object_get(lines, text);
		if (!of) {
			of = json_array();
			SR_TRY(sr_json_set(lines, text, of, err));
		}
		SR_TRY(sr_json_append(of, json_incref(row), err));
	}
	return SR_OK;
}

static void sum_up(struct line *line)
{
	size_t index;
	json_t *row;

	line->first = json_array_get(line->rows, 0);
	line->from_ns = INT64_MAX;
	line->to_ns = INT64_MIN;
	json_array_foreach(line->rows, index, row) {
		const char *from = sr_json_text(row, "time"), *to = sr_json_text(row, "closed");
		int64_t ns;

		if (from && sr_time_parse(from, &ns) && ns < line->from_ns)
			line->from_ns = ns;
		if (!to)
			line->open = true;
		else if (sr_time_parse(to, &ns) && ns > line->to_ns)
			line->to_ns = ns;
	}
}

/* Numbers of members, each once, runs as "1—5"; then how many. */
static enum sr_status put_members(const struct line *line, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf seen = { 0 };
	json_int_t most = 0;
	size_t index, count = 0;
	json_t *row;

	json_array_foreach(line->rows, index, row) {
		json_int_t number = json_integer_value(json_object_get(row, "member"));

		most = number > most && number < 1000000 ? number : most;
	}
	SR_TRY(sr_buf_reserve(&seen, (size_t)most + 2, err));
	memset(seen.data, 0, (size_t)most + 2);
	json_array_foreach(line->rows, index, row) {
		json_int_t number = json_integer_value(json_object_get(row, "member"));

		if (number > 0 && number <= most)
			seen.data[number] = 1;
	}
	for (json_int_t from = 1; from <= most; from++) {
		json_int_t to = from;

		if (!seen.data[from])
			continue;
		while (to < most && seen.data[to + 1])
			to++;
		SR_TRY(sr_buf_printf(out, err, "%s%lld", count ? "、" : "", (long long)from));
		if (to > from)
			SR_TRY(sr_buf_printf(out, err, "—%lld", (long long)to));
		count += (size_t)(to - from + 1);
		from = to;
	}
	return sr_buf_printf(out, err, "（%zu件）", count);
}

/* --- cells ------------------------------------------------------------------------------------------- */

static enum sr_status cell_of(struct sr_buf *out, const char *class, struct sr_buf *text, struct sr_err *err)
{
	const char *start;

	SR_TRY(sr_buf_text(text, &start, err));
	return sr_paper_cell(out, class, start, err);
}

/* For whom, where it was filed for others; else the reader's organ. */
static enum sr_status put_body(const struct line *line, struct sr_buf *out, struct sr_err *err)
{
	const json_t *behalf = json_object_get(line->first, "on_behalf");
	const char *name = sr_json_text(behalf, "name"), *organ = sr_json_text(line->first, "organ_name");

	return sr_paper_cell(out, "", name ? name : organ ? organ : text_of(line->first, "organ"), err);
}

static enum sr_status put_approval(const struct line *line, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const json_t *names = json_object_get(line->first, "approved_by_names");
	const char *at = sr_json_text(line->first, "approved_at");
	char clock[SR_TIME_TEXT];
	int64_t ns;

	SR_TRY(sr_paper_join(names ? names : json_object_get(line->first, "approved_by"), NULL, &text, err));
	if (at && sr_time_parse(at, &ns)) {
		clock_of(ns, true, clock);
		SR_TRY(sr_buf_printf(&text, err, "\n%s", clock));
	}
	return cell_of(out, "", &text, err);
}

static enum sr_status put_times(const struct line *line, struct sr_buf *out, struct sr_err *err)
{
	char from[SR_TIME_TEXT], to[SR_TIME_TEXT] = "在阅";

	clock_of(line->from_ns, false, from);
	if (!line->open && line->to_ns != INT64_MIN)
		clock_of(line->to_ns, sr_date_of_time(line->to_ns) != sr_date_of_time(line->from_ns), to);
	SR_TRY(sr_paper_cell(out, "c", from, err));
	return sr_paper_cell(out, "c", to, err);
}

static enum sr_status put_note(const struct line *line, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const json_t *last = json_array_get(line->rows, json_array_size(line->rows) - 1);
	long long first = (long long)json_integer_value(json_object_get(line->first, "seq"));
	long long final = (long long)json_integer_value(json_object_get(last, "seq"));

	SR_TRY(sr_buf_printf(&text, err, "申请%s\n存证号%lld", text_of(line->first, "request"), first));
	if (final != first)
		SR_TRY(sr_buf_printf(&text, err, "起至%lld", final));
	return cell_of(out, "", &text, err);
}

static enum sr_status put_line(const struct line *line, size_t order, const json_t *purposes,
                               struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf papers = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf members = { 0 };
	const char *name = sr_json_text(line->first, "full_name");
	const char *number = sr_json_text(line->first, "number");
	bool copied = strcmp(text_of(line->first, "channel"), "copy") == 0;
	char day[SR_TIME_TEXT], copies[32] = "";

	clock_of(line->from_ns, true, day);
	day[strlen("2026-01-01")] = 0;
	if (copied)
		snprintf(copies, sizeof(copies), "%zu", json_array_size(line->rows));
	SR_TRY(sr_buf_printf(out, err, "<tr><td class=\"c\">%zu</td>", order));
	SR_TRY(sr_paper_cell(out, "c", day, err));
	SR_TRY(sr_paper_cell(out, "c", name ? name : text_of(line->first, "reader"), err));
	SR_TRY(put_body(line, out, err));
	SR_TRY(sr_paper_join(json_object_get(line->first, "papers"), "kind", &papers, err));
	SR_TRY(cell_of(out, "", &papers, err));
	SR_TRY(sr_paper_cell(out, "", number ? number : text_of(line->first, "case"), err));
	SR_TRY(put_members(line, &members, err));
	SR_TRY(cell_of(out, "", &members, err));
	SR_TRY(sr_paper_cell(out, "c", purpose_zh(purposes, text_of(line->first, "purpose")), err));
	SR_TRY(sr_paper_cell(out, "c", sr_paper_word(text_of(line->first, "channel")), err));
	SR_TRY(put_approval(line, out, err));
	SR_TRY(put_times(line, out, err));
	SR_TRY(sr_paper_cell(out, "c", copies, err));
	SR_TRY(put_note(line, out, err));
	return sr_buf_add_text(out, "</tr>\n", err);
}

/* --- the whole --------------------------------------------------------------------------------------- */

static enum sr_status put_head(size_t lines, size_t openings, const char *from, const char *to,
                               struct sr_buf *out, struct sr_err *err)
{
	static const struct {
		const char *head;
		unsigned millimetres; /* 0: what is left */
	} columns[] = {
		{ "序号", 9 },      { "日期", 20 },         { "调阅人", 17 }, { "单位（当事人）", 26 },
		{ "凭证", 17 },     { "案号", 0 },          { "件号", 24 },   { "用途", 17 },
		{ "方式", 16 },     { "批准人及时间", 29 }, { "起", 12 },     { "止", 14 },
		{ "复制件数", 11 }, { "备注", 24 },
	};

	SR_TRY(sr_buf_add_text(out, "<h1>调阅登记簿</h1>\n<p>", err));
	SR_TRY(sr_paper_text(out, from, err));
	SR_TRY(sr_buf_add_text(out, " 至 ", err));
	SR_TRY(sr_paper_text(out, to, err));
	SR_TRY(sr_buf_printf(out, err,
	                     "　共%zu条，开卷%zu件次</p>\n<table style=\"font-size:9pt\"><colgroup>", lines,
	                     openings));
	for (size_t i = 0; i < SR_COUNT(columns); i++)
		SR_TRY(columns[i].millimetres
		               ? sr_buf_printf(out, err, "<col style=\"width:%umm\">", columns[i].millimetres)
		               : sr_buf_add_text(out, "<col>", err));
	SR_TRY(sr_buf_add_text(out, "</colgroup><thead><tr>", err));
	for (size_t i = 0; i < SR_COUNT(columns); i++)
		SR_TRY(sr_buf_printf(out, err, "<th style=\"padding:1mm .5mm\">%s</th>", columns[i].head));
	return sr_buf_add_text(out, "</tr></thead><tbody>\n", err);
}

enum sr_status sr_paper_readings(const json_t *rows, const char *from, const char *to, struct sr_buf *out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *lines = json_object();
	size_t order = 0;
	const char *key;
	json_t *of;

	SR_TRY(sr_rulebook_load("base", &base, err));
	SR_TRY(sort_rows(rows, lines, err));
	SR_TRY(sr_paper_begin(out, "调阅登记簿", true, err));
	SR_TRY(put_head(json_object_size(lines), json_array_size(rows), from, to, out, err));
	json_object_foreach(lines, key, of) {
		struct line line = { .rows = of };

		sum_up(&line);
		SR_TRY(put_line(&line, ++order, sr_rulebook_table(base, "purposes"), out, err));
	}
	if (order == 0)
		SR_TRY(sr_buf_add_text(out, "<tr><td colspan=\"14\" class=\"c\">无调阅</td></tr>\n", err));
	SR_TRY(sr_buf_add_text(
		out,
		"</tbody></table>\n<p>本簿由操作留痕台账生成：同一人同日以同一方式调阅同一案卷的，记为一条；"
		"“存证号”为台账条目序号，可逐条开具存证回执核验。</p>\n<p class=\"sign\">档案管理人员："
		"　　　　　　　　　年　　月　　日</p>\n",
		err));
	return sr_paper_end(out, err);
}
