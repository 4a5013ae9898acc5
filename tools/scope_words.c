/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/scope_words.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

#define COUNT_MAX 100000000u

/* A word of the command line need not be UTF-8. */
static enum sr_status add_text(json_t *list, const char *text, size_t size, struct sr_err *err)
{
	json_t *value = json_stringn(text, size);

	if (!value)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	return sr_json_append(list, value, err);
}

enum sr_status sr_words_add(void *list, const char *argument, struct sr_err *err)
{
	return add_text(list, argument, strlen(argument), err);
}

enum sr_status sr_words_add_commas(void *list, const char *argument, struct sr_err *err)
{
	for (;;) {
		size_t size = strcspn(argument, ",");

		if (size > 0)
			SR_TRY(add_text(list, argument, size, err));
		if (!argument[size])
			return SR_OK;
		argument += size + 1;
	}
}

/* The element of a case; one is added where there is none. */
static enum sr_status element_of(json_t *scope, const char *name, size_t size, json_t **out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *element = NULL;
	size_t index;
	json_t *before;

	json_array_foreach(scope, index, before) {
		const char *other = sr_json_text(before, "case");

		if ((!other && size == 0) ||
		    (other && strlen(other) == size && memcmp(other, name, size) == 0)) {
			*out = before;
			return SR_OK;
		}
	}
	element = json_pack("{s:[]}", "members");
	if (size > 0 && json_object_set_new(element, "case", json_stringn(name, size)) < 0)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	*out = element;
	return sr_json_append(scope, SR_MOVE(element), err);
}

enum sr_status sr_words_add_member(void *scope, const char *argument, struct sr_err *err)
{
	const char *colon = strrchr(argument, ':');
	const char *number = colon ? colon + 1 : argument;
	uint64_t value;
	json_t *element = NULL;

	if (!sr_decimal_parse(number, strlen(number), COUNT_MAX, &value) || value == 0)
		return sr_fail(err, SR_USAGE, "a member is [CASE:]NUMBER, not %s", argument);
	SR_TRY(element_of(scope, argument, colon ? (size_t)(colon - argument) : 0, &element, err));
	return sr_json_append(json_object_get(element, "members"), json_integer((json_int_t)value), err);
}

enum sr_status sr_words_count(const char *option, const char *text, json_t *into, const char *key,
                              struct sr_err *err)
{
	uint64_t value;

	if (!text)
		return SR_OK;
	if (!sr_decimal_parse(text, strlen(text), COUNT_MAX, &value))
		return sr_fail(err, SR_USAGE, "%s takes a whole number, not %s", option, text);
	return sr_json_set(into, key, json_integer((json_int_t)value), err);
}

enum sr_status sr_words_set_text(json_t *into, const char *key, const char *text, struct sr_err *err)
{
	if (!text)
		return SR_OK;
	json_t *value = json_string(text);
	if (!value)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	return sr_json_set(into, key, value, err);
}

enum sr_status sr_words_set_list(json_t *into, const char *key, json_t *list, struct sr_err *err)
{
	return json_array_size(list) > 0 ? sr_json_set(into, key, json_incref(list), err) : SR_OK;
}
