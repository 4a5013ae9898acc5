/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

static int set_up(void **state)
{
	struct test_folder *folder = calloc(1, sizeof(*folder));

	test_folder_open(folder);
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	test_folder_close(*state);
	free(*state);
	return 0;
}

static void a_file_is_replaced_as_a_whole(void **state)
{
	struct test_folder *folder = *state;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct stat st;
	struct sr_err err;

	assert_ok(sr_fd_write_file(folder->fd, "name", 0600, "one", 3, &err));
	assert_ok(sr_fd_write_file(folder->fd, "name", 0600, "second", 6, &err));
	assert_ok(sr_fd_read_file(folder->fd, "name", 100, &text, &err));
	assert_int_equal(text.size, 6);
	assert_memory_equal(text.data, "second", 6);
	assert_int_equal(fstatat(folder->fd, "name", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(test_folder_count(folder->path), 1);
	assert_int_equal(sr_fd_read_file(folder->fd, "name", 5, &text, &err), SR_LIMIT);
}

static void nothing_outside_the_folder_is_opened(void **state)
{
	static const char *const ways_out[] = { "../x", "/etc/passwd",   "out",
		                                "loop", "inner/../../x", "outdir/passwd" };
	struct test_folder *folder = *state;
	struct sr_err err;
	int fd = -1;

	assert_int_equal(mkdirat(folder->fd, "inner", 0700), 0);
	assert_int_equal(symlinkat("/etc/passwd", folder->fd, "out"), 0);
	assert_int_equal(symlinkat("/etc", folder->fd, "outdir"), 0);
	assert_int_equal(symlinkat("loop", folder->fd, "loop"), 0);
	for (size_t i = 0; i < SR_COUNT(ways_out); i++) {
		print_message("case: %s\n", ways_out[i]);
		assert_int_equal(sr_fd_open_regular(folder->fd, ways_out[i], &fd, &err), SR_DENIED);
	}
	assert_int_equal(sr_fd_open_regular(folder->fd, "none", &fd, &err), SR_NOT_FOUND);
	assert_int_equal(sr_fd_open_regular(folder->fd, "inner", &fd, &err), SR_INVALID);
	assert_int_equal(mkfifoat(folder->fd, "pipe", 0600), 0);
	assert_int_equal(sr_fd_open_regular(folder->fd, "pipe", &fd, &err), SR_INVALID);
	assert_int_equal(fd, -1);
}

static void reads_at_the_end_are_short_or_refused(void **state)
{
	struct test_folder *folder = *state;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char data[8];
	size_t got;
	struct sr_err err;

	assert_ok(sr_fd_write_file(folder->fd, "five", 0600, "12345", 5, &err));
	assert_ok(sr_fd_open_regular(folder->fd, "five", &fd, &err));
	assert_ok(sr_fd_pread(fd, data, sizeof(data), 3, &got, &err));
	assert_int_equal(got, 2);
	assert_ok(sr_fd_pread(fd, data, sizeof(data), 5, &got, &err));
	assert_int_equal(got, 0);
	assert_ok(sr_fd_pread_all(fd, data, 5, 0, &err));
	assert_int_equal(sr_fd_pread_all(fd, data, 6, 0, &err), SR_CORRUPT);
	assert_int_equal(sr_fd_pread(fd, data, 1, UINT64_MAX, &got, &err), SR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_is_replaced_as_a_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_outside_the_folder_is_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_at_the_end_are_short_or_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
