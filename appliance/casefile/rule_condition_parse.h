/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions from a pack's JSON, which is untrusted.  docs/RULEBOOK.md, "Conditions". */
#pragma once

#include "appliance/casefile/rule_condition.h"

/* What the rules of a rulebook may refer to by name; borrowed from its packs. */
struct sr_lexicon {
	const json_t *conditions; /* name to condition; may be NULL */
	const json_t *tables;     /* name to table; may be NULL */
	size_t conditions_left;   /* of SR_LIMIT_CONDITIONS: named conditions may multiply */
	unsigned depth;           /* of the condition that is being read */
};

/* SR_INVALID ("/all/0/field: …", to follow a JSON pointer), SR_LIMIT.  The caller owns *out. */
SR_CHECKED enum sr_status sr_condition_parse(const json_t *json, const struct sr_scope *scope,
                                             struct sr_lexicon *lexicon, struct sr_condition **out,
                                             struct sr_err *err);

/*
 * @value may be compared with @field at all: it has its form, and for a field with words is one of them.
 * SR_INVALID (": …").
 */
SR_CHECKED enum sr_status sr_condition_check_value(const struct sr_field *field, const json_t *value,
                                                   struct sr_err *err);

/* A table with rows by kind; SR_INVALID (": …") when the packs have none of that name. */
SR_CHECKED enum sr_status sr_condition_find_table(const struct sr_lexicon *lexicon, const json_t *name,
                                                  const json_t **out, struct sr_err *err);
