/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

#define NEAR 2      /* letters that may be wrong */
#define KEY_MAX 40u /* bytes of a key that can be near a known one */

struct walk {
	const struct sr_schema_visitor *visitor;
	struct sr_buf pointer;
};

static void dispose_walk(struct walk *walk)
{
	sr_buf_dispose(&walk->pointer);
}

const struct sr_schema_entry *sr_schema_find(const struct sr_schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->count; i++)
		if (strcmp(schema->entries[i].key, key) == 0)
			return &schema->entries[i];
	return NULL;
}

/* RFC 6901: '~' and '/' of a key are escaped. */
static enum sr_status push_key(struct walk *walk, const char *key, struct sr_err *err)
{
	SR_TRY(sr_buf_add(&walk->pointer, "/", 1, err));
	for (const char *at = key; *at; at++) {
		if (*at == '~')
			SR_TRY(sr_buf_add(&walk->pointer, "~0", 2, err));
		else if (*at == '/')
			SR_TRY(sr_buf_add(&walk->pointer, "~1", 2, err));
		else
			SR_TRY(sr_buf_add(&walk->pointer, at, 1, err));
	}
	return SR_OK;
}

static enum sr_status walk_object(struct walk *walk, const struct sr_schema *schema, const json_t *object,
                                  struct sr_err *err);

static enum sr_status walk_value(struct walk *walk, const struct sr_schema_entry *entry, const json_t *value,
                                 struct sr_err *err)
{
	const char *pointer;

	if (sr_form_is_absent(value))
		return SR_OK;
	if (entry->form == SR_FORM_OBJECT && json_is_object(value))
		return walk_object(walk, entry->object, value, err);
	enum sr_status status = sr_form_check(entry->form, entry->words, value, err);
	SR_TRY(sr_buf_text(&walk->pointer, &pointer, err));
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", pointer);
	if (!walk->visitor->known)
		return SR_OK;
	return walk->visitor->known(walk->visitor->context, entry, value, pointer, err);
}

static enum sr_status walk_list(struct walk *walk, const struct sr_schema_entry *entry, const json_t *list,
                                struct sr_err *err)
{
	size_t before = walk->pointer.size;

	for (size_t i = 0; i < json_array_size(list); i++) {
		SR_TRY(sr_buf_printf(&walk->pointer, err, "/%zu", i));
		SR_TRY(walk_value(walk, entry, json_array_get(list, i), err));
		walk->pointer.size = before;
	}
	return SR_OK;
}

static enum sr_status walk_entry(struct walk *walk, const struct sr_schema_entry *entry, const json_t *value,
                                 struct sr_err *err)
{
	const char *pointer;

	if (!entry->list)
		return walk_value(walk, entry, value, err);
	if (json_is_array(value))
		return walk_list(walk, entry, value, err);
	if (sr_form_is_absent(value))
		return SR_OK;
	SR_TRY(sr_buf_text(&walk->pointer, &pointer, err));
	return sr_fail(err, SR_INVALID, "%s: must be a list, not %s", pointer, sr_form_type_name(value));
}

static enum sr_status walk_unknown(struct walk *walk, const struct sr_schema *schema, const char *key,
                                   const json_t *value, struct sr_err *err)
{
	const char *pointer;

	if (!walk->visitor->unknown)
		return SR_OK;
	SR_TRY(sr_buf_text(&walk->pointer, &pointer, err));
	return walk->visitor->unknown(walk->visitor->context, schema, key, value, pointer, err);
}

static enum sr_status walk_object(struct walk *walk, const struct sr_schema *schema, const json_t *object,
                                  struct sr_err *err)
{
	size_t before = walk->pointer.size;
	const char *key;
	json_t *value;

	/* The iterator of jansson takes no const, though it changes nothing. */
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		const struct sr_schema_entry *entry = sr_schema_find(schema, key);

		SR_TRY(push_key(walk, key, err));
		if (entry)
			SR_TRY(walk_entry(walk, entry, value, err));
		else
			SR_TRY(walk_unknown(walk, schema, key, value, err));
		walk->pointer.size = before;
	}
	return SR_OK;
}

enum sr_status sr_schema_walk(const struct sr_schema *schema, const json_t *object,
                              const struct sr_schema_visitor *visitor, struct sr_err *err)
{
	SR_CLEANUP(dispose_walk) struct walk walk = { .visitor = visitor };

	return walk_object(&walk, schema, object, err);
}

/* Levenshtein's distance in bytes, two rows at a time; keys are short. */
static size_t distance(const char *a, const char *b)
{
	size_t row[KEY_MAX + 1];
	size_t size = strlen(b);

	for (size_t j = 0; j <= size; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= size; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[size];
}

const char *sr_schema_nearest(const struct sr_schema *schema, const char *key)
{
	size_t best = NEAR + 1;
	const char *nearest = NULL;

	if (strlen(key) > KEY_MAX)
		return NULL;
	for (size_t i = 0; i < schema->count; i++) {
		const char *known = schema->entries[i].key;
		size_t letters = distance(key, known);

		/* Two of three letters wrong is another word. */
		if (letters < best && 2 * letters < strlen(known)) {
			best = letters;
			nearest = known;
		}
	}
	return nearest;
}

const char *sr_schema_member_of(const json_t *root, const char *pointer)
{
	static const char prefix[] = "/members/";

	if (!sr_text_starts_with(pointer, prefix))
		return NULL;
	size_t index = strtoul(pointer + sizeof(prefix) - 1, NULL, 10);
	return sr_json_text(json_array_get(json_object_get(root, "members"), index), "path");
}
