/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions: what they may take away, what several of them give, and how many it takes. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/request_room.h"

/* --- narrowing ------------------------------------------------------------------------------------- */

static void not_narrowed(const char *request, json_t *extra, const char *says)
{
	json_t *parameters = decision(request, "approve");

	json_object_update(parameters, extra);
	json_decref(extra);
	refused(&room, "official", "DecideRequest", parameters, "Invalid");
	if (!strstr(room.err.text, says))
		fail_msg("%s: not %s", room.err.text, says);
}

static void a_decision_takes_away_and_does_not_add(void **state)
{
	const char *plain = cases[PLAIN].number;
	id_text request, grant;

	(void)state;
	file("supervisor",
	     with(with(wish(plain), "cases", json_pack("[s,s]", plain, cases[OTHERS].number)), "days",
	          json_integer(5)),
	     request);
	not_narrowed(request, json_pack("{s:[s]}", "cases", cases[COUNTYS].id), "/cases");
	not_narrowed(request, json_pack("{s:[s]}", "channels", "copy"), "copy");
	not_narrowed(request, json_pack("{s:i}", "days", 6), "/days");
	not_narrowed(request, json_pack("{s:i}", "days", 0), "/days");
	not_narrowed(request, json_pack("{s:[]}", "cases"), "/cases");
	not_narrowed(request, json_pack("{s:o}", "without_members", named(plain, 9)), "no member 9");
	not_narrowed(request, json_pack("{s:o}", "without_members", named(cases[COUNTYS].id, 1)),
	             "not among");
	not_narrowed(request, json_pack("{s:[{s:[i]}]}", "without_members", "members", 1), "of which case");
	not_narrowed(request, json_pack("{s:s}", "escort", "supervisor"), "/escort");
	not_narrowed(request, json_pack("{s:s}", "escort", "keyholder"), "/escort");
	not_narrowed(request, json_pack("{s:s}", "escort", "nobody"), "/escort");
	take_text(must_ask(&room, "official", "DecideRequest",
	                   json_pack("{s:s,s:s,s:[s],s:[s],s:i,s:o,s:b}", "request", request, "decision",
	                             "approve", "cases", plain, "channels", "web", "days", 2,
	                             "without_members", named(plain, 1), "no_cache", 1)),
	          "grant", grant, sizeof(grant));
	SR_CLEANUP(sr_json_decrefp) json_t *row = grant_row("supervisor", grant);
	SR_CLEANUP(sr_json_decrefp)
	json_t *want = json_pack("[[s],[s],[s]]", cases[PLAIN].id, "web", "official");
	int64_t from, until;
	assert_true(json_equal(json_object_get(row, "cases"), json_array_get(want, 0)));
	assert_true(json_equal(json_object_get(row, "channels"), json_array_get(want, 1)));
	assert_true(json_equal(json_object_get(row, "approved_by"), json_array_get(want, 2)));
	assert_true(json_is_true(json_object_get(row, "no_cache")));
	assert_true(sr_time_parse(sr_json_text(row, "from"), &from));
	assert_true(sr_time_parse(sr_json_text(row, "until"), &until));
	assert_int_equal(until - from, 2 * SR_DAY_S * SR_SECOND_NS);
}

static void a_decision_is_bound_to_what_was_shown(void **state)
{
	id_text request, other;
	char digest[SR_DIGEST_HEX], foreign[SR_DIGEST_HEX];

	(void)state;
	file("supervisor", wish(cases[PLAIN].number), request);
	file("supervisor", wish(cases[PLAIN].number), other);
	take_text(must_ask(&room, "official", "ShowRequest", json_pack("{s:s}", "request", request)),
	          "digest", digest, sizeof(digest));
	take_text(must_ask(&room, "official", "ShowRequest", json_pack("{s:s}", "request", other)), "digest",
	          foreign, sizeof(foreign));
	refused(&room, "official", "DecideRequest",
	        with(decision(request, "approve"), "digest", json_string(foreign)), "RequestChanged");
	must_do(&room, "official", "DecideRequest",
	        with(decision(request, "approve"), "digest", json_string(digest)));
}

/* --- several officials ----------------------------------------------------------------------------- */

static void two_officials_give_what_both_give(void **state)
{
	const char *plain = cases[PLAIN].number;
	id_text request, grant;

	(void)state;
	file("cleared", with(wish(plain), "channels", json_pack("[s,s]", "copy", "web")), request);
	SR_CLEANUP(sr_json_decrefp)
	json_t *first = must_ask(&room, "cleared-official", "DecideRequest",
	                         with(with(decision(request, "approve"), "days", json_integer(3)),
	                              "without_members", named(plain, 1)));
	assert_true(json_is_null(json_object_get(first, "grant")));
	assert_int_equal(json_integer_value(json_object_get(first, "awaits")), 1);
	/* What the first took away does not come back, and something must be left. */
	refused(&room, "cleared-official", "DecideRequest", decision(request, "approve"), "AlreadyDecided");
	take_text(must_ask(&room, "cleared-official2", "DecideRequest",
	                   with(with(decision(request, "approve"), "days", json_integer(6)),
	                        "without_members", named(plain, 2))),
	          "grant", grant, sizeof(grant));
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "request.decided");
	int64_t from, until;
	assert_true(sr_time_parse(sr_json_text(entry, "from"), &from));
	assert_true(sr_time_parse(sr_json_text(entry, "until"), &until));
	assert_int_equal(until - from, 3 * SR_DAY_S * SR_SECOND_NS);
	SR_CLEANUP(sr_json_decrefp) json_t *row = grant_row("cleared", grant);
	assert_int_equal(json_array_size(json_object_get(row, "approved_by")), 2);
}

static void nothing_in_common_is_no_grant(void **state)
{
	id_text request;

	(void)state;
	file("supervisor",
	     with(with(wish(cases[PLAIN].number), "channels", json_pack("[s]", "copy")), "cases",
	          json_pack("[s,s]", cases[PLAIN].number, cases[OTHERS].number)),
	     request);
	must_do(&room, "official", "DecideRequest",
	        with(decision(request, "approve"), "cases", json_pack("[s]", cases[PLAIN].number)));
	refused(&room, "official2", "DecideRequest",
	        with(decision(request, "approve"), "cases", json_pack("[s]", cases[OTHERS].number)),
	        "Invalid");
	must_do(&room, "official2", "DecideRequest", decision(request, "approve"));
}

static bool awaits_another(const char *filer, json_t *parameters, json_t *narrowing)
{
	SR_CLEANUP(sr_json_decrefp) json_t *extra = narrowing;
	json_t *deciding;
	id_text request;

	file(filer, parameters, request);
	deciding = decision(request, "approve");
	if (extra)
		json_object_update(deciding, extra);
	SR_CLEANUP(sr_json_decrefp)
	json_t *reply = must_ask(&room, "cleared-official", "DecideRequest", deciding);
	return json_object_get(reply, "awaits") != NULL;
}

static void state_secrets_and_copies_take_two_officials(void **state)
{
	const char *plain = cases[PLAIN].number;

	(void)state;
	/* of the case; of a member that the reader is cleared for; of one that an official names */
	assert_true(awaits_another("cleared", wish(cases[SECRET].number), NULL));
	assert_true(awaits_another("cleared", wish(plain), NULL));
	assert_true(awaits_another("supervisor", wish(plain),
	                           json_pack("{s:o}", "with_members", named(plain, 4))));
	/* what the reader does not get to see does not count */
	assert_false(awaits_another("supervisor", wish(plain), NULL));
	assert_false(awaits_another("supervisor", wish(plain),
	                            json_pack("{s:o}", "with_members", named(plain, 2))));
	assert_false(awaits_another("cleared", with(wish(plain), "members", named(plain, 2)), NULL));
	assert_false(awaits_another("cleared", wish(cases[PRIVATE].number), NULL));
	/* a channel that is taken away does not count either */
	assert_true(awaits_another("supervisor",
	                           with(wish(plain), "channels", json_pack("[s,s]", "web", "copy")), NULL));
	assert_false(awaits_another("supervisor",
	                            with(wish(plain), "channels", json_pack("[s,s]", "web", "copy")),
	                            json_pack("{s:[s]}", "channels", "web")));
}

static void naming_a_member_gives_what_was_asked_for(void **state)
{
	const char *plain = cases[PLAIN].number;
	id_text request;

	(void)state;
	file("supervisor", with(wish(plain), "members", named(plain, 1)), request);
	not_narrowed(request, json_pack("{s:o}", "with_members", named(plain, 2)), "not asked for");
	file("archivist", for_a_party("court"), request);
	not_narrowed(request, json_pack("{s:o}", "with_members", named(plain, 3)), "副卷");
}

/* --- the rest -------------------------------------------------------------------------------------- */

static void an_official_who_handled_the_case_is_told_and_written_down(void **state)
{
	static struct filed_case mine = {
		.number = "样〔2026〕77号", .organ = CITY, .handler = "official", .count = 1
	};
	id_text request;

	(void)state;
	file_case(&room, &mine);
	file("supervisor", wish(mine.number), request);
	SR_CLEANUP(sr_json_decrefp)
	json_t *reply = must_ask(&room, "official", "DecideRequest", decision(request, "approve"));
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "request.decided");
	SR_CLEANUP(sr_json_decrefp) json_t *want = json_pack("[s]", mine.id);
	assert_true(json_equal(json_object_get(reply, "handled"), want));
	assert_true(json_equal(json_object_get(entry, "handled"), want));
}

static void many_cases_stand_in_entries_of_their_own(void **state)
{
	static struct filed_case many[205];
	static char numbers[205][32];
	SR_CLEANUP(sr_json_decrefp) json_t *all = json_array();
	id_text request, grant;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(many); i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "样多〔2026〕%zu号", i);
		many[i] = (struct filed_case){
			.number = numbers[i], .organ = CITY, .handler = "x", .count = 1
		};
		file_case(&room, &many[i]);
		json_array_append_new(all, json_string(many[i].id));
	}
	file("supervisor", with(wish("x"), "cases", json_incref(all)), request);
	SR_CLEANUP(sr_json_decrefp) json_t *filed = keeper_room_last(&room, "request.filed");
	SR_CLEANUP(sr_json_decrefp) json_t *scope = keeper_room_last(&room, "request.scope");
	assert_null(json_object_get(filed, "cases"));
	assert_int_equal(json_integer_value(json_object_get(filed, "case_count")), 205);
	assert_int_equal(json_integer_value(json_object_get(filed, "scope_entries")), 2);
	assert_int_equal(json_integer_value(json_object_get(scope, "index")), 2);
	assert_int_equal(json_array_size(json_object_get(scope, "cases")), 5);
	take_text(must_ask(&room, "official", "DecideRequest", decision(request, "approve")), "grant", grant,
	          sizeof(grant));
	SR_CLEANUP(sr_json_decrefp) json_t *row = grant_row("supervisor", grant);
	assert_int_equal(json_array_size(json_object_get(row, "cases")), 205);
}

static void lists_come_in_pages_of_what_one_may_see(void **state)
{
	id_text first, second, third;

	(void)state;
	file("county-supervisor", wish(cases[COUNTYS].number), first);
	file("county-supervisor", wish(cases[COUNTYS].number), second);
	file("county-supervisor", wish(cases[COUNTYS].number), third);
	SR_CLEANUP(sr_json_decrefp)
	json_t *page = must_ask(&room, "county-official", "ListRequests", json_pack("{s:i}", "limit", 2));
	assert_int_equal(json_array_size(json_object_get(page, "requests")), 2);
	assert_string_equal(sr_json_text(page, "next"), second);
	SR_CLEANUP(sr_json_decrefp)
	json_t *rest =
		must_ask(&room, "county-official", "ListRequests", json_pack("{s:s}", "after", second));
	assert_int_equal(json_array_size(json_object_get(rest, "requests")), 1);
	assert_string_equal(sr_json_text(json_array_get(json_object_get(rest, "requests"), 0), "request"),
	                    first);
	assert_true(json_is_null(json_object_get(rest, "next")));
	SR_CLEANUP(sr_json_decrefp)
	json_t *none = must_ask(&room, "other-official", "ListRequests", NULL);
	assert_int_equal(json_array_size(json_object_get(none, "requests")), 0);
	SR_CLEANUP(sr_json_decrefp)
	json_t *withdrawn =
		must_ask(&room, "county-official", "ListRequests", json_pack("{s:s}", "state", "withdrawn"));
	assert_int_equal(json_array_size(json_object_get(withdrawn, "requests")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decision_takes_away_and_does_not_add),
		cmocka_unit_test(a_decision_is_bound_to_what_was_shown),
		cmocka_unit_test(two_officials_give_what_both_give),
		cmocka_unit_test(nothing_in_common_is_no_grant),
		cmocka_unit_test(state_secrets_and_copies_take_two_officials),
		cmocka_unit_test(naming_a_member_gives_what_was_asked_for),
		cmocka_unit_test(an_official_who_handled_the_case_is_told_and_written_down),
		cmocka_unit_test(many_cases_stand_in_entries_of_their_own),
		cmocka_unit_test(lists_come_in_pages_of_what_one_may_see),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
