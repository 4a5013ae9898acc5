/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/json.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"

static void wipe_and_free(void *memory)
{
	if (memory)
		sr_wipe(memory, malloc_usable_size(memory));
	free(memory);
}

void sr_json_wipe_freed(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

/* jansson recurses: refuse deep nesting before it starts. */
static enum sr_status check_depth(const char *text, size_t size, struct sr_err *err)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '[' || text[i] == '{'))
			depth++;
		else if (!quoted && (text[i] == ']' || text[i] == '}') && depth > 0)
			depth--;
		if (depth > SR_LIMIT_JSON_DEPTH)
			return sr_fail(err, SR_LIMIT, "JSON is nested over %u levels deep",
			               SR_LIMIT_JSON_DEPTH);
	}
	return SR_OK;
}

enum sr_status sr_json_parse(const void *text, size_t size, size_t max, json_t **out, struct sr_err *err)
{
	json_error_t where;

	if (size > max)
		return sr_fail(err, SR_LIMIT, "JSON of %zu bytes, at most %zu are allowed", size, max);
	SR_TRY(check_depth(text, size, err));
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
	if (!root)
		return sr_fail(err, SR_CORRUPT, "line %d, column %d: %s", where.line, where.column,
		               where.text);
	*out = root;
	return SR_OK;
}

static int add_piece(const char *piece, size_t size, void *context)
{
	struct sr_err ignored;

	return sr_buf_add(context, piece, size, &ignored) == SR_OK ? 0 : -1;
}

static enum sr_status write_with(const json_t *json, size_t flags, struct sr_buf *out, struct sr_err *err)
{
	if (json_dump_callback(json, add_piece, out, flags | JSON_ENCODE_ANY) < 0)
		return sr_fail(err, SR_NO_MEMORY, "cannot write a JSON value");
	return SR_OK;
}

enum sr_status sr_json_write(const json_t *json, struct sr_buf *out, struct sr_err *err)
{
	return write_with(json, JSON_COMPACT, out, err);
}

static bool needs_escapes(const char *text)
{
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == '"' || *at == '\\')
			return true;
	return false;
}

enum sr_status sr_json_write_text(const char *text, struct sr_buf *out, struct sr_err *err)
{
	const size_t size = strlen(text);

	if (!sr_utf8_is_valid(text, size))
		return sr_fail(err, SR_INVALID, "JSON takes UTF-8 text only");
	if (needs_escapes(text)) {
		SR_CLEANUP(sr_json_decrefp) json_t *value = json_stringn_nocheck(text, size);

		return value ? sr_json_write(value, out, err)
		             : sr_fail(err, SR_NO_MEMORY, "no memory for a JSON value");
	}
	SR_TRY(sr_buf_add(out, "\"", 1, err));
	SR_TRY(sr_buf_add(out, text, size, err));
	return sr_buf_add(out, "\"", 1, err);
}

enum sr_status sr_json_write_pretty(const json_t *json, struct sr_buf *out, struct sr_err *err)
{
	SR_TRY(write_with(json, JSON_INDENT(1), out, err));
	return sr_buf_add(out, "\n", 1, err);
}

const char *sr_json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

enum sr_status sr_json_need_text(const json_t *object, const char *key, const char **out, struct sr_err *err)
{
	const char *text = sr_json_text(object, key);

	if (!text)
		return sr_fail(err, SR_CORRUPT, "\"%s\" is not there or no text", key);
	*out = text;
	return SR_OK;
}

enum sr_status sr_json_need_u64(const json_t *object, const char *key, uint64_t max, uint64_t *out,
                                struct sr_err *err)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max)
		return sr_fail(err, SR_CORRUPT, "\"%s\" is not there or no number from 0 to %llu", key,
		               (unsigned long long)max);
	*out = (uint64_t)json_integer_value(value);
	return SR_OK;
}

enum sr_status sr_json_need_array(const json_t *object, const char *key, json_t **out, struct sr_err *err)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_array(value))
		return sr_fail(err, SR_CORRUPT, "\"%s\" is not there or no list", key);
	*out = value;
	return SR_OK;
}

enum sr_status sr_json_need_object(const json_t *object, const char *key, json_t **out, struct sr_err *err)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_object(value))
		return sr_fail(err, SR_CORRUPT, "\"%s\" is not there or no object", key);
	*out = value;
	return SR_OK;
}

enum sr_status sr_json_set(json_t *object, const char *key, json_t *value, struct sr_err *err)
{
	if (!value || json_object_set_new(object, key, value) < 0)
		return sr_fail(err, SR_NO_MEMORY, "cannot set \"%s\"", key);
	return SR_OK;
}

enum sr_status sr_json_append(json_t *array, json_t *value, struct sr_err *err)
{
	if (!value || json_array_append_new(array, value) < 0)
		return sr_fail(err, SR_NO_MEMORY, "cannot append to a list");
	return SR_OK;
}
