/* SPDX-License-Identifier: Apache-2.0 */
/* People come in by two: what is proposed, what confirming does, and what a hostile administrator tries. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/one_room.h"

#include <pwd.h>

#include "appliance/keeper/state/state.h"

#define ADMIN "keyholder"

/* --- what happens ---------------------------------------------------------------------------------- */

static json_t *new_user(const char *user)
{
	return json_pack("{s:s,s:s}", "user", user, "role", "handler");
}

static json_t *named(const char *user)
{
	return json_pack("{s:s}", "user", user);
}

/* The row of a user in ListUsers, which the caller owns; NULL when there is none. */
static json_t *row_of(const char *list, const char *user)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = must_ask(&room, ADMIN, "ListUsers", NULL);
	size_t index;
	json_t *row;

	json_array_foreach(json_object_get(reply, list), index, row)
		if (strcmp(sr_json_text(row, "user"), user) == 0)
			return json_incref(row);
	return NULL;
}

static enum sr_status sign_in(const char *user, const char *password)
{
	return keeper_room_call(&room, room.wire, "OpenSession",
	                        json_pack("{s:s,s:s}", "user", user, "password", password), NULL);
}

static void add(const char *user)
{
	must_do(&room, ADMIN, "ProposeUser",
	        json_pack("{s:s,s:s,s:s}", "user", user, "role", "handler", "password", PASSWORD));
	must_do(&room, "security2", "ConfirmUser", named(user));
}

static void nothing_changes_before_the_confirmation(void **state)
{
	(void)state;
	must_do(&room, ADMIN, "ProposeUser",
	        json_pack("{s:s,s:s,s:s,s:[s,s],s:s}", "user", "新人", "role", "handler", "full_name",
	                  "样例甲", "clearances", "commercial", "privacy", "password", "first pass 1"));
	SR_CLEANUP(sr_json_decrefp) json_t *before = row_of("users", "新人");
	SR_CLEANUP(sr_json_decrefp) json_t *waiting = row_of("proposals", "新人");
	assert_null(before);
	assert_string_equal(sr_json_text(waiting, "by"), ADMIN);
	assert_string_equal(sr_json_text(waiting, "organ"), CITY);
	assert_int_equal(sign_in("新人", "first pass 1"), SR_DENIED);

	SR_CLEANUP(sr_json_decrefp) json_t *done = must_ask(&room, "security2", "ConfirmUser", named("新人"));
	assert_string_equal(sr_json_text(done, "action"), "add");
	SR_CLEANUP(sr_json_decrefp) json_t *after = row_of("users", "新人");
	SR_CLEANUP(sr_json_decrefp) json_t *gone = row_of("proposals", "新人");
	assert_null(gone);
	assert_string_equal(sr_json_text(after, "full_name"), "样例甲");
	assert_string_equal(json_string_value(json_array_get(json_object_get(after, "clearances"), 0)),
	                    "privacy");
	assert_string_equal(json_string_value(json_array_get(json_object_get(after, "clearances"), 1)),
	                    "commercial");
	assert_true(json_is_true(json_object_get(after, "password")));
	assert_int_equal(sign_in("新人", "first pass 1"), SR_OK);
}

static void a_change_takes_the_place_of_what_was(void **state)
{
	(void)state;
	add("changer");
	assert_int_equal(sign_in("changer", PASSWORD), SR_OK);
	must_do(&room, "changer", "WhoAmI", NULL);
	must_do(&room, ADMIN, "ChangeUser",
	        json_pack("{s:s,s:s,s:s,s:[s]}", "user", "changer", "role", "archivist", "organ", COUNTY,
	                  "clearances", "state-secret"));
	SR_CLEANUP(sr_json_decrefp) json_t *still = must_ask(&room, "changer", "WhoAmI", NULL);
	assert_string_equal(sr_json_text(still, "role"), "handler");
	must_do(&room, "security2", "ConfirmUser", named("changer"));
	/* The session was opened as a handler: it has ended. */
	refused(&room, "changer", "ListOrgans", NULL, "NotSignedIn");
	SR_CLEANUP(sr_json_decrefp) json_t *closed = keeper_room_last(&room, "session.closed");
	assert_string_equal(sr_json_text(closed, "why"), "role");
	keeper_room_forget(&room, "changer");
	SR_CLEANUP(sr_json_decrefp) json_t *now = must_ask(&room, "changer", "WhoAmI", NULL);
	assert_string_equal(sr_json_text(now, "role"), "archivist");
	assert_string_equal(sr_json_text(now, "organ"), COUNTY);

	must_do(&room, ADMIN, "ChangeUser",
	        json_pack("{s:s,s:[s]}", "user", "changer", "removed", "clearances"));
	must_do(&room, "security2", "ConfirmUser", named("changer"));
	SR_CLEANUP(sr_json_decrefp) json_t *less = must_ask(&room, "changer", "WhoAmI", NULL);
	assert_int_equal(json_array_size(json_object_get(less, "clearances")), 0);
	assert_string_equal(sr_json_text(less, "role"), "archivist");
}

static bool lists(const char *user, const char *person)
{
	SR_CLEANUP(sr_json_decrefp) json_t *answer = must_ask(&room, user, "ListColleagues", NULL);
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(answer, "people"), index, one) {
		assert_null(json_object_get(one, "clearances"));
		assert_null(json_object_get(one, "login"));
		if (strcmp(sr_json_text(one, "user"), person) == 0)
			return true;
	}
	return false;
}

static void colleagues_are_those_of_ones_organ(void **state)
{
	(void)state;
	add("neighbour");
	assert_true(lists("official", "neighbour"));
	must_do(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:s}", "user", "neighbour", "organ", COUNTY));
	must_do(&room, "security2", "ConfirmUser", named("neighbour"));
	assert_false(lists("official", "neighbour"));
	assert_true(lists("official", "handler"));
	assert_true(lists("auditor2", "neighbour"));
}

static bool is_initial(const char *user)
{
	SR_CLEANUP(sr_json_decrefp) json_t *who = must_ask(&room, user, "WhoAmI", NULL);

	assert_non_null(sr_json_text(who, "organ_name"));
	return json_is_true(json_object_get(who, "initial"));
}

static void a_password_is_initial_until_its_user_changes_it(void **state)
{
	(void)state;
	add("beginner");
	assert_true(is_initial("beginner"));
	/* The same words again: the user has chosen them now, and the room can go on with them. */
	must_do(&room, "beginner", "ChangePassword",
	        json_pack("{s:s,s:s}", "old", PASSWORD, "new", "chosen by myself"));
	must_do(&room, "beginner", "ChangePassword",
	        json_pack("{s:s,s:s}", "old", "chosen by myself", "new", PASSWORD));
	assert_false(is_initial("beginner"));
	must_do(&room, ADMIN, "ResetPassword",
	        json_pack("{s:s,s:s}", "user", "beginner", "password", PASSWORD));
	must_do(&room, "security2", "ConfirmUser", named("beginner"));
	keeper_room_forget(&room, "beginner");
	assert_true(is_initial("beginner"));
}

static void a_reset_holds_when_it_is_confirmed(void **state)
{
	(void)state;
	add("resetter");
	must_do(&room, "resetter", "WhoAmI", NULL);
	SR_CLEANUP(sr_json_decrefp) json_t *made = must_ask(&room, ADMIN, "ResetPassword", named("resetter"));
	const char *password = sr_json_text(made, "password");
	assert_int_equal(strlen(password), 29);
	assert_int_equal(sign_in("resetter", PASSWORD), SR_OK);
	assert_int_equal(sign_in("resetter", password), SR_DENIED);
	must_do(&room, "security2", "ConfirmUser", named("resetter"));
	refused(&room, "resetter", "WhoAmI", NULL, "NotSignedIn");
	assert_int_equal(sign_in("resetter", PASSWORD), SR_DENIED);
	assert_int_equal(sign_in("resetter", password), SR_OK);
	assert_false(keeper_room_log_says(&room, password));
	assert_false(keeper_room_log_says(&room, "argon2id"));

	SR_CLEANUP(sr_json_decrefp)
	json_t *given = must_ask(&room, ADMIN, "ResetPassword",
	                         json_pack("{s:s,s:s}", "user", "resetter", "password", "chosen pass 2"));
	assert_null(sr_json_text(given, "password"));
	must_do(&room, "security2", "ConfirmUser", named("resetter"));
	assert_int_equal(sign_in("resetter", "chosen pass 2"), SR_OK);
	assert_false(keeper_room_log_says(&room, "chosen pass 2"));
}

static void who_is_disabled_is_out_at_once(void **state)
{
	(void)state;
	add("leaver");
	must_do(&room, "leaver", "WhoAmI", NULL);
	must_do(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:s}", "user", "leaver", "role", "official"));
	must_do(&room, ADMIN, "DisableUser",
	        json_pack("{s:s,s:s}", "user", "leaver", "reason", "调离\n样例"));
	refused(&room, "security2", "ConfirmUser", named("leaver"), "Invalid"); /* two wait */
	SR_CLEANUP(sr_json_decrefp) json_t *waiting = row_of("proposals", "leaver");
	SR_CLEANUP(sr_json_decrefp) json_t *list = must_ask(&room, ADMIN, "ListUsers", NULL);
	const json_t *last = NULL;
	size_t index;
	json_t *row;
	json_array_foreach(json_object_get(list, "proposals"), index, row)
		if (strcmp(sr_json_text(row, "user"), "leaver") == 0)
			last = row;
	must_do(&room, "security2", "ConfirmUser",
	        json_pack("{s:s,s:s}", "user", "leaver", "proposal", sr_json_text(last, "proposal")));
	refused(&room, "leaver", "WhoAmI", NULL, "NotSignedIn");
	assert_int_equal(sign_in("leaver", PASSWORD), SR_DENIED);
	SR_CLEANUP(sr_json_decrefp) json_t *told = keeper_room_last(&room, "user.disabled");
	assert_string_equal(sr_json_text(told, "reason"), "调离\n样例");
	/* The other proposal went with them, and the name is not given again. */
	refused(&room, "security2", "ConfirmUser", named("leaver"), "NotFound");
	refused(&room, ADMIN, "ProposeUser", new_user("leaver"), "Exists");
	refused(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:s}", "user", "leaver", "role", "official"),
	        "NotFound");
}

static void a_proposal_is_taken_back_or_refused(void **state)
{
	(void)state;
	must_do(&room, ADMIN, "ProposeUser", new_user("maybe"));
	refused(&room, ADMIN, "ProposeUser", new_user("maybe"), "Exists");
	must_do(&room, ADMIN, "DropProposal", named("maybe"));
	refused(&room, "security2", "ConfirmUser", named("maybe"), "NotFound");
	must_do(&room, ADMIN, "ProposeUser", new_user("maybe"));
	must_do(&room, "security2", "DropProposal",
	        json_pack("{s:s,s:s}", "user", "maybe", "reason", "不认识"));
	refused(&room, "security2", "DropProposal", named("maybe"), "NotFound");
}

/* --- what is refused ------------------------------------------------------------------------------- */

static void names_that_would_deceive_are_refused(void **state)
{
	static const char *const bad[] = {
		"a/b",
		"..",
		".hidden",
		"-option",
		"two words",
		"a:b",
		"a\\b",
		"a'b",
		"a\"b",
		"a*",
		"a%s",
		"\xe2\x80\xaeright-to-left",
		"zero\xe2\x80\x8bwidth",
		"nbsp\xc2\xa0",
		"ideographic\xe3\x80\x80space",
		"\xef\xbb\xbf"
		"bom",
		"soft\xc2\xadhyphen",
		"\xf3\xa0\x81\x81tag",
		"0123456789012345678901234567890123456789012345678901234567890123",  /* 64 bytes */
		"01234567890123456789012345678901234567890123456789012345678901234", /* 65 */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(bad); i++)
		refused(&room, ADMIN, "ProposeUser", new_user(bad[i]), "Invalid");
	refused(&room, ADMIN, "ProposeUser", new_user("new\nline"), "Invalid");
	refused(&room, ADMIN, "ProposeUser", new_user("bell\a"), "Invalid");
	refused(&room, ADMIN, "ProposeUser", new_user(""), "Invalid");
	/* 63 bytes are a name; another may not be confirmed under it. */
	static const char longest[] = "012345678901234567890123456789012345678901234567890123456789012";
	assert_int_equal(strlen(longest), 63);
	must_do(&room, ADMIN, "ProposeUser", new_user(longest));
	must_do(&room, "security2", "ConfirmUser", named(longest));
	refused(&room, "security2", "ConfirmUser", named("u/../../x"), "NotFound");
}

static void what_cannot_be_is_refused_at_the_proposal(void **state)
{
	static const struct {
		const char *key, *value, *error;
	} cases[] = {
		{ "role", "party", "Invalid" },         { "role", "root", "Invalid" },
		{ "organ", "999999-YB", "NotFound" },   { "login", "srt-nobody-has-this", "Invalid" },
		{ "login", "ro/ot", "Invalid" },        { "full_name", "\xe2\x80\xae", "Invalid" },
		{ "full_name", " leading", "Invalid" }, { "password", "short", "Invalid" },
		{ "password", "candidate", "Invalid" }, /* the user's own name */
		{ "grant", "G00001", "Invalid" },       { "uid", "0", "Invalid" },
		{ "by", "somebody", "Invalid" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		json_t *parameters = new_user("candidate");

		json_object_set_new(parameters, cases[i].key, json_string(cases[i].value));
		refused(&room, ADMIN, "ProposeUser", parameters, cases[i].error);
	}
	refused(&room, ADMIN, "ProposeUser",
	        json_pack("{s:s,s:s,s:[s]}", "user", "candidate", "role", "handler", "clearances",
	                  "top-secret"),
	        "Invalid");
	refused(&room, ADMIN, "ChangeUser", named("handler"), "Invalid");
	refused(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:[s]}", "user", "handler", "removed", "role"),
	        "Invalid");
	SR_CLEANUP(sr_json_decrefp) json_t *waiting = row_of("proposals", "candidate");
	assert_null(waiting);
}

static void nobody_confirms_what_they_proposed(void **state)
{
	(void)state;
	/* An administrator who becomes security administrator does not get to confirm their own. */
	static const struct keeper_person climber = { "climber", "admin", CITY };
	keeper_room_add_user(&room, &climber, NULL);
	must_do(&room, "climber", "ProposeUser", new_user("puppet"));
	refused(&room, "climber", "ConfirmUser", named("puppet"), "NotYourRole");
	must_do(&room, ADMIN, "ChangeUser",
	        json_pack("{s:s,s:s}", "user", "climber", "role", "security-admin"));
	must_do(&room, "security2", "ConfirmUser", named("climber"));
	keeper_room_forget(&room, "climber");
	refused(&room, "climber", "ConfirmUser", named("puppet"), "OwnProposal");
	/* Nor does anybody else: whoever proposed it is administrator no more. */
	refused(&room, "security2", "ConfirmUser", named("puppet"), "Denied");
	must_do(&room, "security2", "DropProposal", named("puppet"));
}

static void nobody_acts_in_the_name_of_another(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *entry = NULL;

	(void)state;
	must_do(&room, ADMIN, "ProposeUser", new_user("named"));
	entry = keeper_room_last(&room, "user.proposed");
	assert_string_equal(sr_json_text(json_object_get(entry, "actor"), "user"), ADMIN);
	/* uid and pid are what fs says of the kernel's caller; at the socket they are no parameters. */
	json_t *forged = new_user("forged");
	json_object_set_new(forged, "uid", json_integer(0));
	refused(&room, "handler", "ProposeUser", forged, "NotYourRole");
	json_t *token = json_pack("{s:s,s:s}", "user", "named", "session",
	                          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(keeper_room_call(&room, room.wire, "ConfirmUser", token, NULL), SR_DENIED);
	assert_string_equal(room.error, "NotSignedIn");
	must_do(&room, ADMIN, "DropProposal", named("named"));
}

static void the_last_of_those_who_let_people_in_stays(void **state)
{
	(void)state;
	/* Two of each besides those that other tests made: one may go, the other not. */
	must_do(&room, ADMIN, "DisableUser", named("security"));
	must_do(&room, "security2", "ConfirmUser", named("security"));
	SR_CLEANUP(sr_json_decrefp) json_t *climber = row_of("users", "climber");
	if (climber) {
		must_do(&room, ADMIN, "DisableUser", named("climber"));
		must_do(&room, "security2", "ConfirmUser", named("climber"));
	}
	refused(&room, ADMIN, "DisableUser", named("security2"), "LastOne");
	refused(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:s}", "user", "security2", "role", "auditor"),
	        "LastOne");
	must_do(&room, ADMIN, "ChangeUser",
	        json_pack("{s:s,s:s}", "user", "security2", "role", "security-admin"));
	must_do(&room, ADMIN, "DropProposal", named("security2"));
	/* Each of the two administrators proposes that the other goes: one stays. */
	must_do(&room, ADMIN, "DisableUser", named(room.owner));
	must_do(&room, SELF, "DisableUser", named(ADMIN));
	must_do(&room, "security2", "ConfirmUser", named(room.owner));
	refused(&room, "security2", "ConfirmUser", named(ADMIN), "Denied"); /* its proposer is out */
	refused(&room, SELF, "WhoAmI", json_pack("{s:i}", "x", 1), "Invalid");
	SR_CLEANUP(sr_json_decrefp) json_t *nobody = must_ask(&room, SELF, "WhoAmI", NULL);
	assert_null(sr_json_text(nobody, "user"));
	refused(&room, SELF, "ListUsers", NULL, "NotSignedIn");
	refused(&room, ADMIN, "DisableUser", named(ADMIN), "Exists");
}

/* --- Unix logins ----------------------------------------------------------------------------------- */

/* Two logins of this machine that are not the test's own; false where there are none. */
static bool two_logins(char first[SR_LABEL_BYTES], char second[SR_LABEL_BYTES])
{
	const struct passwd *entry;
	unsigned found = 0;

	setpwent();
	while (found < 2 && (entry = getpwent())) {
		if (entry->pw_uid == geteuid() || !sr_label_is_valid(entry->pw_name) ||
		    getpwuid(entry->pw_uid) == NULL || strlen(entry->pw_name) > 30)
			continue;
		sr_label_copy(found ? second : first, entry->pw_name);
		found++;
	}
	endpwent();
	return found == 2;
}

static void one_unix_login_is_one_person(void **state)
{
	char first[SR_LABEL_BYTES], second[SR_LABEL_BYTES];

	(void)state;
	assert_true(two_logins(first, second));
	json_t *one = new_user("by-login");
	json_t *two = new_user("by-same-login");
	json_object_set_new(one, "login", json_string(first));
	json_object_set_new(two, "login", json_string(first));
	/* Both may be proposed; the first to be confirmed has it. */
	must_do(&room, ADMIN, "ProposeUser", one);
	must_do(&room, ADMIN, "ProposeUser", two);
	must_do(&room, "security2", "ConfirmUser", named("by-login"));
	refused(&room, "security2", "ConfirmUser", named("by-same-login"), "Exists");
	json_t *three = new_user("third-of-it");
	json_object_set_new(three, "login", json_string(first));
	refused(&room, ADMIN, "ProposeUser", three, "Exists");
	refused(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:s}", "user", "handler", "login", first),
	        "Exists");
	SR_CLEANUP(sr_json_decrefp) json_t *row = row_of("users", "by-login");
	assert_string_equal(sr_json_text(json_object_get(row, "login"), "name"), first);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(row, "login"), "uid")),
	                 getpwnam(first)->pw_uid);
	/* Given up, it is free for the other. */
	must_do(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:s}", "user", "by-login", "login", second));
	must_do(&room, "security2", "ConfirmUser", named("by-login"));
	must_do(&room, "security2", "ConfirmUser", named("by-same-login"));
	must_do(&room, ADMIN, "ChangeUser", json_pack("{s:s,s:[s]}", "user", "by-login", "removed", "login"));
	must_do(&room, "security2", "ConfirmUser", named("by-login"));
	SR_CLEANUP(sr_json_decrefp) json_t *without = row_of("users", "by-login");
	assert_true(json_is_null(json_object_get(without, "login")));
}

/* As if the login were deleted and made anew with another uid between proposal and confirmation. */
static enum sr_status put_reused(void *context, struct sr_txn *txn, struct sr_err *err)
{
	return sr_keeper_record(&room.keeper[0], txn, "user.proposed",
	                        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:i}}", "proposal", "P90001",
	                                  "action", "add", "user", "reused", "full_name", "某", "role",
	                                  "handler", "organ", CITY, "login", "name", (const char *)context,
	                                  "uid", 3999999),
	                        NULL, err);
}

static void a_login_with_another_uid_is_not_confirmed(void **state)
{
	char first[SR_LABEL_BYTES], second[SR_LABEL_BYTES];
	struct sr_err err;

	(void)state;
	assert_true(two_logins(first, second));
	assert_ok(sr_keeper_write(room.keeper, put_reused, second, false, &err));
	refused(&room, "security2", "ConfirmUser", named("reused"), "Invalid");
	assert_non_null(strstr(room.err.text, "not the one that was proposed"));
	must_do(&room, ADMIN, "DropProposal", named("reused"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes_before_the_confirmation),
		cmocka_unit_test(a_change_takes_the_place_of_what_was),
		cmocka_unit_test(colleagues_are_those_of_ones_organ),
		cmocka_unit_test(a_password_is_initial_until_its_user_changes_it),
		cmocka_unit_test(a_reset_holds_when_it_is_confirmed),
		cmocka_unit_test(who_is_disabled_is_out_at_once),
		cmocka_unit_test(a_proposal_is_taken_back_or_refused),
		cmocka_unit_test(names_that_would_deceive_are_refused),
		cmocka_unit_test(what_cannot_be_is_refused_at_the_proposal),
		cmocka_unit_test(nobody_confirms_what_they_proposed),
		cmocka_unit_test(nobody_acts_in_the_name_of_another),
		cmocka_unit_test(one_unix_login_is_one_person),
		cmocka_unit_test(a_login_with_another_uid_is_not_confirmed),
		cmocka_unit_test(the_last_of_those_who_let_people_in_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
