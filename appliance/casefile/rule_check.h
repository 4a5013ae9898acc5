/* SPDX-License-Identifier: Apache-2.0 */
/* One rule against one case.  docs/RULEBOOK.md, "Kinds". */
#pragma once

#include "appliance/casefile/rule.h"

/* What all rules of one check share. */
struct sr_rule_case {
	const struct sr_case *description;
	const json_t *labels; /* of the pack: full path of a field to {"zh","en"}; may be NULL */
	int64_t today_days;   /* since 1970-01-01 in the appliance's zone */
	struct sr_findings *findings;
};

SR_CHECKED enum sr_status sr_rule_check(const struct sr_rule *rule, const struct sr_rule_case *judged,
                                        struct sr_err *err);
