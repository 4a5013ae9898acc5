/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/papers.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

static const char *text_or_empty(const json_t *object, const char *key)
{
	const char *text = sr_json_text(object, key);

	return text ? text : "";
}

static unsigned number_of(const json_t *object, const char *key)
{
	return (unsigned)json_integer_value(json_object_get(object, key));
}

/* --- HTML ------------------------------------------------------------------------------------------ */

static enum sr_status add_escaped(struct sr_buf *out, const char *text, struct sr_err *err)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			SR_TRY(sr_buf_add_text(out, "&amp;", err));
			break;
		case '<':
			SR_TRY(sr_buf_add_text(out, "&lt;", err));
			break;
		case '>':
			SR_TRY(sr_buf_add_text(out, "&gt;", err));
			break;
		case '"':
			SR_TRY(sr_buf_add_text(out, "&quot;", err));
			break;
		default:
			SR_TRY(sr_buf_add(out, text, 1, err));
		}
	}
	return SR_OK;
}

/* A path in a link: whatever is no plain letter or digit as %XX. */
static enum sr_status add_link(struct sr_buf *out, const char *path, struct sr_err *err)
{
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;

		if (byte < 128 && (isalnum(byte) || strchr("/-._", byte)))
			SR_TRY(sr_buf_add(out, path, 1, err));
		else
			SR_TRY(sr_buf_printf(out, err, "%%%02X", byte));
	}
	return SR_OK;
}

static enum sr_status add_cell(struct sr_buf *out, const char *text, struct sr_err *err)
{
	SR_TRY(sr_buf_add_text(out, "<td>", err));
	SR_TRY(add_escaped(out, text, err));
	return sr_buf_add_text(out, "</td>", err);
}

static enum sr_status add_row(struct sr_buf *out, const json_t *member, struct sr_err *err)
{
	const char *path = text_or_empty(member, "path");
	const char *title = sr_json_text(member, "title");
	const char *volume = text_or_empty(member, "volume");
	char folder[32] = "", number[16];

	snprintf(number, sizeof(number), "%u", number_of(member, "order"));
	if (number_of(member, "part") > 1)
		snprintf(folder, sizeof(folder), SR_FS_PART_FOLDER "/", number_of(member, "part"));
	SR_TRY(sr_buf_add_text(out, "<tr>", err));
	SR_TRY(add_cell(out, number, err));
	SR_TRY(add_cell(out, text_or_empty(member, "responsible"), err));
	SR_TRY(sr_buf_add_text(out, "<td><a href=\"", err));
	SR_TRY(add_link(out, folder, err));
	SR_TRY(add_link(out, path, err));
	SR_TRY(sr_buf_add_text(out, "\">", err));
	SR_TRY(add_escaped(out, title && title[0] ? title : path, err));
	SR_TRY(sr_buf_add_text(out, "</a></td>", err));
	SR_TRY(add_cell(out, text_or_empty(member, "date"), err));
	SR_TRY(add_cell(out, strcmp(volume, "sub") == 0 ? "副卷" : "正卷", err));
	SR_TRY(add_cell(out, path, err));
	return sr_buf_add_text(out, "</tr>\n", err);
}

enum sr_status sr_fs_paper_list(const json_t *described, struct sr_buf *out, struct sr_err *err)
{
	size_t index;
	const json_t *member;

	SR_TRY(sr_buf_add_text(out,
	                       "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
	                       "<title>卷内文件目录</title><style>body{font-family:sans-serif}"
	                       "table{border-collapse:collapse}td,th{border:1px solid;padding:.2em .5em}"
	                       "</style></head><body>\n<h1>卷内文件目录</h1>\n<p>",
	                       err));
	SR_TRY(add_escaped(out, text_or_empty(described, "number"), err));
	SR_TRY(sr_buf_add_text(out, "<br>", err));
	SR_TRY(add_escaped(out, text_or_empty(described, "title"), err));
	SR_TRY(sr_buf_add_text(out,
	                       "</p>\n<table><tr><th>顺序号</th><th>责任者</th><th>题名</th><th>日期</th>"
	                       "<th>卷别</th><th>文件</th></tr>\n",
	                       err));
	json_array_foreach(json_object_get(described, "members"), index, member)
		SR_TRY(add_row(out, member, err));
	return sr_buf_add_text(out, "</table></body></html>\n", err);
}

/* --- JSON ------------------------------------------------------------------------------------------ */

enum sr_status sr_fs_paper_catalogue(const json_t *described, const char *folder, struct sr_buf *out,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *copy = json_copy((json_t *)(uintptr_t)described);

	if (!copy)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a catalogue");
	if (strcmp(folder, text_or_empty(described, "number")) != 0)
		SR_TRY(sr_json_set(copy, "folder", json_string(folder), err));
	return sr_json_write_pretty(copy, out, err);
}

/* --- SEAL.txt -------------------------------------------------------------------------------------- */

enum sr_status sr_fs_paper_seal(const json_t *described, struct sr_buf *out, struct sr_err *err)
{
	size_t index;
	const json_t *part;

	SR_TRY(sr_buf_printf(out, err, "案号  %s\n题名  %s\n编号  %s\n", text_or_empty(described, "number"),
	                     text_or_empty(described, "title"), text_or_empty(described, "case")));
	json_array_foreach(json_object_get(described, "parts"), index, part) {
		SR_TRY(sr_buf_printf(out, err,
		                     "\n第 %u 部分 (part %u)\n  封装时间 (sealed at)  %s\n"
		                     "  立卷人 (prepared by)  %s\n  归档人 (sealed by)    %s\n"
		                     "  封装摘要 (seal)       %s\n",
		                     number_of(part, "part"), number_of(part, "part"),
		                     text_or_empty(part, "sealed_at"), text_or_empty(part, "handler"),
		                     text_or_empty(part, "archivist"), text_or_empty(part, "seal")));
	}
	return sr_buf_add_text(
		out,
		"\n这里的文件由封装档案即时解密，每次打开都记入日志。每个文件的 SHA-256 见 catalogue.json，\n"
		"也见扩展属性 user.strongroom.sha256。封装本身的核验：strongroom verify 案号\n\n"
		"These files are decrypted from the sealed archive as they are read; each opening is in the\n"
		"ledger.  The SHA-256 of each is in catalogue.json and in its attribute\n"
		"user.strongroom.sha256.  To check the seal itself: strongroom verify CASE\n",
		err);
}
