/* SPDX-License-Identifier: Apache-2.0 */
/* case.json as a table, and a walk over a document along it.  docs/CASE.md.  Immutable, thread-safe. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/casefile/form.h"

struct sr_schema;

struct sr_schema_entry {
	const char *key;
	enum sr_form form;
	bool list;                      /* a list of values of that form */
	const char *words;              /* SR_FORM_CHOICE and SR_FORM_WORD: "a|b|c" */
	const struct sr_schema *object; /* SR_FORM_OBJECT: what is in it */
};

struct sr_schema {
	const struct sr_schema_entry *entries;
	size_t count;
};

/* Who walks along learns of each value that is not absent. */
struct sr_schema_visitor {
	/* @value fits the form of @entry; @pointer is its JSON pointer, valid during the call. */
	enum sr_status (*known)(void *context, const struct sr_schema_entry *entry, const json_t *value,
	                        const char *pointer, struct sr_err *err);
	/* @key of an object that @schema describes is not in it. */
	enum sr_status (*unknown)(void *context, const struct sr_schema *schema, const char *key,
	                          const json_t *value, const char *pointer, struct sr_err *err);
	void *context;
};

/*
 * SR_INVALID (or SR_LIMIT, for paths) with the JSON pointer in front of the reason where a value does not
 * have its form; what a visitor returns ends the walk too.
 */
SR_CHECKED enum sr_status sr_schema_walk(const struct sr_schema *schema, const json_t *object,
                                         const struct sr_schema_visitor *visitor, struct sr_err *err);

const struct sr_schema_entry *sr_schema_find(const struct sr_schema *schema, const char *key);

/* The known key that @key was probably meant to be, at most two letters away; NULL when none is near. */
const char *sr_schema_nearest(const struct sr_schema *schema, const char *key);

/* Path of the member that a pointer such as "/members/17/date" lies in; NULL for any other place.  Borrowed.
 */
const char *sr_schema_member_of(const json_t *root, const char *pointer);
