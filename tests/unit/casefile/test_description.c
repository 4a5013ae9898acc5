/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/schema_table.h"
#include "tests/unit/casefile/cases.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_full_and_a_blank_case_are_read_without_a_finding(void **state)
{
	static const char *const paths[] = { FULL_CASE, BLANK_CASE, "tests/fixtures/sample-case/case.json" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = read_case_file(paths[i], findings);

		print_findings(findings);
		assert_int_equal(sr_findings_count(findings), 0);
		assert_non_null(description->number);
		assert_string_equal(description->rulebook, "inner-mongolia");
		assert_true(description->member_count > 5);
	}
}

static void members_are_as_the_text_says(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *d = read_case_file(FULL_CASE, findings);
	SR_CLEANUP(sr_case_freep)
	struct sr_case *s = read_case_file("tests/fixtures/sample-case/case.json", findings);
	const struct sr_member *medium = sr_case_member(d, "media/现场检查.mp4");

	(void)state;
	assert_string_equal(d->number, "呼医保罚〔2025〕12号");
	assert_string_equal(d->title, "某药店串换药品骗取医保基金案");
	assert_string_equal(d->members[0].path, "documents/001 立案审批表.pdf");
	assert_int_equal(d->members[0].class, SR_MEMBER_DOCUMENT);
	assert_string_equal(d->members[0].kind, "立案审批表");
	assert_string_equal(d->members[0].sha256, DIGEST);
	assert_non_null(medium);
	assert_int_equal(medium->class, SR_MEMBER_MEDIUM);
	assert_string_equal(medium->title, "药店现场检查");
	assert_null(medium->sha256);
	assert_null(sr_case_member(d, "media/现场检查.mp"));
	for (size_t i = 0; i < s->member_count; i++)
		assert_ptr_equal(sr_case_member(s, s->members[i].path), &s->members[i]);
	assert_int_equal(s->members[s->member_count - 1].volume, SR_VOLUME_SUB);
	assert_false(s->state_secret);
	assert_true(d->state_secret); /* a grade is given */
}

static void the_defective_case_has_its_findings(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep)
	struct sr_case *description = read_case_file("tests/fixtures/defective-case/case.json", findings);

	(void)state;
	assert_non_null(description);
	assert_int_equal(sr_findings_count(findings), 2);
	assert_string_equal(sr_findings_at(findings, 0)->code, "X4");
	assert_string_equal(sr_findings_at(findings, 0)->place, "/clasification");
	assert_null(sr_findings_at(findings, 0)->member);
	assert_int_equal(sr_findings_at(findings, 0)->severity, SR_SEVERITY_WARNING);
	assert_non_null(strstr(sr_findings_at(findings, 0)->fix_en, "\"classification\""));
	assert_string_equal(sr_findings_at(findings, 1)->code, "X3");
	assert_string_equal(sr_findings_at(findings, 1)->member, "explanations/现场检查.md");
	assert_int_equal(sr_findings_at(findings, 1)->severity, SR_SEVERITY_BLOCKER);
}

/* --- everything that the table of keys says ------------------------------------------------------------- */

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

/* --- single values -------------------------------------------------------------------------------------- */

#define CASE(rest) "{\"format\":\"" SR_CASE_FORMAT "\"," rest "}"
#define MEMBER(rest) CASE("\"members\":[{\"path\":\"a.pdf\",\"class\":\"document\"," rest "}]")
#define PATH(path) CASE("\"members\":[{\"path\":\"" path "\",\"class\":\"document\"}]")

static void wrong_values_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *why, *text, *place;
		enum sr_status status;
	} cases[] = {
		{ "no JSON", "{\"format\":\n  nothing}", "line 2", SR_INVALID },
		{ "empty", "", "line 1", SR_INVALID },
		{ "an array", "[]", "case.json must be", SR_INVALID },
		{ "a number", "1", "case.json must be", SR_INVALID },
		{ "no format", "{}", "/format", SR_INVALID },
		{ "another format", "{\"format\":\"strongroom-case-description/2\"}", "/format", SR_INVALID },
		{ "duplicate key", CASE("\"title\":\"a\",\"title\":\"b\""), "line 1", SR_INVALID },
		{ "NUL in text", CASE("\"title\":\"a\\u0000\""), "line 1", SR_INVALID },
		{ "outside of an enumeration", CASE("\"category\":\"Penalty\""), "/category: must be one of",
		  SR_INVALID },
		{ "union instead of a choice", CASE("\"category\":\"penalty|coercion\""), "/category",
		  SR_INVALID },
		{ "one wrong of a list", CASE("\"classification\":[\"privacy\",\"secret\"]"),
		  "/classification/1", SR_INVALID },
		{ "enumeration as text", CASE("\"classification\":\"privacy\""), "/classification",
		  SR_INVALID },
		{ "no such day", CASE("\"archive\":{\"arranged_on\":\"2025-02-29\"}"), "/archive/arranged_on",
		  SR_INVALID },
		{ "a time for a date", CASE("\"archive\":{\"arranged_on\":\"2025-02-01 10:00\"}"),
		  "/archive/arranged_on", SR_INVALID },
		{ "a date for a time", CASE("\"acts\":[{\"from\":\"2025-02-01\"}]"), "/acts/0/from",
		  SR_INVALID },
		{ "no such hour", CASE("\"acts\":[{\"from\":\"2025-02-01T24:00:00Z\"}]"), "/acts/0/from",
		  SR_INVALID },
		{ "chinese date", CASE("\"dates\":{\"closed\":\"2025年2月1日\"}"), "/dates/closed",
		  SR_INVALID },
		{ "money as number", CASE("\"decision\":{\"fine\":100}"), "/decision/fine", SR_INVALID },
		{ "money with sign", CASE("\"decision\":{\"fine\":\"-1.00\"}"), "/decision/fine",
		  SR_INVALID },
		{ "three decimals", CASE("\"decision\":{\"fine\":\"1.000\"}"), "/decision/fine", SR_INVALID },
		{ "no decimals after the point", CASE("\"decision\":{\"fine\":\"1.\"}"), "/decision/fine",
		  SR_INVALID },
		{ "no digit before the point", CASE("\"decision\":{\"fine\":\".50\"}"), "/decision/fine",
		  SR_INVALID },
		{ "money with commas", CASE("\"decision\":{\"fine\":\"1,000.00\"}"), "/decision/fine",
		  SR_INVALID },
		{ "16 digits", CASE("\"decision\":{\"fine\":\"12345678901234.56\"}"), "/decision/fine",
		  SR_INVALID },
		{ "leading zero", CASE("\"decision\":{\"fine\":\"01\"}"), "/decision/fine", SR_INVALID },
		{ "no offset", MEMBER("\"notice_at\":\"0:31:05\""), "/members/0/notice_at", SR_INVALID },
		{ "60 minutes", MEMBER("\"notice_at\":\"00:60:05\""), "/members/0/notice_at", SR_INVALID },
		{ "offset too long", MEMBER("\"notice_at\":\"00:31:05.5\""), "/members/0/notice_at",
		  SR_INVALID },
		{ "page 0", MEMBER("\"page_from\":0"), "/members/0/page_from", SR_INVALID },
		{ "page as text", MEMBER("\"page_from\":\"1\""), "/members/0/page_from", SR_INVALID },
		{ "page 1.0", MEMBER("\"page_from\":1.0"), "/members/0/page_from", SR_INVALID },
		{ "short digest", MEMBER("\"sha256\":\"abcd\""), "/members/0/sha256", SR_INVALID },
		{ "no path", CASE("\"members\":[{\"class\":\"document\"}]"), "/members/0/path", SR_INVALID },
		{ "no class", CASE("\"members\":[{\"path\":\"a\"}]"), "/members/0/class", SR_INVALID },
		{ "null member", CASE("\"members\":[null]"), "/members/0/path", SR_INVALID },
		{ "absolute path", PATH("/etc/passwd"), "/members/0/path", SR_INVALID },
		{ "path up", PATH("documents/../../x"), "/members/0/path", SR_INVALID },
		{ "path dot", PATH("./x"), "/members/0/path", SR_INVALID },
		{ "path with an empty name", PATH("documents//x"), "/members/0/path", SR_INVALID },
		{ "path of a folder", PATH("documents/"), "/members/0/path", SR_INVALID },
		{ "path with a newline", PATH("a\\nb"), "/members/0/path", SR_INVALID },
		{ "path with DEL", PATH("a\\u007f"), "/members/0/path", SR_INVALID },
		{ "path with a C1 control", PATH("a\\u009b"), "/members/0/path", SR_INVALID },
		{ "17 folders", PATH("1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/x"), "/members/0/path", SR_LIMIT },
		{ "reference up", CASE("\"start\":{\"form\":\"../x\"}"), "/start/form", SR_INVALID },
		{ "record that is a reference up",
		  CASE("\"legal_review\":[{\"handled\":{\"record\":\"documents/../../x\"}}]"),
		  "/legal_review/0/handled/record", SR_INVALID },
		{ "explanation up", MEMBER("\"explanation\":{\"path\":\"/x\"}"),
		  "/members/0/explanation/path", SR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(read_text(cases[i].text, findings, &description, &err), cases[i].status);
		print_message("      %s\n", err.text);
		assert_non_null(strstr(err.text, cases[i].place));
		assert_null(description);
	}
}

static void right_values_are_taken(void **state)
{
	static const struct {
		const char *why, *text;
	} cases[] = {
		{ "nothing but the format", "{\"format\":\"" SR_CASE_FORMAT "\"}" },
		{ "byte-order mark", "\xef\xbb\xbf{\"format\":\"" SR_CASE_FORMAT "\"}" },
		{ "local time", CASE("\"acts\":[{\"from\":\"2025-03-02 09:30\"}]") },
		{ "UTC", CASE("\"acts\":[{\"from\":\"2025-03-02T01:30:00Z\"}]") },
		{ "date for a moment", CASE("\"dates\":{\"started\":\"2025-03-02\"}") },
		{ "time for a moment", CASE("\"dates\":{\"closed\":\"2025-03-02T09:30:00+08:00\"}") },
		{ "whole money", CASE("\"decision\":{\"fine\":\"0\"}") },
		{ "one decimal", CASE("\"decision\":{\"fine\":\"0.5\"}") },
		{ "15 digits", CASE("\"decision\":{\"fine\":\"1234567890123.45\"}") },
		{ "99 hours", MEMBER("\"notice_at\":\"99:59:59\"") },
		{ "nulls in lists", CASE("\"acts\":[null,{\"told\":[null,\"\",\"basis\"]}]") },
		{ "dots in a name", PATH("documents/..a/b..c/....pdf") },
		{ "backslash and quotes", PATH("a\\\\b\\\"c") },
		{ "16 folders", PATH("1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/x") },
		{ "records in words",
		  CASE("\"court\":null,\"service\":[{\"post\":{\"register\":\"第3号\"}}]") },
		{ "text that is no time is a record",
		  CASE("\"execution\":{\"court\":{\"reminder\":\"2025-03-02\"}}") },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_ok(read_text(cases[i].text, findings, &description, &err));
		assert_int_equal(count_code(findings, "X3"), 0);
	}
}

static void an_unknown_word_of_an_open_list_is_a_warning(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(read_text(CASE("\"acts\":[{\"covers\":[\"scene\",\"sence\"]}]"), findings, &description,
	                    &err));
	assert_int_equal(sr_findings_count(findings), 1);
	assert_string_equal(sr_findings_at(findings, 0)->code, "X4");
	assert_string_equal(sr_findings_at(findings, 0)->place, "/acts/0/covers/1");
}

static void state_secrets_are_seen_wherever_they_are_named(void **state)
{
	static const struct {
		const char *text;
		bool secret;
	} cases[] = {
		{ CASE("\"classification\":[\"privacy\",\"state-secret\"]"), true },
		{ MEMBER("\"classification\":[\"state-secret\"]"), true },
		{ CASE("\"secret\":{\"grade\":\"机密\"}"), true },
		{ MEMBER("\"secret\":{\"grade\":\"秘密\",\"end\":\"2035-01-01\"}"), true },
		{ CASE("\"secret\":{\"grade\":\"\"},\"classification\":[\"commercial\"]"), false },
		{ MEMBER("\"classification\":[\"none\"]"), false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		assert_ok(read_text(cases[i].text, findings, &description, &err));
		assert_int_equal(description->state_secret, cases[i].secret);
	}
}

static void a_digest_in_capitals_is_the_same_digest(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(read_text(MEMBER("\"sha256\":\"0123456789ABCDEF0123456789abcdef"
	                           "0123456789ABCDEF0123456789abcdef\""),
	                    findings, &description, &err));
	assert_string_equal(description->members[0].sha256, DIGEST);
}

static void paths_that_clash_are_blockers(void **state)
{
	static const struct {
		const char *why, *first, *second;
		bool clash;
	} cases[] = {
		{ "the same", "a/b.pdf", "a/b.pdf", true },
		{ "letter case", "a/B.PDF", "a/b.pdf", true },
		{ "greek case", "Σ.pdf", "ς.pdf", true },
		{ "sharp s", "straße.pdf", "STRASSE.pdf", true },
		{ "composed and decomposed", "Caf\xc3\xa9.pdf", "Cafe\xcc\x81.pdf", true },
		{ "both", "CAF\xc3\x89.pdf", "cafe\xcc\x81.pdf", true },
		{ "hangul", "\xea\xb0\x80", "\xe1\x84\x80\xe1\x85\xa1", true },
		{ "compatibility ideograph", "\xef\xa4\x80", "\xe8\xb1\x88", true },
		{ "full width is another letter", "Ａ.pdf", "A.pdf", false },
		{ "simplified and traditional", "证据.pdf", "證據.pdf", false },
		{ "accent or none", "e.pdf", "\xc3\xa9.pdf", false },
		{ "dotless i", "\xc4\xb1.pdf", "i.pdf", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		char text[512];
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		snprintf(text, sizeof(text),
		         CASE("\"members\":[{\"path\":\"%s\",\"class\":\"document\"},"
		              "{\"path\":\"other\",\"class\":\"document\"},"
		              "{\"path\":\"%s\",\"class\":\"document\"}]"),
		         cases[i].first, cases[i].second);
		assert_ok(read_text(text, findings, &description, &err));
		assert_int_equal(sr_findings_count(findings), cases[i].clash ? 1 : 0);
		if (!cases[i].clash)
			continue;
		const struct sr_finding *f = sr_findings_at(findings, 0);

		assert_string_equal(f->code, "X3");
		assert_int_equal(f->severity, SR_SEVERITY_BLOCKER);
		assert_string_equal(f->member, cases[i].second);
		assert_string_equal(f->place, "/members/2/path");
		assert_non_null(strstr(f->zh, cases[i].first));
		assert_non_null(strstr(f->en, cases[i].second));
	}
}

/* --- encodings ------------------------------------------------------------------------------------------ */

/* What a program prints; the test needs it to print something. */
static void run(const char *command, struct sr_buf *out)
{
	FILE *pipe = popen(command, "r");
	char piece[4096];
	size_t got;
	struct sr_err err;

	assert_non_null(pipe);
	while ((got = fread(piece, 1, sizeof(piece), pipe)) > 0)
		assert_ok(sr_buf_add(out, piece, got, &err));
	assert_int_equal(pclose(pipe), 0);
	assert_true(out->size > 0);
}

static void gb18030_reads_like_utf8(void **state)
{
	static const char *const commands[] = {
		"iconv -f UTF-8 -t GB18030 tests/fixtures/sample-case/case.json",
		"{ printf '\\204\\061\\225\\063'; iconv -f UTF-8 -t GB18030 "
		"tests/fixtures/sample-case/case.json; }",
		"{ printf '\\357\\273\\277'; cat tests/fixtures/sample-case/case.json; }",
	};
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep)
	struct sr_case *plain = read_case_file("tests/fixtures/sample-case/case.json", findings);

	(void)state;
	for (size_t i = 0; i < SR_COUNT(commands); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		run(commands[i], &text);
		assert_ok(sr_case_read(text.data, text.size, findings, &description, &err));
		assert_true(json_equal(description->root, plain->root));
	}
	assert_int_equal(sr_findings_count(findings), 0);
}

static void text_in_neither_encoding_is_refused_with_the_bytes(void **state)
{
	static const struct {
		const char *why, *text, *utf8, *gb18030;
	} cases[] = {
		{ "latin 1", "{\"caf\xe9\"}", "byte 5", "byte 5" },
		{ "UTF-16", "\xff\xfe{", "byte 0", "byte 0" },
		{ "GB18030 that is cut", "{\"\xb1\xa3\xb1", "byte 2", "byte 4" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(read_text(cases[i].text, findings, &description, &err), SR_INVALID);
		print_message("      %s\n", err.text);
		assert_non_null(strstr(err.text, cases[i].utf8));
		assert_non_null(strstr(strstr(err.text, "GB18030"), cases[i].gb18030));
	}
}

/* --- limits and damage ---------------------------------------------------------------------------------- */

static void too_much_is_refused(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_buf_reserve(&text, SR_LIMIT_CASE_JSON_BYTES + 1u, &err));
	memset(text.data, ' ', SR_LIMIT_CASE_JSON_BYTES + 1u);
	assert_int_equal(sr_case_read(text.data, SR_LIMIT_CASE_JSON_BYTES + 1u, findings, &description, &err),
	                 SR_LIMIT);
	assert_int_equal(sr_case_read(text.data, SR_LIMIT_CASE_JSON_BYTES, findings, &description, &err),
	                 SR_INVALID);

	assert_ok(sr_buf_add_text(&text, "{\"format\":\"" SR_CASE_FORMAT "\",\"members\":[", &err));
	for (unsigned i = 0; i < SR_LIMIT_MEMBERS; i++)
		assert_ok(sr_buf_printf(&text, &err, "{\"path\":\"%u\",\"class\":\"document\"},", i));
	size_t before = --text.size;
	assert_ok(sr_buf_add_text(&text, "]}", &err));
	assert_ok(sr_case_read(text.data, text.size, findings, &description, &err));
	assert_int_equal(description->member_count, SR_LIMIT_MEMBERS);
	sr_case_freep(&description);
	text.size = before;
	assert_ok(sr_buf_add_text(&text, ",{\"path\":\"x\",\"class\":\"document\"}]}", &err));
	assert_int_equal(sr_case_read(text.data, text.size, findings, &description, &err), SR_LIMIT);
}

/* The text of a list of @count times @item. */
static enum sr_status read_many(const char *item, unsigned count)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	assert_ok(sr_buf_add_text(&text, "{\"format\":\"" SR_CASE_FORMAT "\",\"x\":[", &err));
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(sr_buf_add_text(&text, i > 0 ? "," : "", &err), SR_OK);
		assert_int_equal(sr_buf_add_text(&text, item, &err), SR_OK);
	}
	assert_ok(sr_buf_add_text(&text, "]}", &err));
	return sr_case_read(text.data, text.size, findings, &description, &err);
}

static void a_tree_that_would_fill_the_memory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_many("[]", SR_LIMIT_CASE_CONTAINERS - 2), SR_OK);
	assert_int_equal(read_many("[]", SR_LIMIT_CASE_CONTAINERS - 1), SR_LIMIT);
	assert_int_equal(read_many("0", SR_LIMIT_CASE_VALUES), SR_LIMIT);
	assert_int_equal(read_many("\"[{,\\\"[{,\"", SR_LIMIT_CASE_CONTAINERS), SR_OK);
}

/* Members are read one by one; what comes out is what the whole text says, or the whole text's error. */
static void members_in_pieces_are_the_members_of_the_whole(void **state)
{
	static const struct {
		const char *why, *text, *place; /* place NULL: it is read */
	} cases[] = {
		{ "no members", "{\"format\":\"" SR_CASE_FORMAT "\",\"members\" : [ \n ] }", NULL },
		{ "members first",
		  "{ \"members\":[{\"path\":\"a\",\"class\":\"medium\"} , \n"
		  "{\"class\":\"medium\",\"path\":\"b\"} ],\"format\":\"" SR_CASE_FORMAT "\"}",
		  NULL },
		{ "brackets in texts",
		  CASE("\"title\":\"\\\"members\\\":[{]}\",\"members\":[{\"path\":\"],}\\\\\","
		       "\"class\":\"document\"}]"),
		  NULL },
		{ "members of something else",
		  CASE("\"x\":{\"members\":[1,2]},\"members\":[{\"path\":\"a\",\"class\":\"document\"}]"),
		  NULL },
		{ "an escaped key", CASE("\"\\u006dembers\":[{\"path\":\"a\",\"class\":\"document\"}]"),
		  NULL },
		{ "members null", CASE("\"members\":null"), NULL },
		{ "the word as a value", CASE("\"title\":\"members\",\"members\":[]"), NULL },
		{ "members an object", CASE("\"members\":{\"a\":[]}"), "/members: must be a list" },
		{ "trailing comma", CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\"},]"),
		  "line 1" },
		{ "leading comma", CASE("\"members\":[,{\"path\":\"a\",\"class\":\"document\"}]"), "line 1" },
		{ "error in the second member",
		  CASE("\"members\":[{\"path\":\"a\",\"class\":\"document\"},\n\n{\"path\":}]"), "line 3" },
		{ "duplicate key in a member",
		  CASE("\"members\":[\n{\"path\":\"a\",\"path\":\"b\",\"class\":\"document\"}]"), "line 2" },
		{ "members twice", CASE("\"members\":[],\n\"members\":[]"), "duplicate" },
		{ "members twice, once escaped", CASE("\"members\":[],\n\"\\u006dembers\":[]"), "duplicate" },
		{ "text behind", CASE("\"members\":[]") "x", "line 1" },
		{ "wrong brackets", CASE("\"members\":[{\"path\":[}]}"), "line 1" },
		{ "no end", "{\"format\":\"" SR_CASE_FORMAT "\",\"members\":[{\"path\":\"a\\", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		SR_CLEANUP(sr_json_decrefp)
		json_t *whole = json_loads(cases[i].text, JSON_REJECT_DUPLICATES, NULL);
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		enum sr_status status = read_text(cases[i].text, findings, &description, &err);
		assert_int_equal(status, cases[i].place ? SR_INVALID : SR_OK);
		if (cases[i].place)
			assert_non_null(strstr(err.text, cases[i].place));
		else
			assert_true(json_equal(description->root, whole));
	}
}

static void deep_values_are_refused(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	static const unsigned depths[] = { 17, 40 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(depths); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

		assert_ok(sr_buf_add_text(&text, "{\"format\":\"" SR_CASE_FORMAT "\",\"x\":", &err));
		for (unsigned k = 0; k < depths[i]; k++)
			assert_ok(sr_buf_add_text(&text, "[", &err));
		for (unsigned k = 0; k < depths[i]; k++)
			assert_ok(sr_buf_add_text(&text, "]", &err));
		assert_ok(sr_buf_add_text(&text, "}", &err));
		assert_int_equal(sr_case_read(text.data, text.size, findings, &description, &err), SR_LIMIT);
	}
}

/* Without white space between values, so that each cut matters. */
static void compact(const char *path, struct sr_buf *out)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;
	struct sr_err err;

	load(path, &text);
	assert_ok(sr_json_parse(text.data, text.size, text.size, &root, &err));
	assert_ok(sr_json_write(root, out, &err));
}

static void no_truncation_of_a_full_case_is_a_case(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	struct sr_case *description = NULL;
	struct sr_err err;

	(void)state;
	compact(FULL_CASE, &text);
	for (size_t size = 0; size < text.size; size++)
		assert_int_equal(sr_case_read(text.data, size, findings, &description, &err), SR_INVALID);
	assert_int_equal(sr_findings_count(findings), 0);
}

static void a_flipped_bit_is_a_case_or_an_error(void **state)
{
	char text[] = MEMBER("\"date\":\"2025-03-01\",\"page_from\":1,\"evidence\":true,\"act\":null,"
	                     "\"statement\":[\"time\"],\"notice_at\":\"00:00:10\",\"title\":\"立案\","
	                     "\"explanation\":{\"path\":\"a.pdf\",\"collected_at\":\"2025-03-02 09:30\"},"
	                     "\"recorded_from\":\"2025-03-02T09:28:00.5+08:00\",\"zz\":[{}]");
	struct sr_err err;

	(void)state;
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
		enum sr_status status = sr_case_read(text, sizeof(text) - 1, findings, &description, &err);

		assert_true(status == SR_OK || status == SR_INVALID || status == SR_LIMIT);
		assert_int_equal(status == SR_OK, description != NULL);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << (bit % 8));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_and_a_blank_case_are_read_without_a_finding),
		cmocka_unit_test(members_are_as_the_text_says),
		cmocka_unit_test(the_defective_case_has_its_findings),
		cmocka_unit_test(every_key_refuses_every_wrong_type_with_its_place),
		cmocka_unit_test(every_key_is_a_list_or_is_none),
		cmocka_unit_test(every_key_may_be_blank),
		cmocka_unit_test(an_unknown_key_is_found_on_every_level),
		cmocka_unit_test(the_full_case_has_every_key_of_the_table),
		cmocka_unit_test(the_document_names_every_key_and_word),
		cmocka_unit_test(wrong_values_are_refused_with_their_place),
		cmocka_unit_test(right_values_are_taken),
		cmocka_unit_test(an_unknown_word_of_an_open_list_is_a_warning),
		cmocka_unit_test(state_secrets_are_seen_wherever_they_are_named),
		cmocka_unit_test(a_digest_in_capitals_is_the_same_digest),
		cmocka_unit_test(paths_that_clash_are_blockers),
		cmocka_unit_test(gb18030_reads_like_utf8),
		cmocka_unit_test(text_in_neither_encoding_is_refused_with_the_bytes),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(a_tree_that_would_fill_the_memory_is_refused),
		cmocka_unit_test(members_in_pieces_are_the_members_of_the_whole),
		cmocka_unit_test(deep_values_are_refused),
		cmocka_unit_test(no_truncation_of_a_full_case_is_a_case),
		cmocka_unit_test(a_flipped_bit_is_a_case_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
