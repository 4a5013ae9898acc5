/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/folder.h"

#include <dlfcn.h>
#include <errno.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/dir.h"

static int good_reads = -1; /* so many, then the disk fails; -1: it never does */

/* Takes the C library's place in this program. */
struct dirent *readdir(DIR *dir)
{
	struct dirent *(*next)(DIR *) = NULL;

	if (good_reads == 0) {
		errno = EIO;
		return NULL;
	}
	if (good_reads > 0)
		good_reads--;
	*(void **)&next = dlsym(RTLD_NEXT, "readdir");
	return next(dir);
}

static struct test_folder folder;

static int setup(void **state)
{
	(void)state;
	test_folder_open(&folder);
	for (int i = 0; i < 3; i++) {
		char name[8];

		snprintf(name, sizeof(name), "%s%d", i == 1 ? "." : "n", i);
		int fd = openat(folder.fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	good_reads = -1;
	test_folder_close(&folder);
	return 0;
}

/* How many names come before the end, or the failure. */
static enum sr_status count(size_t *out)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	const char *name;
	struct sr_err err;

	*out = 0;
	SR_TRY(sr_dir_open(folder.fd, &dir, &err));
	for (;;) {
		SR_TRY(sr_dir_next(dir, &name, &err));
		if (!name)
			return SR_OK;
		assert_string_not_equal(name, ".");
		assert_string_not_equal(name, "..");
		++*out;
	}
}

static void each_name_comes_once_each_time(void **state)
{
	size_t names;

	(void)state;
	for (int time = 0; time < 2; time++) {
		assert_int_equal(count(&names), SR_OK);
		assert_int_equal(names, 3);
	}
}

static void a_disk_that_fails_is_not_the_end(void **state)
{
	size_t names;

	(void)state;
	for (good_reads = 0; good_reads <= 5;) {
		const int reads = good_reads;

		assert_int_equal(count(&names), SR_IO);
		assert_true(names <= 3);
		good_reads = reads + 1;
	}
	good_reads = 6; /* five names, and the end */
	assert_int_equal(count(&names), SR_OK);
	assert_int_equal(names, 3);
}

static void what_is_no_folder_is_refused(void **state)
{
	SR_CLEANUP(sr_dir_closep) DIR *dir = NULL;
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_dir_open(-1, &dir, &err), SR_IO);
	assert_null(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_name_comes_once_each_time, setup, teardown),
		cmocka_unit_test_setup_teardown(a_disk_that_fails_is_not_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_folder_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
