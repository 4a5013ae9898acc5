/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working days of China: Monday to Friday but for the days off of the State Council's yearly notice, and the
 * weekend days that it makes working days.  docs/RULEBOOK.md, "Holidays".  Thread-safe.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"

/* "holidays" of a pack: {"2025":{"source","off":[dates],"work":[dates]}}.  SR_INVALID ("/2025/off/3: …"). */
SR_CHECKED enum sr_status sr_calendar_check(const json_t *holidays, struct sr_err *err);

/* False, and nothing is said, where the table of the day's year is not there.  Days since 1970-01-01. */
bool sr_calendar_is_working_day(const json_t *holidays, int64_t day, bool *working);

/*
 * Working days after @from up to and with @to (day 0 does not count), at most @most + 1; *count is 0 where
 * @to is not later.  False, with the year in *no_year, where a year's table that is needed is not there.
 */
bool sr_calendar_count(const json_t *holidays, int64_t from, int64_t to, int64_t most, int64_t *count,
                       int *no_year);

/* The @working_days-th working day after @from.  False as above. */
bool sr_calendar_due(const json_t *holidays, int64_t from, int64_t working_days, int64_t *due, int *no_year);
