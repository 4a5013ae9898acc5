/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/remark.h"

#include <string.h>

#include "appliance/base/json.h"
#include "appliance/base/text.h"

static bool says(const json_t *remark, const char *key)
{
	return !sr_text_is_blank(sr_json_text(remark, key));
}

static bool answers(const json_t *remark, const struct sr_finding *finding)
{
	const char *code = sr_json_text(remark, "code");

	if (!code || strcmp(code, finding->code) != 0 || !says(remark, "text"))
		return false;
	switch (finding->severity) {
	case SR_SEVERITY_WARNING:
		return true;
	case SR_SEVERITY_DEFECT:
		return says(remark, "by") && says(remark, "head");
	case SR_SEVERITY_BLOCKER:
		return false;
	}
	return false;
}

bool sr_remark_answers(const json_t *remarks, const struct sr_finding *finding)
{
	size_t index;
	json_t *remark;

	json_array_foreach(remarks, index, remark) {
		if (answers(remark, finding))
			return true;
	}
	return false;
}

size_t sr_remark_unanswered(const json_t *remarks, const struct sr_findings *findings)
{
	size_t open = 0;

	for (size_t i = 0; i < sr_findings_count(findings); i++)
		if (!sr_remark_answers(remarks, sr_findings_at(findings, i)))
			open++;
	return open;
}
