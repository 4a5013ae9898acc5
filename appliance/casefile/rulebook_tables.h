/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a pack: document kinds, acts to be recorded, holidays, ….  docs/RULEBOOK.md, "Tables". */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"

/*
 * Untrusted: unknown tables and columns, missing and wrong cells and kinds named twice are SR_INVALID with
 * their place ("/document_kinds/3/volume: …"); SR_LIMIT over SR_LIMIT_TABLE_ROWS.
 */
SR_CHECKED enum sr_status sr_rulebook_check_tables(const json_t *tables, struct sr_err *err);

/*
 * Add to @into what it does not have yet: whole tables, and of "holidays" single years, so that a pack can
 * add a year to those of the pack that it extends.  Both stay the callers'.
 */
SR_CHECKED enum sr_status sr_rulebook_merge_tables(json_t *into, const json_t *tables, struct sr_err *err);
