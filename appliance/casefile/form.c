/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/form.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/text.h"
#include "appliance/casefile/member_path.h"

#define MONEY_DIGITS 15

bool sr_form_is_absent(const json_t *value)
{
	return !value || json_is_null(value) ||
	       (json_is_string(value) && sr_text_is_blank(json_string_value(value)));
}

bool sr_form_is_word_of(const char *word, const char *words)
{
	size_t size = strlen(word);

	for (const char *at = words; size > 0; at++) {
		size_t length = strcspn(at, "|");

		if (length == size && memcmp(at, word, size) == 0)
			return true;
		at += length;
		if (*at == 0)
			break;
	}
	return false;
}

const char *sr_form_type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "something else";
}

static bool is_money(const char *text)
{
	size_t whole = strspn(text, "0123456789");
	size_t cents = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
	size_t size = whole + (text[whole] == '.' ? 1 + cents : 0);

	if (whole == 0 || text[size] != 0 || (text[whole] == '.' && (cents == 0 || cents > 2)))
		return false;
	return whole + cents <= MONEY_DIGITS && (whole == 1 || text[0] != '0');
}

static bool is_date(const char *text)
{
	int64_t days;

	return sr_date_parse(text, &days);
}

static bool is_time(const char *text)
{
	int64_t time_ns;

	return sr_time_parse(text, &time_ns);
}

static bool is_moment(const char *text)
{
	return is_date(text) || is_time(text);
}

static bool is_offset(const char *text)
{
	static const char limit[] = "99:59:59"; /* each digit's largest value */

	for (size_t i = 0; i < sizeof(limit) - 1; i++) {
		bool fits = limit[i] == ':' ? text[i] == ':' : text[i] >= '0' && text[i] <= limit[i];

		if (!fits)
			return false;
	}
	return text[sizeof(limit) - 1] == 0;
}

static bool is_digest(const char *text)
{
	uint8_t bytes[32];

	return sr_hex_decode(text, strlen(text), false, bytes, sizeof(bytes));
}

/* Forms of text that need no more than a look; the others are handled one by one. */
static const struct {
	enum sr_form form;
	bool (*fits)(const char *text);
	const char *expected;
} looks[] = {
	{ SR_FORM_MONEY, is_money, "an amount such as \"1200.50\"" },
	{ SR_FORM_DATE, is_date, "a date such as \"2025-03-02\"" },
	{ SR_FORM_TIME, is_time, "a time such as \"2025-03-02T09:30:00+08:00\" or \"2025-03-02 09:30\"" },
	{ SR_FORM_MOMENT, is_moment, "a time such as \"2025-03-02T09:30:00+08:00\" or a date" },
	{ SR_FORM_OFFSET, is_offset, "an offset such as \"00:31:05\"" },
	{ SR_FORM_DIGEST, is_digest, "a SHA-256 of 64 hexadecimal digits" },
};

static enum sr_status check_look(enum sr_form form, const char *text, struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(looks); i++)
		if (looks[i].form == form && !looks[i].fits(text))
			return sr_fail(err, SR_INVALID, "must be %s, not \"%.64s\"", looks[i].expected, text);
	return SR_OK;
}

const char *sr_form_reference(enum sr_form form, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text || sr_text_is_blank(text))
		return NULL;
	if (form == SR_FORM_REFERENCE)
		return text;
	if (form == SR_FORM_RECORD &&
	    (sr_text_starts_with(text, "documents/") || sr_text_starts_with(text, "media/") ||
	     sr_text_starts_with(text, "explanations/")))
		return text;
	return NULL;
}

static enum sr_status check_text(enum sr_form form, const char *words, const json_t *value,
                                 struct sr_err *err)
{
	const char *text = json_string_value(value);

	if (!text)
		return sr_fail(err, SR_INVALID, "must be text, not %s", sr_form_type_name(value));
	if (form == SR_FORM_CHOICE && !sr_form_is_word_of(text, words))
		return sr_fail(err, SR_INVALID, "must be one of %s, not \"%.64s\"", words, text);
	if (form == SR_FORM_PATH || sr_form_reference(form, value))
		return sr_member_path_check(text, err);
	return check_look(form, text, err);
}

enum sr_status sr_form_check(enum sr_form form, const char *words, const json_t *value, struct sr_err *err)
{
	json_int_t number = json_integer_value(value);

	switch (form) {
	case SR_FORM_BOOLEAN:
		if (!json_is_boolean(value))
			return sr_fail(err, SR_INVALID, "must be true or false, not %s",
			               sr_form_type_name(value));
		return SR_OK;
	case SR_FORM_INTEGER:
		if (!json_is_integer(value) || number < 1 || number > SR_FORM_INTEGER_MAX)
			return sr_fail(err, SR_INVALID, "must be a whole number from 1 to %d, not %s",
			               SR_FORM_INTEGER_MAX,
			               json_is_integer(value) ? "another one" : sr_form_type_name(value));
		return SR_OK;
	case SR_FORM_OBJECT:
		return sr_fail(err, SR_INVALID, "must be an object, not %s", sr_form_type_name(value));
	case SR_FORM_TEXT:
	case SR_FORM_MONEY:
	case SR_FORM_DATE:
	case SR_FORM_TIME:
	case SR_FORM_MOMENT:
	case SR_FORM_OFFSET:
	case SR_FORM_DIGEST:
	case SR_FORM_CHOICE:
	case SR_FORM_WORD:
	case SR_FORM_PATH:
	case SR_FORM_REFERENCE:
	case SR_FORM_RECORD:
		return check_text(form, words, value, err);
	}
	return sr_fail(err, SR_INVALID, "form is unknown");
}
