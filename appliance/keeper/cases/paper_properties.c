/* SPDX-License-Identifier: Apache-2.0 */
/* 四性检测报告, of an archiving, an export and a fixity check. */
#include "appliance/keeper/cases/case_papers.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/paper_html.h"

static const char *word_zh(const char *word)
{
	static const char *const words[][2] = {
		{ "authenticity", "真实性" },   { "integrity", "完整性" }, { "usability", "可用性" },
		{ "safety", "安全性" },         { "passed", "合格" },      { "failed", "不合格" },
		{ "not_applicable", "不适用" }, { "archive", "归档" },     { "export", "移交（复制）" },
		{ "fixity", "长期保存" },
	};

	for (size_t i = 0; word && i < SR_COUNT(words); i++)
		if (strcmp(words[i][0], word) == 0)
			return words[i][1];
	return word;
}

static void local_minute(const char *utc, char out[SR_TIME_TEXT])
{
	int64_t time_ns;

	out[0] = 0;
	if (!utc || !sr_time_parse(utc, &time_ns))
		return;
	sr_time_format_local(time_ns, out);
	out[strlen("2026-01-01 00:00")] = 0;
	for (char *c = out; *c; c++)
		if (*c == 'T')
			*c = ' ';
}

static enum sr_status put_items(const json_t *report, struct sr_buf *out, struct sr_err *err)
{
	size_t index;
	json_t *item;

	SR_TRY(sr_buf_add_text(
		out,
		"<table><thead><tr><th style=\"width:14mm\">编号</th><th style=\"width:20mm\">"
		"性质</th><th style=\"width:44mm\">检测项</th><th style=\"width:20mm\">结果</th>"
		"<th>说明</th></tr></thead><tbody>\n",
		err));
	json_array_foreach(json_object_get(report, "items"), index, item) {
		SR_TRY(sr_buf_add_text(out, "<tr>", err));
		SR_TRY(sr_paper_cell(out, "c", sr_json_text(item, "item"), err));
		SR_TRY(sr_paper_cell(out, "c", word_zh(sr_json_text(item, "property")), err));
		SR_TRY(sr_paper_cell(out, "", sr_json_text(item, "zh"), err));
		SR_TRY(sr_paper_cell(out, "c", word_zh(sr_json_text(item, "result")), err));
		SR_TRY(sr_paper_cell(out, "", sr_json_text(item, "reason"), err));
		SR_TRY(sr_buf_add_text(out, "</tr>\n", err));
	}
	return sr_buf_add_text(out, "</tbody></table>\n", err);
}

static enum sr_status put_summary(const json_t *report, struct sr_buf *out, struct sr_err *err)
{
	json_int_t failed = json_integer_value(json_object_get(report, "failed"));

	return sr_buf_printf(
		out, err,
		"<p>检测结论：合格%lld项，不合格%lld项，不适用%lld项。%s</p>\n<p class=\"sign\">检测人："
		"　　　　　　　　　年　　月　　日</p>\n",
		(long long)json_integer_value(json_object_get(report, "passed")), (long long)failed,
		(long long)json_integer_value(json_object_get(report, "not_applicable")),
		failed ? "不合格项的处理情况：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿" : "");
}

enum sr_status sr_paper_property_report(const json_t *report, const char *number, struct sr_buf *out,
                                        struct sr_err *err)
{
	char at[SR_TIME_TEXT];

	SR_TRY(sr_paper_begin(out, "四性检测报告", false, err));
	SR_TRY(sr_buf_add_text(out, "<h1>四性检测报告</h1><table class=\"k\">\n", err));
	SR_TRY(sr_paper_row(out, "案号", number, err));
	if (!report) {
		SR_TRY(sr_buf_add_text(out, "</table><p>本卷封装时未作四性检测。</p>\n", err));
		return sr_paper_end(out, err);
	}
	local_minute(sr_json_text(report, "at"), at);
	SR_TRY(sr_paper_row(out, "检测环节", word_zh(sr_json_text(report, "stage")), err));
	SR_TRY(sr_paper_row(out, "检测时间", at, err));
	SR_TRY(sr_paper_row(out, "检测依据", sr_json_text(report, "standard"), err));
	SR_TRY(sr_buf_add_text(out, "</table><p></p>\n", err));
	SR_TRY(put_items(report, out, err));
	SR_TRY(put_summary(report, out, err));
	return sr_paper_end(out, err);
}

enum sr_status sr_paper_properties(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	const json_t *report = json_object_get(json_object_get(what->part, "catalogue"), "properties");

	return sr_paper_property_report(report, sr_json_text(what->shown, "number"), out, err);
}

/* --- 完整性校验报告 ---------------------------------------------------------------------------------- */

static bool is_sound(const json_t *verdict)
{
	return json_is_true(json_object_get(verdict, "ok"));
}

static enum sr_status put_verdict(const json_t *verdict, size_t order, struct sr_buf *out, struct sr_err *err)
{
	const char *path = sr_json_text(verdict, "archive");
	const char *slash = path ? strrchr(path, '/') : NULL;
	char sealed[SR_TIME_TEXT];
	size_t index;
	json_t *one;

	local_minute(sr_json_text(verdict, "signed_at"), sealed);
	SR_TRY(sr_buf_printf(out, err, "<tr><td class=\"c\">%zu</td>", order));
	SR_TRY(sr_paper_cell(out, "", slash ? slash + 1 : path, err));
	SR_TRY(sr_paper_cell(out, "c", sealed, err));
	SR_TRY(sr_paper_cell(out, "c", is_sound(verdict) ? "合格" : "不合格", err));
	SR_TRY(sr_buf_add_text(out, "<td>", err));
	json_array_foreach(json_object_get(verdict, "damage"), index, one) {
		SR_TRY(sr_buf_add_text(out, index ? "<br>" : "", err));
		SR_TRY(sr_paper_text(out, sr_json_text(one, "member"), err));
		SR_TRY(sr_buf_add_text(out, "：", err));
		SR_TRY(sr_paper_text(out, sr_json_text(one, "what"), err));
	}
	return sr_buf_add_text(out, "</td></tr>\n", err);
}

static enum sr_status put_verdicts(const json_t *archives, struct sr_buf *out, struct sr_err *err)
{
	size_t index;
	json_t *verdict;

	SR_TRY(sr_buf_add_text(out,
	                       "<table><thead><tr><th style=\"width:12mm\">序号</th>"
	                       "<th style=\"width:52mm\">档案文件</th><th style=\"width:34mm\">封装时间</th>"
	                       "<th style=\"width:18mm\">结果</th><th>损坏情况</th></tr></thead><tbody>\n",
	                       err));
	json_array_foreach(archives, index, verdict)
		SR_TRY(put_verdict(verdict, index + 1, out, err));
	if (json_array_size(archives) == 0)
		SR_TRY(sr_buf_add_text(
			out, "<tr><td colspan=\"5\" class=\"c\">无到期应校验的档案</td></tr>\n", err));
	return sr_buf_add_text(out, "</tbody></table>\n", err);
}

/* The sound ones' items once, then those of each damaged one. */
static enum sr_status put_reports(const json_t *archives, struct sr_buf *out, struct sr_err *err)
{
	bool shared = false;
	size_t index;
	json_t *verdict;

	json_array_foreach(archives, index, verdict) {
		if (is_sound(verdict) && shared)
			continue;
		SR_TRY(sr_buf_printf(out, err, "<h2>四性检测：%s",
		                     is_sound(verdict) ? "校验合格的各档案" : "序号"));
		if (!is_sound(verdict))
			SR_TRY(sr_buf_printf(out, err, "%zu", index + 1));
		SR_TRY(sr_buf_add_text(out, "</h2>\n", err));
		SR_TRY(put_items(json_object_get(verdict, "properties"), out, err));
		shared = shared || is_sound(verdict);
	}
	return SR_OK;
}

enum sr_status sr_paper_fixity(const json_t *archives, int64_t at_ns, bool quick, struct sr_buf *out,
                               struct sr_err *err)
{
	char utc[SR_TIME_TEXT], at[SR_TIME_TEXT], text[128];
	size_t bad = 0, index;
	json_t *verdict;

	json_array_foreach(archives, index, verdict)
		bad += !is_sound(verdict);
	sr_time_format_utc(at_ns, utc);
	local_minute(utc, at);
	SR_TRY(sr_paper_begin(out, "完整性校验报告", false, err));
	SR_TRY(sr_buf_add_text(out, "<h1>完整性校验报告</h1><table class=\"k\">\n", err));
	SR_TRY(sr_paper_row(out, "校验时间", at, err));
	SR_TRY(sr_paper_row(
		out, "校验方式",
		quick ? "快速：结构、清单、签名、时间戳" : "全面：结构、清单、签名、时间戳和全部内容", err));
	snprintf(text, sizeof(text), "共%zu个档案文件，合格%zu个，不合格%zu个", json_array_size(archives),
	         json_array_size(archives) - bad, bad);
	SR_TRY(sr_paper_row(out, "校验结论", text, err));
	SR_TRY(sr_paper_row(out, "依据", "DA/T 70-2018（长期保存环节）", err));
	SR_TRY(sr_buf_add_text(out, "</table><p></p>\n", err));
	SR_TRY(put_verdicts(archives, out, err));
	SR_TRY(put_reports(archives, out, err));
	SR_TRY(sr_buf_add_text(
		out,
		"<p class=\"sign\">校验人：　　　　　　　　　档案部门负责人：　　　　　　　　　"
		"年　　月　　日</p>\n",
		err));
	return sr_paper_end(out, err);
}
