/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/json.h"
#include "appliance/casefile/schema_table.h"
#include "tests/unit/casefile/cases.h"

/* Put @value at an entry of a schema: builds the objects and lists around it, outermost last. */
struct level {
	const struct sr_schema_entry *entry;
	const struct level *outer; /* NULL: the document */
};

static void pointer_of(const struct level *level, char *out, size_t size)
{
	if (!level) {
		out[0] = 0;
		return;
	}
	pointer_of(level->outer, out, size);
	size_t used = strlen(out);
	snprintf(out + used, size - used, "/%s%s", level->entry->key, level->entry->list ? "/0" : "");
}

/* The smallest document that has @value (its reference is taken) there. */
static json_t *document_with(const struct level *level, json_t *value)
{
	for (; level; level = level->outer) {
		json_t *object = json_object();

		if (level->entry->list)
			value = json_pack("[o]", value);
		json_object_set_new(object, level->entry->key, value);
		/* a member must have its path and class to be one */
		if (level->outer && strcmp(level->outer->entry->key, "members") == 0 &&
		    !level->outer->outer) {
			if (!json_object_get(object, "path"))
				json_object_set_new(object, "path", json_string("a"));
			if (!json_object_get(object, "class"))
				json_object_set_new(object, "class", json_string("document"));
		}
		value = object;
	}
	if (!json_object_get(value, "format"))
		json_object_set_new(value, "format", json_string(SR_CASE_FORMAT));
	return value;
}

static enum sr_status read_json(json_t *json, struct sr_findings *findings, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;

	assert_int_equal(sr_json_write(json, &text, err), SR_OK);
	json_decref(json);
	return sr_case_read(text.data, text.size, findings, &description, err);
}

static bool takes(enum sr_form form, const json_t *value)
{
	switch (form) {
	case SR_FORM_BOOLEAN:
		return json_is_boolean(value);
	case SR_FORM_INTEGER:
		return json_is_integer(value);
	case SR_FORM_OBJECT:
		return json_is_object(value);
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
		return json_is_string(value);
	}
	return false;
}

static void try_wrong_types(const struct level *level)
{
	json_t *values = json_pack("[i, f, b, s, {s:i}, [i], i]", 7, 7.5, 1, "text", "k", 1, 1, 0);
	struct sr_err err;
	char pointer[256];

	pointer_of(level, pointer, sizeof(pointer));
	for (size_t i = 0; i < json_array_size(values); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		json_t *value = json_array_get(values, i);

		if (takes(level->entry->form, value))
			continue;
		if (read_json(document_with(level, json_incref(value)), findings, &err) != SR_INVALID)
			fail_msg("%s: value %zu was taken", pointer, i);
		/* format is looked at first, and says the same */
		if (strncmp(err.text, pointer, strlen(pointer)) != 0 || err.text[strlen(pointer)] != ':')
			fail_msg("%s: %s", pointer, err.text);
	}
	json_decref(values);
}

/* A list given as one value, and one value given as a list. */
static void try_wrong_lists(const struct level *level)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	struct sr_schema_entry turned = *level->entry;
	struct level other = { .entry = &turned, .outer = level->outer };
	struct sr_err err;

	turned.list = !turned.list;
	json_t *value = turned.form == SR_FORM_OBJECT    ? json_pack("{s:n}", "k")
	                : turned.form == SR_FORM_INTEGER ? json_integer(7)
	                : turned.form == SR_FORM_BOOLEAN ? json_true()
	                                                 : json_string("text");
	if (read_json(document_with(&other, value), findings, &err) != SR_INVALID)
		fail_msg("%s: a list for a value, or the reverse, was taken", level->entry->key);
}

static void try_blanks(const struct level *level)
{
	static const char *const blanks[] = { NULL, "", "  ", "\xe3\x80\x80" };
	const char *key = level->entry->key;
	char pointer[256];
	struct sr_err err;

	pointer_of(level, pointer, sizeof(pointer));
	if (strcmp(key, "format") == 0 || strcmp(pointer, "/members/0/path") == 0 ||
	    strcmp(pointer, "/members/0/class") == 0 || strcmp(pointer, "/members/0") == 0)
		return; /* these must be there */
	for (size_t i = 0; i < SR_COUNT(blanks); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		json_t *value = blanks[i] ? json_string(blanks[i]) : json_null();

		if (read_json(document_with(level, value), findings, &err) != SR_OK)
			fail_msg("%s: blank %zu: %s", pointer, i, err.text);
		assert_int_equal(sr_findings_count(findings), 0);
	}
}

static void try_unknown_key(const struct level *level)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	char pointer[256];
	struct sr_err err;
	json_t *value = json_pack("{s:i}", "a/b~c", 1);

	pointer_of(level, pointer, sizeof(pointer));
	strcat(pointer, "/a~1b~0c");
	if (strcmp(pointer, "/members/0/a~1b~0c") == 0) {
		json_object_set_new(value, "path", json_string("a"));
		json_object_set_new(value, "class", json_string("document"));
	}
	assert_ok(read_json(document_with(level, value), findings, &err));
	assert_int_equal(sr_findings_count(findings), 1);
	assert_string_equal(sr_findings_at(findings, 0)->code, "X4");
	assert_string_equal(sr_findings_at(findings, 0)->place, pointer);
	assert_int_equal(sr_findings_at(findings, 0)->severity, SR_SEVERITY_WARNING);
	if (strncmp(pointer, "/members/0/", 11) == 0)
		assert_string_equal(sr_findings_at(findings, 0)->member, "a");
}

static size_t visit_entries(const struct sr_schema *schema, const struct level *outer,
                            void (*visit)(const struct level *level))
{
	size_t count = 0;

	for (size_t i = 0; i < schema->count; i++) {
		struct level level = { .entry = &schema->entries[i], .outer = outer };

		visit(&level);
		count++;
		if (level.entry->form == SR_FORM_OBJECT)
			count += visit_entries(level.entry->object, &level, visit);
	}
	return count;
}

static void every_key_refuses_every_wrong_type_with_its_place(void **state)
{
	(void)state;
	assert_true(visit_entries(&sr_schema_case, NULL, try_wrong_types) > 300);
}

static void every_key_is_a_list_or_is_none(void **state)
{
	(void)state;
	visit_entries(&sr_schema_case, NULL, try_wrong_lists);
}

static void every_key_may_be_blank(void **state)
{
	(void)state;
	visit_entries(&sr_schema_case, NULL, try_blanks);
}

static void visit_object(const struct level *level)
{
	if (level->entry->form == SR_FORM_OBJECT)
		try_unknown_key(level);
}

static void an_unknown_key_is_found_on_every_level(void **state)
{
	(void)state;
	visit_entries(&sr_schema_case, NULL, visit_object);
}

/* The table has every key of the document that docs/CASE.md shows, and no other. */
static void count_key(const struct level *level)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	const struct level *levels[8];
	size_t depth = 0;
	struct sr_err err;

	load(FULL_CASE, &text);
	assert_ok(sr_json_parse(text.data, text.size, text.size, &root, &err));
	for (const struct level *l = level; l; l = l->outer)
		levels[depth++] = l;
	for (size_t pass = 0; pass < json_array_size(json_object_get(root, "members")); pass++) {
		const json_t *at = root;

		for (size_t i = depth; i > 0 && at; i--) {
			bool member = i == depth && strcmp(levels[i - 1]->entry->key, "members") == 0;

			at = json_object_get(at, levels[i - 1]->entry->key);
			if (levels[i - 1]->entry->list && at)
				at = json_array_get(at, member ? pass : 0);
		}
		if (at)
			return;
	}
	fail_msg("%s is in the table, not in %s", level->entry->key, FULL_CASE);
}

static void the_full_case_has_every_key_of_the_table(void **state)
{
	(void)state;
	visit_entries(&sr_schema_case, NULL, count_key);
}

static const char *case_document;

static void find_in_document(const struct level *level)
{
	const char *words = level->entry->words;
	char quoted[64];

	snprintf(quoted, sizeof(quoted), "`%s`", level->entry->key);
	if (!strstr(case_document, quoted))
		fail_msg("docs/CASE.md does not name %s", quoted);
	for (const char *at = words; at && *at; at += *at == '|') {
		size_t size = strcspn(at, "|");

		snprintf(quoted, sizeof(quoted), "`%.*s`", (int)size, at);
		if (!strstr(case_document, quoted))
			fail_msg("docs/CASE.md does not name %s", quoted);
		at += size;
	}
}

static void the_document_names_every_key_and_word(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	(void)state;
	load("docs/CASE.md", &text);
	assert_ok(sr_buf_text(&text, &case_document, &err));
	visit_entries(&sr_schema_case, NULL, find_in_document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_refuses_every_wrong_type_with_its_place),
		cmocka_unit_test(every_key_is_a_list_or_is_none),
		cmocka_unit_test(every_key_may_be_blank),
		cmocka_unit_test(an_unknown_key_is_found_on_every_level),
		cmocka_unit_test(the_full_case_has_every_key_of_the_table),
		cmocka_unit_test(the_document_names_every_key_and_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
