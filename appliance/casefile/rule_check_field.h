/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of rules about what is in fields.  docs/RULEBOOK.md, "Kinds". */
#pragma once

#include "appliance/casefile/rule_finding.h"

/* @filling is empty; each fills it only for a finding. */
SR_CHECKED enum sr_status sr_check_require_field(const struct sr_judging *j, struct sr_filling *filling,
                                                 struct sr_err *err);
SR_CHECKED enum sr_status sr_check_require_words(const struct sr_judging *j, struct sr_filling *filling,
                                                 struct sr_err *err);
SR_CHECKED enum sr_status sr_check_value_in(const struct sr_judging *j, struct sr_filling *filling,
                                            struct sr_err *err);
SR_CHECKED enum sr_status sr_check_equal(const struct sr_judging *j, struct sr_filling *filling,
                                         struct sr_err *err);
SR_CHECKED enum sr_status sr_check_set_once(const struct sr_judging *j, struct sr_filling *filling,
                                            struct sr_err *err);
