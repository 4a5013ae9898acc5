/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/store/dir.h"
#include "appliance/store/store.h"

/* 2022-02-22 in its first 48 bits: RFC 9562, appendix A.6. */
#define CASE_ID "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define NAME CASE_ID "-001"

struct room {
	struct test_folder folder;
	struct sr_store *store;
};

static int set_up(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	struct sr_err err;

	test_folder_open(&room->folder);
	assert_ok(sr_store_open(room->folder.fd, &room->store, &err));
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;

	sr_store_close(room->store);
	test_folder_close(&room->folder);
	free(room);
	return 0;
}

static void publish(struct room *room, const char *name, const char *text)
{
	SR_CLEANUP(sr_store_new_freep) struct sr_store_new *archive = NULL;
	struct sr_err err;

	assert_ok(sr_store_create(room->store, name, &archive, &err));
	assert_ok(sr_fd_write_all(sr_store_new_fd(archive), text, strlen(text), &err));
	assert_ok(sr_store_publish(archive, &err));
}

static void an_archive_appears_only_when_published(void **state)
{
	struct room *room = *state;
	SR_CLEANUP(sr_store_new_freep) struct sr_store_new *archive = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct stat st;
	struct sr_err err;

	assert_ok(sr_store_create(room->store, NAME, &archive, &err));
	assert_ok(sr_fd_write_all(sr_store_new_fd(archive), "x", 1, &err));
	assert_int_equal(sr_store_open_archive(room->store, NAME, &fd, &err), SR_NOT_FOUND);
	assert_ok(sr_store_publish(archive, &err));
	assert_ok(sr_store_open_archive(room->store, NAME, &fd, &err));
	assert_int_equal(fstatat(room->folder.fd, "2022/" NAME ".tar", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
}

static void what_was_not_published_leaves_nothing(void **state)
{
	struct room *room = *state;
	char path[128];
	struct sr_err err;

	for (int i = 0; i < 2; i++) {
		SR_CLEANUP(sr_store_new_freep) struct sr_store_new *archive = NULL;

		assert_ok(sr_store_create(room->store, NAME, &archive, &err));
		assert_ok(sr_fd_write_all(sr_store_new_fd(archive), "x", 1, &err));
	}
	snprintf(path, sizeof(path), "%s/2022", room->folder.path);
	assert_int_equal(test_folder_count(path), 0);
}

static void a_name_is_given_once(void **state)
{
	struct room *room = *state;
	SR_CLEANUP(sr_store_new_freep) struct sr_store_new *second = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	publish(room, NAME, "first");
	assert_ok(sr_store_create(room->store, NAME, &second, &err));
	assert_ok(sr_fd_write_all(sr_store_new_fd(second), "other", 5, &err));
	assert_int_equal(sr_store_publish(second, &err), SR_EXISTS);
	assert_ok(sr_fd_read_file(room->folder.fd, "2022/" NAME ".tar", 100, &text, &err));
	assert_int_equal(text.size, 5);
	assert_memory_equal(text.data, "first", 5);
}

static void names_that_are_none_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		CASE_ID,
		CASE_ID "-000",
		CASE_ID "-1",
		CASE_ID "-0001",
		CASE_ID "-01a",
		CASE_ID "_001",
		"017f22e2-79b0-4cc3-98c4-dc0c0c07398f-001",
		"../../../../../../../../../../../../etc/pass",
	};
	struct room *room = *state;
	struct sr_err err;

	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_store_new *archive = NULL;

		print_message("case: %s\n", cases[i]);
		assert_false(sr_store_name_is_valid(cases[i]));
		assert_int_equal(sr_store_create(room->store, cases[i], &archive, &err), SR_INVALID);
	}
}

struct seen {
	char names[8][128];
	bool foreign[8];
	size_t count;
};

static enum sr_status see(void *context, const char *name, bool foreign, struct sr_err *err)
{
	struct seen *seen = context;

	(void)err;
	assert_true(seen->count < 8);
	snprintf(seen->names[seen->count], 128, "%s", name);
	seen->foreign[seen->count++] = foreign;
	return SR_OK;
}

static void the_list_is_in_order_and_tells_foreign_files(void **state)
{
	struct room *room = *state;
	struct seen seen = { 0 };
	struct sr_err err;

	publish(room, CASE_ID "-002", "b");
	publish(room, CASE_ID "-001", "a");
	assert_int_equal(mkdirat(room->folder.fd, "2023", 0700), 0);
	assert_ok(sr_fd_write_file(room->folder.fd, "notes", 0600, "", 0, &err));
	int year = openat(room->folder.fd, "2023", O_RDONLY | O_DIRECTORY);
	assert_ok(sr_fd_write_file(year, NAME ".tar", 0600, "", 0, &err)); /* another year's */
	assert_ok(sr_fd_write_file(year, SR_STORE_UNFINISHED "x", 0600, "", 0, &err));
	close(year);

	assert_ok(sr_store_list(room->store, see, &seen, &err));
	assert_int_equal(seen.count, 4);
	assert_string_equal(seen.names[0], CASE_ID "-001");
	assert_string_equal(seen.names[1], CASE_ID "-002");
	assert_string_equal(seen.names[2], "2023/" NAME ".tar");
	assert_string_equal(seen.names[3], "notes");
	assert_false(seen.foreign[0] || seen.foreign[1]);
	assert_true(seen.foreign[2] && seen.foreign[3]);

	char path[128];
	snprintf(path, sizeof(path), "%s/2023", room->folder.path);
	assert_int_equal(test_folder_count(path), 2);
	assert_ok(sr_store_sweep(room->store, &err));
	assert_int_equal(test_folder_count(path), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_archive_appears_only_when_published, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_not_published_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_is_given_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_that_are_none_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_list_is_in_order_and_tells_foreign_files, set_up,
		                                tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
