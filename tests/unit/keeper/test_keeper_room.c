/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture itself, and what every command has in common: who may give it. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/one_room.h"

#include "appliance/keeper/methods.h"

static void everybody_is_who_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(keeper_people); i++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *me = must_ask(&room, keeper_people[i].user, "WhoAmI", NULL);

		assert_string_equal(sr_json_text(me, "user"), keeper_people[i].user);
		assert_string_equal(sr_json_text(me, "role"), keeper_people[i].role);
		assert_string_equal(sr_json_text(me, "organ"), keeper_people[i].organ);
	}
	SR_CLEANUP(sr_json_decrefp) json_t *self = must_ask(&room, SELF, "WhoAmI", NULL);
	assert_string_equal(sr_json_text(self, "user"), room.owner);
	assert_string_equal(sr_json_text(self, "role"), "admin");
}

static void time_passes_when_it_is_told_to(void **state)
{
	int64_t before_ns = sr_keeper_now_ns(room.keeper);

	(void)state;
	keeper_room_pass_time(&room, 3 * SR_DAY_S * SR_SECOND_NS);
	assert_true(sr_keeper_now_ns(room.keeper) - before_ns >= 3 * SR_DAY_S * SR_SECOND_NS);
	assert_int_equal(sr_ledger_clock_state(&room.keeper->clock), SR_LEDGER_CLOCK_FINE);
	/* Every session was idle for longer than it may be. */
	refused(&room, "official", "CloseSession", NULL, "NotSignedIn");
	keeper_room_forget(&room, "official");
	must_do(&room, "official", "WhoAmI", NULL);
}

static void a_restart_keeps_people_and_time(void **state)
{
	(void)state;
	keeper_room_stop(&room);
	keeper_room_start(&room);
	must_do(&room, "archivist", "WhoAmI", NULL);
	assert_int_equal(sr_ledger_clock_state(&room.keeper->clock), SR_LEDGER_CLOCK_FINE);
}

/* A command without a session is refused unless it says that strangers may give it. */
static void strangers_are_asked_to_sign_in(void **state)
{
	const struct sr_method *method;

	(void)state;
	for (size_t i = 0; (method = sr_method_at(i)); i++) {
		if ((method->flags & SR_METHOD_STRANGERS) || !(method->doors & SR_DOOR_API))
			continue;
		refused(&room, NOBODY, method->name, NULL, "NotSignedIn");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_who_they_are),
		cmocka_unit_test(strangers_are_asked_to_sign_in),
		cmocka_unit_test(time_passes_when_it_is_told_to),
		cmocka_unit_test(a_restart_keeps_people_and_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
