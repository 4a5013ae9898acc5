/* SPDX-License-Identifier: Apache-2.0 */
/* 归档封装证明; and all papers of a case as files. */
#include "appliance/keeper/cases/case_papers.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/paper_html.h"

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

/* --- files ------------------------------------------------------------------------------------------- */

static const struct {
	const char *word, *name;
	sr_paper *make;
} papers[] = {
	{ "cover", "封面", sr_paper_cover },         { "list", "卷内文件目录", sr_paper_list },
	{ "notes", "备考表", sr_paper_notes },       { "properties", "四性检测报告", sr_paper_properties },
	{ "proof", "归档封装证明", sr_paper_proof },
};

enum sr_status sr_paper_make(const json_t *shown, int64_t part, const char *paper, struct sr_buf *out,
                             const char **title, struct sr_err *err)
{
	size_t index;
	json_t *item;

	json_array_foreach(json_object_get(shown, "parts"), index, item) {
		const struct sr_paper_case what = { .shown = shown, .part = item };

		if (json_integer_value(json_object_get(item, "part")) != part)
			continue;
		for (size_t i = 0; i < SR_COUNT(papers); i++)
			if (strcmp(papers[i].word, paper) == 0) {
				*title = papers[i].name;
				return papers[i].make(&what, out, err);
			}
		return sr_fail(err, SR_NOT_FOUND, "no paper %.40s: cover, list, notes, properties, proof",
		               paper);
	}
	return sr_fail(err, SR_NOT_FOUND, "the case has no part %lld", (long long)part);
}

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
