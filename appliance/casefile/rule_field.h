/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a case description by dotted path, checked against the schema.  docs/RULEBOOK.md, "Fields". */
#pragma once

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/casefile/schema.h"

#define SR_FIELD_OF_CASE UINT_MAX
#define SR_PLACE_BYTES 256 /* a JSON pointer to a field of the schema, with NUL */

/* What fields count from: the case, an element of one of its lists, or an element of a list in that. */
struct sr_scope {
	const struct sr_schema *schema; /* of the case or of the element */
	const char *path;               /* "members", "acts.gaps"; NULL: the case.  Borrowed */
	const char *list, *inner;       /* the names of the lists, as the schema has them; NULL: none */
	const struct sr_scope *outer;   /* what "outer." leads to; NULL: nothing */
};

/* One element (or the case) that is being judged. */
struct sr_target {
	const json_t *root;    /* the whole case.json */
	const json_t *element; /* root, where the scope is the case */
	const char *list;      /* that @element is in; NULL: the case */
	size_t index;
	bool nested;                   /* the list is one of the outer element, not of the case */
	const struct sr_target *outer; /* the element around it, or that asked about it; NULL: none */
};

struct sr_field {
	const char *path;                    /* dotted, without "case." and "outer."; borrowed */
	unsigned outward;                    /* elements outward, or SR_FIELD_OF_CASE */
	const char *scope;                   /* path of the scope that it counts from; NULL: the case */
	const struct sr_schema_entry *entry; /* NULL: the day of the check, "today" */
};

/*
 * The scope of "members" or "acts.gaps"; NULL: the case.  @between receives the scope of the outer list of
 * two, to which @out points.  SR_INVALID (": …", to follow a JSON pointer) when there is no such list of
 * objects.
 */
SR_CHECKED enum sr_status sr_scope_find(const char *each, struct sr_scope *out, struct sr_scope *between,
                                        struct sr_err *err);

/*
 * "dates.started" in the case, "explanation.collector" in a member; "case.dates.started" reaches the case
 * from an element, "outer.from" the act from its gap.  SR_INVALID (": …") when the schema does not have it or
 * the path leads through a list.
 */
SR_CHECKED enum sr_status sr_field_find(const struct sr_scope *scope, const char *path, struct sr_field *out,
                                        struct sr_err *err);

/* NULL when it is absent: not there, null, blank, or nothing in it that is not absent.  Borrowed. */
const json_t *sr_field_get(const struct sr_field *field, const struct sr_target *target);

/* Where a target, or a field of it, is: "/members/3/explanation/collector"; "" for the case itself. */
void sr_target_place(const struct sr_target *target, char out[SR_PLACE_BYTES]);
void sr_field_place(const struct sr_field *field, const struct sr_target *target, char out[SR_PLACE_BYTES]);

/* The path from the case: "members.explanation.collector"; the key of a pack's labels. */
void sr_field_full_path(const struct sr_field *field, char out[SR_PLACE_BYTES]);
