/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/grant_papers.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = sr_json_text(object, key);

	return text ? text : "";
}

static unsigned number_of(const json_t *object, const char *key)
{
	return (unsigned)json_integer_value(json_object_get(object, key));
}

void sr_case_paper_folder(unsigned part, char out[SR_PAPER_FOLDER_BYTES])
{
	out[0] = 0;
	if (part > 1)
		snprintf(out, SR_PAPER_FOLDER_BYTES, SR_PAPER_PART_FOLDER, part);
}

/* --- 卷内文件目录 ----------------------------------------------------------------------------------- */

static enum sr_status add_escaped(struct sr_buf *out, const char *text, struct sr_err *err)
{
	static const struct {
		char character;
		const char *entity;
	} entities[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" } };

	for (; *text; text++) {
		const char *entity = NULL;

		for (size_t i = 0; i < SR_COUNT(entities); i++)
			if (entities[i].character == *text)
				entity = entities[i].entity;
		SR_TRY(entity ? sr_buf_add_text(out, entity, err) : sr_buf_add(out, text, 1, err));
	}
	return SR_OK;
}

/* A path in a link (RFC 3986): whatever is not unreserved as %XX. */
static enum sr_status add_link(struct sr_buf *out, const char *path, struct sr_err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

	for (; *path; path++) {
		if (strchr(plain, *path))
			SR_TRY(sr_buf_add(out, path, 1, err));
		else
			SR_TRY(sr_buf_printf(out, err, "%%%02X", (unsigned char)*path));
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
	const char *path = text_of(member, "path");
	const char *title = text_of(member, "title");
	char folder[SR_PAPER_FOLDER_BYTES], order[16];

	snprintf(order, sizeof(order), "%u", number_of(member, "order"));
	sr_case_paper_folder(number_of(member, "part"), folder);
	SR_TRY(sr_buf_add_text(out, "<tr>", err));
	SR_TRY(add_cell(out, order, err));
	SR_TRY(add_cell(out, text_of(member, "responsible"), err));
	SR_TRY(sr_buf_add_text(out, "<td><a href=\"", err));
	SR_TRY(add_link(out, folder, err));
	SR_TRY(sr_buf_add_text(out, folder[0] ? "/" : "", err));
	SR_TRY(add_link(out, path, err));
	SR_TRY(sr_buf_add_text(out, "\">", err));
	SR_TRY(add_escaped(out, title[0] ? title : path, err));
	SR_TRY(sr_buf_add_text(out, "</a></td>", err));
	SR_TRY(add_cell(out, text_of(member, "date"), err));
	SR_TRY(add_cell(out, strcmp(text_of(member, "volume"), "sub") == 0 ? "副卷" : "正卷", err));
	SR_TRY(add_cell(out, path, err));
	return sr_buf_add_text(out, "</tr>\n", err);
}

enum sr_status sr_case_paper_list(const json_t *described, struct sr_buf *out, struct sr_err *err)
{
	size_t index;
	const json_t *member;

	SR_TRY(sr_buf_add_text(out,
	                       "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
	                       "<title>卷内文件目录</title><style>body{font-family:sans-serif}"
	                       "table{border-collapse:collapse}"
	                       "td,th{border:1px solid;padding:.2em .5em}</style></head><body>\n"
	                       "<h1>卷内文件目录</h1>\n<p>",
	                       err));
	SR_TRY(add_escaped(out, text_of(described, "number"), err));
	SR_TRY(sr_buf_add_text(out, "<br>", err));
	SR_TRY(add_escaped(out, text_of(described, "title"), err));
	SR_TRY(sr_buf_add_text(out,
	                       "</p>\n<table><tr><th>顺序号</th><th>责任者</th><th>题名</th><th>日期</th>"
	                       "<th>卷别</th><th>文件</th></tr>\n",
	                       err));
	json_array_foreach(json_object_get(described, "members"), index, member)
		SR_TRY(add_row(out, member, err));
	return sr_buf_add_text(out, "</table></body></html>\n", err);
}

enum sr_status sr_case_paper_catalogue(const json_t *described, const char *folder, struct sr_buf *out,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *copy = json_copy((json_t *)(uintptr_t)described);

	if (!copy)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a catalogue");
	if (strcmp(folder, text_of(described, "number")) != 0)
		SR_TRY(sr_json_set(copy, "folder", json_string(folder), err));
	return sr_json_write_pretty(copy, out, err);
}

/* --- SEAL.txt -------------------------------------------------------------------------------------- */

enum sr_status sr_case_paper_seal(const json_t *described, const char *note, struct sr_buf *out,
                                  struct sr_err *err)
{
	size_t index;
	const json_t *part;

	SR_TRY(sr_buf_printf(out, err, "案号  %s\n题名  %s\n编号  %s\n", text_of(described, "number"),
	                     text_of(described, "title"), text_of(described, "case")));
	json_array_foreach(json_object_get(described, "parts"), index, part)
		SR_TRY(sr_buf_printf(out, err,
		                     "\n第 %u 部分 (part)\n  封装时间 (sealed at)  %s\n"
		                     "  立卷人 (prepared by)  %s\n  归档人 (sealed by)    %s\n"
		                     "  封装摘要 (seal)       %s\n",
		                     number_of(part, "part"), text_of(part, "sealed_at"),
		                     text_of(part, "handler"), text_of(part, "archivist"),
		                     text_of(part, "seal")));
	return sr_buf_printf(out, err, "\n%s", note);
}
