/* SPDX-License-Identifier: Apache-2.0 */
/* Openings and closings through a keeper over real archives: what is given, what is refused, what is logged.
 */
#include "tests/unit/keeper/reading_calls.h"

#include <fcntl.h>
#include <sys/prctl.h>

#define GRANT "G00001-aaaaaa"

static struct reading_room room;
static struct sr_wire_client *fs;

static int setup(void **state)
{
	(void)state;
	room_open(&room);
	room_grant(&room, &(struct room_wish){ .grant = GRANT, .reader = "reader" });
	room_grant(&room,
	           &(struct room_wish){ .grant = "G00002-main00", .reader = "reader", .main_only = true });
	room_grant(&room, &(struct room_wish){ .grant = "G00003-lawyer",
	                                       .reader = "archie",
	                                       .class = "lawyer",
	                                       .main_only = true,
	                                       .on_behalf = json_pack("{s:s,s:s}", "kind", "lawyer", "name",
	                                                              "样例律师") });
	room_grant(&room,
	           &(struct room_wish){ .grant = "G00004-archie", .reader = "archie", .class = "archivist" });
	room_grant(&room, &(struct room_wish){ .grant = "G00006-past00", .reader = "reader", .lasts_s = 1 });
	room_grant(&room, &(struct room_wish){ .grant = "G00007-with00",
	                                       .reader = "reader",
	                                       .with = json_pack("[{s:s,s:[i]}]", "case", room.case_id[0],
	                                                         "members", 4) });
	room_grant(&room, &(struct room_wish){ .grant = "G00008-some00",
	                                       .reader = "reader",
	                                       .members = json_pack("[{s:s,s:[i,i]},{s:s,s:[i]}]", "case",
	                                                            room.case_id[0], "members", 2, 4, "case",
	                                                            room.case_id[1], "members", 1) });
	room_grant(&room,
	           &(struct room_wish){ .grant = "G00009-escort", .reader = "reader", .escort = "archie" });
	room_grant(&room, &(struct room_wish){
				  .grant = "G00010-party0",
				  .class = "party",
				  .main_only = true,
				  .on_behalf = json_pack("{s:s,s:s}", "kind", "party", "name", "某某") });
	room_grant(&room,
	           &(struct room_wish){ .grant = "G00011-web000", .reader = "reader", .channel = "web" });
	room_grant(&room, &(struct room_wish){ .grant = "G00012-clear0", .reader = "cleared" });
	sleep(1); /* one of them is over */
	room_start(&room);
	fs = room_door(&room, SR_PEER_FS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sr_wire_client_close(fs);
	room_close(&room);
	return 0;
}

static void what_is_read_is_what_was_sealed(void **state)
{
	static const struct {
		uint64_t offset;
		size_t size;
	} reads[] = { { 0, ROOM_BIG },       { 0, 1 },          { 65535, 2 },
		      { 65536, 65536 },      { 65530, 131100 }, { ROOM_BIG - 1, 1 },
		      { ROOM_BIG - 1, 100 }, { ROOM_BIG, 10 },  { ROOM_BIG + 5, 10 },
		      { 3 * 65536, 4096 },   { 1, 0 } };
	struct sr_member_handle *handle = must_open(fs, ROOM_READER_UID, GRANT, room.case_id[0], 2);

	(void)state;
	assert_string_equal(sr_member_reader_info(handle)->path, "media/现场检查.mp4");
	assert_int_equal(sr_member_reader_info(handle)->bytes, ROOM_BIG);
	for (size_t i = 0; i < SR_COUNT(reads); i++)
		assert_reads(handle, 0, 1, reads[i].offset, reads[i].size);
	SR_CLEANUP(answer_dispose) struct answer closed = { 0 };
	close_as(fs, ROOM_READER_UID, handle, &closed);
	assert_int_equal(closed.status, SR_OK);
	sr_member_reader_close(handle);
}

static void every_member_can_be_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++) {
		if (room_members[0][i].classes)
			continue;
		struct sr_member_handle *handle =
			must_open(fs, ROOM_READER_UID, GRANT, room.case_id[0], (int)i + 1);
		SR_CLEANUP(answer_dispose) struct answer closed = { 0 };

		assert_reads(handle, 0, i, 0, room_members[0][i].bytes + 10);
		close_as(fs, ROOM_READER_UID, handle, &closed);
		assert_int_equal(closed.status, SR_OK);
		sr_member_reader_close(handle);
	}
}

/* The entry is in the log when the answer is there, and it says who, what, under which grant, by whom. */
static void an_opening_is_in_the_log_before_its_answer(void **state)
{
	SR_CLEANUP(answer_dispose) struct answer answer = { 0 };
	size_t before = count_entries(&room, "access.opened");
	char name[16];

	(void)state;
	open_as(fs, ROOM_READER_UID, GRANT, room.case_id[0], 1, &answer);
	assert_int_equal(answer.status, SR_OK);
	json_t *list = entries_of(&room, "access.opened");
	assert_int_equal(json_array_size(list), before + 1);
	const json_t *entry = json_array_get(list, before);
	assert_int_equal(number_in(entry, "seq"), number_in(said(&answer), "opened"));
	assert_string_equal(sr_json_text(entry, "grant"), GRANT);
	assert_string_equal(sr_json_text(entry, "request"), "R00001");
	assert_string_equal(json_string_value(json_array_get(json_object_get(entry, "approved_by"), 0)),
	                    "official");
	assert_string_equal(sr_json_text(entry, "case"), room.case_id[0]);
	assert_int_equal(number_in(entry, "member"), 1);
	assert_string_equal(sr_json_text(entry, "channel"), "fs");
	assert_int_equal(number_in(entry, "uid"), ROOM_READER_UID);
	assert_int_equal(number_in(entry, "pid"), getpid());
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_string_equal(sr_json_text(entry, "program"), name);
	assert_string_equal(sr_json_text(json_object_get(entry, "actor"), "user"), "reader");
	json_decref(list);
}

static void a_case_is_found_by_its_number_too(void **state)
{
	struct sr_member_handle *handle = must_open(fs, ROOM_READER_UID, GRANT, "样医保罚〔2025〕2号", 1);

	(void)state;
	assert_string_equal(sr_member_reader_info(handle)->case_id, room.case_id[1]);
	assert_reads(handle, 1, 0, 0, 70000);
	sr_member_reader_close(handle);
}

static void what_is_not_granted_is_refused_by_name(void **state)
{
	static const char none[] = "01900000-0000-7000-8000-00000000000a";
	const struct {
		const char *why, *grant, *case_id, *channel;
		unsigned uid;
		int member;
		const char *error;
	} rows[] = {
		{ "another's", GRANT, room.case_id[0], "fs", ROOM_STRANGER_UID, 1, "NotGranted" },
		{ "not there", "G09999-zzzzzz", room.case_id[0], "fs", ROOM_READER_UID, 1, "NotGranted" },
		{ "nobody's login", GRANT, room.case_id[0], "fs", ROOM_NOBODY_UID, 1, "NotSignedIn" },
		{ "an administrator", GRANT, room.case_id[0], "fs", 0, 1, "NotYourRole" },
		{ "over", "G00006-past00", room.case_id[0], "fs", ROOM_READER_UID, 1, "Expired" },
		{ "another case", GRANT, none, "fs", ROOM_READER_UID, 1, "NotGranted" },
		{ "no case", GRANT, "nothing", "fs", ROOM_READER_UID, 1, "NotGranted" },
		{ "no member", GRANT, room.case_id[0], "fs", ROOM_READER_UID, 6, "NotGranted" },
		{ "member 0", GRANT, room.case_id[0], "fs", ROOM_READER_UID, 0, "NotGranted" },
		{ "outside the members", "G00008-some00", room.case_id[0], "fs", ROOM_READER_UID, 1,
		  "NotGranted" },
		{ "members of the other case", "G00008-some00", room.case_id[1], "fs", ROOM_READER_UID, 2,
		  "NotGranted" },
		{ "above the clearances", GRANT, room.case_id[0], "fs", ROOM_READER_UID, 4, "NotGranted" },
		{ "above, though listed", "G00008-some00", room.case_id[0], "fs", ROOM_READER_UID, 4,
		  "NotGranted" },
		{ "sub volume not asked for", "G00002-main00", room.case_id[0], "fs", ROOM_READER_UID, 3,
		  "NotGranted" },
		{ "sub volume, a lawyer", "G00003-lawyer", room.case_id[0], "fs", ROOM_ARCHIE_UID, 3,
		  "NotGranted" },
		{ "no escort", "G00009-escort", room.case_id[0], "fs", ROOM_READER_UID, 1, "NotEscorted" },
		{ "a pass's grant", "G00010-party0", room.case_id[0], "fs", ROOM_READER_UID, 1,
		  "NotGranted" },
		{ "another channel", "G00011-web000", room.case_id[0], "fs", ROOM_READER_UID, 1,
		  "NotGranted" },
		{ "a channel of another door", "G00011-web000", room.case_id[0], "web", ROOM_READER_UID, 1,
		  "Invalid" },
		{ "copy through fs", GRANT, room.case_id[0], "copy", ROOM_READER_UID, 1, "Invalid" },
	};
	size_t before = count_entries(&room, "access.opened");

	(void)state;
	for (size_t i = 0; i < SR_COUNT(rows); i++) {
		SR_CLEANUP(answer_dispose) struct answer answer = { 0 };

		give(fs, "OpenMember",
		     opening_words(rows[i].uid, rows[i].grant, rows[i].case_id, rows[i].member,
		                   rows[i].channel),
		     &answer);
		if (strcmp(error_of(&answer), rows[i].error) != 0)
			fail_msg("%s: %s %s", rows[i].why, error_of(&answer), answer.err.text);
		assert_int_equal(answer.reply.descriptors.count, 0);
	}
	assert_int_equal(count_entries(&room, "access.opened"), before);
}

static void another_s_grant_and_none_are_refused_in_the_same_words(void **state)
{
	SR_CLEANUP(answer_dispose) struct answer one = { 0 }, two = { 0 };

	(void)state;
	open_as(fs, ROOM_STRANGER_UID, GRANT, room.case_id[0], 1, &one);
	open_as(fs, ROOM_STRANGER_UID, "G00001-aaaaab", room.case_id[0], 1, &two);
	char *at = strstr(one.err.text, "aaaaaa");
	assert_non_null(at);
	at[5] = 'b';
	assert_string_equal(one.err.text, two.err.text);
}

static void what_the_officials_named_is_open_above_the_clearances(void **state)
{
	struct sr_member_handle *named = must_open(fs, ROOM_READER_UID, "G00007-with00", room.case_id[0], 4);
	struct sr_member_handle *cleared =
		must_open(fs, ROOM_CLEARED_UID, "G00012-clear0", room.case_id[0], 4);

	(void)state;
	assert_reads(named, 0, 3, 0, 3000);
	assert_reads(cleared, 0, 3, 0, 3000);
	sr_member_reader_close(named);
	sr_member_reader_close(cleared);
}

/* "Revoked means cut": whoever holds a handle learns it from the front end, and nothing opens any more. */
static void a_revoked_grant_opens_nothing_and_is_closed_with_what_was_read(void **state)
{
	room_grant(&room, &(struct room_wish){ .grant = "G00020-revoke", .reader = "reader" });
	struct sr_member_handle *handle = must_open(fs, ROOM_READER_UID, "G00020-revoke", room.case_id[0], 2);
	SR_CLEANUP(answer_dispose) struct answer again = { 0 }, closed = { 0 };
	char request[16];
	uint8_t byte;
	size_t got;
	struct sr_err err;

	(void)state;
	snprintf(request, sizeof(request), "R%05u", room.requests);
	assert_reads(handle, 0, 1, 10, 5);
	assert_reads(handle, 0, 1, 12, 10);
	assert_reads(handle, 0, 1, 100000, 1);
	room_tell(
		&room, "grant.revoked", "official",
		json_pack("{s:s,s:s,s:s}", "grant", "G00020-revoke", "request", request, "why", "official"));
	open_as(fs, ROOM_READER_UID, "G00020-revoke", room.case_id[0], 2, &again);
	assert_string_equal(error_of(&again), "Revoked");
	sr_member_reader_invalidate(handle);
	assert_int_equal(sr_member_reader_read(handle, 0, &byte, 1, &got, &err), SR_DENIED);
	close_as(fs, ROOM_READER_UID, handle, &closed);
	assert_int_equal(closed.status, SR_OK);
	json_t *list = entries_of(&room, "access.closed");
	const json_t *entry = json_array_get(list, json_array_size(list) - 1);
	json_t *expected = json_pack("[[i,i],[i,i]]", 10, 21, 100000, 100000);
	assert_int_equal(number_in(entry, "bytes"), 16);
	assert_true(json_equal(json_object_get(entry, "ranges"), expected));
	assert_null(json_object_get(entry, "lost"));
	assert_string_equal(sr_json_text(json_object_get(entry, "actor"), "user"), "reader");
	json_decref(expected);
	json_decref(list);
	sr_member_reader_close(handle);
}

static void nobody_closes_what_another_opened(void **state)
{
	struct sr_member_handle *handle = must_open(fs, ROOM_READER_UID, GRANT, room.case_id[0], 1);
	struct sr_wire_client *api = room_door(&room, SR_PEER_API);
	struct sr_wire_client *caller = room_door(&room, SR_PEER_CALLER);
	struct sr_wire_client *second = room_door(&room, SR_PEER_FS);
	SR_CLEANUP(answer_dispose)
	struct answer one = { 0 }, two = { 0 }, three = { 0 }, four = { 0 }, five = { 0 };
	json_t *words = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_member_reader_closing(handle, "test", &words, &err));
	give(api, "CloseMember", json_incref(words), &one);
	assert_string_equal(error_of(&one), "NotFound");
	give(caller, "CloseMember", json_incref(words), &two);
	assert_string_equal(error_of(&two), "NotFound");
	json_t *wrong = json_deep_copy(words);
	json_object_set_new(wrong, "uid", json_integer(ROOM_READER_UID));
	json_object_set_new(wrong, "ranges", json_pack("[[i,i]]", 0, 1000)); /* the member has 1,000 bytes */
	give(second, "CloseMember", wrong, &three);
	assert_string_equal(error_of(&three), "Invalid");
	close_as(second, ROOM_READER_UID, handle, &four); /* another connection of the same front end */
	assert_int_equal(four.status, SR_OK);
	close_as(fs, ROOM_READER_UID, handle, &five);
	assert_string_equal(error_of(&five), "NotFound");
	json_decref(words);
	sr_wire_client_close(api);
	sr_wire_client_close(caller);
	sr_wire_client_close(second);
	sr_member_reader_close(handle);
}

static void accesses_of_a_connection_that_is_gone_are_lost(void **state)
{
	struct sr_wire_client *door = room_door(&room, SR_PEER_FS);
	size_t before = count_entries(&room, "access.closed");

	(void)state;
	sr_member_reader_close(must_open(door, ROOM_READER_UID, GRANT, room.case_id[0], 1));
	sr_member_reader_close(must_open(door, ROOM_READER_UID, GRANT, room.case_id[0], 2));
	sr_wire_client_close(door);
	await_entries(&room, "access.closed", before + 2);
	json_t *list = entries_of(&room, "access.closed");
	for (size_t i = before; i < before + 2; i++) {
		const json_t *entry = json_array_get(list, i);

		assert_true(json_is_true(json_object_get(entry, "lost")));
		assert_string_equal(sr_json_text(entry, "why"), "gone");
		assert_true(json_is_null(json_object_get(entry, "actor")));
	}
	json_decref(list);
}

static void a_descriptor_is_of_its_opening_alone(void **state)
{
	SR_CLEANUP(answer_dispose) struct answer one = { 0 }, two = { 0 };

	(void)state;
	open_as(fs, ROOM_READER_UID, GRANT, room.case_id[0], 1, &one);
	open_as(fs, ROOM_READER_UID, GRANT, room.case_id[0], 1, &two);
	int a = one.reply.descriptors.fd[0], b = two.reply.descriptors.fd[0];
	assert_int_equal(fcntl(a, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(write(a, "x", 1), -1);
	assert_int_equal(lseek(a, 77, SEEK_SET), 77);
	assert_int_equal(lseek(b, 0, SEEK_CUR), 0);
}

struct describing {
	json_t *cases;
	json_t *last;
};

static enum sr_status take_case(void *context, struct sr_wire_reply *reply, struct sr_err *err)
{
	struct describing *describing = context;

	(void)err;
	if (reply->message.continues)
		json_array_append_new(describing->cases, json_deep_copy(reply->message.parameters));
	else
		describing->last = json_deep_copy(reply->message.parameters);
	return SR_OK;
}

static enum sr_status describe(unsigned uid, const char *grant, struct describing *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *words = json_pack("{s:i,s:s}", "uid", (int)uid, "grant", grant);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply last = { 0 };
	const struct sr_wire_request request = { .method = "org.strongroom.DescribeGrant",
		                                 .parameters = words,
		                                 .timeout_ms = 20000 };

	*out = (struct describing){ .cases = json_array() };
	return sr_wire_client_stream(fs, &request, take_case, out, &last, err);
}

static void describing_dispose(struct describing *describing)
{
	json_decref(describing->cases);
	json_decref(describing->last);
}

static void a_grant_describes_what_its_reader_may_see_and_nothing_else(void **state)
{
	SR_CLEANUP(describing_dispose) struct describing all = { 0 }, some = { 0 }, main_only = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(describe(ROOM_READER_UID, GRANT, &all, &err));
	assert_int_equal(json_array_size(all.cases), 2);
	const json_t *first = json_array_get(all.cases, 0);
	const json_t *members = json_object_get(first, "members");
	assert_string_equal(sr_json_text(first, "number"), "样医保罚〔2025〕1号");
	assert_int_equal(json_array_size(json_object_get(first, "parts")), 1);
	assert_int_equal(json_array_size(members), 4); /* without the one above the clearances */
	assert_int_equal(number_in(json_array_get(members, 3), "number"), 5);
	const json_t *second = json_array_get(members, 1);
	assert_string_equal(sr_json_text(second, "path"), "media/现场检查.mp4");
	assert_string_equal(sr_json_text(second, "volume"), "main");
	assert_string_equal(sr_json_text(second, "date"), "2025-03-01");
	assert_int_equal(number_in(second, "bytes"), ROOM_BIG);
	assert_int_equal(number_in(second, "order"), 2);
	assert_string_equal(sr_json_text(all.last, "grant"), GRANT);
	assert_int_equal(json_array_size(json_object_get(all.last, "channels")), 1);
	assert_false(json_is_true(json_object_get(all.last, "no_cache")));
	assert_true(number_in(all.last, "entry") > 0);
	assert_ok(describe(ROOM_READER_UID, "G00008-some00", &some, &err));
	assert_int_equal(json_array_size(json_object_get(json_array_get(some.cases, 0), "members")), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(some.cases, 1), "members")), 1);
	assert_ok(describe(ROOM_READER_UID, "G00002-main00", &main_only, &err));
	assert_int_equal(json_array_size(json_object_get(json_array_get(main_only.cases, 0), "members")), 3);
}

static void another_s_grant_describes_nothing(void **state)
{
	/* A stream that ends in an error leaves the connection as it was. */
	SR_CLEANUP(describing_dispose) struct describing none = { 0 };
	struct sr_err err;

	(void)state;
	assert_int_equal(describe(ROOM_STRANGER_UID, GRANT, &none, &err), SR_DENIED);
	assert_int_equal(json_array_size(none.cases), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_what_was_sealed),
		cmocka_unit_test(every_member_can_be_read),
		cmocka_unit_test(an_opening_is_in_the_log_before_its_answer),
		cmocka_unit_test(a_case_is_found_by_its_number_too),
		cmocka_unit_test(what_is_not_granted_is_refused_by_name),
		cmocka_unit_test(another_s_grant_and_none_are_refused_in_the_same_words),
		cmocka_unit_test(what_the_officials_named_is_open_above_the_clearances),
		cmocka_unit_test(a_revoked_grant_opens_nothing_and_is_closed_with_what_was_read),
		cmocka_unit_test(nobody_closes_what_another_opened),
		cmocka_unit_test(accesses_of_a_connection_that_is_gone_are_lost),
		cmocka_unit_test(a_descriptor_is_of_its_opening_alone),
		cmocka_unit_test(a_grant_describes_what_its_reader_may_see_and_nothing_else),
		cmocka_unit_test(another_s_grant_describes_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
