/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of rule has besides the common keys, from a pack's JSON.  docs/RULEBOOK.md, "Kinds". */
#pragma once

#include "appliance/casefile/rule.h"
#include "appliance/casefile/rule_condition_parse.h"

struct sr_rule_form {
	const char *name;
	enum sr_rule_kind kind;
	const char *keys;         /* besides the common ones: "a|b" */
	const char *placeholders; /* besides those of every rule with each */
	/* SR_INVALID ("/fields/0: …"); the rule's scope and when are there already */
	enum sr_status (*parse)(const json_t *json, struct sr_lexicon *lexicon, struct sr_rule *rule,
	                        struct sr_err *err);
};

/* NULL: no kind of that name. */
const struct sr_rule_form *sr_rule_form_find(const char *name);
