/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/inspect_note.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/text.h"

enum sr_status sr_inspect_note_add(struct sr_findings *findings, const struct sr_inspect_note *note, char *zh,
                                   char *en, struct sr_err *err)
{
	char place[64];
	struct sr_finding finding = {
		.code = note->code,
		.article = "立卷检查",
		.severity = note->severity,
		.member = note->path,
		.place = note->member == SR_NO_MEMBER ? NULL : place,
		.zh = zh,
		.en = en,
		.fix_zh = note->fix_zh,
		.fix_en = note->fix_en,
	};

	snprintf(place, sizeof(place), "/members/%zu/%s", note->member, note->key ? note->key : "path");
	sr_text_make_printable(zh, strlen(zh) + 1);
	sr_text_make_printable(en, strlen(en) + 1);
	return sr_findings_add(findings, &finding, err);
}

static const char *reason_zh(enum sr_status status)
{
	if (status == SR_DENIED)
		return "没有读取权限，或它指向案卷文件夹之外";
	if (status == SR_NOT_FOUND)
		return "检查期间文件被移走";
	if (status == SR_INVALID)
		return "它不是普通文件";
	if (status == SR_LIMIT)
		return "文件过大";
	return "读取出错";
}

enum sr_status sr_inspect_note_unreadable(struct sr_findings *findings, const char *path, size_t member,
                                          enum sr_status status, struct sr_err *err)
{
	const struct sr_inspect_note note = {
		.code = "X2",
		.severity = SR_SEVERITY_BLOCKER,
		.path = path,
		.member = member,
		.fix_zh = "排除原因后重新检查；文件已损坏的，换成完好的原件",
		.fix_en = "remove the cause and check again; if the file is damaged, put a sound original in "
			  "its place",
	};
	char zh[256];
	char en[sizeof(err->text) + 64];

	if (status == SR_NO_MEMORY)
		return status;
	snprintf(zh, sizeof(zh), "目录列有此文件，但无法读取：%s", reason_zh(status));
	snprintf(en, sizeof(en), "the file cannot be read: %s", err->text);
	return sr_inspect_note_add(findings, &note, zh, en, err);
}

void sr_inspect_span(int64_t seconds, char zh[SR_SPAN_TEXT], char en[SR_SPAN_TEXT])
{
	uint64_t total = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
	unsigned long long hours = total / 3600;
	unsigned minutes = (unsigned)(total / 60 % 60);
	unsigned rest = (unsigned)(total % 60);

	if (hours > 0) {
		snprintf(zh, SR_SPAN_TEXT, "%llu小时%02u分%02u秒", hours, minutes, rest);
		snprintf(en, SR_SPAN_TEXT, "%llu h %02u min %02u s", hours, minutes, rest);
	} else if (minutes > 0) {
		snprintf(zh, SR_SPAN_TEXT, "%u分%02u秒", minutes, rest);
		snprintf(en, SR_SPAN_TEXT, "%u min %02u s", minutes, rest);
	} else {
		snprintf(zh, SR_SPAN_TEXT, "%u秒", rest);
		snprintf(en, SR_SPAN_TEXT, "%u s", rest);
	}
}
