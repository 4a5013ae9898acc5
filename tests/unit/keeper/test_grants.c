/* SPDX-License-Identifier: Apache-2.0 */
/* Grants after their making: who sees and ends which, who is told, escorts, and time. */
#include "tests/unit/unit.h"

#include <stdatomic.h>

#include "tests/unit/keeper/request_room.h"

#include "appliance/keeper/core/escort.h"
#include "tests/unit/keeper/grant_calls.h"

/* One that a court reads by a pass. */
static void granted_to_court(id_text out)
{
	id_text request;

	file("archivist", for_a_party("court"), request);
	take_text(must_ask(&room, "official", "DecideRequest", decision(request, "approve")), "grant", out,
	          SR_LABEL_BYTES);
}

static json_t *revoking(const char *grant)
{
	return json_pack("{s:s,s:s}", "grant", grant, "reason", "异常");
}

/* --- who may do what in which state ---------------------------------------------------------------- */

enum state { LIVE, RETURNED, REVOKED, STATES };
static const char *const state_names[] = { "live", "returned", "revoked" };

static const struct {
	const char *user;
	bool may_list, own, official, any; /* of the grant of supervisor's */
	bool court;                        /* own, of the court's */
	bool filed;                        /* asked for it at the counter */
	bool reads, revokes;               /* by role */
} actors[] = {
	{ .user = "supervisor", .may_list = true, .own = true, .reads = true },
	{ .user = "cleared", .may_list = true, .reads = true },
	{ .user = "handler", .may_list = true, .reads = true },
	{ .user = "archivist", .may_list = true, .filed = true, .reads = true },
	{ .user = "archivist2", .may_list = true, .reads = true },
	{ .user = "official", .may_list = true, .official = true, .reads = true, .revokes = true },
	{ .user = "official2", .may_list = true, .official = true, .reads = true, .revokes = true },
	{ .user = "county-official", .may_list = true, .reads = true, .revokes = true },
	{ .user = "other-official", .may_list = true, .reads = true, .revokes = true },
	{ .user = "security2", .may_list = true, .any = true, .revokes = true },
	{ .user = "auditor2" },
	{ .user = "keyholder" },
	{ .user = "A-court", .may_list = true, .court = true, .reads = true },
	{ .user = "A-other", .may_list = true, .reads = true },
};

static const char *verdict(const char *method, size_t a, bool court, enum state state)
{
	static const char *const ended[] = { NULL, "Returned", "Revoked" };
	bool own = court ? actors[a].court : actors[a].own;
	bool sees = own || actors[a].official || actors[a].any || (court && actors[a].filed);
	bool revoke = strcmp(method, "RevokeGrant") == 0;

	if (court && actors[a].court && state != LIVE)
		return "NotSignedIn"; /* a pass dies with its grant */
	if (revoke ? !actors[a].revokes : !actors[a].reads)
		return "NotYourRole";
	if (!sees)
		return "NotFound";
	if (!revoke && !own)
		return "NotGranted";
	return ended[state];
}

static void make_grant(bool court, enum state state, id_text out)
{
	static id_text elsewhere; /* other passes read under it */

	if (!elsewhere[0])
		granted_to_court(elsewhere);
	if (court)
		granted_to_court(out);
	else
		granted(NULL, out);
	open_pass(&room, "A-court", court ? out : elsewhere);
	open_pass(&room, "A-other", elsewhere);
	if (state == RETURNED)
		must_do(&room, court ? "A-court" : "supervisor", "ReturnGrant", of_grant(out));
	if (state == REVOKED)
		must_do(&room, "official2", "RevokeGrant", revoking(out));
}

static void expect_listed(size_t a, const char *grant, bool court, enum state state)
{
	json_t *reply = NULL;
	bool own = court ? actors[a].court : actors[a].own;
	bool sees = own || actors[a].official || actors[a].any || (court && actors[a].filed);

	if (ask(&room, actors[a].user, "ListGrants", of_grant(grant), &reply) != SR_OK) {
		bool dead = court && actors[a].court && state != LIVE;

		assert_true(dead || !actors[a].may_list);
		assert_string_equal(room.error, dead ? "NotSignedIn" : "NotYourRole");
		return;
	}
	const json_t *row = json_array_get(json_object_get(reply, "grants"), 0);
	if (actors[a].may_list != true || (row != NULL) != sees ||
	    (row && strcmp(sr_json_text(row, "state"), state_names[state]) != 0))
		fail_msg("ListGrants by %s of one that is %s", actors[a].user, state_names[state]);
	json_decref(reply);
}

static void expect(size_t a, const char *method, bool court, enum state state)
{
	const char *wanted = verdict(method, a, court, state);
	id_text grant;

	make_grant(court, state, grant);
	expect_listed(a, grant, court, state);
	enum sr_status status = ask(&room, actors[a].user, method, revoking(grant), NULL);
	if ((status == SR_OK) != !wanted || (wanted && strcmp(wanted, room.error) != 0))
		fail_msg("%s by %s of a %s grant that is %s: %s, not %s", method, actors[a].user,
		         court ? "court's" : "supervisor's", state_names[state],
		         status == SR_OK ? "done" : room.error, wanted ? wanted : "done");
}

static void a_grant_is_ended_by_whom_the_rules_name(void **state)
{
	(void)state;
	for (size_t a = 0; a < SR_COUNT(actors); a++)
		for (enum state s = LIVE; s < STATES; s++)
			for (int court = 0; court < 2; court++) {
				expect(a, "RevokeGrant", court, s);
				expect(a, "ReturnGrant", court, s);
			}
}

static void a_grant_that_one_may_not_know_of_is_as_one_that_is_not_there(void **state)
{
	static const char *const methods[] = { "RevokeGrant", "ReturnGrant" };
	char first[sizeof(room.err.text)], *place;
	id_text grant;

	(void)state;
	granted(NULL, grant);
	for (size_t i = 0; i < SR_COUNT(methods); i++) {
		refused(&room, "other-official", methods[i], revoking(grant), "NotFound");
		snprintf(first, sizeof(first), "%s", room.err.text);
		refused(&room, "other-official", methods[i], revoking("G00001-zzzzzz"), "NotFound");
		place = strstr(first, grant);
		assert_non_null(place);
		memcpy(place, "G00001-zzzzzz", strlen("G00001-zzzzzz"));
		assert_string_equal(first, room.err.text);
	}
}

/* --- who is told ----------------------------------------------------------------------------------- */

static void front_ends_are_told_at_once(void **state)
{
	struct told told;
	id_text grant;

	(void)state;
	listen_anew(&told);
	granted(NULL, grant);
	must_do(&room, "official", "RevokeGrant", revoking(grant));
	wait_for(&told.ends, 1, 100);
	assert_string_equal(told.grant, grant);
	assert_string_equal(told.why, "revoked");
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_entry(&room, told.entry);
	assert_string_equal(sr_json_text(entry, "type"), "grant.revoked");
	assert_string_equal(sr_json_text(entry, "grant"), grant);
	granted(NULL, grant);
	must_do(&room, "supervisor", "ReturnGrant", of_grant(grant));
	wait_for(&told.ends, 2, 100);
	assert_string_equal(told.why, "returned");
	sr_wire_client_on_push(room.api, NULL, NULL);
}

static void a_passs_session_dies_with_its_grant(void **state)
{
	id_text grant;

	(void)state;
	granted_to_court(grant);
	open_pass(&room, "A-court", grant);
	must_do(&room, "A-court", "ListGrants", NULL);
	must_do(&room, "official", "RevokeGrant", revoking(grant));
	refused(&room, "A-court", "ListGrants", NULL, "NotSignedIn");
}

static void a_disabled_readers_grants_end(void **state)
{
	static const struct keeper_person leaving = { "leaving", "supervisor", CITY };
	struct told told;
	id_text request, grant;

	(void)state;
	keeper_room_add_user(&room, &leaving, NULL);
	file("leaving", wish(cases[PLAIN].number), request);
	take_text(must_ask(&room, "official", "DecideRequest", decision(request, "approve")), "grant", grant,
	          sizeof(grant));
	listen_anew(&told);
	must_do(&room, "keyholder", "DisableUser", json_pack("{s:s}", "user", "leaving"));
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "leaving"));
	wait_for(&told.ends, 1, 100);
	assert_string_equal(told.grant, grant);
	assert_string_equal(told.why, "disabled");
	SR_CLEANUP(sr_json_decrefp) json_t *row = grant_row("official", grant);
	assert_string_equal(sr_json_text(row, "state"), "ended");
	refused(&room, "official", "RevokeGrant", revoking(grant), "NotGranted");
	sr_wire_client_on_push(room.api, NULL, NULL);
}

/* --- escorts --------------------------------------------------------------------------------------- */

#define ABSENT_MS (SR_ESCORT_ABSENT_NS / 1000000)

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A beat of the escort's, which was given after the time that is returned. */
static int64_t give_beat(const char *grant)
{
	int64_t before = monotonic_ms();

	must_do(&room, "archivist", "EscortBeat", of_grant(grant));
	return before;
}

/* Readers may read after that beat; or the machine took so long since that an escort may be missed. */
static bool opens_after(int64_t beat_ms, const char *grant)
{
	return gate_opens(grant) || monotonic_ms() - beat_ms >= ABSENT_MS;
}

static void an_escorted_grant_is_read_while_the_escort_is_there(void **state)
{
	int64_t before = 0, took = INT64_MAX;
	struct told told;
	id_text grant;

	(void)state;
	granted(json_pack("{s:s}", "escort", "archivist"), grant);
	listen_anew(&told);
	assert_false(gate_opens(grant));
	refused(&room, "archivist2", "EscortBeat", of_grant(grant), "NotFound");
	refused(&room, "supervisor", "EscortBeat", of_grant(grant), "NotFound");
	refused(&room, "archivist2", "EscortBeat", json_pack("{s:s,s:b}", "grant", grant, "leave", 1),
	        "NotFound");
	/* Held for two seconds; a busy machine may take longer to bring an answer, but not each time. */
	for (int i = 0; i < 5 && took >= 3000; i++) {
		before = monotonic_ms();
		SR_CLEANUP(sr_json_decrefp)
		json_t *beat = must_ask(&room, "archivist", "EscortBeat", of_grant(grant));
		took = monotonic_ms() - before;
		assert_true(json_is_true(json_object_get(beat, "present")));
		assert_true(took >= 1900);
	}
	assert_true(took < 3000);
	assert_true(opens_after(before, grant));
	wait_for(&told.escorts, 1, 100);
	assert_true(told.present);
	SR_CLEANUP(sr_json_decrefp) json_t *began = keeper_room_last(&room, "escort.began");
	assert_string_equal(sr_json_text(began, "escort"), "archivist");
	SR_CLEANUP(sr_json_decrefp) json_t *row = grant_row("supervisor", grant);
	assert_true(json_is_true(json_object_get(row, "no_cache")));
	must_do(&room, "archivist", "EscortBeat", json_pack("{s:s,s:b}", "grant", grant, "leave", 1));
	wait_for(&told.escorts, 2, 100);
	assert_false(told.present);
	assert_false(gate_opens(grant));
	sr_wire_client_on_push(room.api, NULL, NULL);
}

static void an_absent_escort_stops_reading(void **state)
{
	struct told told;
	id_text grant;

	(void)state;
	granted(json_pack("{s:s}", "escort", "archivist"), grant);
	listen_anew(&told);
	int64_t before = give_beat(grant);
	assert_true(opens_after(before, grant));
	do
		wait_for(&told.escorts, told.escorts + 1, 30000);
	while (told.present);
	assert_true(monotonic_ms() - before >= ABSENT_MS);
	for (int i = 0; i < 3000 && gate_opens(grant); i++)
		usleep(10000);
	assert_false(gate_opens(grant));
	SR_CLEANUP(sr_json_decrefp) json_t *ended = keeper_room_last(&room, "escort.ended");
	assert_string_equal(sr_json_text(ended, "why"), "absent");
	sr_wire_client_on_push(room.api, NULL, NULL);
}

static void a_grant_that_ends_ends_its_escort(void **state)
{
	int64_t before;
	id_text grant;

	(void)state;
	/* Once more where the machine took so long that the escort was missed before. */
	do {
		granted(json_pack("{s:s}", "escort", "archivist"), grant);
		before = give_beat(grant);
		must_do(&room, "official", "RevokeGrant", revoking(grant));
	} while (monotonic_ms() - before >= ABSENT_MS);
	SR_CLEANUP(sr_json_decrefp) json_t *ended = keeper_room_last(&room, "escort.ended");
	assert_string_equal(sr_json_text(ended, "grant"), grant);
	assert_string_equal(sr_json_text(ended, "why"), "grant");
	refused(&room, "archivist", "EscortBeat", of_grant(grant), "NotFound");
}

struct beat {
	struct sr_wire_client *wire;
	const char *token, *grant;
	enum sr_status status;
};

static atomic_uint beats_answered;

static void *wait_for_beat(void *context)
{
	struct beat *beat = context;
	SR_CLEANUP(sr_json_decrefp)
	json_t *parameters = json_pack("{s:s,s:s}", "grant", beat->grant, "session", beat->token);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply answer = { 0 };
	const struct sr_wire_request request = { .method = "org.strongroom.EscortBeat",
		                                 .parameters = parameters,
		                                 .timeout_ms = 60000 };
	struct sr_err err;

	beat->status = sr_wire_client_call(beat->wire, &request, &answer, &err);
	atomic_fetch_add(&beats_answered, 1);
	return NULL;
}

/* Whether a command was answered at once, or while all of the beats were held. */
static bool answers_beside_beats(const char *grant)
{
	static struct beat beats[80];
	pthread_t threads[SR_COUNT(beats)];
	const char *token = keeper_room_token(&room, "archivist");

	atomic_store(&beats_answered, 0);
	for (size_t i = 0; i < SR_COUNT(beats); i++) {
		beats[i] = (struct beat){ .wire = keeper_room_connect(&room, SR_PEER_API),
			                  .token = token,
			                  .grant = grant };
		assert_int_equal(pthread_create(&threads[i], NULL, wait_for_beat, &beats[i]), 0);
	}
	usleep(500000);
	int64_t before = monotonic_ms();
	must_do(&room, "supervisor", "ListGrants", NULL);
	const bool beside = atomic_load(&beats_answered) == 0 || monotonic_ms() - before < 500;
	for (size_t i = 0; i < SR_COUNT(beats); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(beats[i].status, SR_OK);
		sr_wire_client_close(beats[i].wire);
	}
	return beside;
}

/* There are 64 threads for quick commands.  Whether it came in time is the machine's to say: some tries. */
static void beats_that_are_held_hold_up_nobody(void **state)
{
	bool beside = false;
	id_text grant;

	(void)state;
	granted(json_pack("{s:s}", "escort", "archivist"), grant);
	for (int i = 0; i < 10 && !beside; i++)
		beside = answers_beside_beats(grant);
	assert_true(beside);
	must_do(&room, "official", "RevokeGrant", revoking(grant));
}

/* --- restarts and time ----------------------------------------------------------------------------- */

static void a_restart_knows_live_grants_and_waits_for_their_escorts(void **state)
{
	struct told told;
	id_text plain, escorted;

	(void)state;
	granted(NULL, plain);
	granted(json_pack("{s:s}", "escort", "archivist"), escorted);
	assert_true(opens_after(give_beat(escorted), escorted));
	keeper_room_stop(&room);
	keeper_room_start(&room);
	assert_true(gate_opens(plain));
	assert_false(gate_opens(escorted));
	assert_true(opens_after(give_beat(escorted), escorted));
	listen_anew(&told);
	must_do(&room, "official", "RevokeGrant", revoking(plain));
	wait_for(&told.ends, 1, 100);
	sr_wire_client_on_push(room.api, NULL, NULL);
}

static void forget_everybody(void)
{
	memset(room.sessions, 0, sizeof(room.sessions));
}

static void time_ends_what_nobody_ended(void **state)
{
	struct told told;
	id_text grant;

	(void)state;
	granted(json_pack("{s:i}", "days", 1), grant);
	listen_anew(&told);
	keeper_room_pass_time(&room, (SR_DAY_S - 60) * SR_SECOND_NS);
	forget_everybody();
	assert_true(gate_opens(grant));
	keeper_room_pass_time(&room, 61 * SR_SECOND_NS);
	assert_false(gate_opens(grant));
	for (told.ends = 0; strcmp(told.grant, grant) != 0;)
		wait_for(&told.ends, told.ends + 1, 30000);
	assert_string_equal(told.why, "expired");
	SR_CLEANUP(sr_json_decrefp) json_t *row = grant_row("supervisor", grant);
	assert_string_equal(sr_json_text(row, "state"), "expired");
	refused(&room, "official", "RevokeGrant", revoking(grant), "Expired");
	refused(&room, "supervisor", "ReturnGrant", of_grant(grant), "Expired");
	sr_wire_client_on_push(room.api, NULL, NULL);
}

static void no_grant_is_made_while_the_clock_warns(void **state)
{
	id_text request;

	(void)state;
	file("supervisor", wish(cases[PLAIN].number), request);
	keeper_room_set_wall(&room, 600 * SR_SECOND_NS);
	refused(&room, "official", "DecideRequest", decision(request, "approve"), "ClockUnsure");
	must_do(&room, "official", "DecideRequest", decision(request, "refuse"));
	keeper_room_set_wall(&room, -600 * SR_SECOND_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_grant_is_ended_by_whom_the_rules_name),
		cmocka_unit_test(a_grant_that_one_may_not_know_of_is_as_one_that_is_not_there),
		cmocka_unit_test(front_ends_are_told_at_once),
		cmocka_unit_test(a_passs_session_dies_with_its_grant),
		cmocka_unit_test(a_disabled_readers_grants_end),
		cmocka_unit_test(an_escorted_grant_is_read_while_the_escort_is_there),
		cmocka_unit_test(an_absent_escort_stops_reading),
		cmocka_unit_test(a_grant_that_ends_ends_its_escort),
		cmocka_unit_test(beats_that_are_held_hold_up_nobody),
		cmocka_unit_test(a_restart_knows_live_grants_and_waits_for_their_escorts),
		cmocka_unit_test(time_ends_what_nobody_ended),
		cmocka_unit_test(no_grant_is_made_while_the_clock_warns),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
