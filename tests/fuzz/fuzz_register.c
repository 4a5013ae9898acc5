/* SPDX-License-Identifier: Apache-2.0 */
/* The register of matters as a file: every row that is taken is a row by itself, with a key of its own. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/register_row.h"

static void judge(const json_t *element)
{
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_deep_copy(json_object_get(element, "row"));
	const char *number = sr_json_text(row, "number"), *organ = sr_json_text(row, "organ"), *name;
	char key[SR_RECORD_KEY];
	struct sr_err err;
	int64_t day;
	json_t *value;

	if (!number || !number[0] || json_integer_value(json_object_get(element, "line")) < 2)
		abort();
	json_object_foreach(row, name, value)
		if (!sr_register_column(name) || !json_is_string(value) || !json_string_value(value)[0])
			abort();
	if (sr_register_row_check(row, &err) != SR_OK || !json_equal(row, json_object_get(element, "row")))
		abort();
	(void)sr_register_due(row, &day);
	(void)sr_register_says_yes(row, "litigation");
	(void)sr_register_names_officer(row, "甲某");
	if (sr_register_key(organ ? organ : "000000-YB", number, key, &err) == SR_OK &&
	    strlen(key) >= sizeof(key))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = NULL;
	struct sr_err err;
	size_t index;
	json_t *element;

	if (sr_register_read((struct sr_bytes){ data, size }, &rows, &err) != SR_OK)
		return 0;
	if (json_array_size(rows) > SR_REGISTER_ROWS)
		abort();
	json_array_foreach(rows, index, element)
		judge(element);
	return 0;
}
