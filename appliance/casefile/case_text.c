/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/case_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

#define WORDS 1024u         /* texts that are kept for sharing; a power of two */
#define WORD_BYTES_MAX 128u /* longer ones hardly repeat */

static enum sr_status check_size(struct sr_bytes text, struct sr_tree_bounds bounds, struct sr_err *err)
{
	size_t containers = 0;
	size_t values = 1;
	bool quoted = false;

	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			containers++;
		else if (!quoted && c == ',')
			values++;
	}
	if (containers > bounds.containers || values > bounds.values - containers)
		return sr_fail(err, SR_LIMIT, "over %zu values or %zu objects and lists", bounds.values,
		               bounds.containers);
	return SR_OK;
}

/* --- sharing of equal texts ----------------------------------------------------------------------------- */

/* The last text of each hash value: bounded, and the words that repeat most stay. */
struct words {
	json_t *slots[WORDS];
};

static void dispose_words(struct words *words)
{
	for (size_t i = 0; i < WORDS; i++)
		json_decref(words->slots[i]);
}

/* FNV-1a; who makes texts collide only loses the sharing. */
static size_t slot_of(const char *text, size_t size)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)text[i]) * 16777619u;
	return (hash ^ hash >> 16) % WORDS;
}

/* An equal text that was met before, else @value; borrowed. */
static json_t *shared(struct words *words, json_t *value)
{
	size_t size = json_string_length(value);

	if (!json_is_string(value) || size > WORD_BYTES_MAX)
		return value;
	json_t **slot = &words->slots[slot_of(json_string_value(value), size)];

	if (*slot && json_equal(*slot, value))
		return *slot;
	json_decref(*slot);
	*slot = json_incref(value);
	return value;
}

static void share_texts(struct words *words, json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++) {
		json_t *item = json_array_get(value, i);
		json_t *other = shared(words, item);

		if (other != item)
			json_array_set(value, i, other);
		else
			share_texts(words, item);
	}
	for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
		json_t *item = json_object_iter_value(at);
		json_t *other = shared(words, item);

		if (other != item)
			json_object_iter_set(value, at, other);
		else
			share_texts(words, item);
	}
}

/* --- the list of members -------------------------------------------------------------------------------- */

/* A walk over text that need not be JSON: quotes and brackets only. */
struct scan {
	struct sr_bytes text;
	size_t at;
};

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->text.size && strchr(" \t\r\n", scan->text.data[scan->at]) &&
	       scan->text.data[scan->at] != 0)
		scan->at++;
}

/* From an opening quote behind the closing one. */
static void skip_text(struct scan *scan)
{
	for (scan->at++; scan->at < scan->text.size && scan->text.data[scan->at] != '"'; scan->at++)
		if (scan->text.data[scan->at] == '\\')
			scan->at++;
	scan->at++;
}

static bool take(struct scan *scan, char c)
{
	skip_blanks(scan);
	if (scan->at >= scan->text.size || scan->text.data[scan->at] != (uint8_t)c)
		return false;
	scan->at++;
	return true;
}

/* Up to a character of @ends on this level, which stays; false where the text ends before. */
static bool skip_value(struct scan *scan, const char *ends)
{
	for (size_t depth = 0; scan->at < scan->text.size;) {
		char c = (char)scan->text.data[scan->at];

		if (depth == 0 && c != 0 && strchr(ends, c))
			return true;
		if (c == '"') {
			skip_text(scan);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		if ((c == '}' || c == ']') && depth-- == 0)
			return false;
		scan->at++;
	}
	return false;
}

/* Behind the '[' of the list under "members" in the outermost object. */
static bool find_members(struct scan *scan)
{
	static const char key[] = "\"members\"";

	if (!take(scan, '{'))
		return false;
	do {
		skip_blanks(scan);
		bool found = scan->text.size - scan->at >= sizeof(key) - 1 &&
		             memcmp(scan->text.data + scan->at, key, sizeof(key) - 1) == 0;

		if (!skip_value(scan, ":") || !take(scan, ':'))
			return false;
		if (found)
			return take(scan, '[');
		if (!skip_value(scan, ",}"))
			return false;
	} while (take(scan, ','));
	return false;
}

/* Parse the elements one by one; @scan stands behind '[' and then before ']'.  False where any is no JSON. */
static bool parse_members(struct scan *scan, struct words *words, json_t *list)
{
	skip_blanks(scan);
	if (scan->at < scan->text.size && scan->text.data[scan->at] == ']')
		return true;
	do {
		size_t start = scan->at;
		json_t *member = NULL;
		struct sr_err ignored;

		if (!skip_value(scan, ",]") || sr_json_parse(scan->text.data + start, scan->at - start,
		                                             scan->at - start, &member, &ignored) != SR_OK)
			return false;
		share_texts(words, member);
		if (sr_json_append(list, member, &ignored) != SR_OK)
			return false;
	} while (take(scan, ','));
	skip_blanks(scan);
	return true;
}

/* The text with an empty list of members, and the list. */
static enum sr_status parse_rest(struct sr_bytes text, size_t from, size_t to, json_t **out,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf rest = { 0 };

	SR_TRY(sr_buf_add(&rest, text.data, from, err));
	SR_TRY(sr_buf_add(&rest, text.data + to, text.size - to, err));
	return sr_json_parse(rest.data, rest.size, rest.size, out, err);
}

/* The members into @list and the rest into *root; *root stays NULL where the text cannot be taken apart. */
static void take_apart(struct sr_bytes text, struct scan *scan, json_t *list, json_t **root)
{
	SR_CLEANUP(dispose_words) struct words words = { 0 };
	struct sr_err ignored;
	size_t from = scan->at;

	if (parse_members(scan, &words, list) && parse_rest(text, from, scan->at, root, &ignored) != SR_OK)
		*root = NULL;
}

/*
 * In pieces.  "prefix[" + elements + "]suffix" is JSON exactly when each element and "prefix[]suffix" are,
 * and then it means the same; so NULL only says that the whole has to be looked at to know what is wrong with
 * it.
 */
static json_t *parse_in_pieces(struct sr_bytes text)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	struct scan scan = { .text = text };

	if (!find_members(&scan))
		return NULL;
	list = json_array();
	take_apart(text, &scan, list, &root);
	const json_t *empty = json_object_get(root, "members");
	if (!list || !json_is_array(empty) || json_array_size(empty) != 0 ||
	    json_object_set(root, "members", list) < 0)
		return NULL;
	return SR_MOVE(root);
}

enum sr_status sr_case_text_parse(struct sr_bytes text, struct sr_tree_bounds bounds, json_t **out,
                                  struct sr_err *err)
{
	SR_TRY(check_size(text, bounds, err));
	json_t *root = parse_in_pieces(text);

	if (!root)
		return sr_json_parse(text.data, text.size, text.size, out, err);
	*out = root;
	return SR_OK;
}
