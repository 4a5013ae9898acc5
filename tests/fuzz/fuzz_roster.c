/* SPDX-License-Identifier: Apache-2.0 */
/* A roster: rows have user and role, in the file's order, nobody twice, and no column that is none. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/people/roster.h"

static void judge(const json_t *row)
{
	static const char *const keys[] = { "user", "role", "organ", "full_name", "clearances", "login" };
	size_t known = 0;

	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		const json_t *value = json_object_get(row, keys[i]);

		known += value ? 1 : 0;
		if (value && strcmp(keys[i], "clearances") != 0 &&
		    (!json_is_string(value) || !json_string_value(value)[0]))
			abort();
	}
	if (known != json_object_size(row) || !sr_json_text(row, "user") || !sr_json_text(row, "role"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_json_decrefp) json_t *rows = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *seen = json_object();
	json_int_t line = 1;
	struct sr_err err;
	size_t index;
	json_t *element;

	if (!seen || sr_roster_read((struct sr_bytes){ data, size }, &rows, &err) != SR_OK)
		return 0;
	if (json_array_size(rows) > SR_ROSTER_ROWS)
		abort();
	json_array_foreach(rows, index, element) {
		const json_t *row = json_object_get(element, "row");
		json_int_t own = json_integer_value(json_object_get(element, "line"));

		judge(row);
		if (own <= line || json_object_get(seen, sr_json_text(row, "user")))
			abort();
		line = own;
		(void)json_object_set_new(seen, sr_json_text(row, "user"), json_true());
	}
	return 0;
}
