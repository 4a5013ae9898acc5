/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of rules ("when"): three-valued, since data may be missing.  docs/RULEBOOK.md, "Conditions". */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/rule_field.h"

enum sr_verdict {
	SR_VERDICT_NO,
	SR_VERDICT_YES,
	SR_VERDICT_UNKNOWN, /* a field that it needs is absent */
};

enum sr_condition_kind {
	SR_CONDITION_ALL,
	SR_CONDITION_ANY,
	SR_CONDITION_NOT,
	SR_CONDITION_OF_CASE,  /* one part, judged for the case */
	SR_CONDITION_IN,       /* the field has one of the values */
	SR_CONDITION_PRESENT,  /* it is there, or it is not */
	SR_CONDITION_AT_LEAST, /* compared with another field or a value */
	SR_CONDITION_AT_MOST,
	SR_CONDITION_SAME,
	SR_CONDITION_CONTAINS, /* the text has one of the texts in it */
	SR_CONDITION_ENDS_WITH,
	SR_CONDITION_ROW_OF,  /* a row of the table is about the value */
	SR_CONDITION_SOME,    /* one element of a list satisfies the part */
	SR_CONDITION_SOME_OF, /* one of the members that the field refers to does */
};

/* Made by rule_condition_parse; immutable; borrows texts and tables from the pack's JSON. */
struct sr_condition {
	enum sr_condition_kind kind;
	struct sr_condition **parts; /* owned */
	size_t count;
	struct sr_field field;
	struct sr_field plus; /* offset into the recording, added to field; path NULL: none */
	json_t *values;       /* owned array of what the field is compared with; NULL: with @other */
	struct sr_field other;
	int64_t other_plus_s;
	bool present;
	const json_t *rows; /* row_of */
	const char *column; /* row_of: what the row must have besides; NULL: nothing */
	const char *list;   /* some: from the schema */
	bool nested;        /* some: the list is the element's, not the case's */
	char *scope_path;   /* some: owned; fields of the part borrow it */
};

void sr_condition_free(struct sr_condition *condition); /* NULL is allowed */
static inline void sr_condition_freep(struct sr_condition **condition)
{
	sr_condition_free(*condition);
	*condition = NULL;
}

/* The first field that was needed and is absent. */
struct sr_missing {
	char place[SR_PLACE_BYTES];     /* JSON pointer */
	char full_path[SR_PLACE_BYTES]; /* key of its label */
};

/* What judging one case needs besides the case's own tree. */
struct sr_judge {
	const struct sr_case *description;
	int64_t today_days;  /* since 1970-01-01 in the appliance's zone */
	uint64_t steps_left; /* of SR_LIMIT_RULE_STEPS; at 0 everything is UNKNOWN */
	struct sr_missing missing;
};

void sr_missing_set(struct sr_missing *missing, const struct sr_field *field, const struct sr_target *target);

/*
 * Kleene's logic: "all" is NO as soon as one part is, "any" is YES as soon as one is.  judge->missing is set
 * on UNKNOWN.  A NULL condition is YES.
 */
enum sr_verdict sr_condition_judge(const struct sr_condition *condition, const struct sr_target *target,
                                   struct sr_judge *judge);

/* @have (a scalar, or a list of them: any element) equals one of the array @wanted. */
bool sr_condition_matches(const json_t *have, const json_t *wanted);

/* The row of a table whose "kind" is @kind; NULL: none. */
const json_t *sr_condition_row(const json_t *rows, const char *kind);
