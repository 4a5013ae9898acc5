/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scopes: which cases and which members.  A scope of members is [{"case":ID,"members":[N,…]},…]; where it is
 * left out, every member of the cases is meant.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"

/* Add @more (may be NULL) to the scope under @key of @record. */
SR_CHECKED enum sr_status sr_scope_append(json_t *record, const char *key, const json_t *more,
                                          struct sr_err *err);
/* Whether a scope names that member of that case. */
bool sr_scope_names(const json_t *scope, const char *case_id, json_int_t member);
/* Whether a list of texts holds a word. */
bool sr_scope_lists(const json_t *list, const char *word);

/*
 * What all decisions of @request have in common, into @grant: cases and channels of all (left out: those
 * requested), `without` of any, `with` of all, `escort` and `no_cache` of any, `approved_by`.  SR_DENIED when
 * nothing is left, when a decision adds a case or channel that was not requested, or when two name different
 * escorts.
 */
SR_CHECKED enum sr_status sr_scope_intersect(const json_t *request, json_t *grant, struct sr_err *err);

/* Whether a grant's cases and members have it, and no decision took it away. */
bool sr_scope_includes(const json_t *grant, const char *case_id, json_int_t member);

/* Whether a grant covers a member of a case on a channel: inside its cases and members, not taken away. */
bool sr_scope_covers(const json_t *grant, const char *case_id, json_int_t member, const char *channel);
