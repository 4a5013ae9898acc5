/* SPDX-License-Identifier: Apache-2.0 */
/* Many archives checked at once: verdicts in their order, each with its entry. */
#include "tests/unit/keeper/reading_calls.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MANY 150 /* more than are under way at once */

static struct reading_room room;

static int set_up(void **state)
{
	(void)state;
	room_open(&room);
	room_start(&room);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	room_close(&room);
	return 0;
}

/* One case after the other, each as often as it comes: their archives are checked as often. */
static json_t *references(size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(room.case_id[i % ROOM_CASES]));
	return list;
}

/* As the administrator, whose Unix login this process has. */
static void verify(json_t *parameters, struct answer *out)
{
	struct sr_wire_client *client = room_door(&room, SR_PEER_CALLER);

	give(client, "VerifyCase", parameters, out);
	if (out->status != SR_OK)
		print_message("VerifyCase: %s\n", out->err.text);
	sr_wire_client_close(client);
}

/* @count verdicts, alternating between the cases; those of case 1 are @sound or say @damage. */
static void expect(const struct answer *answer, size_t count, bool sound, const char *damage)
{
	const json_t *list = json_object_get(said(answer), "archives");

	assert_int_equal(answer->status, SR_OK);
	assert_int_equal(json_array_size(list), count);
	for (size_t i = 0; i < count; i++) {
		const json_t *verdict = json_array_get(list, i);
		bool good = i % ROOM_CASES == 0 || sound;

		assert_string_equal(sr_json_text(verdict, "case"), room.case_id[i % ROOM_CASES]);
		assert_int_equal(json_is_true(json_object_get(verdict, "ok")), good);
		if (!good) {
			const json_t *first = json_array_get(json_object_get(verdict, "damage"), 0);

			assert_non_null(strstr(sr_json_text(first, "what"), damage));
		}
	}
}

static void sound_archives_pass_in_their_order(void **state)
{
	SR_CLEANUP(answer_dispose) struct answer full = { 0 };
	SR_CLEANUP(answer_dispose) struct answer quick = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *entries = NULL;

	(void)state;
	verify(json_pack("{s:o}", "cases", references(MANY)), &full);
	expect(&full, MANY, true, NULL);
	verify(json_pack("{s:o,s:b}", "cases", references(MANY), "quick", 1), &quick);
	expect(&quick, MANY, true, NULL);

	entries = entries_of(&room, "fixity.passed");
	assert_int_equal(json_array_size(entries), 2 * MANY);
	for (size_t i = 0; i < 2 * MANY; i++) {
		const json_t *entry = json_array_get(entries, i);

		assert_string_equal(sr_json_text(entry, "case"), room.case_id[i % ROOM_CASES]);
		assert_string_equal(sr_json_text(entry, "depth"), i < MANY ? "full" : "quick");
		assert_string_equal(sr_json_text(json_object_get(entry, "actor"), "user"), room.admin);
	}
}

/* Whose root is another's writes no entry. */
static void nothing_is_written_under_foreign_roots(void **state)
{
	SR_CLEANUP(answer_dispose) struct answer answer = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;
	const char *text;

	(void)state;
	assert_ok(sr_fd_read_file(room.keeper->data->keys_fd, SR_KEY_ROOT, 65536, &pem, &err));
	assert_ok(sr_buf_text(&pem, &text, &err));
	verify(json_pack("{s:o,s:s}", "cases", references(20), "root", text), &answer);
	expect(&answer, 20, true, NULL);
	assert_int_equal(count_entries(&room, "fixity.passed"), 0);
}

static void one_among_them_that_is_damaged_is_named(void **state)
{
	SR_CLEANUP(answer_dispose) struct answer damaged = { 0 };
	SR_CLEANUP(answer_dispose) struct answer missing = { 0 };
	char path[160];
	uint8_t byte;

	(void)state;
	room_archive(&room, 1, path);
	assert_int_equal(chmod(path, 0600), 0);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, 60000), 1);
	byte ^= 4;
	assert_int_equal(pwrite(fd, &byte, 1, 60000), 1);
	close(fd);
	verify(json_pack("{s:o}", "cases", references(MANY)), &damaged);
	expect(&damaged, MANY, false, "these are not the bytes that were sealed");
	assert_int_equal(count_entries(&room, "fixity.passed"), MANY / 2);
	assert_int_equal(count_entries(&room, "fixity.failed"), MANY / 2);

	assert_int_equal(unlink(path), 0);
	verify(json_pack("{s:o}", "cases", references(MANY)), &missing);
	expect(&missing, MANY, false, "is missing from the vault");
	assert_int_equal(count_entries(&room, "fixity.failed"), MANY);
}

static void a_rate_is_kept(void **state)
{
	SR_CLEANUP(answer_dispose) struct answer answer = { 0 };
	int64_t began = sr_keeper_boot_ns();

	(void)state;
	verify(json_pack("{s:o,s:i}", "cases", references(8), "rate", 1), &answer);
	expect(&answer, 8, true, NULL);
	/* Some 1.6 MiB of members. */
	assert_true(sr_keeper_boot_ns() - began > SR_SECOND_NS);
	assert_int_equal(count_entries(&room, "fixity.passed"), 8);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sound_archives_pass_in_their_order),
		TEST(nothing_is_written_under_foreign_roots),
		TEST(one_among_them_that_is_damaged_is_named),
		TEST(a_rate_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
