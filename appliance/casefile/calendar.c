/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/calendar.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/form.h"

static bool is_weekend(int64_t day)
{
	int64_t weekday = ((day + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */

	return weekday == 0 || weekday == 6;
}

static int year_of(int64_t day)
{
	int year, month, day_of_month;

	sr_date_split(day, &year, &month, &day_of_month);
	return year;
}

/* --- the table ------------------------------------------------------------------------------------------ */

static enum sr_status check_days(const json_t *table, const char *key, const char *year, struct sr_err *err)
{
	const json_t *list = json_object_get(table, key);
	size_t index;
	json_t *date;
	int64_t last = INT64_MIN;

	if (!json_is_array(list))
		return sr_fail(err, SR_INVALID, "/%s: must be a list of dates", key);
	json_array_foreach(list, index, date) {
		const char *text = json_string_value(date);
		int64_t day;

		if (!text || !sr_date_parse(text, &day) || strncmp(text, year, 4) != 0)
			return sr_fail(err, SR_INVALID, "/%s/%zu: must be a date of %.4s", key, index, year);
		if (day <= last)
			return sr_fail(err, SR_INVALID, "/%s/%zu: dates must ascend", key, index);
		if (strcmp(key, "work") == 0 && !is_weekend(day))
			return sr_fail(err, SR_INVALID, "/%s/%zu: is no Saturday or Sunday", key, index);
		last = day;
	}
	return SR_OK;
}

static enum sr_status check_year(const char *year, const json_t *table, struct sr_err *err)
{
	const char *key;
	json_t *value;

	if (strlen(year) != 4 || strspn(year, "0123456789") != 4)
		return sr_fail(err, SR_INVALID, ": is no year");
	if (!json_is_object(table))
		return sr_fail(err, SR_INVALID, ": must be an object");
	json_object_foreach((json_t *)(uintptr_t)table, key, value) {
		if (!sr_form_is_word_of(key, "source|off|work"))
			return sr_fail(err, SR_INVALID, "/%.64s: this version knows no such key", key);
	}
	if (sr_text_is_blank(sr_json_text(table, "source")))
		return sr_fail(err, SR_INVALID, "/source: must name the notice that the table follows");
	SR_TRY(check_days(table, "off", year, err));
	return check_days(table, "work", year, err);
}

enum sr_status sr_calendar_check(const json_t *holidays, struct sr_err *err)
{
	const char *year;
	json_t *table;

	if (!json_is_object(holidays))
		return sr_fail(err, SR_INVALID, ": must be an object of years");
	json_object_foreach((json_t *)(uintptr_t)holidays, year, table) {
		enum sr_status status = check_year(year, table, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/%.16s", year);
	}
	return SR_OK;
}

/* --- days ----------------------------------------------------------------------------------------------- */

static bool lists(const json_t *table, const char *key, const char *date)
{
	size_t index;
	json_t *listed;

	json_array_foreach(json_object_get(table, key), index, listed) {
		if (strcmp(json_string_value(listed), date) == 0)
			return true;
	}
	return false;
}

bool sr_calendar_is_working_day(const json_t *holidays, int64_t day, bool *working)
{
	char date[SR_TIME_TEXT], year[5];

	sr_date_format(day, date);
	memcpy(year, date, 4);
	year[4] = 0;
	const json_t *table = json_object_get(holidays, year);
	if (!table)
		return false;
	*working = is_weekend(day) ? lists(table, "work", date) : !lists(table, "off", date);
	return true;
}

bool sr_calendar_count(const json_t *holidays, int64_t from, int64_t to, int64_t most, int64_t *count,
                       int *no_year)
{
	bool working = false;

	*count = 0;
	for (int64_t day = from + 1; day <= to && *count <= most; day++) {
		if (!sr_calendar_is_working_day(holidays, day, &working)) {
			*no_year = year_of(day);
			return false;
		}
		*count += working;
	}
	return true;
}

bool sr_calendar_due(const json_t *holidays, int64_t from, int64_t working_days, int64_t *due, int *no_year)
{
	bool working = false;

	*due = from;
	for (int64_t count = 0; count < working_days; count += working) {
		++*due;
		if (!sr_calendar_is_working_day(holidays, *due, &working)) {
			*no_year = year_of(*due);
			return false;
		}
	}
	return true;
}
