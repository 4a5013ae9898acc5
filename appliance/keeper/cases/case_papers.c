/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/case_papers.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/paper_html.h"

static const char *const volumes[] = { "main", "sub" };

static const json_t *catalogue_of(const struct sr_paper_case *what)
{
	return json_object_get(what->part, "catalogue");
}

static const json_t *description_of(const struct sr_paper_case *what)
{
	return json_object_get(catalogue_of(what), "description");
}

static bool is_of_volume(const json_t *member, const char *volume)
{
	const char *of = sr_json_text(member, "volume");

	return strcmp(of ? of : "main", volume) == 0;
}

/* What one volume comes to. */
struct volume_sum {
	long long items, pages;
};

static struct volume_sum sum_volume(const json_t *members, const char *volume)
{
	struct volume_sum sum = { 0 };
	size_t index;
	json_t *member;

	json_array_foreach(members, index, member) {
		json_int_t from = json_integer_value(json_object_get(member, "page_from"));
		json_int_t to = json_integer_value(json_object_get(member, "page_to"));

		if (!is_of_volume(member, volume))
			continue;
		sum.items++;
		if (from > 0 && to >= from)
			sum.pages += to - from + 1;
		else /* what sealing counted of a PDF that has no page numbers */
			sum.pages += json_integer_value(json_object_get(member, "pages"));
	}
	return sum;
}

/* The day of a date or time, in the appliance's zone; the text itself where it is neither. */
static void day_of(const char *text, char out[64])
{
	int64_t days, time_ns;

	out[0] = 0;
	if (!text || !*text)
		return;
	if (!sr_date_parse(text, &days)) {
		if (!sr_time_parse(text, &time_ns)) {
			snprintf(out, 64, "%.63s", text);
			return;
		}
		days = sr_date_of_time(time_ns);
	}
	int year, month, day;
	sr_date_split(days, &year, &month, &day);
	snprintf(out, 64, "%d年%d月%d日", year, month, day);
}

static enum sr_status row_of_day(struct sr_buf *out, const char *head, const char *text, struct sr_err *err)
{
	char day[64];

	day_of(text, day);
	return sr_paper_row(out, head, day, err);
}

static enum sr_status row_of_list(struct sr_buf *out, const char *head, const json_t *list, const char *key,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf joined = { 0 };
	const char *text;

	SR_TRY(sr_paper_join(list, key, &joined, err));
	SR_TRY(sr_buf_text(&joined, &text, err));
	return sr_paper_row(out, head, text, err);
}

/* --- 卷宗封面 ---------------------------------------------------------------------------------------- */

static enum sr_status put_cover_head(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	const json_t *description = description_of(what);
	const json_t *archive = json_object_get(description, "archive");
	const json_t *organ = json_object_get(description, "organ");
	SR_CLEANUP(sr_buf_dispose) struct sr_buf office = { 0 };
	const char *text;

	SR_TRY(sr_paper_row(out, "全宗号", sr_json_text(archive, "fonds"), err));
	SR_TRY(sr_paper_row(out, "目录号", sr_json_text(archive, "catalogue"), err));
	SR_TRY(sr_paper_row(out, "案卷号", sr_json_text(archive, "volume"), err));
	SR_TRY(sr_paper_row(out, "档号", sr_json_text(archive, "number"), err));
	SR_TRY(sr_paper_row(out, "案卷题名", sr_json_text(description, "title"), err));
	SR_TRY(sr_paper_row(out, "案号", sr_json_text(description, "number"), err));
	SR_TRY(sr_paper_row(out, "决定书文号",
	                    sr_json_text(json_object_get(description, "decision"), "number"), err));
	SR_TRY(row_of_list(out, "当事人", json_object_get(description, "parties"), "name", err));
	SR_TRY(sr_buf_printf(&office, err, "%s %s",
	                     sr_json_text(organ, "name") ? sr_json_text(organ, "name") : "",
	                     sr_json_text(organ, "unit") ? sr_json_text(organ, "unit") : ""));
	SR_TRY(sr_buf_text(&office, &text, err));
	SR_TRY(sr_paper_row(out, "办案机关（机构）", text, err));
	return row_of_list(out, "承办人", json_object_get(description, "officers"), "name", err);
}

static enum sr_status put_cover_of(const struct sr_paper_case *what, const char *volume, size_t place,
                                   size_t count, struct sr_buf *out, struct sr_err *err)
{
	const json_t *description = description_of(what);
	const json_t *dates = json_object_get(description, "dates");
	struct volume_sum sum = sum_volume(json_object_get(catalogue_of(what), "members"), volume);
	char text[200];

	SR_TRY(sr_buf_printf(out, err, "<div class=\"page\"><h1 class=\"organ\">"));
	SR_TRY(sr_paper_short(out, sr_json_text(json_object_get(description, "organ"), "name"), 60, err));
	SR_TRY(sr_buf_add_text(out, "</h1><h1>行政执法案卷</h1><table class=\"k cover\">\n", err));
	SR_TRY(put_cover_head(what, out, err));
	SR_TRY(row_of_day(out, "立案日期", sr_json_text(dates, "started"), err));
	SR_TRY(row_of_day(out, "结案日期", sr_json_text(dates, "closed"), err));
	SR_TRY(sr_paper_row(out, "办案类别", sr_paper_word(sr_json_text(description, "category")), err));
	SR_TRY(sr_paper_row(out, "处理结果", sr_paper_word(sr_json_text(description, "outcome")), err));
	SR_TRY(sr_paper_row(out, "保管期限", sr_paper_word(sr_json_text(description, "retention")), err));
	SR_TRY(row_of_list(out, "密级、隐私标识", json_object_get(description, "classification"), NULL, err));
	snprintf(text, sizeof(text), "%lld件　%lld页", sum.items, sum.pages);
	SR_TRY(sr_paper_row(out, "本卷件数、页数", text, err));
	snprintf(text, sizeof(text), "%s　第%zu卷（共%zu卷）", sr_paper_word(volume), place, count);
	SR_TRY(sr_paper_row(out, "卷次", text, err));
	if (json_integer_value(json_object_get(what->part, "part")) > 1) {
		snprintf(text, sizeof(text), "补充卷%03lld",
		         (long long)json_integer_value(json_object_get(what->part, "part")));
		SR_TRY(sr_paper_row(out, "补充归档", text, err));
	}
	return sr_buf_add_text(out, "</table></div>\n", err);
}

/* How many volumes have something in them. */
static size_t count_volumes(const json_t *members)
{
	size_t count = 0;

	for (size_t i = 0; i < SR_COUNT(volumes); i++)
		count += sum_volume(members, volumes[i]).items > 0;
	return count;
}

enum sr_status sr_paper_cover(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	const json_t *members = json_object_get(catalogue_of(what), "members");
	size_t count = count_volumes(members), place = 0;

	SR_TRY(sr_paper_begin(out, "卷宗封面", false, err));
	for (size_t i = 0; i < SR_COUNT(volumes); i++)
		if (sum_volume(members, volumes[i]).items > 0)
			SR_TRY(put_cover_of(what, volumes[i], ++place, count, out, err));
	return sr_paper_end(out, err);
}

/* --- 卷内文件目录 ------------------------------------------------------------------------------------ */

static void pages_of(const json_t *member, char out[64])
{
	json_int_t from = json_integer_value(json_object_get(member, "page_from"));
	json_int_t to = json_integer_value(json_object_get(member, "page_to"));

	out[0] = 0;
	if (from > 0 && to > from)
		snprintf(out, 64, "%lld-%lld", (long long)from, (long long)to);
	else if (from > 0)
		snprintf(out, 64, "%lld", (long long)from);
}

/* Eight digits, as lists of archives write dates (DA/T 22); the text itself where it is none. */
static void date_of(const char *text, char out[64])
{
	int year, month, day;
	int64_t days;

	snprintf(out, 64, "%.63s", text ? text : "");
	if (!text || !sr_date_parse(text, &days))
		return;
	sr_date_split(days, &year, &month, &day);
	snprintf(out, 64, "%04d%02d%02d", year, month, day);
}

/* What stands in 备注: the kind of carrier, discs, and the entry's own note. */
static enum sr_status note_of(const json_t *member, struct sr_buf *out, struct sr_err *err)
{
	const char *class = sr_json_text(member, "class");
	const char *note = sr_json_text(member, "note");
	const json_t *discs = json_object_get(member, "discs");

	if (class && strcmp(class, "medium") == 0)
		SR_TRY(sr_buf_add_text(out, "音像", err));
	if (json_array_size(discs) > 0) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf numbers = { 0 };
		const char *text;

		SR_TRY(sr_paper_join(discs, "number", &numbers, err));
		SR_TRY(sr_buf_text(&numbers, &text, err));
		SR_TRY(sr_buf_printf(out, err, "，光盘%s", text));
	}
	if (note && *note)
		SR_TRY(sr_buf_printf(out, err, "%s%s", out->size ? "，" : "", note));
	return SR_OK;
}

static enum sr_status put_listed(const json_t *member, long long order, struct sr_buf *out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	const char *title = sr_json_text(member, "title");
	const char *text;
	char cell[64];

	SR_TRY(note_of(member, &note, err));
	SR_TRY(sr_buf_text(&note, &text, err));
	SR_TRY(sr_buf_printf(out, err, "<tr><td class=\"c\">%lld</td>", order));
	SR_TRY(sr_paper_cell(out, "", sr_json_text(member, "document_no"), err));
	SR_TRY(sr_paper_cell(out, "c", sr_json_text(member, "responsible"), err));
	SR_TRY(sr_paper_cell(out, "", title ? title : sr_json_text(member, "path"), err));
	date_of(sr_json_text(member, "date"), cell);
	SR_TRY(sr_paper_cell(out, "c", cell, err));
	pages_of(member, cell);
	SR_TRY(sr_paper_cell(out, "c", cell, err));
	SR_TRY(sr_paper_cell(out, "", text, err));
	return sr_buf_add_text(out, "</tr>\n", err);
}

static enum sr_status put_list_of(const struct sr_paper_case *what, const char *volume, struct sr_buf *out,
                                  struct sr_err *err)
{
	const json_t *members = json_object_get(catalogue_of(what), "members");
	long long order = 0;
	size_t index;
	json_t *member;

	if (sum_volume(members, volume).items == 0)
		return SR_OK;
	SR_TRY(sr_buf_printf(out, err, "<div class=\"page\"><h1>卷内文件目录</h1><p>%s　案号：",
	                     sr_paper_word(volume)));
	SR_TRY(sr_paper_text(out, sr_json_text(what->shown, "number"), err));
	SR_TRY(sr_buf_add_text(
		out,
		"</p><table><colgroup><col style=\"width:13mm\"><col style=\"width:31mm\"><col "
		"style=\"width:21mm\"><col><col style=\"width:21mm\"><col style=\"width:15mm\">"
		"<col style=\"width:19mm\"></colgroup><thead><tr><th>顺序号</th><th>文号</th>"
		"<th>责任者</th><th>题名</th><th>日期</th><th>页号</th><th>备注</th></tr></thead>"
		"<tbody>\n",
		err));
	json_array_foreach(members, index, member)
		if (is_of_volume(member, volume))
			SR_TRY(put_listed(member, ++order, out, err));
	return sr_buf_add_text(out, "</tbody></table></div>\n", err);
}

enum sr_status sr_paper_list(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	SR_TRY(sr_paper_begin(out, "卷内文件目录", false, err));
	for (size_t i = 0; i < SR_COUNT(volumes); i++)
		SR_TRY(put_list_of(what, volumes[i], out, err));
	return sr_paper_end(out, err);
}

/* --- 备考表 ------------------------------------------------------------------------------------------ */

static const json_t *remark_of(const json_t *remarks, const char *code)
{
	size_t index;
	json_t *remark;

	json_array_foreach(remarks, index, remark) {
		const char *of = sr_json_text(remark, "code");

		if (of && strcmp(of, code) == 0)
			return remark;
	}
	return NULL;
}

static enum sr_status put_defect(const json_t *finding, const json_t *remark, struct sr_buf *out,
                                 struct sr_err *err)
{
	SR_TRY(sr_buf_add_text(out, "<tr>", err));
	SR_TRY(sr_paper_cell(out, "", sr_json_text(finding, "article"), err));
	SR_TRY(sr_paper_cell(out, "", sr_json_text(finding, "zh"), err));
	SR_TRY(sr_paper_cell(out, "", sr_json_text(remark, "text"), err));
	SR_TRY(sr_paper_cell(out, "c", sr_json_text(remark, "by"), err));
	SR_TRY(sr_paper_cell(out, "c", sr_json_text(remark, "head"), err));
	return sr_buf_add_text(out, "</tr>\n", err);
}

static enum sr_status put_defects(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	const json_t *findings = json_object_get(catalogue_of(what), "findings");
	const json_t *remarks = json_object_get(catalogue_of(what), "remarks");
	size_t index, defects = 0;
	json_t *finding;

	SR_TRY(sr_buf_add_text(
		out,
		"<h2>程序缺陷及情况说明</h2><table><thead><tr><th style=\"width:24mm\">条款</th>"
		"<th>缺陷</th><th>情况说明</th><th style=\"width:18mm\">承办人</th>"
		"<th style=\"width:18mm\">负责人</th></tr></thead><tbody>\n",
		err));
	json_array_foreach(findings, index, finding) {
		const char *severity = sr_json_text(finding, "severity");
		const char *code = sr_json_text(finding, "code");

		if (!severity || strcmp(severity, "defect") != 0 || !code)
			continue;
		defects++;
		SR_TRY(put_defect(finding, remark_of(remarks, code), out, err));
	}
	if (defects == 0)
		SR_TRY(sr_buf_add_text(out, "<tr><td colspan=\"5\" class=\"c\">无</td></tr>\n", err));
	return sr_buf_add_text(out, "</tbody></table>\n", err);
}

enum sr_status sr_paper_notes(const struct sr_paper_case *what, struct sr_buf *out, struct sr_err *err)
{
	const json_t *archive = json_object_get(description_of(what), "archive");
	const json_t *members = json_object_get(catalogue_of(what), "members");

	SR_TRY(sr_paper_begin(out, "备考表", false, err));
	SR_TRY(sr_buf_add_text(out, "<h1>备考表</h1><h2>本卷情况说明</h2><p>", err));
	SR_TRY(sr_paper_text(out, sr_json_text(archive, "note"), err));
	SR_TRY(sr_buf_add_text(out, "</p><p>", err));
	for (size_t i = 0; i < SR_COUNT(volumes); i++) {
		struct volume_sum sum = sum_volume(members, volumes[i]);

		if (sum.items > 0)
			SR_TRY(sr_buf_printf(out, err, "%s%lld件、%lld页。", sr_paper_word(volumes[i]),
			                     sum.items, sum.pages));
	}
	SR_TRY(sr_buf_add_text(out, "</p>\n", err));
	SR_TRY(put_defects(what, out, err));
	SR_TRY(sr_buf_add_text(out, "<h2>整理与检查</h2><table class=\"k\">\n", err));
	SR_TRY(sr_paper_row(out, "立卷人", sr_json_text(archive, "arranged_by"), err));
	SR_TRY(row_of_day(out, "立卷时间", sr_json_text(archive, "arranged_on"), err));
	SR_TRY(sr_paper_row(out, "检查人", sr_json_text(archive, "checked_by"), err));
	SR_TRY(row_of_day(out, "检查时间", sr_json_text(archive, "checked_on"), err));
	SR_TRY(sr_buf_add_text(out, "</table>\n", err));
	return sr_paper_end(out, err);
}
