/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people want to see of a draft beside its record: title, deadline, names, and the recordings of each
 * act on a line of time.  Reading only; any thread.
 */
#pragma once

#include <jansson.h>

#include "appliance/casefile/description.h"
#include "appliance/keeper/core/act.h"

/*
 * case.json of the draft as it lies there, without waiting for its lock: it is renamed into place, so it is
 * whole.  The caller owns *out, which is NULL where there is none.
 */
SR_CHECKED enum sr_status sr_draft_view_description(const struct sr_keeper *keeper, const char *draft,
                                                    json_t **out, struct sr_err *err);

/*
 * Adds to @item "title", "due" (day by which the case is to be archived, 内蒙古 第二十三条; of the
 * description, else of the register's row), "days" left until it, "listed" (members of the description),
 * "handler_name", "organ_name" and "mine": whether the caller had a hand in it, and so cannot receive it.
 * @description may be NULL.
 */
SR_CHECKED enum sr_status sr_draft_view_add(struct sr_act *act, struct sr_txn *txn, const json_t *record,
                                            const json_t *description, json_t *item, struct sr_err *err);

/*
 * One object of sr_timeline_to_json for each act, with "act" (its index); {"act","missing"} with the JSON
 * pointer of the time that is missing where no line can be drawn.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_draft_view_timelines(const struct sr_case *description, json_t **out,
                                                  struct sr_err *err);
