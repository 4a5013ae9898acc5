/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/member_clash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/casefile/path_clash.h"

static enum sr_status add_clash(const struct sr_case *description, size_t index, size_t other,
                                struct sr_findings *findings, struct sr_err *err)
{
	const char *path = description->members[index].path;
	const char *first = description->members[other].path;
	bool same = strcmp(path, first) == 0;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	char place[64];
	struct sr_finding finding = {
		.code = "X3",
		.article = "立卷检查",
		.severity = SR_SEVERITY_BLOCKER,
		.member = path,
		.place = place,
		.fix_zh = same ? "删去重复的一项，或改为另一份文件的路径"
		               : "将其中一份文件改名，并同时改正目录中的路径",
		.fix_en = same ? "take one of the entries out, or give it the path of the other file"
		               : "rename one of the files and correct its path in the catalogue too",
	};

	snprintf(place, sizeof(place), "/members/%zu/path", index);
	if (same) {
		SR_TRY(sr_buf_printf(&zh, err, "“%s”在目录中列了两次（第%zu项和第%zu项）", path, other + 1,
		                     index + 1));
		SR_TRY(sr_buf_printf(&en, err, "%s is listed twice (entries %zu and %zu)", path, other + 1,
		                     index + 1));
	} else {
		SR_TRY(sr_buf_printf(&zh, err,
		                     "“%s”（第%zu项）与“%s”（第%zu项）只有字母大小写或字符编码形式不同，"
		                     "在有的系统上会成为同一份文件",
		                     first, other + 1, path, index + 1));
		SR_TRY(sr_buf_printf(&en, err,
		                     "%s (entry %zu) and %s (entry %zu) differ only in letter case or "
		                     "Unicode form; some systems take them for one file",
		                     first, other + 1, path, index + 1));
	}
	SR_TRY(sr_buf_text(&zh, &finding.zh, err));
	SR_TRY(sr_buf_text(&en, &finding.en, err));
	return sr_findings_add(findings, &finding, err);
}

struct path_table {
	const char **paths;
	size_t *clash_with;
};

static void dispose_table(struct path_table *table)
{
	free(table->paths);
	free(table->clash_with);
}

enum sr_status sr_member_clashes_find(const struct sr_case *description, struct sr_findings *findings,
                                      struct sr_err *err)
{
	size_t count = description->member_count;
	SR_CLEANUP(dispose_table)
	struct path_table table = {
		.paths = calloc(count + 1, sizeof(*table.paths)),
		.clash_with = calloc(count + 1, sizeof(*table.clash_with)),
	};

	if (!table.paths || !table.clash_with)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu paths", count);
	for (size_t i = 0; i < count; i++)
		table.paths[i] = description->members[i].path;
	SR_TRY(sr_path_clashes(table.paths, count, table.clash_with, err));
	for (size_t i = 0; i < count; i++)
		if (table.clash_with[i] != SR_PATH_NO_CLASH)
			SR_TRY(add_clash(description, i, table.clash_with[i], findings, err));
	return SR_OK;
}
