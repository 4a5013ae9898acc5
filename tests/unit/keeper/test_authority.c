/* SPDX-License-Identifier: Apache-2.0 */
/* Deputies, the approval table, the clock, one's own password and sessions. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/one_room.h"

#include "appliance/keeper/people/delegation.h"
#include "appliance/keeper/state/state.h"

/* --- deputies -------------------------------------------------------------------------------------- */

/* A day so many days from today, in the appliance's zone. */
static const char *day(int64_t from_today)
{
	static char texts[4][SR_TIME_TEXT];
	static unsigned next;
	char *text = texts[next++ % 4];

	sr_date_format(sr_date_of_time(sr_keeper_now_ns(room.keeper)) + from_today, text);
	return text;
}

static json_t *delegation(const char *deputy, const char *from, const char *until)
{
	return json_pack("{s:s,s:s,s:s}", "deputy", deputy, "from", from, "until", until);
}

static bool is_deputy(const char *official, const char *deputy, int64_t from_today)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_err err;

	assert_ok(sr_txn_read(room.keeper->env, &txn, &err));
	enum sr_status status = sr_state_require_deputy(
		txn, official, deputy, sr_date_of_time(sr_keeper_now_ns(room.keeper)) + from_today, &err);
	assert_true(status == SR_OK || status == SR_DENIED);
	return status == SR_OK;
}

static size_t delegations_seen_by(const char *user)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = must_ask(&room, user, "ListDelegations", NULL);

	return json_array_size(json_object_get(reply, "delegations"));
}

static void a_deputy_is_one_on_the_days_that_were_named(void **state)
{
	(void)state;
	must_do(&room, "official", "Delegate", delegation("archivist", day(1), day(3)));
	assert_false(is_deputy("official", "archivist", 0));
	assert_true(is_deputy("official", "archivist", 1));
	assert_true(is_deputy("official", "archivist", 3));
	assert_false(is_deputy("official", "archivist", 4));
	assert_false(is_deputy("official2", "archivist", 2));
	assert_int_equal(delegations_seen_by("official"), 1);
	assert_int_equal(delegations_seen_by("archivist"), 1);
	assert_int_equal(delegations_seen_by("auditor2"), 1);
	assert_int_equal(delegations_seen_by("official2"), 0);
	refused(&room, "official2", "EndDelegation", json_pack("{s:s}", "deputy", "archivist"), "NotFound");
	refused(&room, "official2", "EndDelegation",
	        json_pack("{s:s,s:s}", "deputy", "archivist", "official", "official"), "Denied");
	must_do(&room, "official", "EndDelegation", json_pack("{s:s}", "deputy", "archivist"));
	assert_false(is_deputy("official", "archivist", 2));
}

static void nobody_is_made_a_deputy_who_may_not_be(void **state)
{
	static const struct {
		const char *deputy, *error;
	} cases[] = {
		{ "official", "Invalid" },                                    /* oneself */
		{ "nobody", "NotFound" },   { "county-official", "Invalid" }, /* another organ */
		{ "auditor2", "Invalid" },  { "security2", "Invalid" },
		{ "keyholder", "Invalid" }, { "a/b", "Invalid" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++)
		refused(&room, "official", "Delegate", delegation(cases[i].deputy, day(0), day(1)),
		        cases[i].error);
	json_t *forged = delegation("archivist", day(0), day(1));
	json_object_set_new(forged, "official", json_string("official2"));
	refused(&room, "official", "Delegate", forged, "Denied");
	refused(&room, "official", "Delegate", delegation("archivist", day(2), day(1)), "Invalid");
	refused(&room, "official", "Delegate", delegation("archivist", day(-9), day(-1)), "Invalid");
	refused(&room, "official", "Delegate", delegation("archivist", day(0), day(366)), "Invalid");
	refused(&room, "official", "Delegate", delegation("archivist", "2030-02-30", "2030-03-01"),
	        "Invalid");
	refused(&room, "official", "Delegate", delegation("archivist", "tomorrow", "2099-03-01"), "Invalid");
	must_do(&room, "official", "Delegate", delegation("archivist", day(-9), day(365)));
	must_do(&room, "official", "EndDelegation", json_pack("{s:s}", "deputy", "archivist"));
	assert_int_equal(delegations_seen_by("auditor2"), 0);
}

static void a_delegation_ends_with_its_people(void **state)
{
	static const struct keeper_person people[] = { { "going", "official", CITY },
		                                       { "leaving", "handler", CITY } };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(people); i++)
		keeper_room_add_user(&room, &people[i], NULL);
	must_do(&room, "going", "Delegate", delegation("handler", day(0), day(5)));
	must_do(&room, "official", "Delegate", delegation("leaving", day(0), day(5)));
	must_do(&room, "keyholder", "ChangeUser", json_pack("{s:s,s:s}", "user", "going", "role", "handler"));
	must_do(&room, "keyholder", "DisableUser", json_pack("{s:s}", "user", "leaving"));
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "going"));
	SR_CLEANUP(sr_json_decrefp) json_t *role = keeper_room_last(&room, "authority.ended");
	assert_string_equal(sr_json_text(role, "why"), "role");
	/* So does another organ. */
	must_do(&room, "official", "Delegate", delegation("handler2", day(0), day(5)));
	must_do(&room, "keyholder", "ChangeUser",
	        json_pack("{s:s,s:s}", "user", "handler2", "organ", COUNTY));
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "handler2"));
	assert_false(is_deputy("official", "handler2", 0));
	assert_true(is_deputy("official", "leaving", 0));
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "leaving"));
	SR_CLEANUP(sr_json_decrefp) json_t *disabled = keeper_room_last(&room, "authority.ended");
	assert_string_equal(sr_json_text(disabled, "why"), "disabled");
	assert_int_equal(delegations_seen_by("auditor2"), 0);
}

/* The newest end of a delegation, once it is for this reason; the caller owns it.  NULL: none came. */
static json_t *await_end(const char *why)
{
	for (int i = 0; i < 1200; i++) {
		json_t *ended = keeper_room_last(&room, "authority.ended");

		if (ended && strcmp(sr_json_text(ended, "why"), why) == 0)
			return ended;
		json_decref(ended);
		usleep(50000);
	}
	return NULL;
}

static void a_delegation_ends_with_its_last_day(void **state)
{
	(void)state;
	must_do(&room, "official", "Delegate", delegation("handler", day(0), day(0)));
	sr_delegations_tick(room.keeper);
	assert_int_equal(delegations_seen_by("official"), 1);
	keeper_room_pass_time(&room, SR_DAY_S * SR_SECOND_NS);
	SR_CLEANUP(sr_json_decrefp) json_t *ended = await_end("expired"); /* the keeper's tick writes it */
	assert_non_null(ended);
	assert_true(json_is_null(json_object_get(ended, "actor")));
	keeper_room_forget(&room, "official");
	assert_int_equal(delegations_seen_by("official"), 0);
	for (size_t i = 0; i < SR_COUNT(keeper_people); i++) /* a day is longer than a session */
		keeper_room_forget(&room, keeper_people[i].user);
}

/* --- the approval table ---------------------------------------------------------------------------- */

static json_t *table(int approvals)
{
	return json_pack("{s:{s:[{s:i}]}}", "table", "rules", "approvals", approvals);
}

static void the_approval_table_is_changed_by_two(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *before = must_ask(&room, "handler", "ShowPolicy", NULL);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(json_object_get(before, "table"), "rules")), 4);
	refused(&room, "keyholder", "ProposePolicy", table(9), "Invalid");
	refused(&room, "official", "ConfirmPolicy", NULL, "NotFound");
	SR_CLEANUP(sr_json_decrefp)
	json_t *proposed = must_ask(&room, "keyholder", "ProposePolicy", table(2));
	refused(&room, "keyholder", "ProposePolicy", table(2), "Exists");
	SR_CLEANUP(sr_json_decrefp) json_t *still = must_ask(&room, "handler", "ShowPolicy", NULL);
	assert_string_equal(sr_json_text(still, "policy"), sr_json_text(before, "policy"));
	assert_int_equal(json_array_size(json_object_get(still, "proposed")), 1);

	must_do(&room, "keyholder", "ProposePolicy", table(3));
	refused(&room, "official", "ConfirmPolicy", NULL, "Invalid"); /* two wait */
	must_do(&room, "official", "ConfirmPolicy",
	        json_pack("{s:s}", "policy", sr_json_text(proposed, "policy")));
	SR_CLEANUP(sr_json_decrefp) json_t *after = must_ask(&room, "handler", "ShowPolicy", NULL);
	assert_string_equal(sr_json_text(after, "policy"), sr_json_text(proposed, "policy"));
	/* What was proposed in place of the former table is gone. */
	assert_int_equal(json_array_size(json_object_get(after, "proposed")), 0);
	refused(&room, "official", "ConfirmPolicy", NULL, "NotFound");
	refused(&room, "keyholder", "ProposePolicy", table(2), "Exists");
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "policy.changed");
	assert_string_equal(sr_json_text(entry, "previous"), sr_json_text(before, "policy"));
}

static void a_proposer_who_becomes_official_does_not_confirm_it(void **state)
{
	static const struct keeper_person person = { "wanderer", "admin", CITY };

	(void)state;
	keeper_room_add_user(&room, &person, NULL);
	must_do(&room, "wanderer", "ProposePolicy", table(1));
	must_do(&room, "keyholder", "ChangeUser",
	        json_pack("{s:s,s:s}", "user", "wanderer", "role", "official"));
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "wanderer"));
	keeper_room_forget(&room, "wanderer");
	refused(&room, "wanderer", "ConfirmPolicy", NULL, "OwnProposal");
	refused(&room, "official", "ConfirmPolicy", NULL, "Denied");
}

/* --- the clock ------------------------------------------------------------------------------------- */

static void the_clock_is_confirmed_by_both_administrators(void **state)
{
	(void)state;
	refused(&room, "keyholder", "ConfirmClock", NULL, "Invalid"); /* nothing to confirm */
	keeper_room_set_wall(&room, 2 * SR_DAY_S * SR_SECOND_NS);
	SR_CLEANUP(sr_json_decrefp) json_t *first = must_ask(&room, "keyholder", "ConfirmClock", NULL);
	assert_true(json_is_false(json_object_get(first, "set")));
	assert_string_equal(sr_json_text(first, "state"), "stopped");
	refused(&room, "keyholder", "ConfirmClock", NULL, "Exists");
	/* Another process may come between: the first confirmation is stored. */
	keeper_room_stop(&room);
	keeper_room_start(&room);
	SR_CLEANUP(sr_json_decrefp) json_t *second = must_ask(&room, "security2", "ConfirmClock", NULL);
	assert_true(json_is_true(json_object_get(second, "set")));
	assert_string_equal(sr_json_text(second, "state"), "fine");
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "clock.set");
	const json_t *by = json_object_get(entry, "confirmed_by");
	assert_string_equal(json_string_value(json_array_get(by, 0)), "keyholder");
	assert_string_equal(json_string_value(json_array_get(by, 1)), "security2");
	/* Everybody's session is two days old now. */
	for (size_t i = 0; i < SR_COUNT(keeper_people); i++)
		keeper_room_forget(&room, keeper_people[i].user);
	refused(&room, "security2", "ConfirmClock", NULL, "Invalid");
}

/* --- one's own ------------------------------------------------------------------------------------- */

static enum sr_status sign_in(const char *user, const char *password, json_t **reply)
{
	return keeper_room_call(&room, room.wire, "OpenSession",
	                        json_pack("{s:s,s:s}", "user", user, "password", password), reply);
}

static json_t *passwords(const char *old, const char *next)
{
	return json_pack("{s:s*,s:s}", "old", old, "new", next);
}

static void ones_own_password_needs_the_present_one(void **state)
{
	static const struct keeper_person person = { "owner-of-it", "handler", CITY };
	SR_CLEANUP(sr_json_decrefp) json_t *other = NULL;

	(void)state;
	keeper_room_add_user(&room, &person, NULL);
	assert_int_equal(sign_in("owner-of-it", PASSWORD, &other), SR_OK);
	refused(&room, "owner-of-it", "ChangePassword", passwords(NULL, "new password 1"), "Invalid");
	refused(&room, "owner-of-it", "ChangePassword", passwords("not the one", "new password 1"),
	        "WrongPassword");
	refused(&room, "owner-of-it", "ChangePassword", passwords(PASSWORD, "short"), "Invalid");
	refused(&room, "owner-of-it", "ChangePassword", passwords(PASSWORD, "OWNER-OF-IT"), "Invalid");
	must_do(&room, "owner-of-it", "ChangePassword", passwords(PASSWORD, "new password 1"));
	must_do(&room, "owner-of-it", "WhoAmI", NULL); /* this session goes on */
	json_t *as_other = json_pack("{s:s}", "session", sr_json_text(other, "token"));
	assert_int_equal(keeper_room_call(&room, room.wire, "WhoAmI", as_other, NULL), SR_DENIED);
	assert_int_equal(sign_in("owner-of-it", PASSWORD, NULL), SR_DENIED);
	assert_int_equal(sign_in("owner-of-it", "new password 1", NULL), SR_OK);
	assert_false(keeper_room_log_says(&room, "new password 1"));
}

static void guessing_the_present_password_is_slowed_down(void **state)
{
	static const struct keeper_person person = { "guessed", "handler", CITY };

	(void)state;
	keeper_room_add_user(&room, &person, NULL);
	for (int i = 0; i < 5; i++)
		refused(&room, "guessed", "ChangePassword", passwords("a wrong one", "new password 1"),
		        "WrongPassword");
	refused(&room, "guessed", "ChangePassword", passwords(PASSWORD, "new password 1"), "TooManyAttempts");
}

static void sessions_are_listed_and_ended(void **state)
{
	static const struct keeper_person person = { "many", "handler", CITY };
	SR_CLEANUP(sr_json_decrefp) json_t *one = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *two = NULL;

	(void)state;
	keeper_room_add_user(&room, &person, NULL);
	assert_int_equal(sign_in("many", PASSWORD, &one), SR_OK);
	assert_int_equal(sign_in("many", PASSWORD, &two), SR_OK);
	SR_CLEANUP(sr_json_decrefp) json_t *list = must_ask(&room, "many", "ListSessions", NULL);
	assert_int_equal(json_array_size(json_object_get(list, "sessions")), 3);
	refused(&room, "handler", "ListSessions", json_pack("{s:s}", "user", "many"), "NotYourRole");
	refused(&room, "handler", "EndSessions", json_pack("{s:s}", "user", "many"), "NotYourRole");
	refused(&room, "handler", "EndSessions", json_pack("{s:s}", "which", sr_json_text(one, "session")),
	        "NotFound");
	must_do(&room, "many", "EndSessions", json_pack("{s:s}", "which", sr_json_text(one, "session")));
	must_do(&room, "security2", "EndSessions", json_pack("{s:s}", "which", sr_json_text(two, "session")));
	SR_CLEANUP(sr_json_decrefp)
	json_t *ended = must_ask(&room, "security2", "EndSessions", json_pack("{s:s}", "user", "many"));
	assert_int_equal(json_integer_value(json_object_get(ended, "ended")), 1);
	refused(&room, "many", "ListSessions", NULL, "NotSignedIn");
	keeper_room_forget(&room, "many");
	/* All but the one in use. */
	assert_int_equal(sign_in("many", PASSWORD, NULL), SR_OK);
	SR_CLEANUP(sr_json_decrefp) json_t *others = must_ask(&room, "many", "EndSessions", NULL);
	assert_int_equal(json_integer_value(json_object_get(others, "ended")), 1);
	must_do(&room, "many", "ListSessions", NULL);
}

/* --- organs ---------------------------------------------------------------------------------------- */

static void organs_stand_below_others(void **state)
{
	static const struct {
		const char *organ, *level, *parent, *error;
	} cases[] = {
		{ CITY, "city", NULL, "Exists" },
		{ "000009-YB", "village", NULL, "Invalid" },
		{ "000009-YB", "county", "none", "NotFound" },
		{ "000009-YB", "province", CITY, "Invalid" },
		{ "00/09", "county", CITY, "Invalid" },
		{ "000009-YB", "county", "a/b", "NotFound" },
		{ "000009-YB", "county", "000009-YB", "NotFound" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++)
		refused(&room, "keyholder", "AddOrgan",
		        json_pack("{s:s,s:s,s:s,s:s*}", "organ", cases[i].organ, "name", "样例所", "level",
		                  cases[i].level, "parent", cases[i].parent),
		        cases[i].error);
	must_do(&room, "keyholder", "AddOrgan",
	        json_pack("{s:s,s:s,s:s,s:s}", "organ", "000009-YB", "name", "样例所", "level", "county",
	                  "parent", COUNTY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deputy_is_one_on_the_days_that_were_named),
		cmocka_unit_test(nobody_is_made_a_deputy_who_may_not_be),
		cmocka_unit_test(a_delegation_ends_with_its_people),
		cmocka_unit_test(a_delegation_ends_with_its_last_day),
		cmocka_unit_test(the_approval_table_is_changed_by_two),
		cmocka_unit_test(a_proposer_who_becomes_official_does_not_confirm_it),
		cmocka_unit_test(ones_own_password_needs_the_present_one),
		cmocka_unit_test(guessing_the_present_password_is_slowed_down),
		cmocka_unit_test(sessions_are_listed_and_ended),
		cmocka_unit_test(organs_stand_below_others),
		cmocka_unit_test(the_clock_is_confirmed_by_both_administrators),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
