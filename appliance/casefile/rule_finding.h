/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of rules: whose, where, and in which words.  docs/RULEBOOK.md, "Texts". */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/casefile/rule.h"
#include "appliance/casefile/rule_message.h"

/* What all rules of one check share. */
struct sr_rule_case {
	const struct sr_case *description;
	const json_t *labels; /* of the pack: full path of a field to {"zh","en"}; may be NULL */
	int64_t today_days;   /* since 1970-01-01 in the appliance's zone */
	struct sr_findings *findings;
};

/* One application of a rule. */
struct sr_judging {
	const struct sr_rule *rule;
	const struct sr_rule_case *judged;
	struct sr_target target;
};

enum sr_language {
	SR_LANGUAGE_ZH,
	SR_LANGUAGE_EN,
};

/* What a rule's texts are filled with: the kind's values in both languages. */
struct sr_filling {
	const struct sr_message_value *zh, *en;
};

/* Path of the member that is judged; NULL where the rule is about something else. */
const char *sr_judging_member_path(const struct sr_judging *j);

/* Append what a field is called: the pack's label, else its path. */
SR_CHECKED enum sr_status sr_judging_add_label(const struct sr_judging *j, const struct sr_field *field,
                                               enum sr_language language, struct sr_buf *out,
                                               struct sr_err *err);

/* @field is the one to blame; NULL: the element, or the case. */
SR_CHECKED enum sr_status sr_judging_add_finding(const struct sr_judging *j, const struct sr_field *field,
                                                 struct sr_filling filling, struct sr_err *err);

/* A field that the rule needs is absent: a blocker, whatever the rule's own severity. */
SR_CHECKED enum sr_status sr_judging_add_unjudged(const struct sr_judging *j, const struct sr_field *field,
                                                  struct sr_err *err);
