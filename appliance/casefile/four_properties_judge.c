/* SPDX-License-Identifier: Apache-2.0 */
/* The report at sealing, judged on the plaintext. */
#include "appliance/casefile/four_properties.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

#define REASON 512

struct judging {
	const struct sr_property_facts *facts;
	struct sr_property_report *report;
};

static size_t findings_with(const struct sr_findings *findings, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < sr_findings_count(findings); i++)
		count += strcmp(sr_findings_at(findings, i)->code, code) == 0;
	return count;
}

static size_t findings_with_any(const struct sr_findings *findings, const char *const *codes,
                                size_t codes_count)
{
	size_t count = 0;

	for (size_t i = 0; i < codes_count; i++)
		count += findings_with(findings, codes[i]);
	return count;
}

/* --- items that follow from X checks ------------------------------------------------------------------ */

static const struct derived {
	const char *item, *zh, *en;
	const char *codes[4]; /* a finding of one of them fails the item */
	const char *passed, *failed;
} derived[] = {
	{ "1-2",
	  "元数据项的类型、格式和值域",
	  "types, forms and ranges of metadata",
	  { "X4" },
	  "著录项均为已知项，类型、格式和值域符合要求",
	  "有未知的著录项（X4）" },
	{ "1-4",
	  "内容数据与元数据关联一致",
	  "files and their entries belong together",
	  { "X1", "X2", "X3" },
	  "目录各项与文件一一对应",
	  "目录与文件不一一对应（X1、X2、X3）" },
	{ "1-5",
	  "内容数据电子属性一致",
	  "files are what they are said to be",
	  { "X5", "X7", "X10", "X11" },
	  "文件类型、录制时长、摘要与著录一致",
	  "文件类型、录制时间或摘要与著录不一致（X5、X7、X10、X11）" },
	{ "2-1",
	  "总件数相符",
	  "number of files",
	  { "X1", "X2" },
	  "文件件数与目录件数相符",
	  "文件件数与目录件数不符（X1、X2）" },
	{ "2-6",
	  "页号连续",
	  "page numbers run on",
	  { "X12", "X15" },
	  "页号连续，无重叠、无缺漏，与PDF实有页数相符",
	  "页号重叠、缺漏，或与PDF实有页数不符（X12、X15）" },
	{ "3-1", "元数据可读", "metadata can be read", { NULL }, "案卷描述可正常解析", "" },
	{ "4-3",
	  "无非归档文件",
	  "nothing that does not belong",
	  { "X1" },
	  "无目录以外的文件",
	  "有目录以外的文件（X1）" },
};

static enum sr_status judge_derived(struct judging *judging, struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(derived); i++) {
		const struct derived *row = &derived[i];
		size_t codes = 0;

		while (codes < SR_COUNT(row->codes) && row->codes[codes])
			codes++;
		bool failed = findings_with_any(judging->facts->findings, row->codes, codes) > 0;
		SR_TRY(sr_property_add(judging->report, row->item, row->zh, row->en,
		                       failed ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED,
		                       failed ? row->failed : row->passed, err));
	}
	return SR_OK;
}

/* --- authenticity ------------------------------------------------------------------------------------- */

static bool has_source(const struct sr_member *member)
{
	const char *by = sr_json_text(member->json, "responsible");

	if (!by)
		by = sr_json_text(json_object_get(member->json, "explanation"), "collector");
	return !sr_text_is_blank(by);
}

static enum sr_status judge_source(struct judging *judging, struct sr_err *err)
{
	const struct sr_case *description = judging->facts->description;
	size_t without = 0, fixed = 0;
	char reason[REASON];

	for (size_t i = 0; i < description->member_count; i++) {
		without += !has_source(&description->members[i]);
		fixed += description->members[i].sha256 != NULL;
	}
	snprintf(reason, sizeof(reason), without ? "%zu件未著录责任者或采集人" : "各件均著录责任者或采集人",
	         without);
	SR_TRY(sr_property_add(judging->report, "1-1", "来源", "origin of each member",
	                       without ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED, reason, err));
	snprintf(reason, sizeof(reason),
	         fixed ? "%zu件登记有SHA-256摘要，封装时逐件比对"
	               : "移交时未登记摘要；封装时生成摘要、签名和时间戳",
	         fixed);
	return sr_property_add(judging->report, "1-6", "固化信息有效", "digests given beforehand",
	                       fixed ? SR_PROPERTY_PASSED : SR_PROPERTY_NOT_APPLICABLE, reason, err);
}

static enum sr_status judge_number(struct judging *judging, struct sr_err *err)
{
	static const char *const keys[] = { "fonds", "catalogue", "volume", "number" };
	const json_t *archive = json_object_get(judging->facts->description->root, "archive");
	size_t missing = 0;

	for (size_t i = 0; i < SR_COUNT(keys); i++)
		missing += sr_text_is_blank(sr_json_text(archive, keys[i]));
	SR_TRY(sr_property_add(judging->report, "1-3", "档号规范", "archive number",
	                       missing ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED,
	                       missing ? "全宗号、目录号、案卷号、档号未著录完整"
	                               : "全宗号、目录号、案卷号、档号均已著录",
	                       err));
	return sr_property_add(judging->report, "1-7", "电子签名、电子印章有效", "electronic signatures",
	                       SR_PROPERTY_NOT_APPLICABLE, "本版本不检验文件内含的电子签名、电子印章", err);
}

/* --- integrity ---------------------------------------------------------------------------------------- */

static size_t rulebook_findings(const struct sr_findings *findings, enum sr_severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < sr_findings_count(findings); i++) {
		const struct sr_finding *finding = sr_findings_at(findings, i);

		count += finding->severity == severity && finding->code[0] != 'X';
	}
	return count;
}

static enum sr_status judge_integrity(struct judging *judging, struct sr_err *err)
{
	const struct sr_property_facts *facts = judging->facts;
	size_t blockers = rulebook_findings(facts->findings, SR_SEVERITY_BLOCKER);
	size_t defects = rulebook_findings(facts->findings, SR_SEVERITY_DEFECT);
	char reason[REASON];

	snprintf(reason, sizeof(reason), "共%zu件、%" PRIu64 "字节，逐件登记于目录", facts->files,
	         facts->bytes);
	SR_TRY(sr_property_add(judging->report, "2-2", "总字节数相符", "number of bytes", SR_PROPERTY_PASSED,
	                       reason, err));
	snprintf(reason, sizeof(reason), blockers ? "有%zu项须补正" : "规则包要求的著录项和文书齐全",
	         blockers);
	SR_TRY(sr_property_add(judging->report, "2-3", "必填著录项和必备文书齐全",
	                       "what the rulebook requires",
	                       blockers ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED, reason, err));
	snprintf(reason, sizeof(reason), defects ? "有%zu项程序缺陷，情况说明一并封装" : "未发现程序缺陷",
	         defects);
	return sr_property_add(judging->report, "2-5", "过程信息完整", "what was done, and when",
	                       defects ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED, reason, err);
}

/* --- usability ---------------------------------------------------------------------------------------- */

static size_t pages_with(const struct sr_property_facts *facts, enum sr_pages_state state)
{
	size_t count = 0;

	for (size_t i = 0; facts->pages && i < facts->description->member_count; i++)
		count += facts->pages[i].state == state;
	return count;
}

static enum sr_status judge_readable(struct judging *judging, struct sr_err *err)
{
	static const char *const codes[] = { "X2", "X6", "X8" };
	const struct sr_property_facts *facts = judging->facts;
	size_t missing = findings_with_any(facts->findings, codes, SR_COUNT(codes));
	size_t locked = pages_with(facts, SR_PAGES_ENCRYPTED);
	size_t broken = pages_with(facts, SR_PAGES_UNREADABLE);
	char reason[REASON];

	snprintf(reason, sizeof(reason),
	         "不能读取或空的文件%zu件（X2、X6、X8），加密的PDF%zu件，残缺或损坏的PDF%zu件", missing,
	         locked, broken);
	if (missing + locked + broken == 0)
		snprintf(reason, sizeof(reason), "各文件均可打开，无空文件；PDF%zu件均可读出页数",
		         pages_with(facts, SR_PAGES_COUNTED));
	return sr_property_add(judging->report, "3-4", "内容数据可读", "files can be read",
	                       missing + locked + broken ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED, reason,
	                       err);
}

static enum sr_status judge_formats(struct judging *judging, struct sr_err *err)
{
	const struct sr_case *description = judging->facts->description;
	size_t other = 0, closed = 0;
	char reason[REASON];

	closed = pages_with(judging->facts, SR_PAGES_ENCRYPTED);
	for (size_t i = 0; i < description->member_count; i++) {
		other += !sr_property_format_is_kept(description->members[i].path);
		closed += sr_property_format_is_packed(description->members[i].path);
	}
	snprintf(reason, sizeof(reason), other ? "%zu件不是长期保存格式" : "各件均为长期保存格式", other);
	SR_TRY(sr_property_add(judging->report, "3-3", "内容数据格式合规", "formats fit for keeping",
	                       other ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED, reason, err));
	snprintf(reason, sizeof(reason), closed ? "%zu件为压缩或加密文件" : "无压缩、加密文件", closed);
	SR_TRY(sr_property_add(judging->report, "3-8", "无非公开压缩、加密", "nothing packed or encrypted",
	                       closed ? SR_PROPERTY_FAILED : SR_PROPERTY_PASSED, reason, err));
	return sr_property_add(judging->report, "3-5", "软硬件环境合规", "the environment",
	                       SR_PROPERTY_NOT_APPLICABLE, "由使用单位按信息系统管理要求检查", err);
}

/* --- safety ------------------------------------------------------------------------------------------- */

static enum sr_status judge_safety(struct judging *judging, struct sr_err *err)
{
	const struct sr_property_facts *facts = judging->facts;
	enum sr_property_result result = SR_PROPERTY_NOT_APPLICABLE;
	char reason[REASON] = "未配置病毒查杀（check.clamd）";

	if (facts->scanned) {
		bool clean = facts->scan.found == 0 && facts->scan.skipped == 0;

		result = clean ? SR_PROPERTY_PASSED : SR_PROPERTY_FAILED;
		snprintf(reason, sizeof(reason), "clamd查杀%zu件无异常，检出%zu件，未能查杀%zu件",
		         facts->scan.scanned, facts->scan.found, facts->scan.skipped);
	}
	SR_TRY(sr_property_add(judging->report, "4-2", "病毒", "malware", result, reason, err));
	return sr_property_add(judging->report, "4-7", "归档过程安全", "the process of archiving",
	                       SR_PROPERTY_PASSED, "一次读取即摘要、加密、签名，读取前后文件未变", err);
}

enum sr_status sr_property_judge_folder(const struct sr_property_facts *facts, int64_t at_ns, json_t **out,
                                        struct sr_err *err)
{
	SR_CLEANUP(sr_property_report_freep) struct sr_property_report *report = NULL;
	struct judging judging = { .facts = facts };

	SR_TRY(sr_property_report_new("archive", at_ns, &report, err));
	judging.report = report;
	SR_TRY(judge_derived(&judging, err));
	SR_TRY(judge_source(&judging, err));
	SR_TRY(judge_number(&judging, err));
	SR_TRY(judge_integrity(&judging, err));
	SR_TRY(judge_readable(&judging, err));
	SR_TRY(judge_formats(&judging, err));
	SR_TRY(judge_safety(&judging, err));
	return sr_property_report_json(report, out, err);
}
