/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/export_properties.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/four_properties.h"

#define REASON 256

/* What the described members come to. */
struct sum {
	uint64_t members, bytes;
	uint64_t unnamed; /* nobody is responsible */
	uint64_t other;   /* of no format for keeping */
	uint64_t packed;
};

static void add_up(const json_t *described, struct sum *sum)
{
	size_t index;
	json_t *member;

	json_array_foreach(json_object_get(described, "members"), index, member) {
		const char *path = sr_json_text(member, "path");

		sum->members++;
		sum->bytes += (uint64_t)json_integer_value(json_object_get(member, "bytes"));
		sum->unnamed += sr_text_is_blank(sr_json_text(member, "responsible"));
		sum->other += !path || !sr_property_format_is_kept(path);
		sum->packed += path && sr_property_format_is_packed(path);
	}
}

static enum sr_status judge_authenticity(const struct sr_export_facts *facts, const struct sum *sum,
                                         struct sr_property_report *report, struct sr_err *err)
{
	bool same = facts->matching == facts->members;
	char reason[REASON];

	snprintf(reason, sizeof(reason), sum->unnamed ? "%" PRIu64 "件未著录责任者" : "各件均著录责任者",
	         sum->unnamed);
	SR_TRY(sr_property_judge(report, "1-1", "来源", "origin of each member", sum->unnamed == 0, reason,
	                         err));
	SR_TRY(sr_property_judge(report, "1-4", "内容数据与元数据关联一致",
	                         "files and their entries belong together", facts->members == sum->members,
	                         "目录各项均有对应文件，按原文件名存放", err));
	snprintf(reason, sizeof(reason), "%" PRIu64 "件复制时逐件计算SHA-256，%" PRIu64 "件与封装目录一致",
	         facts->members, facts->matching);
	SR_TRY(sr_property_judge(report, "1-6", "固化信息有效", "digests, seal", same, reason, err));
	return sr_property_judge(report, "1-14", "信息包一致", "the package is what was sealed", same,
	                         same ? "复制件与封装时的文件逐字节一致" : "有复制件与封装时的文件不一致",
	                         err);
}

static enum sr_status judge_integrity(const struct sr_export_facts *facts, const struct sum *sum,
                                      struct sr_property_report *report, struct sr_err *err)
{
	char reason[REASON];

	snprintf(reason, sizeof(reason), "许可范围内%" PRIu64 "件，实际复制%" PRIu64 "件", sum->members,
	         facts->members);
	SR_TRY(sr_property_judge(report, "2-1", "总件数相符", "number of files",
	                         facts->members == sum->members, reason, err));
	snprintf(reason, sizeof(reason), "目录登记%" PRIu64 "字节，实际复制%" PRIu64 "字节", sum->bytes,
	         facts->bytes);
	SR_TRY(sr_property_judge(report, "2-2", "总字节数相符", "number of bytes", facts->bytes == sum->bytes,
	                         reason, err));
	SR_TRY(sr_property_judge(report, "2-10", "信息包元数据完整", "metadata complete", true,
	                         "附卷内文件目录、catalogue.json、封装信息（SEAL.txt）和SHA-256清单", err));
	return sr_property_judge(report, "2-11", "信息包内容数据完整", "members complete",
	                         facts->members == sum->members && facts->bytes == sum->bytes,
	                         "以许可范围为准；未获许可的文件不在复制件中", err);
}

static enum sr_status judge_usability(const struct sr_export_facts *facts, const struct sum *sum,
                                      struct sr_property_report *report, struct sr_err *err)
{
	char reason[REASON];

	SR_TRY(sr_property_judge(report, "3-1", "元数据可读", "metadata can be read", true,
	                         "目录为UTF-8编码的JSON和HTML，不需专用软件", err));
	snprintf(reason, sizeof(reason),
	         sum->other ? "%" PRIu64 "件不是长期保存格式" : "各件均为长期保存格式", sum->other);
	SR_TRY(sr_property_judge(report, "3-3", "内容数据格式合规", "formats fit for keeping",
	                         sum->other == 0, reason, err));
	SR_TRY(sr_property_judge(report, "3-4", "内容数据可读", "files can be read",
	                         facts->matching == sum->members, "各件均已解密并全文读出", err));
	SR_TRY(sr_property_skip(report, "3-5", "软硬件环境合规", "the environment", "由接收单位检查", err));
	snprintf(reason, sizeof(reason),
	         sum->packed ? "%" PRIu64 "件原件为压缩或加密文件" : "复制件为明文，未压缩、未加密",
	         sum->packed);
	return sr_property_judge(report, "3-8", "无非公开压缩、加密", "nothing packed or encrypted",
	                         sum->packed == 0, reason, err);
}

static enum sr_status judge_safety(const struct sr_export_facts *facts, struct sr_property_report *report,
                                   struct sr_err *err)
{
	bool disc = strcmp(facts->form, "iso") == 0;

	SR_TRY(sr_property_skip(report, "4-2", "病毒", "malware",
	                        "内容自封装后未变，以归档环节的检测结果为准；接收单位可再次查杀", err));
	SR_TRY(sr_property_judge(report, "4-3", "无非归档文件", "nothing that does not belong",
	                         facts->members ==
	                                 json_array_size(json_object_get(facts->described, "members")),
	                         "除目录所列文件外，只有目录、封装信息、本报告和清单", err));
	SR_TRY(sr_property_skip(
		report, "4-4", "载体可用", "the carrier",
		disc ? "光盘映像未刻录；刻录后核对SHA-256清单" : "复制到存储介质后核对SHA-256清单", err));
	return sr_property_judge(report, "4-7", "移交过程安全", "the process of handing over", true,
	                         "依调阅许可复制；各件打开和本次复制均先记入操作留痕台账", err);
}

enum sr_status sr_export_properties(const struct sr_export_facts *facts, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_property_report_freep) struct sr_property_report *report = NULL;
	struct sum sum = { 0 };

	add_up(facts->described, &sum);
	SR_TRY(sr_property_report_new("export", facts->at_ns, &report, err));
	SR_TRY(judge_authenticity(facts, &sum, report, err));
	SR_TRY(judge_integrity(facts, &sum, report, err));
	SR_TRY(judge_usability(facts, &sum, report, err));
	SR_TRY(judge_safety(facts, report, err));
	return sr_property_report_json(report, out, err);
}
