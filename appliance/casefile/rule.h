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
	SR_RULE_VALUE_IN,
	SR_RULE_EQUAL,
	SR_RULE_ORDER,
};

/* Texts and JSON are borrowed from the pack. */
struct sr_rule {
	const char *code;
	const char *article;
	enum sr_severity severity;
	enum sr_rule_kind kind;
	struct sr_scope scope;
	struct sr_condition *when; /* owned; NULL: always */
	struct sr_field *fields;   /* owned; require_field: all; value_in: one; equal and order: two;
	                              require_member: the references to look among, or none */
	size_t field_count;
	json_t *values;                        /* value_in: owned array */
	const json_t *document_kinds;          /* require_member: array of text, or NULL: any */
	bool any_class;                        /* require_member */
	enum sr_member_class class;            /* require_member, unless any_class */
	const char *zh, *en, *fix_zh, *fix_en; /* templates */
};
