/* SPDX-License-Identifier: Apache-2.0 */
/* Rules from a pack's JSON, which is untrusted.  docs/RULEBOOK.md, "Rules". */
#pragma once

#include "appliance/casefile/rule.h"
#include "appliance/casefile/rule_condition_parse.h"

/*
 * SR_INVALID ("/fields/0: …", to follow a JSON pointer), SR_LIMIT.  @out borrows from @json and from what
 * @lexicon names; it is set on SR_OK only.
 */
SR_CHECKED enum sr_status sr_rule_parse(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *out,
                                        struct sr_err *err);
void sr_rule_dispose(struct sr_rule *rule);
