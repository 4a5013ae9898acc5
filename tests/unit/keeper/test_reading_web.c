/* SPDX-License-Identifier: Apache-2.0 */
/* Readings and exports through the door of the HTTP front end. */
#include "tests/unit/keeper/reading_calls.h"

static struct reading_room room;

static int setup(void **state)
{
	(void)state;
	room_open(&room);
	room_grant(&room,
	           &(struct room_wish){ .grant = "G00002-web000", .reader = "reader", .channel = "web" });
	room_grant(&room,
	           &(struct room_wish){
			   .grant = "G00003-copy00", .reader = "reader", .channel = "copy", .second = true });
	room_start(&room);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	room_close(&room);
	return 0;
}

/* A session at the api's door, made without a password. */
static const char *web_session(const char *user)
{
	static char token[SR_SESSION_TOKEN_TEXT];
	struct sr_session session;
	struct sr_err err;
	const struct sr_session_opening wanted = { .user = user,
		                                   .role = SR_ROLE_SUPERVISOR,
		                                   .organ = ROOM_ORGAN,
		                                   .channel = SR_SESSION_WEB,
		                                   .address = "192.0.2.1",
		                                   .now_ns = sr_keeper_now_ns(room.keeper) };

	assert_ok(sr_session_make(&wanted, &session, token, &err));
	pthread_mutex_lock(&room.keeper->lock);
	assert_ok(sr_session_table_add(room.keeper->sessions, &session, wanted.now_ns, &err));
	pthread_mutex_unlock(&room.keeper->lock);
	return token;
}

static json_t *web_words(const char *token, json_t *words)
{
	json_object_set_new(words, "session", json_string(token));
	json_object_set_new(words, "address", json_string("192.0.2.1"));
	return words;
}

static void a_browser_opens_by_session_and_closes_without(void **state)
{
	struct sr_wire_client *api = room_door(&room, SR_PEER_API);
	const char *token = web_session("reader");
	SR_CLEANUP(answer_dispose) struct answer opened = { 0 }, wrong = { 0 }, closed = { 0 };

	(void)state;
	give(api, "OpenMember",
	     web_words(token, json_pack("{s:s,s:s,s:i,s:s}", "grant", "G00002-web000", "case",
	                                room.case_id[0], "member", 1, "channel", "fs")),
	     &wrong);
	assert_string_equal(error_of(&wrong), "Invalid");
	give(api, "OpenMember",
	     web_words(token, json_pack("{s:s,s:s,s:i,s:s}", "grant", "G00002-web000", "case",
	                                room.case_id[0], "member", 1, "channel", "web")),
	     &opened);
	assert_int_equal(opened.status, SR_OK);
	give(api, "CloseMember",
	     json_pack("{s:I,s:i,s:[[i,i]],s:s}", "opened", (json_int_t)number_in(said(&opened), "opened"),
	               "bytes", 10, "ranges", 0, 9, "why", "idle"),
	     &closed);
	assert_int_equal(closed.status, SR_OK);
	json_t *list = entries_of(&room, "access.opened");
	const json_t *entry = json_array_get(list, json_array_size(list) - 1);
	assert_string_equal(sr_json_text(entry, "address"), "192.0.2.1");
	assert_non_null(sr_json_text(entry, "session"));
	assert_null(json_object_get(entry, "uid"));
	json_decref(list);
	sr_wire_client_close(api);
}

static void a_member_saved_by_a_browser_stands_in_the_log_as_copied(void **state)
{
	struct sr_wire_client *api = room_door(&room, SR_PEER_API);
	SR_CLEANUP(answer_dispose) struct answer alone = { 0 };
	json_t *copy = json_pack("{s:s,s:s,s:i,s:s}", "grant", "G00003-copy00", "case", room.case_id[0],
	                         "member", 1, "channel", "copy");

	(void)state;
	web_words(web_session("reader"), copy);
	give(api, "OpenMember", copy, &alone);
	assert_int_equal(alone.status, SR_OK); /* without an export: an entry of its own */
	json_t *opened = entries_of(&room, "access.opened");
	assert_string_equal(sr_json_text(json_array_get(opened, json_array_size(opened) - 1), "channel"),
	                    "copy");
	json_decref(opened);
	sr_wire_client_close(api);
}

static void an_export_counts_what_was_opened_for_it(void **state)
{
	struct sr_wire_client *api = room_door(&room, SR_PEER_API);
	struct sr_wire_client *caller = room_door(&room, SR_PEER_CALLER);
	const char *token = web_session("reader");
	static const char digest[] = "00000000000000000000000000000000000000000000000000000000000000ff";
	SR_CLEANUP(answer_dispose)
	struct answer outside = { 0 }, begun = { 0 }, twice = { 0 }, opened = { 0 }, wrong = { 0 },
		      gone = { 0 }, again = { 0 }, open2 = { 0 }, made = { 0 };
	json_t *copy = json_pack("{s:s,s:s,s:i,s:s}", "grant", "G00003-copy00", "case", room.case_id[0],
	                         "member", 1, "channel", "copy");
	json_t *begin = json_pack("{s:s,s:s,s:s}", "grant", "G00003-copy00", "form", "tar", "to", "样例法院");

	(void)state;
	web_words(token, copy);
	web_words(token, begin);
	give(caller, "OpenMember", json_deep_copy(copy), &outside);
	assert_string_equal(error_of(&outside), "Invalid");
	assert_non_null(strstr(outside.err.text, "ExportGrant")); /* through the socket it belongs to one */
	give(api, "ExportGrant", json_deep_copy(begin), &begun);
	assert_int_equal(begun.status, SR_OK);
	assert_int_equal(json_array_size(json_object_get(said(&begun), "approved_by")), 2);
	give(api, "ExportGrant", json_deep_copy(begin), &twice);
	assert_string_equal(error_of(&twice), "Exists");
	give(api, "OpenMember", json_deep_copy(copy), &opened);
	assert_int_equal(opened.status, SR_OK);
	/* One that says other counts than were opened is no export, and over. */
	const char *id = sr_json_text(said(&begun), "export");
	give(api, "FinishExport",
	     web_words(token, json_pack("{s:s,s:i,s:i,s:s}", "export", id, "members", 2, "bytes", 1000,
	                                "digest", digest)),
	     &wrong);
	assert_string_equal(error_of(&wrong), "Invalid");
	give(api, "FinishExport",
	     web_words(token, json_pack("{s:s,s:i,s:i,s:s}", "export", id, "members", 1, "bytes", 1000,
	                                "digest", digest)),
	     &gone);
	assert_string_equal(error_of(&gone), "NotFound");
	assert_int_equal(count_entries(&room, "export.made"), 0);
	give(api, "ExportGrant", json_deep_copy(begin), &again);
	give(api, "OpenMember", json_deep_copy(copy), &open2);
	id = sr_json_text(said(&again), "export");
	give(api, "FinishExport",
	     web_words(token, json_pack("{s:s,s:i,s:i,s:s}", "export", id, "members", 1, "bytes", 1000,
	                                "digest", digest)),
	     &made);
	assert_int_equal(made.status, SR_OK);
	json_t *list = entries_of(&room, "export.made");
	const json_t *entry = json_array_get(list, 0);
	assert_string_equal(sr_json_text(entry, "to"), "样例法院");
	assert_string_equal(sr_json_text(entry, "export"), id);
	assert_int_equal(json_array_size(json_object_get(entry, "cases")), 1);
	assert_int_equal(number_in(entry, "bytes"), 1000);
	json_decref(list);
	json_decref(copy);
	json_decref(begin);
	sr_wire_client_close(caller);
	sr_wire_client_close(api);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_browser_opens_by_session_and_closes_without),
		cmocka_unit_test(a_member_saved_by_a_browser_stands_in_the_log_as_copied),
		cmocka_unit_test(an_export_counts_what_was_opened_for_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
