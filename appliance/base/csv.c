/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/csv.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

static bool at_end(const struct sr_csv *csv)
{
	return csv->text.size == 0;
}

static uint8_t peek(const struct sr_csv *csv)
{
	return at_end(csv) ? 0 : csv->text.data[0];
}

static uint8_t take(struct sr_csv *csv)
{
	uint8_t byte = csv->text.data[0];

	csv->text.data++;
	csv->text.size--;
	return byte;
}

static bool is_line_end(const struct sr_csv *csv)
{
	return peek(csv) == '\n' || (peek(csv) == '\r' && (csv->text.size < 2 || csv->text.data[1] == '\n'));
}

static void skip_line_end(struct sr_csv *csv)
{
	if (!at_end(csv) && peek(csv) == '\r')
		(void)take(csv);
	if (!at_end(csv) && peek(csv) == '\n')
		(void)take(csv);
	csv->next_line++;
}

static void skip_blanks(struct sr_csv *csv)
{
	while (!at_end(csv) && (peek(csv) == ' ' || peek(csv) == '\t'))
		(void)take(csv);
}

/* In quotes a field may have tabs and line breaks, and no other control characters: a NUL would cut it short.
 */
static bool may_stand_in_quotes(const struct sr_csv *csv, uint8_t byte)
{
	if (byte == '\r')
		return peek(csv) == '\n';
	return byte == '\t' || byte == '\n' || (byte >= 0x20 && byte != 0x7f);
}

static enum sr_status take_quoted(struct sr_csv *csv, struct sr_buf *field, struct sr_err *err)
{
	(void)take(csv);
	for (;;) {
		if (at_end(csv))
			return sr_fail(err, SR_INVALID, "line %u: a quote is opened and never closed",
			               csv->line);
		uint8_t byte = take(csv);
		if (byte == '"' && peek(csv) == '"')
			(void)take(csv);
		else if (byte == '"')
			break;
		if (!may_stand_in_quotes(csv, byte))
			return sr_fail(err, SR_INVALID, "line %u: a control character within a field",
			               csv->next_line);
		if (byte == '\n')
			csv->next_line++;
		SR_TRY(sr_buf_add(field, &byte, 1, err));
	}
	skip_blanks(csv);
	if (!at_end(csv) && peek(csv) != ',' && !is_line_end(csv))
		return sr_fail(err, SR_INVALID, "line %u: there is something behind a closed quote",
		               csv->line);
	return SR_OK;
}

static enum sr_status take_plain(struct sr_csv *csv, struct sr_buf *field, struct sr_err *err)
{
	while (!at_end(csv) && peek(csv) != ',' && !is_line_end(csv)) {
		uint8_t byte = take(csv);

		if (byte == '"' || byte < 0x20 || byte == 0x7f)
			return sr_fail(err, SR_INVALID,
			               "line %u: a quote or a control character within a field", csv->line);
		SR_TRY(sr_buf_add(field, &byte, 1, err));
	}
	while (field->size > 0 && field->data[field->size - 1] == ' ')
		field->size--;
	return SR_OK;
}

static enum sr_status take_field(struct sr_csv *csv, json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf field = { 0 };

	skip_blanks(csv);
	SR_TRY(peek(csv) == '"' ? take_quoted(csv, &field, err) : take_plain(csv, &field, err));
	json_t *text = json_stringn(field.size ? (const char *)field.data : "", field.size);
	if (!text)
		return sr_fail(err, SR_INVALID, "line %u: a field is no UTF-8 text", csv->line);
	if (json_array_size(row) == SR_CSV_FIELDS) {
		json_decref(text);
		return sr_fail(err, SR_LIMIT, "line %u: over %u fields", csv->line, SR_CSV_FIELDS);
	}
	return sr_json_append(row, text, err);
}

enum sr_status sr_csv_next(struct sr_csv *csv, json_t **row, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	*row = NULL;
	while (!at_end(csv) && is_line_end(csv))
		skip_line_end(csv);
	if (at_end(csv))
		return SR_OK;
	csv->line = csv->next_line;
	for (;;) {
		SR_TRY(take_field(csv, list, err));
		if (at_end(csv) || peek(csv) != ',')
			break;
		(void)take(csv);
	}
	if (!at_end(csv))
		skip_line_end(csv);
	*row = SR_MOVE(list);
	return SR_OK;
}
