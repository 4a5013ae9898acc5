/* SPDX-License-Identifier: Apache-2.0 */
/* 归档封装证明, 四性检测报告, 调阅登记簿; and all papers of a case as files. */
#include "appliance/keeper/case_papers.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/paper_html.h"

/* --- 归档封装证明 ------------------------------------------------------------------------------------ */

static void local_time(const char *text, char out[64])
{
	char local[SR_TIME_TEXT];
	int64_t time_ns;

	out[0] = 0;
	if (!text || !sr_time_parse(text, &time_ns))
		return;
	sr_time_format_local(time_ns, local);
	snprintf(out, 64, "%s", local);
}

static const char *file_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

/* The seal digest in groups of eight, so that it can be compared by eye. */
static enum sr_status put_seal(const char *seal, struct sr_buf *out, struct sr_err *err)
{
	SR_TRY(sr_buf_add_text(out, "<tr><th>封印摘要<br>（SHA-256）</th><td class=\"code\">", err));
	for (size_t i = 0; i < strlen(seal); i++)
		SR_TRY(sr_buf_printf(out, err, "%s%c", i > 0 && i % 8 == 0 ? " " : "", seal[i]));
	return sr_buf_add_text(out, "</td></tr>\n", err);
}

enum sr_status sr_paper_proof(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	const json_t *cover = json_object_get(what->part, "cover");
	const json_t *organ = json_object_get(cover, "organ");
	const char *seal = sr_json_text(what->part, "seal");
	char text[200], time[64];

	if (!seal)
		return sr_fail(err, SR_CORRUPT, "the part has no seal");
	SR_TRY(sr_paper_begin(out, "归档封装证明", false, err));
	SR_TRY(sr_buf_add_text(out, "<h1>归档封装证明</h1><table class=\"k\">\n", err));
	SR_TRY(sr_paper_row(out, "案号", sr_json_text(what->shown, "number"), err));
	SR_TRY(sr_paper_row(out, "案卷题名", sr_json_text(what->shown, "title"), err));
	SR_TRY(sr_paper_row(out, "归档机关",
	                    json_is_string(organ) ? json_string_value(organ) : sr_json_text(organ, "name"),
	                    err));
	SR_TRY(sr_paper_row(out, "案卷标识", sr_json_text(what->shown, "case"), err));
	snprintf(text, sizeof(text), "第%lld部分，共%zu件",
	         (long long)json_integer_value(json_object_get(what->part, "part")),
	         json_array_size(json_object_get(json_object_get(what->part, "catalogue"), "members")));
	SR_TRY(sr_paper_row(out, "封装范围", text, err));
	local_time(sr_json_text(what->part, "sealed_at"), time);
	SR_TRY(sr_paper_row(out, "封装时间", time, err));
	SR_TRY(sr_paper_row(out, "档案文件", file_name(sr_json_text(what->part, "archive")), err));
	SR_TRY(put_seal(seal, out, err));
	SR_TRY(sr_buf_add_text(out, "<tr><th>封印摘要二维码</th><td>", err));
	SR_TRY(sr_paper_qr(out, seal, 42, err));
	return sr_buf_add_text(
		out,
		"</td></tr>\n</"
		"table><p>兹证明上列案卷已按规定检查、加密、签名并加盖时间戳，封装为一个档案文件。"
		"封装后任何改动均可检出：对档案文件运行 strongroom "
		"verify，输出的封印摘要与上列一致且校验通过的，即为封装时的原件。"
		"本证明根据封装目录生成，不替代档案文件本身。</p><p "
		"class=\"sign\">经办人：　　　　　　　（印章）　　　　　　"
		"年　　月　　日</p>\n</body></html>\n",
		err);
}

/* --- 四性检测报告 ------------------------------------------------------------------------------------ */

static const char *property_zh(const char *property)
{
	static const char *const words[][2] = {
		{ "authenticity", "真实性" },   { "integrity", "完整性" }, { "usability", "可用性" },
		{ "safety", "安全性" },         { "passed", "合格" },      { "failed", "不合格" },
		{ "not_applicable", "不适用" },
	};

	for (size_t i = 0; property && i < SR_COUNT(words); i++)
		if (strcmp(words[i][0], property) == 0)
			return words[i][1];
	return property;
}

enum sr_status sr_paper_properties(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	const json_t *report = json_object_get(json_object_get(what->part, "catalogue"), "properties");
	size_t index;
	json_t *item;

	SR_TRY(sr_paper_begin(out, "四性检测报告", false, err));
	SR_TRY(sr_buf_add_text(out, "<h1>四性检测报告</h1><p>检测环节：归档　依据：DA/T 70-2018　案号：",
	                       err));
	SR_TRY(sr_paper_text(out, sr_json_text(what->shown, "number"), err));
	SR_TRY(sr_buf_add_text(
		out,
		"</p><table><thead><tr><th style=\"width:14mm\">编号</th><th style=\"width:20mm\">"
		"性质</th><th style=\"width:44mm\">检测项</th><th style=\"width:20mm\">结果</th>"
		"<th>说明</th></tr></thead><tbody>\n",
		err));
	json_array_foreach(json_object_get(report, "items"), index, item) {
		SR_TRY(sr_buf_add_text(out, "<tr>", err));
		SR_TRY(sr_paper_cell(out, "c", sr_json_text(item, "item"), err));
		SR_TRY(sr_paper_cell(out, "c", property_zh(sr_json_text(item, "property")), err));
		SR_TRY(sr_paper_cell(out, "", sr_json_text(item, "zh"), err));
		SR_TRY(sr_paper_cell(out, "c", property_zh(sr_json_text(item, "result")), err));
		SR_TRY(sr_paper_cell(out, "", sr_json_text(item, "reason"), err));
		SR_TRY(sr_buf_add_text(out, "</tr>\n", err));
	}
	if (!report)
		SR_TRY(sr_buf_add_text(
			out, "<tr><td colspan=\"5\" class=\"c\">本卷封装时未作四性检测</td></tr>\n", err));
	SR_TRY(sr_buf_add_text(out, "</tbody></table>\n", err));
	return sr_paper_end(out, err);
}

/* --- 调阅登记簿 -------------------------------------------------------------------------------------- */

enum sr_status sr_paper_readings(const json_t *rows, const char *from, const char *to, struct sr_buf *out,
                                 struct sr_err *err)
{
	static const struct {
		const char *key, *head;
		int millimetres;
	} columns[] = {
		{ "number", "编号", 16 },
		{ "date", "日期", 18 },
		{ "reader", "查阅人", 16 },
		{ "body", "单位", 20 },
		{ "papers", "证件", 16 },
		{ "case", "案号", 26 },
		{ "members", "查阅内容（件、页）", 26 },
		{ "purpose", "目的", 16 },
		{ "way", "方式", 14 },
		{ "approver", "批准人", 15 },
		{ "approved_at", "批准时间", 18 },
		{ "from", "起", 17 },
		{ "until", "止", 17 },
		{ "copies", "复制", 11 },
		{ "note", "备注", 15 },
	};
	size_t index;
	json_t *row;

	SR_TRY(sr_paper_begin(out, "调阅登记簿", true, err));
	SR_TRY(sr_buf_add_text(out, "<style>td,th{font-size:8.5pt;padding:1mm}</style><h1>调阅登记簿</h1><p>",
	                       err));
	SR_TRY(sr_paper_text(out, from, err));
	SR_TRY(sr_buf_add_text(out, " 至 ", err));
	SR_TRY(sr_paper_text(out, to, err));
	SR_TRY(sr_buf_add_text(out, "</p><table><thead><tr>", err));
	for (size_t i = 0; i < SR_COUNT(columns); i++)
		SR_TRY(sr_buf_printf(out, err, "<th style=\"width:%dmm\">%s</th>", columns[i].millimetres,
		                     columns[i].head));
	SR_TRY(sr_buf_add_text(out, "</tr></thead><tbody>\n", err));
	json_array_foreach(rows, index, row) {
		SR_TRY(sr_buf_add_text(out, "<tr>", err));
		for (size_t i = 0; i < SR_COUNT(columns); i++)
			SR_TRY(sr_paper_cell(out, "", sr_paper_word(sr_json_text(row, columns[i].key)), err));
		SR_TRY(sr_buf_add_text(out, "</tr>\n", err));
	}
	SR_TRY(sr_buf_add_text(out, "</tbody></table>\n", err));
	return sr_paper_end(out, err);
}

/* --- files ------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	sr_paper *make;
} papers[] = {
	{ "封面", sr_paper_cover },         { "卷内文件目录", sr_paper_list },
	{ "备考表", sr_paper_notes },       { "四性检测报告", sr_paper_properties },
	{ "归档封装证明", sr_paper_proof },
};

static enum sr_status write_part(const struct sr_paper_case *what, int dir_fd, json_t *files,
                                 struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(papers); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf page = { .secret = true };
		char name[128];

		snprintf(name, sizeof(name), "%03lld-%zu-%s.html",
		         (long long)json_integer_value(json_object_get(what->part, "part")), i + 1,
		         papers[i].name);
		SR_TRY(papers[i].make(what, &page, err));
		SR_TRY(sr_fd_write_file(dir_fd, name, 0600, page.data, page.size, err));
		SR_TRY(sr_json_append(files, json_string(name), err));
	}
	return SR_OK;
}

enum sr_status sr_papers_write(const json_t *shown, int dir_fd, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *files = json_array();
	size_t index;
	json_t *part;

	json_array_foreach(json_object_get(shown, "parts"), index, part) {
		const struct sr_paper_case what = { .shown = shown, .part = part };

		SR_TRY(write_part(&what, dir_fd, files, err));
	}
	return SR_JSON_PACK(reply, err, "{s:O}", "files", files);
}
