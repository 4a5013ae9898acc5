/* SPDX-License-Identifier: Apache-2.0 */
/* Every role and every command about people and authority: who may give it (docs/design/ACCESS.md). */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/one_room.h"

#include "appliance/keeper/methods.h"

/* One user of each role that has users. */
static const char *const users[] = { "handler",  "archivist", "official",  "supervisor",
	                             "auditor2", "security2", "keyholder", NULL };

/*
 * What the specification's table says, by hand: h a o s u=auditor e=security administrator m=administrator.
 * None of the parameters does anything: the right roles get as far as another refusal, or to an empty change.
 */
static const struct {
	const char *command, *roles, *parameters;
} table[] = {
	{ "WhoAmI", "haosuem", "{}" },
	{ "ChangePassword", "haosuem", "{\"old\":\"wrong wrong\",\"new\":\"x\"}" },
	{ "ListSessions", "haosuem", "{}" },
	{ "EndSessions", "haosuem", "{\"which\":\"s0000000000000000\"}" },
	{ "ProposeUser", "m", "{\"user\":\"x\",\"role\":\"party\"}" },
	{ "ChangeUser", "m", "{\"user\":\"nobody\",\"role\":\"handler\"}" },
	{ "ResetPassword", "m", "{\"user\":\"nobody\"}" },
	{ "DisableUser", "m", "{\"user\":\"nobody\"}" },
	{ "ImportRoster", "m", "{\"csv\":\"user,role\\n\"}" },
	{ "AddOrgan", "m", "{\"organ\":\"" CITY "\",\"name\":\"样例\",\"level\":\"city\"}" },
	{ "ProposePolicy", "m", "{\"table\":{}}" },
	{ "ConfirmUser", "e", "{\"user\":\"nobody\"}" },
	{ "DropProposal", "em", "{\"user\":\"nobody\"}" },
	{ "ListUsers", "uem", "{}" },
	{ "ListOrgans", "haosuem", "{}" },
	{ "ListColleagues", "haosuem", "{}" },
	{ "Delegate", "o", "{\"deputy\":\"nobody\",\"from\":\"2030-01-01\",\"until\":\"2029-01-01\"}" },
	{ "EndDelegation", "o", "{\"deputy\":\"nobody\"}" },
	{ "ListDelegations", "haosuem", "{}" },
	{ "ShowPolicy", "haosuem", "{}" },
	{ "ConfirmPolicy", "o", "{}" },
	{ "ConfirmClock", "em", "{}" },
	{ "IssuePass", "a", "{\"grant\":\"G00001-aaaaaa\",\"identity\":\"id-card\"}" },
	{ "ListApplications", "a", "{}" },
	{ "DropApplication", "a", "{\"application\":\"B00001\",\"reason\":\"x\"}" },
};

static json_t *parsed(const char *text)
{
	json_t *value = NULL;
	struct sr_err err;

	assert_ok(sr_json_parse(text, strlen(text), 1u << 16, &value, &err));
	return value;
}

static void every_role_gives_exactly_the_commands_of_the_table(void **state)
{
	static const char letters[] = "haosuem";

	(void)state;
	for (size_t i = 0; i < SR_COUNT(table); i++)
		for (size_t who = 0; users[who]; who++) {
			bool may = strchr(table[i].roles, letters[who]) != NULL;
			(void)ask(&room, users[who], table[i].command, parsed(table[i].parameters), NULL);
			bool refusal = strcmp(room.error, "NotYourRole") == 0;

			if (refusal == may)
				fail_msg("%s as %s: %s (%s)", table[i].command, users[who], room.error,
				         room.err.text);
		}
}

/* The families of this table have no command that is missing in it. */
static void no_command_is_left_out(void **state)
{
	static const char *const others[] = { "OpenSession", "CloseSession", "RedeemPass", "Apply",
		                              "FollowApplication" };
	const unsigned known = SR_BY_ALL;
	const struct sr_method *method;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(table); i++) {
		char name[SR_MESSAGE_NAME_BYTES];

		snprintf(name, sizeof(name), "org.strongroom.%s", table[i].command);
		assert_non_null(sr_method_find(name));
	}
	for (size_t i = 0; (method = sr_method_at(i)); i++) {
		assert_int_equal(method->roles & ~known, 0);
		/* Nobody but those who need no session is without a role. */
		assert_true(method->roles != 0 || (method->flags & SR_METHOD_STRANGERS));
	}
	for (size_t i = 0; i < SR_COUNT(others); i++) {
		char name[SR_MESSAGE_NAME_BYTES];

		snprintf(name, sizeof(name), "org.strongroom.%s", others[i]);
		assert_non_null(sr_method_find(name));
	}
}

/* What a party gives without a session comes through api alone. */
static void what_strangers_may_give_has_its_door(void **state)
{
	static const char *const api_alone[] = { "RedeemPass", "Apply", "FollowApplication" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(api_alone); i++) {
		char name[SR_MESSAGE_NAME_BYTES];

		snprintf(name, sizeof(name), "org.strongroom.%s", api_alone[i]);
		assert_int_equal(sr_method_find(name)->doors, SR_DOOR_API);
		refused(&room, SELF, api_alone[i], json_pack("{s:s}", "code", "x"), "MethodNotFound");
	}
}

static void refusals_are_told_in_the_log_with_who_asked(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *entry = NULL;

	(void)state;
	refused(&room, "county-handler", "ListUsers", NULL, "NotYourRole");
	entry = keeper_room_last(&room, "access.refused");
	assert_string_equal(sr_json_text(entry, "why"), "NotYourRole");
	assert_string_equal(sr_json_text(json_object_get(entry, "actor"), "user"), "county-handler");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_gives_exactly_the_commands_of_the_table),
		cmocka_unit_test(no_command_is_left_out),
		cmocka_unit_test(what_strangers_may_give_has_its_door),
		cmocka_unit_test(refusals_are_told_in_the_log_with_who_asked),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
