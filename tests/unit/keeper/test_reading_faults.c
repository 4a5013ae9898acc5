/* SPDX-License-Identifier: Apache-2.0 */
/* Readings when something goes wrong: damage, crashes, many at once, attempts without end. */
#include "tests/unit/keeper/reading_calls.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define GRANT "G00001-aaaaaa"
#define READERS 50

static struct reading_room room;

static int setup(void **state)
{
	(void)state;
	room_open(&room);
	room_grant(&room, &(struct room_wish){ .grant = GRANT, .reader = "reader" });
	room_grant(&room,
	           &(struct room_wish){
			   .grant = "G00003-copy00", .reader = "reader", .channel = "copy", .second = true });
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	room_close(&room);
	return 0;
}

static int start(void **state)
{
	(void)state;
	room_start(&room);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	room_stop(&room);
	return 0;
}

/* --- many at once ---------------------------------------------------------------------------------- */

struct parallel {
	struct sr_member_handle *handle;
	unsigned seed;
};

static void *read_here_and_there(void *context)
{
	struct parallel *one = context;
	uint8_t data[70000];
	struct sr_err err;
	size_t got;

	for (int i = 0; i < 200; i++) {
		uint64_t offset = (uint64_t)rand_r(&one->seed) % ROOM_BIG;
		size_t size = (size_t)rand_r(&one->seed) % sizeof(data);

		if (sr_member_reader_read(one->handle, offset, data, size, &got, &err) != SR_OK)
			abort();
		for (size_t at = 0; at < got; at += 997)
			if (data[at] != room_byte(0, 1, offset + at))
				abort();
	}
	return NULL;
}

static void one_member_is_read_by_many_threads(void **state)
{
	struct sr_wire_client *fs = room_door(&room, SR_PEER_FS);
	struct sr_member_handle *handle = must_open(fs, ROOM_READER_UID, GRANT, room.case_id[0], 2);
	struct parallel work[8];
	pthread_t threads[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		work[i] = (struct parallel){ handle, i };
		assert_int_equal(pthread_create(&threads[i], NULL, read_here_and_there, &work[i]), 0);
	}
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	sr_member_reader_close(handle);
	sr_wire_client_close(fs);
}

struct hammer {
	struct sr_wire_client *client;
	size_t opened;
	uint64_t numbers[2000];
	int rounds;
};

static atomic_size_t openings; /* of all hammers */

/* Open and close until the keeper is gone, or so often; every number that came with a key is kept. */
static void *open_and_close(void *context)
{
	struct hammer *hammer = context;

	for (int i = 0; i < hammer->rounds; i++) {
		SR_CLEANUP(answer_dispose) struct answer answer = { 0 }, closed = { 0 };
		const int member = (int)(i % 2) + 1;

		give(hammer->client, "OpenMember",
		     opening_words(ROOM_READER_UID, GRANT, room.case_id[0], member, "fs"), &answer);
		if (answer.status != SR_OK)
			break;
		uint64_t number = (uint64_t)number_in(said(&answer), "opened");
		hammer->numbers[hammer->opened++] = number;
		atomic_fetch_add(&openings, 1);
		if (i % 3 == 0)
			continue;
		give(hammer->client, "CloseMember",
		     json_pack("{s:i,s:I,s:i,s:[]}", "uid", ROOM_READER_UID, "opened", (json_int_t)number,
		               "bytes", 0, "ranges"),
		     &closed);
		if (closed.status != SR_OK)
			break;
	}
	return NULL;
}

static struct hammer hammers[READERS];

/* Each key that left is in the log, in an entry of that very member, and each access ends once. */
static void assert_logged(void)
{
	json_t *opened = entries_of(&room, "access.opened");
	json_t *closed = entries_of(&room, "access.closed");
	json_t *by_number = json_object();
	size_t index;
	json_t *entry;
	char key[32];

	json_array_foreach(opened, index, entry) {
		snprintf(key, sizeof(key), "%lld", (long long)number_in(entry, "seq"));
		json_object_set(by_number, key, entry);
	}
	for (size_t i = 0; i < READERS; i++) {
		for (size_t n = 0; n < hammers[i].opened; n++) {
			snprintf(key, sizeof(key), "%llu", (unsigned long long)hammers[i].numbers[n]);
			const json_t *found = json_object_get(by_number, key);

			assert_non_null(found);
			assert_int_equal(number_in(found, "member"), n % 2 + 1);
		}
	}
	json_array_foreach(closed, index, entry) {
		snprintf(key, sizeof(key), "%lld", (long long)number_in(entry, "opened"));
		assert_int_equal(json_object_del(by_number, key), 0);
	}
	assert_int_equal(json_object_size(by_number), 0);
	json_decref(by_number);
	json_decref(opened);
	json_decref(closed);
}

/* However busy the machine is; a minute at most. */
static void await_openings(size_t count)
{
	for (int ms = 0; ms < 60000 && atomic_load(&openings) < count; ms++)
		usleep(1000);
}

/* A keeper in a process of its own on the other ends of these sockets, killed while fifty readers open. */
static void a_crash_leaves_no_key_without_its_entry(void **state)
{
	pthread_t threads[READERS];
	int ends[READERS][2];

	(void)state;
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < READERS; i++)
			assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends[i]), 0);
		pid_t child = fork();
		if (child == 0) {
			struct sr_err err;

			for (size_t i = 0; i < READERS; i++)
				close(ends[i][1]);
			room_start(&room);
			for (size_t i = 0; i < READERS; i++)
				if (sr_keeper_adopt(room.keeper, ends[i][0], SR_PEER_FS, false, &err) !=
				    SR_OK)
					_exit(1);
			pause();
			_exit(1);
		}
		for (size_t i = 0; i < READERS; i++) {
			struct sr_err err;

			close(ends[i][0]);
			hammers[i] = (struct hammer){ .rounds = 2000 };
			assert_ok(sr_wire_client_adopt(ends[i][1], &hammers[i].client, &err));
		}
		const size_t before = atomic_load(&openings);
		for (size_t i = 0; i < READERS; i++)
			pthread_create(&threads[i], NULL, open_and_close, &hammers[i]);
		await_openings(before + READERS);
		usleep((useconds_t)(round * 17000));
		kill(child, SIGKILL);
		for (size_t i = 0; i < READERS; i++)
			pthread_join(threads[i], NULL);
		waitpid(child, NULL, 0);
		room_start(&room); /* what was open is closed as lost before anybody is served */
		assert_logged();
		room_stop(&room);
		for (size_t i = 0; i < READERS; i++)
			sr_wire_client_close(hammers[i].client);
	}
	assert_true(count_entries(&room, "access.opened") > READERS);
	json_t *closed = entries_of(&room, "access.closed");
	size_t index, lost = 0;
	json_t *entry;
	json_array_foreach(closed, index, entry)
		if (json_is_true(json_object_get(entry, "lost")))
			lost += strcmp(sr_json_text(entry, "why"), "crash") == 0;
	assert_true(lost > 0);
	json_decref(closed);
}

static void an_orderly_stop_closes_what_is_open(void **state)
{
	(void)state;
	room_start(&room);
	struct sr_wire_client *fs = room_door(&room, SR_PEER_FS);
	struct sr_member_handle *handle = must_open(fs, ROOM_READER_UID, GRANT, room.case_id[0], 1);
	const uint64_t opened = sr_member_reader_info(handle)->opened;
	room_stop(&room);
	json_t *closed = entries_of(&room, "access.closed");
	const json_t *last = json_array_get(closed, json_array_size(closed) - 1);
	assert_int_equal(number_in(last, "opened"), opened);
	assert_true(json_is_true(json_object_get(last, "lost")));
	json_decref(closed);
	sr_member_reader_close(handle);
	sr_wire_client_close(fs);
}

/* --- attempts without end -------------------------------------------------------------------------- */

static void refused_attempts_leave_the_log_small(void **state)
{
	struct sr_wire_client *fs = room_door(&room, SR_PEER_FS);
	size_t before = count_entries(&room, "access.refused");

	(void)state;
	for (int i = 0; i < 3000; i++) {
		SR_CLEANUP(answer_dispose) struct answer answer = { 0 };

		open_as(fs, i % 2 ? ROOM_STRANGER_UID : ROOM_NOBODY_UID, GRANT, room.case_id[0], 1, &answer);
		assert_int_equal(answer.status, SR_DENIED);
	}
	assert_true(count_entries(&room, "access.refused") - before <= 31);
	assert_true(count_entries(&room, "session.refused") <= 3);
	sr_wire_client_close(fs);
}

/* --- damage ---------------------------------------------------------------------------------------- */

static uint64_t member_offset(struct sr_wire_client *fs, size_t which, int member)
{
	SR_CLEANUP(answer_dispose) struct answer answer = { 0 };

	open_as(fs, ROOM_READER_UID, GRANT, room.case_id[which], member, &answer);
	assert_int_equal(answer.status, SR_OK);
	return (uint64_t)number_in(said(&answer), "offset");
}

/* Flip a bit of the archive in place: the file stays the same one, its times change. */
static void flip(size_t which, uint64_t at)
{
	char path[160];
	uint8_t byte;

	room_archive(&room, which, path);
	assert_int_equal(chmod(path, 0600), 0);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

static void report(struct sr_wire_client *client, const char *case_id, int member, int chunk,
                   struct answer *out)
{
	give(client, "ReportFixity",
	     json_pack("{s:i,s:s,s:i,s:i,s:i,s:s}", "uid", ROOM_READER_UID, "case", case_id, "part", 1,
	               "member", member, "chunk", chunk, "what", "tag"),
	     out);
}

static void a_flipped_byte_stops_its_chunk_alone_and_is_written_down_once(void **state)
{
	struct sr_wire_client *fs = room_door(&room, SR_PEER_FS);
	uint64_t at = member_offset(fs, 0, 2) + 184 + 65552 * 2 + 1234;
	struct sr_member_handle *handle = must_open(fs, ROOM_READER_UID, GRANT, room.case_id[0], 2);
	uint8_t data[200000];
	struct sr_err err;
	uint64_t chunk;
	size_t got;

	(void)state;
	flip(0, at);
	assert_reads(handle, 0, 1, 0, 131072);
	assert_reads(handle, 0, 1, 196608, ROOM_BIG);
	assert_int_equal(sr_member_reader_read(handle, 131072, data, 1, &got, &err), SR_TAMPERED);
	assert_int_equal(sr_member_reader_read(handle, 100000, data, sizeof(data), &got, &err), SR_TAMPERED);
	for (size_t i = 0; i < sizeof(data); i++)
		assert_int_equal(data[i], 0);
	assert_true(sr_member_reader_take_damage(handle, &chunk));
	assert_int_equal(chunk, 2);
	assert_false(sr_member_reader_take_damage(handle, &chunk));
	/* The keeper looks itself: damage that is none is not written, nor that of a member that is not open.
	 */
	SR_CLEANUP(answer_dispose) struct answer good = { 0 }, none = { 0 }, first = { 0 }, again = { 0 };
	report(fs, room.case_id[0], 2, 1, &good);
	assert_string_equal(error_of(&good), "Invalid");
	report(fs, room.case_id[0], 1, 0, &none);
	assert_string_equal(error_of(&none), "NotFound");
	report(fs, room.case_id[0], 2, 2, &first);
	assert_int_equal(first.status, SR_OK);
	report(fs, room.case_id[0], 2, 2, &again);
	assert_int_equal(again.status, SR_OK);
	json_t *failed = entries_of(&room, "fixity.failed");
	assert_int_equal(json_array_size(failed), 1);
	const json_t *damage = json_array_get(json_object_get(json_array_get(failed, 0), "damage"), 0);
	assert_int_equal(number_in(damage, "chunk"), 2);
	assert_string_equal(sr_json_text(damage, "member"), "data/000002.age");
	assert_string_equal(sr_json_text(json_array_get(failed, 0), "reported_by"), "fs");
	json_decref(failed);
	flip(0, at);
	assert_reads(handle, 0, 1, 131072, 65536);
	sr_member_reader_close(handle);
	sr_wire_client_close(fs);
}

static void another_head_is_refused_and_leaves_no_entry(void **state)
{
	struct sr_wire_client *fs = room_door(&room, SR_PEER_FS);
	uint64_t offset = member_offset(fs, 1, 1);
	size_t before = count_entries(&room, "access.opened");

	(void)state;
	for (uint64_t at = 0; at < 184; at += 13) {
		SR_CLEANUP(answer_dispose) struct answer answer = { 0 };

		flip(1, offset + at);
		give(fs, "OpenMember", opening_words(ROOM_READER_UID, GRANT, room.case_id[1], 1, "fs"),
		     &answer);
		assert_string_equal(error_of(&answer), "Tampered");
		assert_int_equal(answer.reply.descriptors.count, 0);
		flip(1, offset + at);
	}
	assert_int_equal(count_entries(&room, "access.opened"), before);
	sr_member_reader_close(must_open(fs, ROOM_READER_UID, GRANT, room.case_id[1], 1));
	sr_wire_client_close(fs);
}

/* An archive that was put in the place of another is not read, whatever the cache holds. */
static void an_archive_in_the_place_of_another_is_refused(void **state)
{
	struct sr_wire_client *fs = room_door(&room, SR_PEER_FS);
	SR_CLEANUP(answer_dispose) struct answer answer = { 0 };
	char first[160], second[160], kept[176];

	(void)state;
	sr_member_reader_close(must_open(fs, ROOM_READER_UID, GRANT, room.case_id[1], 1));
	room_archive(&room, 0, first);
	room_archive(&room, 1, second);
	snprintf(kept, sizeof(kept), "%s.kept", second);
	assert_int_equal(rename(second, kept), 0);
	assert_int_equal(link(first, second), 0);
	give(fs, "OpenMember", opening_words(ROOM_READER_UID, GRANT, room.case_id[1], 1, "fs"), &answer);
	assert_true(answer.status == SR_TAMPERED || answer.status == SR_CORRUPT);
	assert_int_equal(unlink(second), 0);
	assert_int_equal(rename(kept, second), 0);
	sr_member_reader_close(must_open(fs, ROOM_READER_UID, GRANT, room.case_id[1], 1));
	sr_wire_client_close(fs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_leaves_no_key_without_its_entry),
		cmocka_unit_test(an_orderly_stop_closes_what_is_open),
		cmocka_unit_test_setup_teardown(one_member_is_read_by_many_threads, start, stop),
		cmocka_unit_test_setup_teardown(refused_attempts_leave_the_log_small, start, stop),
		cmocka_unit_test_setup_teardown(a_flipped_byte_stops_its_chunk_alone_and_is_written_down_once,
		                                start, stop),
		cmocka_unit_test_setup_teardown(another_head_is_refused_and_leaves_no_entry, start, stop),
		cmocka_unit_test_setup_teardown(an_archive_in_the_place_of_another_is_refused, start, stop),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
