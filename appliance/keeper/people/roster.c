/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/people/roster.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/csv.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/encoding.h"
#include "appliance/keeper/state/scope.h"

static const char *const columns[][2] = { { "user", "用户名" },     { "role", "角色" },
	                                  { "organ", "机关代码" },  { "full_name", "姓名" },
	                                  { "clearances", "权限" }, { "login", "登录名" } };

/* NULL where there is no such column. */
static const char *column_of(const char *name)
{
	for (size_t i = 0; i < SR_COUNT(columns); i++)
		if (strcmp(name, columns[i][0]) == 0 || strcmp(name, columns[i][1]) == 0)
			return columns[i][0];
	return NULL;
}

/* The first line becomes the list of keys. */
static enum sr_status read_columns(struct sr_csv *csv, json_t *keys, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *cells = NULL;
	size_t index;
	json_t *cell;

	SR_TRY(sr_csv_next(csv, &cells, err));
	json_array_foreach(cells, index, cell) {
		const char *key = column_of(json_string_value(cell));

		if (!key || sr_scope_lists(keys, key))
			return sr_fail(err, SR_INVALID, "line %u: the column \"%.60s\" is %s", csv->line,
			               json_string_value(cell), key ? "there twice" : "none of a roster");
		SR_TRY(sr_json_append(keys, json_string(key), err));
	}
	if (!sr_scope_lists(keys, "user") || !sr_scope_lists(keys, "role"))
		return sr_fail(err, SR_INVALID,
		               "the first line of a roster names its columns; user (用户名) and role (角色) "
		               "must be among them");
	return SR_OK;
}

static enum sr_status split_words(const char *text, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	while (*text) {
		text += strspn(text, "; ");
		size_t size = strcspn(text, "; ");

		if (size > 0)
			SR_TRY(sr_json_append(list, json_stringn(text, size), err));
		text += size;
	}
	*out = SR_MOVE(list);
	return SR_OK;
}

static enum sr_status take_cell(json_t *row, const char *key, const char *text, struct sr_err *err)
{
	json_t *value = NULL;

	if (sr_text_is_blank(text))
		return SR_OK;
	if (strcmp(key, "clearances") == 0)
		SR_TRY(split_words(text, &value, err));
	else
		value = json_string(text);
	return sr_json_set(row, key, value, err);
}

static enum sr_status take_row(const json_t *keys, const json_t *cells, json_t *row, struct sr_err *err)
{
	size_t index;
	json_t *cell;

	if (json_array_size(cells) > json_array_size(keys))
		return sr_fail(err, SR_INVALID, "has more fields than the first line");
	json_array_foreach(cells, index, cell)
		SR_TRY(take_cell(row, json_string_value(json_array_get(keys, index)), json_string_value(cell),
		                 err));
	if (!sr_json_text(row, "user") || !sr_json_text(row, "role"))
		return sr_fail(err, SR_INVALID, "user (用户名) or role (角色) is empty");
	return SR_OK;
}

/* A name stands in one row. */
static enum sr_status check_once(json_t *seen, const json_t *row, const char *key, struct sr_err *err)
{
	const char *name = sr_json_text(row, key);

	if (name && json_object_get(seen, name))
		return sr_fail(err, SR_INVALID, "the %s %.80s is there twice", key, name);
	return name ? sr_json_set(seen, name, json_true(), err) : SR_OK;
}

struct reading {
	json_t *keys, *rows, *users, *logins;
};

static void reading_dispose(struct reading *reading)
{
	json_decref(reading->keys);
	json_decref(reading->rows);
	json_decref(reading->users);
	json_decref(reading->logins);
}

static enum sr_status add_row(struct reading *reading, const json_t *cells, unsigned line, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_object();
	json_t *item = NULL;

	if (json_array_size(reading->rows) == SR_ROSTER_ROWS)
		return sr_fail(err, SR_LIMIT, "a roster has at most %u rows: import it in parts",
		               SR_ROSTER_ROWS);
	SR_TRY(take_row(reading->keys, cells, row, err));
	SR_TRY(check_once(reading->users, row, "user", err));
	SR_TRY(check_once(reading->logins, row, "login", err));
	SR_TRY(SR_JSON_PACK(&item, err, "{s:i,s:O}", "line", (int)line, "row", row));
	return sr_json_append(reading->rows, item, err);
}

enum sr_status sr_roster_read(struct sr_bytes file, json_t **rows, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf converted = { 0 };
	SR_CLEANUP(reading_dispose)
	struct reading reading = { json_array(), json_array(), json_object(), json_object() };
	struct sr_csv csv = { .next_line = 1 };

	if (file.size > SR_ROSTER_BYTES)
		return sr_fail(err, SR_LIMIT, "a roster has at most %u bytes", SR_ROSTER_BYTES);
	SR_TRY(sr_encoding_to_utf8(file, &converted, &csv.text, err));
	SR_TRY(read_columns(&csv, reading.keys, err));
	for (;;) {
		SR_CLEANUP(sr_json_decrefp) json_t *cells = NULL;

		SR_TRY(sr_csv_next(&csv, &cells, err));
		if (!cells)
			break;
		enum sr_status status = add_row(&reading, cells, csv.line, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "line %u: ", csv.line);
	}
	if (json_array_size(reading.rows) == 0)
		return sr_fail(err, SR_INVALID, "the roster has no rows");
	*rows = SR_MOVE(reading.rows);
	return SR_OK;
}
