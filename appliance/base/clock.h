/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points in time are nanoseconds since 1970-01-01 UTC in an int64_t (years 1678 to 2262).  The
 * appliance's zone is process-wide and set once, before threads start (sr_clock_set_zone).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_SECOND_NS 1000000000ll
#define SR_DAY_S 86400ll
#define SR_TIME_TEXT 36 /* bytes for any formatted time, with NUL */

/* Wall clock; a test may put its own in its place. */
int64_t sr_clock_now_ns(void);
void sr_clock_inject(int64_t (*now_ns)(void));

/* IANA name such as "Asia/Shanghai"; SR_INVALID when the machine does not know it. */
SR_CHECKED enum sr_status sr_clock_set_zone(const char *name, struct sr_err *err);

/* "2026-11-21T08:15:00Z" (seconds cut), and with microseconds "2026-11-21T08:15:00.123456Z". */
void sr_time_format_utc(int64_t time_ns, char out[SR_TIME_TEXT]);
void sr_time_format_utc_us(int64_t time_ns, char out[SR_TIME_TEXT]);
/* In the appliance's zone, for people: "2026-11-21 16:15". */
void sr_time_format_local(int64_t time_ns, char out[SR_TIME_TEXT]);

/*
 * RFC 3339 with zone ("2025-03-01T09:00:00+08:00", fractions to 9 digits, 'Z'), or local time in the
 * appliance's zone: "2025-03-02 09:30", "2025-03-02T09:30:15".  False when it is neither, or no such
 * day or hour exists.
 */
bool sr_time_parse(const char *text, int64_t *out_ns);

/* A calendar date "2025-03-02" as days since 1970-01-01; false when there is no such day. */
bool sr_date_parse(const char *text, int64_t *out_days);
void sr_date_format(int64_t days, char out[SR_TIME_TEXT]);
/* Day of a point in time in the appliance's zone; first moment of a day there. */
int64_t sr_date_of_time(int64_t time_ns);
int64_t sr_time_of_date(int64_t days);
/* Year, month 1-12, day 1-31 of a day number, and back (proleptic Gregorian calendar). */
void sr_date_split(int64_t days, int *year, int *month, int *day);
int64_t sr_date_join(int year, int month, int day);
