/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/parameters.h"

#include <string.h>

#include "appliance/base/cleanup.h"

/* One "key:kind?" of a table; borrowed from it. */
struct row {
	const char *key;
	size_t key_size;
	const char *kind;
	size_t kind_size;
	bool optional;
};

/* Move to the next row; false at the end. */
static bool next_row(const char **table, struct row *out)
{
	const char *at = *table + strspn(*table, " ");
	size_t size = strcspn(at, " ");
	const char *colon = memchr(at, ':', size);

	if (size == 0 || !colon)
		return false;
	*table = at + size;
	out->optional = at[size - 1] == '?';
	out->key = at;
	out->key_size = (size_t)(colon - at);
	out->kind = colon + 1;
	out->kind_size = size - out->key_size - 1 - (out->optional ? 1 : 0);
	return true;
}

static bool is_text(const json_t *value, size_t max, bool lines)
{
	const char *text = json_string_value(value);
	size_t size = json_string_length(value);

	if (!text || size == 0 || size > max)
		return false;
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		bool line = c == '\n' || c == '\t' || c == '\r';

		if ((c < 0x20 && !(lines && line)) || c == 0x7f)
			return false;
	}
	return true;
}

static bool is_word(const json_t *value)
{
	return is_text(value, SR_PARAMETER_TEXT_BYTES, false);
}

static bool is_prose(const json_t *value)
{
	return is_text(value, SR_PARAMETER_PROSE_BYTES, true);
}

static bool is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_flag(const json_t *value)
{
	return json_is_boolean(value);
}

static bool is_object(const json_t *value)
{
	return json_is_object(value);
}

static bool is_anything(const json_t *value)
{
	return value != NULL;
}

static const struct {
	const char *name;
	bool (*fits)(const json_t *value);
	bool list;
	const char *must;
} kinds[] = {
	{ "text", is_word, false, "text of 1 to 4,096 bytes without control characters" },
	{ "prose", is_prose, false, "text of 1 to 65,536 bytes" },
	{ "count", is_count, false, "a whole number from 0" },
	{ "flag", is_flag, false, "true or false" },
	{ "texts", is_word, true, "a list of texts" },
	{ "counts", is_count, true, "a list of whole numbers from 0" },
	{ "object", is_object, false, "an object" },
	{ "objects", is_object, true, "a list of objects" },
	{ "any", is_anything, false, "a value" },
};

static enum sr_status check_value(const struct row *row, const json_t *value, struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(kinds); i++) {
		size_t index;
		json_t *item;
		bool fits = true;

		if (strlen(kinds[i].name) != row->kind_size ||
		    strncmp(kinds[i].name, row->kind, row->kind_size) != 0)
			continue;
		if (kinds[i].list) {
			fits = json_is_array(value);
			json_array_foreach(value, index, item)
				fits = fits && kinds[i].fits(item);
		} else {
			fits = kinds[i].fits(value);
		}
		if (!fits)
			return sr_fail(err, SR_INVALID, "/%.*s: must be %s", (int)row->key_size, row->key,
			               kinds[i].must);
		return SR_OK;
	}
	return sr_fail(err, SR_INVALID, "/%.*s: has no kind", (int)row->key_size, row->key);
}

static bool is_known(const char *table, const char *key)
{
	struct row row;

	while (next_row(&table, &row))
		if (strlen(key) == row.key_size && strncmp(key, row.key, row.key_size) == 0)
			return true;
	return false;
}

enum sr_status sr_parameters_check(const json_t *parameters, const char *table, struct sr_err *err)
{
	const char *rest = table;
	struct row row;
	const char *key;
	json_t *value;

	while (next_row(&rest, &row)) {
		value = json_object_getn(parameters, row.key, row.key_size);
		if (value)
			SR_TRY(check_value(&row, value, err));
		else if (!row.optional)
			return sr_fail(err, SR_INVALID, "/%.*s: is missing", (int)row.key_size, row.key);
	}
	json_object_foreach((json_t *)(uintptr_t)parameters, key, value)
		if (!is_known(table, key))
			return sr_fail(err, SR_INVALID, "/%.60s: this command takes no such key", key);
	return SR_OK;
}
