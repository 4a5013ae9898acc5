/* SPDX-License-Identifier: Apache-2.0 */
/* Over all cases that a caller may know of, or all there are, in snapshots that are let go of in between. */
#pragma once

#include "appliance/keeper/core/case_view.h"

typedef enum sr_status sr_case_each_step(void *context, struct sr_txn *txn,
                                         const struct sr_case_record *record, struct sr_err *err);

/*
 * Call @each for every case, in the order of case ids; @everything: also those that the caller may not know
 * of, for what is decided and not told.  Cases that are sealed meanwhile may be met or not.  The record lies
 * in the map during the call.
 */
SR_CHECKED enum sr_status sr_case_each(struct sr_act *act, bool everything, sr_case_each_step *each,
                                       void *context, struct sr_err *err);
