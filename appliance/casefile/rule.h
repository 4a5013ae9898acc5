/* SPDX-License-Identifier: Apache-2.0 */
/* One rule of a pack as read: what rule_parse makes and rule_check applies.  docs/RULEBOOK.md. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"
#include "appliance/casefile/rule_condition.h"
#include "appliance/casefile/rule_field.h"

enum sr_rule_kind {
	SR_RULE_REQUIRE_MEMBER,
	SR_RULE_REQUIRE_FIELD,
	SR_RULE_REQUIRE_WORDS,
	SR_RULE_REQUIRE_SERVICE,
	SR_RULE_VALUE_IN,
	SR_RULE_EQUAL,
	SR_RULE_SET_ONCE,
	SR_RULE_ORDER,
	SR_RULE_DEADLINE,
	SR_RULE_GATE,
	SR_RULE_COVERAGE,
	SR_RULE_SIGNERS,
	SR_RULE_TRANSCRIPT,
	SR_RULE_HOLDS,
};

enum sr_time_unit {
	SR_UNIT_HOURS,
	SR_UNIT_DAYS,
	SR_UNIT_WORKING_DAYS,
};

/* Texts and JSON are borrowed from the pack where nothing else is said. */
struct sr_rule {
	const char *code;
	const char *article;
	enum sr_severity severity;
	enum sr_rule_kind kind;
	struct sr_scope scope;     /* outer is NULL after parsing */
	struct sr_condition *when; /* owned; NULL: always */

	/*
	 * Owned.  require_field, require_words, set_once: all; value_in: one, and the one that chooses the
	 * row; equal: two; order, deadline: from, to; gate: before, at; signers: attended, signed;
	 * transcript, require_service: the reference; require_member: the references to look among, or none;
	 * holds: the one to blame, or none.
	 */
	struct sr_field *fields;
	size_t field_count;
	json_t *values;               /* owned array: value_in, require_words; NULL: @rows */
	const json_t *rows;           /* value_in: a table */
	const char *column;           /* value_in: what of the row; NULL: its kind */
	const json_t *document_kinds; /* require_member: array of text, or NULL: any */
	bool any_class;               /* require_member */
	enum sr_member_class class;   /* require_member, unless any_class */
	struct sr_condition *that;    /* owned; holds, and gate's where */
	const char *list;             /* gate; signers, where the signed are in a list of objects */
	enum sr_time_unit unit;       /* deadline */
	int64_t most;                 /* deadline, in that unit */
	struct sr_field reason;       /* deadline: what turns it into a warning; path NULL: nothing */
	int64_t tolerance_s;          /* coverage */
	bool replaced;                /* a rule of an extending pack stands for it */
	const char *zh, *en, *fix_zh, *fix_en; /* templates */
};
