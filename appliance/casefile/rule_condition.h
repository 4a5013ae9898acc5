/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of rules ("when"): three-valued, since data may be missing.  docs/RULEBOOK.md, "Conditions". */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/casefile/rule_field.h"

struct sr_condition; /* immutable; borrows from the pack's JSON */

enum sr_verdict {
	SR_VERDICT_NO,
	SR_VERDICT_YES,
	SR_VERDICT_UNKNOWN, /* a field that it needs is absent */
};

/* SR_INVALID ("/all/0/field: …", to follow a JSON pointer).  The caller owns *out. */
SR_CHECKED enum sr_status sr_condition_parse(const json_t *json, const struct sr_scope *scope,
                                             struct sr_condition **out, struct sr_err *err);
void sr_condition_free(struct sr_condition *condition); /* NULL is allowed */
static inline void sr_condition_freep(struct sr_condition **condition)
{
	sr_condition_free(*condition);
	*condition = NULL;
}

/*
 * Kleene's logic: "all" is NO as soon as one part is, "any" is YES as soon as one is.  @missing is set on
 * UNKNOWN to the first field that was needed.  A NULL condition is YES.
 */
enum sr_verdict sr_condition_judge(const struct sr_condition *condition, const struct sr_target *target,
                                   const struct sr_field **missing);

/*
 * @value may be compared with @field at all: it has its form, and for a field with words is one of them.
 * SR_INVALID (": …").
 */
SR_CHECKED enum sr_status sr_condition_check_value(const struct sr_field *field, const json_t *value,
                                                   struct sr_err *err);

/* @have (a scalar, or a list of them: any element) equals one of the array @wanted. */
bool sr_condition_matches(const json_t *have, const json_t *wanted);
