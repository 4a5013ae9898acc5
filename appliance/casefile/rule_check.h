/* SPDX-License-Identifier: Apache-2.0 */
/* One rule against one case.  docs/RULEBOOK.md, "Kinds". */
#pragma once

#include "appliance/casefile/rule_finding.h"

/* SR_LIMIT when judging takes more steps than SR_LIMIT_RULE_STEPS. */
SR_CHECKED enum sr_status sr_rule_check(const struct sr_rule *rule, struct sr_rule_case *judged,
                                        struct sr_err *err);
