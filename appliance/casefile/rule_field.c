/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_field.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/text.h"
#include "appliance/casefile/schema_table.h"

#define CASE_PREFIX "case."
#define OUTER_PREFIX "outer."
#define KEY_BYTES 64 /* room for one key of a path */

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

static const struct sr_schema_entry *find_list(const struct sr_schema *schema, const char *name)
{
	const struct sr_schema_entry *entry = sr_schema_find(schema, name);

	return entry && entry->list && entry->form == SR_FORM_OBJECT ? entry : NULL;
}

enum sr_status sr_scope_find(const char *each, struct sr_scope *out, struct sr_scope *between,
                             struct sr_err *err)
{
	const char *at = each;
	char key[KEY_BYTES];

	if (!each) {
		*out = (struct sr_scope){ .schema = &sr_schema_case };
		return SR_OK;
	}
	const struct sr_schema_entry *list = take_key(&at, key) ? find_list(&sr_schema_case, key) : NULL;

	if (!list)
		return sr_fail(err, SR_INVALID, ": \"%.64s\" is no list of objects in a case", each);
	if (!at) {
		*out = (struct sr_scope){ .schema = list->object, .path = list->key, .list = list->key };
		return SR_OK;
	}
	const struct sr_schema_entry *inner = find_list(list->object, at);

	if (!inner)
		return sr_fail(err, SR_INVALID, ": \"%.64s\" is no list of objects in %s", at, list->key);
	*between = (struct sr_scope){ .schema = list->object, .path = list->key, .list = list->key };
	*out = (struct sr_scope){ .schema = inner->object,
		                  .path = each,
		                  .list = list->key,
		                  .inner = inner->key,
		                  .outer = between };
	return SR_OK;
}

static enum sr_status no_field(const struct sr_schema *schema, const char *path, const char *key,
                               struct sr_err *err)
{
	const char *near = schema && key ? sr_schema_nearest(schema, key) : NULL;

	return sr_fail(err, SR_INVALID, ": there is no field \"%.128s\"%s%s%s", path,
	               near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* The prefixes of a path: which scope it counts from, NULL where there is none. */
static const struct sr_scope *take_prefixes(const struct sr_scope *scope, const struct sr_scope *root,
                                            const char **path, unsigned *outward)
{
	*outward = scope->path ? 0 : SR_FIELD_OF_CASE;
	if (sr_text_starts_with(*path, CASE_PREFIX)) {
		*path += strlen(CASE_PREFIX);
		*outward = SR_FIELD_OF_CASE;
		return root;
	}
	for (unsigned steps = 1; scope && sr_text_starts_with(*path, OUTER_PREFIX); steps++) {
		*path += strlen(OUTER_PREFIX);
		scope = scope->outer;
		*outward = scope && scope->path ? steps : SR_FIELD_OF_CASE;
	}
	return scope;
}

enum sr_status sr_field_find(const struct sr_scope *scope, const char *path, struct sr_field *out,
                             struct sr_err *err)
{
	const struct sr_scope root = { .schema = &sr_schema_case };
	const struct sr_schema_entry *entry = NULL;
	const char *start = path;
	unsigned outward;
	const struct sr_scope *from = take_prefixes(scope, &root, &start, &outward);
	const struct sr_schema *schema = from ? from->schema : NULL;

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
	if (!from || !entry)
		return no_field(NULL, path, NULL, err);
	*out = (struct sr_field){ .path = start, .outward = outward, .scope = from->path, .entry = entry };
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

/* The target that a field counts from; NULL: the case. */
static const struct sr_target *base_of(const struct sr_field *field, const struct sr_target *target)
{
	if (field->outward == SR_FIELD_OF_CASE)
		return NULL;
	for (unsigned i = 0; i < field->outward && target; i++)
		target = target->outer;
	return target;
}

const json_t *sr_field_get(const struct sr_field *field, const struct sr_target *target)
{
	const struct sr_target *base = base_of(field, target);
	const json_t *value = base ? base->element : target->root;
	char key[KEY_BYTES];

	for (const char *at = field->path; at && take_key(&at, key);)
		value = json_object_get(value, key);
	return has_content(value) ? value : NULL;
}

void sr_target_place(const struct sr_target *target, char out[SR_PLACE_BYTES])
{
	char rest[SR_PLACE_BYTES];

	out[0] = 0;
	if (!target || !target->list)
		return;
	if (target->nested)
		sr_target_place(target->outer, out);
	snprintf(rest, sizeof(rest), "/%s/%zu", target->list, target->index);
	strncat(out, rest, SR_PLACE_BYTES - strlen(out) - 1);
}

void sr_field_place(const struct sr_field *field, const struct sr_target *target, char out[SR_PLACE_BYTES])
{
	char key[KEY_BYTES];

	sr_target_place(base_of(field, target), out);
	for (const char *at = field->path; at && take_key(&at, key);) {
		size_t used = strlen(out);

		snprintf(out + used, SR_PLACE_BYTES - used, "/%s", key);
	}
}

void sr_field_full_path(const struct sr_field *field, char out[SR_PLACE_BYTES])
{
	snprintf(out, SR_PLACE_BYTES, "%s%s%s", field->scope ? field->scope : "", field->scope ? "." : "",
	         field->path);
}
