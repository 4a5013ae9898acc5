/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/fixity_properties.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/four_properties.h"

/* Damage by what it hits: members' files; the structure of the file itself; lists, signature, stamp. */
struct damages {
	size_t members, structure, others;
};

static struct damages sort_damage(const json_t *damage)
{
	struct damages sorted = { 0 };
	size_t index;
	json_t *one;

	json_array_foreach(damage, index, one) {
		const char *name = sr_json_text(one, "member");

		if (!name || sr_text_starts_with(name, "data/"))
			sorted.members++;
		else if (strcmp(name, "archive") == 0)
			sorted.structure++;
		else
			sorted.others++;
	}
	return sorted;
}

static enum sr_status judge_authenticity(struct sr_property_report *report, const struct damages *damages,
                                         struct sr_err *err)
{
	size_t fixed = damages->others + damages->structure;
	bool whole = damages->members + fixed == 0;

	SR_TRY(sr_property_judge(report, "1-6", "固化信息有效", "signature, stamp and digests", fixed == 0,
	                         fixed ? "结构、签名、时间戳或清单校验未通过" : "签名、时间戳、清单校验通过",
	                         err));
	SR_TRY(sr_property_judge(
		report, "1-13", "信息包目录结构规范", "the structure of the package", damages->structure == 0,
		damages->structure ? "档案文件结构不符合封装格式，或与台账登记不符" : "结构与封装格式一致",
		err));
	return sr_property_judge(report, "1-14", "信息包一致", "the package is what was sealed", whole,
	                         whole ? "与封装时一致" : "与封装时不一致", err);
}

/* What a full read alone can tell; damage that was found tells it in any case. */
static enum sr_status judge_content(struct sr_property_report *report, bool full,
                                    const struct damages *damages, struct sr_err *err)
{
	bool whole = damages->members == 0;

	if (!full && whole && damages->structure == 0) {
		SR_TRY(sr_property_skip(report, "2-11", "信息包内容数据完整", "members complete",
		                        "快速校验未读取各件内容", err));
		return sr_property_skip(report, "3-4", "内容数据可读", "members can be read",
		                        "快速校验未读取各件内容", err);
	}
	whole = whole && damages->structure == 0;
	SR_TRY(sr_property_judge(report, "2-11", "信息包内容数据完整", "members complete", whole,
	                         whole ? "各件密文摘要与清单一致" : "有密文与清单不一致，或未能读取", err));
	return sr_property_judge(report, "3-4", "内容数据可读", "members can be read", whole,
	                         whole ? "各件密文均已从存储介质逐字节读出" : "有密文未能读出或已改变", err);
}

static enum sr_status judge_rest(struct sr_property_report *report, const struct damages *damages,
                                 struct sr_err *err)
{
	bool listed = damages->others + damages->structure == 0;

	SR_TRY(sr_property_judge(report, "2-1", "总件数相符", "number of members", listed,
	                         listed ? "件数与封面、清单登记一致" : "清单或结构校验未通过，件数不能确认",
	                         err));
	SR_TRY(sr_property_skip(report, "3-1", "元数据可读", "metadata can be read", "完整性校验不解密目录",
	                        err));
	SR_TRY(sr_property_skip(report, "3-8", "无非公开压缩、加密", "nothing packed or encrypted",
	                        "库内为加密封装（公开格式）；移交时解密为明文", err));
	SR_TRY(sr_property_skip(report, "4-2", "病毒", "malware", "封装后内容不变，见封装时的检测", err));
	SR_TRY(sr_property_judge(
		report, "4-3", "无非归档文件", "nothing that does not belong", damages->structure == 0,
		damages->structure ? "结构校验未通过" : "信息包内只有封装格式规定的文件", err));
	return sr_property_skip(report, "4-5", "载体完好", "the carrier",
	                        "存储介质的外观和性能由保管单位检查", err);
}

static enum sr_status judge(const json_t *damage, int64_t at_ns, bool full, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_property_report_freep) struct sr_property_report *report = NULL;
	const struct damages damages = sort_damage(damage);

	SR_TRY(sr_property_report_new("fixity", at_ns, &report, err));
	SR_TRY(judge_authenticity(report, &damages, err));
	SR_TRY(judge_content(report, full, &damages, err));
	SR_TRY(judge_rest(report, &damages, err));
	return sr_property_report_json(report, out, err);
}

enum sr_status sr_fixity_properties(const json_t *record, json_t **out, struct sr_err *err)
{
	const char *at = sr_json_text(record, "at"), *depth = sr_json_text(record, "depth");
	int64_t at_ns;

	if (!at || !sr_time_parse(at, &at_ns))
		return sr_fail(err, SR_CORRUPT, "a fixity result has no time");
	return judge(json_object_get(record, "damage"), at_ns, depth && strcmp(depth, "full") == 0, out, err);
}

enum sr_status sr_fixity_properties_add(json_t *archives, int64_t at_ns, bool quick, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *sound = NULL;
	size_t index;
	json_t *verdict;

	json_array_foreach(archives, index, verdict) {
		const json_t *damage = json_object_get(verdict, "damage");
		json_t *report = NULL;

		if (json_array_size(damage) > 0)
			SR_TRY(judge(damage, at_ns, !quick, &report, err));
		else if (!sound)
			SR_TRY(judge(damage, at_ns, !quick, &sound, err));
		SR_TRY(sr_json_set(verdict, "properties", report ? report : json_incref(sound), err));
	}
	return SR_OK;
}
