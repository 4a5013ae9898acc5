/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values: rows that are read, written again with every field in quotes, are the same rows. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/csv.h"
#include "appliance/base/json.h"

static enum sr_status read_all(struct sr_bytes text, json_t *rows, struct sr_err *err)
{
	struct sr_csv csv = { .text = text, .next_line = 1 };
	unsigned line = 0;

	for (;;) {
		json_t *row = NULL;

		SR_TRY(sr_csv_next(&csv, &row, err));
		if (!row)
			return SR_OK;
		if (csv.line <= line || json_array_size(row) == 0 || json_array_size(row) > SR_CSV_FIELDS)
			abort();
		line = csv.line;
		SR_TRY(sr_json_append(rows, row, err));
	}
}

static enum sr_status write_quoted(const json_t *row, struct sr_buf *out, struct sr_err *err)
{
	size_t index;
	json_t *field;

	json_array_foreach(row, index, field) {
		SR_TRY(sr_buf_add_text(out, index ? ",\"" : "\"", err));
		for (const char *at = json_string_value(field); *at; at++) {
			if (*at == '"')
				SR_TRY(sr_buf_add_text(out, "\"", err));
			SR_TRY(sr_buf_add(out, at, 1, err));
		}
		SR_TRY(sr_buf_add_text(out, "\"", err));
	}
	return sr_buf_add_text(out, "\r\n", err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *again = json_array();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;
	size_t index;
	json_t *row;

	if (!rows || !again || read_all((struct sr_bytes){ data, size }, rows, &err) != SR_OK)
		return 0;
	json_array_foreach(rows, index, row)
		if (write_quoted(row, &text, &err) != SR_OK)
			return 0;
	if (read_all(sr_buf_bytes(&text), again, &err) != SR_OK || !json_equal(rows, again))
		abort();
	return 0;
}
