/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a case's members should lie: volume and order by the pack's table of document kinds (正卷、副卷), page
 * numbers by the pages that were counted.  A proposal: nothing is changed by it.  docs/RULEBOOK.md,
 * "Arranging".
 */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/inspect.h"
#include "appliance/casefile/rulebook.h"

/*
 * {"members":[{"index" (in the description, from
 * 0),"path","kind","volume","pages","page_from","page_to","changed":[key…]}…],"changed":N} in the proposed
 * order: documents of 正卷, those of 副卷, then recordings and explanations as they lie.  A kind that the
 * table does not know comes after the known ones of its volume.  Page numbers begin at 1 in each volume; from
 * a document on whose pages nobody knows they are null.  "changed" names what differs from the description
 * ("order", "volume", "page_from", "page_to").  @pages: one element a member, or NULL.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_arrange(const struct sr_case *description, const struct sr_rulebook *rulebook,
                                     const struct sr_member_pages *pages, json_t **out, struct sr_err *err);

/* The whole description with the proposal taken over; the caller owns *out. */
SR_CHECKED enum sr_status sr_arrange_apply(const struct sr_case *description, const json_t *arrangement,
                                           json_t **out, struct sr_err *err);
