/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_field.h"

#include <string.h>

#include "appliance/base/text.h"
#include "appliance/casefile/schema_table.h"

#define CASE_PREFIX "case."
#define KEY_BYTES 64 /* room for one key of a path */

enum sr_status sr_scope_find(const char *list, struct sr_scope *out, struct sr_err *err)
{
	if (!list) {
		*out = (struct sr_scope){ .schema = &sr_schema_case };
		return SR_OK;
	}
	const struct sr_schema_entry *entry = sr_schema_find(&sr_schema_case, list);

	if (!entry || !entry->list || entry->form != SR_FORM_OBJECT)
		return sr_fail(err, SR_INVALID, ": \"%s\" is no list of objects in a case", list);
	*out = (struct sr_scope){ .list = entry->key, .schema = entry->object };
	return SR_OK;
}

/* The next key of a dotted path; *at moves behind it, to NULL at the end.  False when it is too long or
 * empty. */
static bool take_key(const char **at, char key[KEY_BYTES])
{
	size_t size = strcspn(*at, ".");

	if (size == 0 || size >= KEY_BYTES)
		return false;
	memcpy(key, *at, size);
	key[size] = 0;
	*at = (*at)[size] == '.' ? *at + size + 1 : NULL;
	return true;
}

static enum sr_status no_field(const struct sr_schema *schema, const char *path, const char *key,
                               struct sr_err *err)
{
	const char *near = schema && key ? sr_schema_nearest(schema, key) : NULL;

	return sr_fail(err, SR_INVALID, ": there is no field \"%.128s\"%s%s%s", path,
	               near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

enum sr_status sr_field_find(const struct sr_scope *scope, const char *path, struct sr_field *out,
                             struct sr_err *err)
{
	bool of_case = sr_text_starts_with(path, CASE_PREFIX);
	const struct sr_schema *schema = of_case ? &sr_schema_case : scope->schema;
	const char *start = of_case ? path + strlen(CASE_PREFIX) : path;
	const struct sr_schema_entry *entry = NULL;

	for (const char *at = start; at;) {
		char key[KEY_BYTES];

		if (!schema || !take_key(&at, key))
			return no_field(NULL, path, NULL, err);
		entry = sr_schema_find(schema, key);
		if (!entry)
			return no_field(schema, path, key, err);
		if (at && entry->list)
			return sr_fail(err, SR_INVALID,
			               ": \"%.128s\" leads through the list \"%s\"; use each", path, key);
		schema = entry->form == SR_FORM_OBJECT ? entry->object : NULL;
	}
	*out = (struct sr_field){ .path = start, .of_case = of_case || !scope->list, .entry = entry };
	return SR_OK;
}

/* Lists and objects are there when something in them is. */
static bool has_content(const json_t *value)
{
	const char *key;
	json_t *item;
	size_t index;

	if (!json_is_array(value) && !json_is_object(value))
		return !sr_form_is_absent(value);
	json_array_foreach(value, index, item) {
		if (has_content(item))
			return true;
	}
	if (json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)value, key, item) {
			if (has_content(item))
				return true;
		}
	}
	return false;
}

const json_t *sr_field_get(const struct sr_field *field, const struct sr_target *target)
{
	const json_t *value = field->of_case ? target->root : target->element;
	char key[KEY_BYTES];

	for (const char *at = field->path; at && take_key(&at, key);)
		value = json_object_get(value, key);
	return has_content(value) ? value : NULL;
}

enum sr_status sr_field_pointer(const struct sr_field *field, const struct sr_target *target,
                                struct sr_buf *out, struct sr_err *err)
{
	char key[KEY_BYTES];

	if (target->list && !field->of_case)
		SR_TRY(sr_buf_printf(out, err, "/%s/%zu", target->list, target->index));
	for (const char *at = field->path; at && take_key(&at, key);)
		SR_TRY(sr_buf_printf(out, err, "/%s", key));
	return SR_OK;
}

enum sr_status sr_field_full_path(const struct sr_field *field, const char *list, struct sr_buf *out,
                                  struct sr_err *err)
{
	if (list && !field->of_case)
		SR_TRY(sr_buf_printf(out, err, "%s.", list));
	return sr_buf_add_text(out, field->path, err);
}
