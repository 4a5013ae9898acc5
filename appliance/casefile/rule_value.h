/* SPDX-License-Identifier: Apache-2.0 */
/* Values of fields that can be compared: points in time, numbers, texts.  docs/RULEBOOK.md, "Conditions". */
#pragma once

#include <stdint.h>

#include "appliance/base/clock.h"
#include "appliance/casefile/rule_field.h"

/* A point in time that may be known to the day only. */
struct sr_moment {
	int64_t days;    /* since 1970-01-01, in the appliance's zone */
	int64_t time_ns; /* with @has_time */
	bool has_time;
};

enum sr_value_class {
	SR_VALUE_NONE, /* lists, objects and what is only equal or not */
	SR_VALUE_TIME,
	SR_VALUE_NUMBER, /* integers; amounts in cents; offsets in seconds */
};

struct sr_value {
	enum sr_value_class class;
	struct sr_moment moment;
	int64_t number;
};

/* What the values of a field are; "today" is a time. */
enum sr_value_class sr_value_class_of(const struct sr_field *field);

/* False where it is absent.  @today_days is for the field "today". */
bool sr_value_get(const struct sr_field *field, const struct sr_target *target, int64_t today_days,
                  struct sr_value *out);
/* The same of a value that fits the form of @field. */
bool sr_value_parse(const struct sr_field *field, const json_t *json, struct sr_value *out);

/* Add seconds to a time that is known to more than the day, or to a number of seconds. */
void sr_value_add_seconds(struct sr_value *value, int64_t seconds);

/* Below 0, 0 or above 0; by the day where one of two times is known to the day only. */
int sr_value_compare(const struct sr_value *a, const struct sr_value *b);
int sr_moment_compare(struct sr_moment a, struct sr_moment b);
bool sr_moment_parse(const char *text, struct sr_moment *out);
