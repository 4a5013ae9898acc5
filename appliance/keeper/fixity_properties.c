/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/fixity_properties.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/four_properties.h"

/* Damage of members' files, and of everything else: structure, lists, signature, stamp. */
static void sort_damage(const json_t *damage, size_t *members, size_t *others)
{
	size_t index;
	json_t *one;

	*members = *others = 0;
	json_array_foreach(damage, index, one) {
		const char *name = sr_json_text(one, "member");

		if (!name || sr_text_starts_with(name, "data/"))
			++*members;
		else
			++*others;
	}
}

static enum sr_status add(struct sr_property_report *report, const char *item, const char *zh, const char *en,
                          bool passed, const char *reason, struct sr_err *err)
{
	return sr_property_add(report, item, zh, en, passed ? SR_PROPERTY_PASSED : SR_PROPERTY_FAILED, reason,
	                       err);
}

static enum sr_status judge_content(struct sr_property_report *report, bool full, bool whole,
                                    struct sr_err *err)
{
	if (full || !whole)
		return add(report, "2-11", "信息包内容数据完整", "members complete", whole,
		           whole ? "各件密文摘要与清单一致" : "有密文与清单不一致", err);
	return sr_property_add(report, "2-11", "信息包内容数据完整", "members complete",
	                       SR_PROPERTY_NOT_APPLICABLE, "快速校验未读取各件内容", err);
}

enum sr_status sr_fixity_properties(const json_t *record, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_property_report_freep) struct sr_property_report *report = NULL;
	const char *at = sr_json_text(record, "at"), *depth = sr_json_text(record, "depth");
	size_t members, others;
	int64_t at_ns;

	if (!at || !sr_time_parse(at, &at_ns))
		return sr_fail(err, SR_CORRUPT, "a fixity result has no time");
	sort_damage(json_object_get(record, "damage"), &members, &others);
	SR_TRY(sr_property_report_new("fixity", at_ns, &report, err));
	SR_TRY(add(report, "1-6", "固化信息有效", "signature, stamp and digests", others == 0,
	           others ? "结构、签名、时间戳或清单校验未通过" : "签名、时间戳、清单校验通过", err));
	SR_TRY(add(report, "1-14", "信息包一致", "the package is what was sealed", members + others == 0,
	           members + others ? "与封装时不一致" : "与封装时一致", err));
	SR_TRY(judge_content(report, depth && strcmp(depth, "full") == 0, members == 0, err));
	SR_TRY(sr_property_add(report, "3-1", "元数据可读", "metadata can be read",
	                       SR_PROPERTY_NOT_APPLICABLE, "固定性检查不解密目录", err));
	SR_TRY(sr_property_add(report, "3-8", "无非公开压缩、加密", "nothing packed or encrypted",
	                       SR_PROPERTY_NOT_APPLICABLE, "库内为加密封装；移交时解密为明文", err));
	SR_TRY(sr_property_add(report, "4-2", "病毒", "malware", SR_PROPERTY_NOT_APPLICABLE,
	                       "封装后内容不变，见封装时的检测", err));
	return sr_property_report_json(report, out, err);
}
