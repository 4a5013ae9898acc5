/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t (*injected_now_ns)(void);

int64_t sr_clock_now_ns(void)
{
	struct timespec now;

	if (injected_now_ns)
		return injected_now_ns();
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * SR_SECOND_NS + now.tv_nsec;
}

void sr_clock_inject(int64_t (*now_ns)(void))
{
	injected_now_ns = now_ns;
}

enum sr_status sr_clock_set_zone(const char *name, struct sr_err *err)
{
	char path[256];

	if (strstr(name, "..") || name[0] == '/' || strlen(name) > 100)
		return sr_fail(err, SR_INVALID, "%s is no name of a time zone", name);
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	bool known = access(path, R_OK) == 0;
	if (!known && strcmp(name, "Asia/Shanghai") == 0)
		name = "CST-8"; /* a machine without tzdata: the same offset since 1991 */
	else if (!known)
		return sr_fail(err, SR_INVALID,
		               "time zone %s is unknown here; install tzdata or mend the name", name);
	if (setenv("TZ", name, 1) < 0)
		return sr_fail_errno(err, "set the time zone");
	tzset();
	return SR_OK;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* @digits decimal digits of @value and @after behind them; entries of the log are made by the thousand. */
static char *put_digits(char *at, int64_t value, int digits, char after)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	at[digits] = after;
	return at + digits + 1;
}

/* "2026-11-21T08:15:00" and @after; *rest_ns is what is left of the second. */
static char *put_utc(int64_t time_ns, char *out, char after, int64_t *rest_ns)
{
	int64_t seconds = floor_div(time_ns, SR_SECOND_NS);
	int64_t days = floor_div(seconds, SR_DAY_S);
	int64_t of_day = seconds - days * SR_DAY_S;
	int year, month, day;

	sr_date_split(days, &year, &month, &day); /* nanoseconds of 64 bits: 1677 to 2262 */
	out = put_digits(out, year, 4, '-');
	out = put_digits(out, month, 2, '-');
	out = put_digits(out, day, 2, 'T');
	out = put_digits(out, of_day / 3600, 2, ':');
	out = put_digits(out, of_day / 60 % 60, 2, ':');
	*rest_ns = time_ns % SR_SECOND_NS + (time_ns % SR_SECOND_NS < 0 ? SR_SECOND_NS : 0);
	return put_digits(out, of_day % 60, 2, after);
}

void sr_time_format_utc(int64_t time_ns, char out[SR_TIME_TEXT])
{
	int64_t rest;

	*put_utc(time_ns, out, 'Z', &rest) = 0;
}

void sr_time_format_utc_us(int64_t time_ns, char out[SR_TIME_TEXT])
{
	int64_t rest;
	char *at = put_utc(time_ns, out, '.', &rest);

	*put_digits(at, rest / 1000, 6, 'Z') = 0;
}

void sr_time_format_local(int64_t time_ns, char out[SR_TIME_TEXT])
{
	time_t seconds = (time_t)floor_div(time_ns, SR_SECOND_NS);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(out, SR_TIME_TEXT, "%Y-%m-%d %H:%M", &tm);
}

/* Days from civil date and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int64_t sr_date_join(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void sr_date_split(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
	*month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

/* Exactly @digits decimal digits at *text, which moves on. */
static bool take_digits(const char **text, int digits, int *out)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		char c = (*text)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*text += digits;
	*out = value;
	return true;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool take_date(const char **text, int64_t *out_days)
{
	int year, month, day, y, m, d;

	if (!take_digits(text, 4, &year) || !take_char(text, '-') || !take_digits(text, 2, &month) ||
	    !take_char(text, '-') || !take_digits(text, 2, &day))
		return false;
	if (year < 1700 || year > 2200 || month < 1 || month > 12 || day < 1)
		return false;
	*out_days = sr_date_join(year, month, day);
	sr_date_split(*out_days, &y, &m, &d);
	return y == year && m == month && d == day;
}

bool sr_date_parse(const char *text, int64_t *out_days)
{
	int64_t days;

	if (!take_date(&text, &days) || *text != 0)
		return false;
	*out_days = days;
	return true;
}

void sr_date_format(int64_t days, char out[SR_TIME_TEXT])
{
	int year, month, day;

	sr_date_split(days, &year, &month, &day);
	snprintf(out, SR_TIME_TEXT, "%04d-%02d-%02d", year, month, day);
}

/* ":ss" and a fraction, both optional for local times. */
static bool take_seconds(const char **text, int *second, int64_t *fraction_ns)
{
	int64_t unit = SR_SECOND_NS;

	*second = 0;
	*fraction_ns = 0;
	if (!take_char(text, ':'))
		return true;
	if (!take_digits(text, 2, second) || *second > 59)
		return false;
	if (!take_char(text, '.'))
		return true;
	for (int i = 0; **text >= '0' && **text <= '9'; i++, (*text)++) {
		if (i >= 9)
			return false;
		unit /= 10;
		*fraction_ns += (**text - '0') * unit;
	}
	return unit < SR_SECOND_NS;
}

/* "Z", "+08:00" or nothing; @local says that there was nothing. */
static bool take_offset(const char **text, int64_t *offset_s, bool *local)
{
	int sign = **text == '-' ? -1 : 1;
	int hours, minutes;

	*local = false;
	*offset_s = 0;
	if (take_char(text, 'Z'))
		return true;
	if (**text == 0) {
		*local = true;
		return true;
	}
	if (!take_char(text, '+') && !take_char(text, '-'))
		return false;
	if (!take_digits(text, 2, &hours) || !take_char(text, ':') || !take_digits(text, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*offset_s = sign * (hours * INT64_C(3600) + minutes * INT64_C(60));
	return true;
}

static int64_t local_seconds(int64_t days, int hour, int minute, int second)
{
	struct tm tm = { .tm_hour = hour, .tm_min = minute, .tm_sec = second, .tm_isdst = -1 };
	int year, month, day;

	sr_date_split(days, &year, &month, &day);
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	return mktime(&tm);
}

bool sr_time_parse(const char *text, int64_t *out_ns)
{
	int64_t days, offset_s, fraction_ns, seconds;
	int hour, minute, second;
	bool local;

	if (!take_date(&text, &days) || (!take_char(&text, 'T') && !take_char(&text, ' ')))
		return false;
	if (!take_digits(&text, 2, &hour) || hour > 23 || !take_char(&text, ':') ||
	    !take_digits(&text, 2, &minute) || minute > 59)
		return false;
	if (!take_seconds(&text, &second, &fraction_ns) || !take_offset(&text, &offset_s, &local) ||
	    *text != 0)
		return false;
	if (local)
		seconds = local_seconds(days, hour, minute, second);
	else
		seconds = days * SR_DAY_S + hour * INT64_C(3600) + minute * INT64_C(60) + second - offset_s;
	*out_ns = seconds * SR_SECOND_NS + fraction_ns;
	return true;
}

int64_t sr_date_of_time(int64_t time_ns)
{
	time_t seconds = (time_t)floor_div(time_ns, SR_SECOND_NS);
	struct tm tm;

	localtime_r(&seconds, &tm);
	return sr_date_join(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

int64_t sr_time_of_date(int64_t days)
{
	return local_seconds(days, 0, 0, 0) * SR_SECOND_NS;
}
