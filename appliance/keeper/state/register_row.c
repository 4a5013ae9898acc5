/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/register_row.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/csv.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/encoding.h"
#include "appliance/keeper/state/label.h"

#define ARCHIVE_DAYS 30 /* 内蒙古 第二十三条 */

enum form { TEXT, NUMBER, ORGAN, WHEN, MONEY, CHOICE };

static const struct column {
	const char *name, *zh;
	enum form form;
	const char *words; /* CHOICE */
} columns[] = {
	{ "number", "案号", NUMBER, NULL },
	{ "title", "案件名称", TEXT, NULL },
	{ "category", "类别", CHOICE, "inspection|penalty|coercion|confirmation" },
	{ "organ", "机关代码", ORGAN, NULL },
	{ "unit", "承办机构", TEXT, NULL },
	{ "officers", "承办人", TEXT, NULL },
	{ "started", "立案日期", WHEN, NULL },
	{ "decided", "决定日期", WHEN, NULL },
	{ "execution_ended", "执行完毕日期", WHEN, NULL },
	{ "closed", "结案日期", WHEN, NULL },
	{ "outcome", "处理结果", CHOICE,
	  "penalty|no_penalty|no_violation|dismissed|transferred|coercion|confirmation|declined" },
	{ "fine", "罚款金额", MONEY, NULL },
	{ "confiscated", "没收金额", MONEY, NULL },
	{ "recovered", "追回金额", MONEY, NULL },
	{ "published_on", "公示日期", WHEN, NULL },
	{ "reconsideration", "行政复议", TEXT, NULL },
	{ "litigation", "行政诉讼", TEXT, NULL },
	{ "reversed", "撤销变更", TEXT, NULL },
};

static const struct column *find_column(const char *head)
{
	for (size_t i = 0; i < SR_COUNT(columns); i++)
		if (strcmp(columns[i].name, head) == 0 || strcmp(columns[i].zh, head) == 0)
			return &columns[i];
	return NULL;
}

const char *sr_register_column(const char *head)
{
	const struct column *column = find_column(head);

	return column ? column->name : NULL;
}

const char *sr_register_column_at(size_t index)
{
	return index < SR_COUNT(columns) ? columns[index].name : NULL;
}

/* --- forms ------------------------------------------------------------------------------------------ */

static bool parse_day(const char *text, int64_t *day)
{
	int64_t time_ns;

	if (sr_date_parse(text, day))
		return true;
	if (!sr_time_parse(text, &time_ns))
		return false;
	*day = sr_date_of_time(time_ns);
	return true;
}

static bool is_money(const char *text)
{
	size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole;

	if (whole == 0 || whole > 15)
		return false;
	if (*rest == 0)
		return true;
	return *rest == '.' && strspn(rest + 1, "0123456789") == strlen(rest + 1) && rest[1] &&
	       strlen(rest) <= 3;
}

static bool is_choice(const char *words, const char *text)
{
	size_t size = strlen(text);

	for (const char *at = words; at && *at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (strcspn(at, "|") == size && strncmp(at, text, size) == 0)
			return true;
	return false;
}

static enum sr_status check_value(const struct column *column, const char *text, struct sr_err *err)
{
	int64_t day;

	switch (column->form) {
	case NUMBER:
		if (strlen(text) <= SR_REGISTER_NUMBER_BYTES)
			return SR_OK;
		return sr_fail(err, SR_INVALID, "%s (%s): over %u bytes", column->name, column->zh,
		               SR_REGISTER_NUMBER_BYTES);
	case ORGAN:
		if (sr_label_is_valid(text))
			return SR_OK;
		return sr_fail(err, SR_INVALID, "%s (%s): no code of an organ", column->name, column->zh);
	case WHEN:
		if (parse_day(text, &day))
			return SR_OK;
		return sr_fail(err, SR_INVALID, "%s (%s): \"%s\" is no date such as 2025-03-02", column->name,
		               column->zh, text);
	case MONEY:
		if (is_money(text))
			return SR_OK;
		return sr_fail(err, SR_INVALID, "%s (%s): \"%s\" is no amount such as 1200.00", column->name,
		               column->zh, text);
	case CHOICE:
		if (is_choice(column->words, text))
			return SR_OK;
		return sr_fail(err, SR_INVALID, "%s (%s): \"%s\" is none of %s", column->name, column->zh,
		               text, column->words);
	case TEXT:
		break;
	}
	if (strlen(text) > 1024)
		return sr_fail(err, SR_INVALID, "%s (%s): over 1024 bytes", column->name, column->zh);
	return SR_OK;
}

enum sr_status sr_register_row_check(json_t *row, struct sr_err *err)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(row, next, key, value)
	{
		const struct column *column = find_column(key);

		if (!column || strcmp(column->name, key) != 0)
			return sr_fail(err, SR_INVALID, "the register has no column \"%s\"", key);
		if (!json_is_string(value))
			return sr_fail(err, SR_INVALID, "%s (%s): no text", column->name, column->zh);
		if (sr_text_is_blank(json_string_value(value))) {
			json_object_del(row, key);
			continue;
		}
		SR_TRY(check_value(column, json_string_value(value), err));
	}
	if (!sr_json_text(row, "number"))
		return sr_fail(err, SR_INVALID, "number (案号): not there");
	return SR_OK;
}

/* --- files ------------------------------------------------------------------------------------------ */

static enum sr_status take_head(struct sr_csv *csv, json_t **head, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *row = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *names = json_array();
	size_t index;
	json_t *cell;

	SR_TRY(sr_csv_next(csv, &row, err));
	if (!row)
		return sr_fail(err, SR_INVALID, "the file is empty; its first line names the columns");
	json_array_foreach(row, index, cell) {
		const char *name = sr_register_column(json_string_value(cell));

		if (!name)
			return sr_fail(err, SR_INVALID, "line %u: the register has no column \"%s\"",
			               csv->line, json_string_value(cell));
		for (size_t i = 0; i < index; i++)
			if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
				return sr_fail(err, SR_INVALID, "line %u: the column \"%s\" is there twice",
				               csv->line, name);
		SR_TRY(sr_json_append(names, json_string(name), err));
	}
	*head = SR_MOVE(names);
	return SR_OK;
}

static enum sr_status to_object(const json_t *head, const json_t *cells, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_object();
	size_t index;
	json_t *name;

	if (json_array_size(cells) > json_array_size(head))
		return sr_fail(err, SR_INVALID, "%zu fields, the first line has %zu", json_array_size(cells),
		               json_array_size(head));
	json_array_foreach(head, index, name)
		if (index < json_array_size(cells))
			SR_TRY(sr_json_set(row, json_string_value(name),
			                   json_incref(json_array_get(cells, index)), err));
	SR_TRY(sr_register_row_check(row, err));
	*out = SR_MOVE(row);
	return SR_OK;
}

static enum sr_status add_row(json_t *rows, json_t *seen, unsigned line, json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = row;
	const char *organ = sr_json_text(row, "organ");
	char key[SR_RECORD_KEY];
	json_t *item = NULL;

	SR_TRY(sr_register_key(organ ? organ : "-", sr_json_text(row, "number"), key, err));
	if (json_object_get(seen, key))
		return sr_fail(err, SR_INVALID,
		               "line %u: number (案号) %s is there twice, first in line %lld", line,
		               sr_json_text(row, "number"),
		               (long long)json_integer_value(json_object_get(seen, key)));
	SR_TRY(sr_json_set(seen, key, json_integer(line), err));
	SR_TRY(SR_JSON_PACK(&item, err, "{s:i,s:O}", "line", (int)line, "row", taken));
	return sr_json_append(rows, item, err);
}

enum sr_status sr_register_read(struct sr_bytes file, json_t **rows, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf converted = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *head = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *seen = json_object();
	struct sr_csv csv = { .next_line = 1 };

	SR_TRY(sr_encoding_to_utf8(file, &converted, &csv.text, err));
	SR_TRY(take_head(&csv, &head, err));
	for (;;) {
		SR_CLEANUP(sr_json_decrefp) json_t *cells = NULL;
		json_t *row = NULL;

		SR_TRY(sr_csv_next(&csv, &cells, err));
		if (!cells)
			break;
		if (json_array_size(list) == SR_REGISTER_ROWS)
			return sr_fail(err, SR_LIMIT, "over %u rows: import the register in parts",
			               SR_REGISTER_ROWS);
		enum sr_status status = to_object(head, cells, &row, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "line %u: ", csv.line);
		SR_TRY(add_row(list, seen, csv.line, row, err));
	}
	*rows = SR_MOVE(list);
	return SR_OK;
}

/* --- what rows say ---------------------------------------------------------------------------------- */

enum sr_status sr_register_key(const char *organ, const char *number, char out[SR_RECORD_KEY],
                               struct sr_err *err)
{
	int size = snprintf(out, SR_RECORD_KEY, "%s/%s", organ, number);

	if (size < 0 || size >= SR_RECORD_KEY)
		return sr_fail(err, SR_INVALID, "number (案号): over %u bytes", SR_REGISTER_NUMBER_BYTES);
	return SR_OK;
}

bool sr_register_day(const json_t *row, const char *column, int64_t *day)
{
	const char *text = sr_json_text(row, column);

	return text && parse_day(text, day);
}

bool sr_register_due(const json_t *row, int64_t *day)
{
	if (!sr_register_day(row, "execution_ended", day) && !sr_register_day(row, "closed", day))
		return false;
	*day += ARCHIVE_DAYS;
	return true;
}

bool sr_register_says_yes(const json_t *row, const char *column)
{
	static const char *const no[] = { "no", "NO", "No", "0", "false", "否", "无", "-" };
	const char *text = sr_json_text(row, column);

	for (size_t i = 0; text && i < SR_COUNT(no); i++)
		if (strcmp(text, no[i]) == 0)
			return false;
	return text != NULL;
}

static size_t separator(const char *at)
{
	static const char *const separators[] = { "、", "，", "；", ",", ";", "/", " " };

	for (size_t i = 0; i < SR_COUNT(separators); i++)
		if (sr_text_starts_with(at, separators[i]))
			return strlen(separators[i]);
	return 0;
}

bool sr_register_names_officer(const json_t *row, const char *name)
{
	const char *at = sr_json_text(row, "officers");
	size_t size = strlen(name);
	bool begins = true;

	while (at && *at && size > 0) {
		size_t skip = separator(at);

		if (skip == 0 && begins && strncmp(at, name, size) == 0 &&
		    (at[size] == 0 || separator(at + size) > 0))
			return true;
		begins = skip > 0;
		at += skip ? skip : 1;
	}
	return false;
}
