/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_finding.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

enum sr_status sr_judging_add_label(const struct sr_judging *j, const struct sr_field *field,
                                    enum sr_language language, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf full = { 0 };
	const char *path;

	SR_TRY(sr_field_full_path(field, j->target.list, &full, err));
	SR_TRY(sr_buf_text(&full, &path, err));
	const char *label = sr_json_text(json_object_get(j->judged->labels, path),
	                                 language == SR_LANGUAGE_ZH ? "zh" : "en");
	return sr_buf_add_text(out, label ? label : path, err);
}

const char *sr_judging_member_path(const struct sr_judging *j)
{
	bool is_member = j->target.list && strcmp(j->target.list, "members") == 0;

	return is_member ? sr_json_text(j->target.element, "path") : NULL;
}

/* Where a finding belongs: its field, else its element, else nowhere in particular. */
static enum sr_status place_of(const struct sr_judging *j, const struct sr_field *field, struct sr_buf *out,
                               const char **place, struct sr_err *err)
{
	if (field)
		SR_TRY(sr_field_pointer(field, &j->target, out, err));
	else if (j->target.list)
		SR_TRY(sr_buf_printf(out, err, "/%s/%zu", j->target.list, j->target.index));
	SR_TRY(sr_buf_text(out, place, err));
	if (out->size == 0)
		*place = NULL;
	return SR_OK;
}

enum sr_status sr_judging_add_finding(const struct sr_judging *j, const struct sr_field *field,
                                      struct sr_filling filling, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf place = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf fix_zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf fix_en = { 0 };
	struct sr_finding finding = {
		.code = j->rule->code,
		.article = j->rule->article,
		.severity = j->rule->severity,
		.member = sr_judging_member_path(j),
	};

	SR_TRY(sr_message_fill(j->rule->zh, filling.zh, &zh, err));
	SR_TRY(sr_message_fill(j->rule->en, filling.en, &en, err));
	SR_TRY(sr_message_fill(j->rule->fix_zh, filling.zh, &fix_zh, err));
	SR_TRY(sr_message_fill(j->rule->fix_en, filling.en, &fix_en, err));
	SR_TRY(place_of(j, field, &place, &finding.place, err));
	SR_TRY(sr_buf_text(&zh, &finding.zh, err));
	SR_TRY(sr_buf_text(&en, &finding.en, err));
	SR_TRY(sr_buf_text(&fix_zh, &finding.fix_zh, err));
	SR_TRY(sr_buf_text(&fix_en, &finding.fix_en, err));
	return sr_findings_add(j->judged->findings, &finding, err);
}

enum sr_status sr_judging_add_unjudged(const struct sr_judging *j, const struct sr_field *field,
                                       struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf place = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf label_zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf label_en = { 0 };
	char zh[512], en[512], fix_zh[512], fix_en[512];
	const char *name_zh, *name_en;
	struct sr_finding finding = {
		.code = j->rule->code,
		.article = j->rule->article,
		.severity = SR_SEVERITY_BLOCKER,
		.member = sr_judging_member_path(j),
		.zh = zh,
		.en = en,
		.fix_zh = fix_zh,
		.fix_en = fix_en,
	};

	SR_TRY(sr_judging_add_label(j, field, SR_LANGUAGE_ZH, &label_zh, err));
	SR_TRY(sr_judging_add_label(j, field, SR_LANGUAGE_EN, &label_en, err));
	SR_TRY(sr_buf_text(&label_zh, &name_zh, err));
	SR_TRY(sr_buf_text(&label_en, &name_en, err));
	snprintf(zh, sizeof(zh), "“%.200s”未填写，本条无法检查", name_zh);
	snprintf(en, sizeof(en), "%.200s is missing, so this rule cannot be judged", name_en);
	snprintf(fix_zh, sizeof(fix_zh), "补填“%.200s”", name_zh);
	snprintf(fix_en, sizeof(fix_en), "fill in %.200s", name_en);
	SR_TRY(place_of(j, field, &place, &finding.place, err));
	return sr_findings_add(j->judged->findings, &finding, err);
}
