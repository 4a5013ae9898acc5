/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers who read out of hours, or far more than they are used to, from the openings in the log
 * (docs/RULEBOOK.md, "Early warnings").
 */
#pragma once

#include <jansson.h>

#include "appliance/keeper/core/act.h"

#define SR_WATCH_DAYS 7            /* of which something is told */
#define SR_WATCH_USUAL_DAYS 90     /* that the median looks back on, before the day itself */
#define SR_WATCH_USUAL_LEAST 5     /* days of reading in them: fewer say nothing about habits */
#define SR_WATCH_OPENINGS_LEAST 10 /* of a day that may be called too many */
#define SR_WATCH_DAY_BEGINS_H 8    /* of a working day, in the appliance's zone */
#define SR_WATCH_DAY_ENDS_H 18

/*
 * [{"code":"reader_outside_hours","reader","day":DAY,"count"} | {"code":"reader_above_usual","reader",
 * "day":DAY,"count","usual"}…] of the last SR_WATCH_DAYS days, today among them, by reader and day.  An
 * auditor's are all openings, everybody else's those of cases that they may know of.  DAY counts from
 * 1970-01-01 in the appliance's zone.  Days of a year without a holiday table are out of hours by the clock
 * alone.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_reader_watch(struct sr_act *act, const json_t *holidays, int64_t now_ns,
                                          json_t **out, struct sr_err *err);
