/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of entries and the fields of each: one table, the same as in docs/LEDGER.md ("Types").  No state;
 * any thread.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "appliance/base/err.h"

/*
 * Fields in their order, each "name:kind", or "name:kind?" where it may be left out, separated by a space.
 * Kinds: text      not empty                       count    whole number from 0 flag      true or false
 * digest   SHA-256, 64 lower-case hexadecimal digits time      RFC 3339 in UTC, with "Z"       date
 * "2026-11-21" case      case id                         cases    case ids, one or more texts     texts scope
 * [{"case":id,"members":[n, …]}, …], one or more ranges    [[first,last], …] in bytes      object   an object
 *   objects   objects
 * For the fixed members alone: moment (a time with six digits of microseconds), salt, actor.
 */
struct sr_entry_type {
	const char *name;
	const char *fields;
};

/* In the order of the document; NULL behind the last. */
const struct sr_entry_type *sr_entry_type_at(size_t index);
/* NULL for a name that is none. */
const struct sr_entry_type *sr_entry_type_find(const char *name);

/*
 * Are the members of an object from *iter (a jansson iterator) on those of @fields, in this order?  *iter is
 * then behind them.  SR_CORRUPT names the member that is missing or of another kind.
 */
SR_CHECKED enum sr_status sr_entry_fields_check(const char *fields, json_t *object, void **iter,
                                                struct sr_err *err);

/* Copy the members of @from (NULL: none) that @fields names into @to, in this order.  SR_INVALID for any
 * other. */
SR_CHECKED enum sr_status sr_entry_fields_copy(const char *fields, const json_t *from, json_t *to,
                                               struct sr_err *err);
