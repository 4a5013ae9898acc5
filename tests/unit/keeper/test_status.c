/* SPDX-License-Identifier: Apache-2.0 */
/* What the status warns of in time: the holidays of the next year. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/keeper_fixture.h"

#include "appliance/casefile/pack_shelf.h"
#include "appliance/keeper/operations/status.h"

static const char *warned(struct keeper_room *room, const char *code, char *out, size_t size)
{
	SR_CLEANUP(sr_json_decrefp) json_t *status = NULL;
	size_t index;
	json_t *row;
	struct sr_err err;

	out[0] = 0;
	assert_ok(sr_status_report(room->keeper, &status, &err));
	json_array_foreach(json_object_get(status, "warnings"), index, row) {
		if (strcmp(sr_json_text(row, "code"), code) == 0)
			snprintf(out, size, "%s", sr_json_text(row, "text"));
	}
	return out;
}

static void holidays_are_missed_a_month_ahead(void **state)
{
	static const char years[] = "{\"2030\":{\"source\":\"x\",\"off\":[],\"work\":[]}}";
	struct test_folder folder;
	struct keeper_room room;
	char text[400];
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	assert_ok(sr_fd_write_file(folder.fd, "holidays.json", 0644, years, sizeof(years) - 1, &err));
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	keeper_room_begins_ns = sr_time_of_date(sr_date_join(2030, 11, 30)) + 36000 * SR_SECOND_NS;
	keeper_room_open(&room);
	assert_non_null(strstr(warned(&room, "HolidaysMissing", text, sizeof(text)), "holidays of 2030"));
	sr_pack_shelf_use(folder.path);
	assert_string_equal(warned(&room, "HolidaysMissing", text, sizeof(text)), "");
	keeper_room_pass_time(&room, SR_DAY_S * SR_SECOND_NS); /* the first of December */
	assert_non_null(strstr(warned(&room, "HolidaysMissing", text, sizeof(text)), "holidays of 2031"));
	assert_non_null(strstr(text, "holidays.json"));
	sr_pack_shelf_use(NULL);
	keeper_room_close(&room);
	test_folder_close(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holidays_are_missed_a_month_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
