/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rulebook_tables.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/calendar.h"
#include "appliance/casefile/form.h"
#include "appliance/casefile/schema.h"
#include "appliance/casefile/schema_table.h"

#define POINTS 100 /* of a score sheet */

enum cell {
	CELL_TEXT,
	CELL_TEXTS,
	CELL_BOOLEAN,
	CELL_INTEGER,
	CELL_WORD,
	CELL_ITEMS,        /* of a score sheet: a list of objects with kind, zh, en */
	CELL_SCORED_ITEMS, /* the same with points */
};

struct column {
	const char *name;
	enum cell cell;
	bool needed;
	const char *words; /* CELL_WORD */
};

#define KIND                                                                                                 \
	{                                                                                                    \
		"kind", CELL_TEXT, true, NULL                                                                \
	}
#define TITLES                                                                                               \
	{ "zh", CELL_TEXT, true, NULL },                                                                     \
	{                                                                                                    \
		"en", CELL_TEXT, true, NULL                                                                  \
	}

static const struct column document_kinds[] = {
	KIND,
	{ "class", CELL_WORD, true, "document|medium|explanation" },
	{ "volume", CELL_WORD, true, "main|sub" },
	{ "order", CELL_INTEGER, true, NULL },
	{ "forms", CELL_TEXTS, false, NULL },
};
static const struct column acts[] = {
	KIND,
	TITLES,
	{ "party", CELL_BOOLEAN, false, NULL },
	{ "record", CELL_BOOLEAN, false, NULL },
	{ "full", CELL_BOOLEAN, false, NULL },
	{ "what_zh", CELL_TEXT, false, NULL },
	{ "what_en", CELL_TEXT, false, NULL },
	{ "from_zh", CELL_TEXT, false, NULL },
	{ "from_en", CELL_TEXT, false, NULL },
	{ "to_zh", CELL_TEXT, false, NULL },
	{ "to_en", CELL_TEXT, false, NULL },
};
static const struct column major_catalogue[] = { KIND, TITLES };
static const struct column purposes[] = { KIND, TITLES, { "article", CELL_TEXT, true, NULL } };
static const struct column score_sheets[] = {
	KIND,
	TITLES,
	{ "pass", CELL_INTEGER, true, NULL },
	{ "veto", CELL_ITEMS, true, NULL },
	{ "items", CELL_SCORED_ITEMS, true, NULL },
};
static const struct column articles[] = {
	KIND,
	{ "also", CELL_TEXTS, false, NULL },
	{ "not_checkable_zh", CELL_TEXT, false, NULL },
	{ "not_checkable_en", CELL_TEXT, false, NULL },
};

static const struct {
	const char *name;
	const struct column *columns;
	size_t count;
} tables_known[] = {
	{ "document_kinds", document_kinds, SR_COUNT(document_kinds) },
	{ "acts", acts, SR_COUNT(acts) },
	{ "major_catalogue", major_catalogue, SR_COUNT(major_catalogue) },
	{ "purposes", purposes, SR_COUNT(purposes) },
	{ "score_sheets", score_sheets, SR_COUNT(score_sheets) },
	{ "articles", articles, SR_COUNT(articles) },
};

/* --- cells ---------------------------------------------------------------------------------------------- */

static enum sr_status check_texts(const json_t *list, struct sr_err *err)
{
	size_t index;
	json_t *text;

	if (json_array_size(list) == 0)
		return sr_fail(err, SR_INVALID, ": must be a list of texts");
	json_array_foreach(list, index, text) {
		if (!json_is_string(text) || sr_text_is_blank(json_string_value(text)))
			return sr_fail(err, SR_INVALID, "/%zu: must be text", index);
	}
	return SR_OK;
}

/* Items with kind, zh, en and, where they score, points that add up to 100. */
static enum sr_status check_items(const json_t *list, bool scored, struct sr_err *err)
{
	json_int_t points = 0;
	size_t index;
	json_t *item;

	if (json_array_size(list) == 0)
		return sr_fail(err, SR_INVALID, ": must be a list of items");
	json_array_foreach(list, index, item) {
		const json_t *own = json_object_get(item, "points");

		if (sr_text_is_blank(sr_json_text(item, "kind")) ||
		    sr_text_is_blank(sr_json_text(item, "zh")) ||
		    sr_text_is_blank(sr_json_text(item, "en")) || json_object_size(item) != (scored ? 4 : 3))
			return sr_fail(err, SR_INVALID, "/%zu: must have kind, zh, en%s and nothing else",
			               index, scored ? ", points" : "");
		if (scored && (!json_is_integer(own) || json_integer_value(own) < 1 ||
		               json_integer_value(own) > POINTS))
			return sr_fail(err, SR_INVALID, "/%zu/points: must be from 1 to %d", index, POINTS);
		points += json_integer_value(own);
	}
	if (scored && points != POINTS)
		return sr_fail(err, SR_INVALID, ": points add up to %lld, not to %d", (long long)points,
		               POINTS);
	return SR_OK;
}

static enum sr_status check_cell(const struct column *column, const json_t *value, struct sr_err *err)
{
	const char *text = json_string_value(value);

	switch (column->cell) {
	case CELL_TEXT:
		return sr_text_is_blank(text) ? sr_fail(err, SR_INVALID, ": must be text") : SR_OK;
	case CELL_TEXTS:
		return check_texts(value, err);
	case CELL_BOOLEAN:
		return json_is_boolean(value) ? SR_OK : sr_fail(err, SR_INVALID, ": must be true or false");
	case CELL_INTEGER:
		if (json_is_integer(value) && json_integer_value(value) >= 1 &&
		    json_integer_value(value) <= 100000)
			return SR_OK;
		return sr_fail(err, SR_INVALID, ": must be a whole number from 1 to 100000");
	case CELL_WORD:
		if (text && sr_form_is_word_of(text, column->words))
			return SR_OK;
		return sr_fail(err, SR_INVALID, ": must be one of %s", column->words);
	case CELL_ITEMS:
		return check_items(value, false, err);
	case CELL_SCORED_ITEMS:
		return check_items(value, true, err);
	}
	return SR_OK;
}

/* --- tables --------------------------------------------------------------------------------------------- */

static const struct column *find_column(size_t table, const char *name)
{
	for (size_t i = 0; i < tables_known[table].count; i++)
		if (strcmp(tables_known[table].columns[i].name, name) == 0)
			return &tables_known[table].columns[i];
	return NULL;
}

static enum sr_status check_row(size_t table, const json_t *row, struct sr_err *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(row))
		return sr_fail(err, SR_INVALID, ": must be an object");
	json_object_foreach((json_t *)(uintptr_t)row, name, value) {
		const struct column *column = find_column(table, name);

		if (!column)
			return sr_fail(err, SR_INVALID, "/%.64s: the table has no such column", name);
		enum sr_status status = check_cell(column, value, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "/%.64s", name);
	}
	for (size_t i = 0; i < tables_known[table].count; i++)
		if (tables_known[table].columns[i].needed &&
		    !json_object_get(row, tables_known[table].columns[i].name))
			return sr_fail(err, SR_INVALID, "/%s: must be there",
			               tables_known[table].columns[i].name);
	return SR_OK;
}

/* Acts are those that a case description knows. */
static enum sr_status check_act_kind(const char *kind, struct sr_err *err)
{
	const struct sr_schema_entry *list = sr_schema_find(&sr_schema_case, "acts");
	const struct sr_schema_entry *entry = sr_schema_find(list->object, "kind");

	if (sr_form_is_word_of(kind, entry->words))
		return SR_OK;
	return sr_fail(err, SR_INVALID, "/kind: must be one of %s", entry->words);
}

static enum sr_status check_table(size_t table, const json_t *rows, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *seen = json_object();
	size_t index;
	json_t *row;

	if (json_array_size(rows) == 0)
		return sr_fail(err, SR_INVALID, ": must be a list of rows");
	if (json_array_size(rows) > SR_LIMIT_TABLE_ROWS)
		return sr_fail(err, SR_LIMIT, ": over %u rows", SR_LIMIT_TABLE_ROWS);
	json_array_foreach(rows, index, row) {
		enum sr_status status = check_row(table, row, err);
		const char *kind = sr_json_text(row, "kind");

		if (status == SR_OK && tables_known[table].columns == acts)
			status = check_act_kind(kind, err);
		if (status == SR_OK && json_object_get(seen, kind))
			status = sr_fail(err, SR_INVALID, "/kind: \"%.64s\" is there already", kind);
		if (status != SR_OK)
			return sr_fail_in(err, status, "/%zu", index);
		SR_TRY(sr_json_set(seen, kind, json_true(), err));
	}
	return SR_OK;
}

static enum sr_status check_one(const char *name, const json_t *table, struct sr_err *err)
{
	if (strcmp(name, "holidays") == 0)
		return sr_calendar_check(table, err);
	for (size_t i = 0; i < SR_COUNT(tables_known); i++)
		if (strcmp(tables_known[i].name, name) == 0)
			return check_table(i, table, err);
	return sr_fail(err, SR_INVALID, ": this version knows no such table");
}

enum sr_status sr_rulebook_check_tables(const json_t *tables, struct sr_err *err)
{
	const char *name;
	json_t *table;

	if (!json_is_object(tables))
		return sr_fail(err, SR_INVALID, ": must be an object");
	json_object_foreach((json_t *)(uintptr_t)tables, name, table) {
		enum sr_status status = check_one(name, table, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "/%.64s", name);
	}
	return SR_OK;
}

enum sr_status sr_rulebook_merge_tables(json_t *into, const json_t *tables, struct sr_err *err)
{
	json_t *years = json_object_get(into, "holidays");
	json_t *more = json_object_get(tables, "holidays");

	if (!years && more) {
		/* a copy of its own: years of other packs may come into it */
		SR_TRY(sr_json_set(into, "holidays", json_copy(more), err));
	} else if (more && json_object_update_missing(years, more) < 0) {
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	}
	if (tables && json_object_update_missing(into, (json_t *)(uintptr_t)tables) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a rulebook");
	return SR_OK;
}
