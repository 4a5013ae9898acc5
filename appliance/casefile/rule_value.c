/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_value.h"

#include <stdlib.h>
#include <string.h>

enum sr_value_class sr_value_class_of(const struct sr_field *field)
{
	if (!field->entry)
		return SR_VALUE_TIME;
	if (field->entry->list)
		return SR_VALUE_NONE;
	switch (field->entry->form) {
	case SR_FORM_DATE:
	case SR_FORM_TIME:
	case SR_FORM_MOMENT:
		return SR_VALUE_TIME;
	case SR_FORM_INTEGER:
	case SR_FORM_MONEY:
	case SR_FORM_OFFSET:
		return SR_VALUE_NUMBER;
	case SR_FORM_TEXT:
	case SR_FORM_BOOLEAN:
	case SR_FORM_DIGEST:
	case SR_FORM_CHOICE:
	case SR_FORM_WORD:
	case SR_FORM_PATH:
	case SR_FORM_REFERENCE:
	case SR_FORM_RECORD:
	case SR_FORM_OBJECT:
		return SR_VALUE_NONE;
	}
	return SR_VALUE_NONE;
}

bool sr_moment_parse(const char *text, struct sr_moment *out)
{
	*out = (struct sr_moment){ 0 };
	if (sr_date_parse(text, &out->days))
		return true;
	out->has_time = sr_time_parse(text, &out->time_ns);
	out->days = out->has_time ? sr_date_of_time(out->time_ns) : 0;
	return out->has_time;
}

/* "1200.5" is 120050; the form has at most 15 digits. */
static int64_t cents_of(const char *text)
{
	char *rest;
	int64_t cents = 100 * (int64_t)strtoll(text, &rest, 10);

	if (rest[0] == '.' && rest[1])
		cents += 10ll * (rest[1] - '0') + (rest[2] ? rest[2] - '0' : 0);
	return cents;
}

/* "01:02:03", digits where the form has them. */
static int64_t seconds_of(const char *text)
{
	int64_t seconds = 0;

	for (size_t part = 0; part < 3; part++)
		seconds = 60 * seconds + 10ll * (text[3 * part] - '0') + (text[3 * part + 1] - '0');
	return seconds;
}

bool sr_value_parse(const struct sr_field *field, const json_t *json, struct sr_value *out)
{
	const char *text = json_string_value(json);

	*out = (struct sr_value){ .class = sr_value_class_of(field) };
	if (!json || out->class == SR_VALUE_NONE)
		return false;
	if (out->class == SR_VALUE_TIME)
		return text && sr_moment_parse(text, &out->moment);
	if (field->entry->form == SR_FORM_INTEGER)
		out->number = json_integer_value(json);
	else if (text)
		out->number = field->entry->form == SR_FORM_MONEY ? cents_of(text) : seconds_of(text);
	return text || json_is_integer(json);
}

bool sr_value_get(const struct sr_field *field, const struct sr_target *target, int64_t today_days,
                  struct sr_value *out)
{
	if (field->entry)
		return sr_value_parse(field, sr_field_get(field, target), out);
	*out = (struct sr_value){ .class = SR_VALUE_TIME, .moment = { .days = today_days } };
	return true;
}

void sr_value_add_seconds(struct sr_value *value, int64_t seconds)
{
	if (value->class == SR_VALUE_NUMBER) {
		value->number += seconds;
	} else if (value->moment.has_time) {
		value->moment.time_ns += seconds * SR_SECOND_NS;
		value->moment.days = sr_date_of_time(value->moment.time_ns);
	}
}

int sr_moment_compare(struct sr_moment a, struct sr_moment b)
{
	if (a.has_time && b.has_time)
		return (a.time_ns > b.time_ns) - (a.time_ns < b.time_ns);
	return (a.days > b.days) - (a.days < b.days);
}

int sr_value_compare(const struct sr_value *a, const struct sr_value *b)
{
	if (a->class == SR_VALUE_TIME)
		return sr_moment_compare(a->moment, b->moment);
	return (a->number > b->number) - (a->number < b->number);
}
