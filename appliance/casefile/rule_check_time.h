/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of rules about when things happened.  docs/RULEBOOK.md, "Kinds". */
#pragma once

#include "appliance/casefile/rule_finding.h"

/* @filling is empty; each fills it only for a finding. */
SR_CHECKED enum sr_status sr_check_order(const struct sr_judging *j, struct sr_filling *filling,
                                         struct sr_err *err);
/* Lessens the severity where the rule accepts a reason and one is given. */
SR_CHECKED enum sr_status sr_check_deadline(struct sr_judging *j, struct sr_filling *filling,
                                            struct sr_err *err);
SR_CHECKED enum sr_status sr_check_gate(const struct sr_judging *j, struct sr_filling *filling,
                                        struct sr_err *err);
SR_CHECKED enum sr_status sr_check_coverage(const struct sr_judging *j, struct sr_filling *filling,
                                            struct sr_err *err);
