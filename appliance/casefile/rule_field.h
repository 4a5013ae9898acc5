/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a case description by dotted path, checked against the schema.  docs/RULEBOOK.md, "Fields". */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/casefile/schema.h"

/* What a rule is applied to: the case, or each element of one of its lists. */
struct sr_scope {
	const char *list;               /* "members", "acts", …; NULL: the case itself */
	const struct sr_schema *schema; /* of the case or of the element */
};

/* One element (or the case) that is being judged. */
struct sr_target {
	const json_t *root;    /* the whole case.json */
	const json_t *element; /* root, where the scope is the case */
	const char *list;
	size_t index;
};

struct sr_field {
	const char *path;                    /* dotted, without "case."; borrowed */
	bool of_case;                        /* counts from the case even where the scope is a list */
	const struct sr_schema_entry *entry; /* NULL: the day of the check, "today" */
};

/* SR_INVALID (": …", to follow a JSON pointer) when @list is no list of objects in a case. */
SR_CHECKED enum sr_status sr_scope_find(const char *list, struct sr_scope *out, struct sr_err *err);

/*
 * "dates.started" in the case, "explanation.collector" in a member; "case.dates.started" reaches the case
 * from an element.  SR_INVALID (": …") when the schema does not have it or the path leads through a list.
 */
SR_CHECKED enum sr_status sr_field_find(const struct sr_scope *scope, const char *path, struct sr_field *out,
                                        struct sr_err *err);

/* NULL when it is absent: not there, null, blank, or nothing in it that is not absent.  Borrowed. */
const json_t *sr_field_get(const struct sr_field *field, const struct sr_target *target);

/* Append the JSON pointer of a field of a target: "/members/3/explanation/collector". */
SR_CHECKED enum sr_status sr_field_pointer(const struct sr_field *field, const struct sr_target *target,
                                           struct sr_buf *out, struct sr_err *err);

/* Append the path from the case: "members.explanation.collector"; the key of a pack's labels. */
SR_CHECKED enum sr_status sr_field_full_path(const struct sr_field *field, const char *list,
                                             struct sr_buf *out, struct sr_err *err);
