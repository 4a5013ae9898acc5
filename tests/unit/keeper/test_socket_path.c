/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/keeper/wire/socket_path.h"

static int set_up(void **state)
{
	static char folder[32];

	snprintf(folder, sizeof(folder), "/tmp/sr-path-XXXXXX");
	*state = mkdtemp(folder);
	return *state && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

static enum sr_status connect_to(const char *path)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sr_err err;

	return sr_socket_path_connect(path, 0, &fd, &err);
}

static void the_socket_is_open_to_all_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 077, 0777 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(masks); i++) {
		struct sr_socket_path socket;
		struct stat st;
		mode_t old = umask(masks[i]);

		assert_ok(sr_socket_path_listen("keeper.sock", &socket, &err));
		assert_int_equal(umask(old), masks[i]);
		assert_int_equal(lstat("keeper.sock", &st), 0);
		assert_true(S_ISSOCK(st.st_mode));
		assert_int_equal(st.st_mode & 07777, 0666);
		assert_int_equal(connect_to("keeper.sock"), SR_OK);
		sr_socket_path_close(&socket);
		assert_int_equal(access("keeper.sock", F_OK), -1);
	}
}

static void a_path_may_be_longer_than_a_socket_address(void **state)
{
	static const char deep[] = "a-folder-with-a-very-long-name-as-a-data-directory-may-have-one-"
				   "a-folder-with-a-very-long-name-as-a-data-directory-may-have-one";
	struct sr_socket_path socket;
	char path[512];
	struct sr_err err;

	(void)state;
	assert_int_equal(mkdir(deep, 0700), 0);
	snprintf(path, sizeof(path), "%s/keeper.sock", deep);
	assert_true(strlen(path) > 108);
	assert_ok(sr_socket_path_listen(path, &socket, &err));
	assert_int_equal(connect_to(path), SR_OK);
	sr_socket_path_close(&socket);
	assert_int_equal(rmdir(deep), 0);
}

static void a_socket_is_replaced_only_when_nobody_listens(void **state)
{
	struct sr_socket_path first, second;
	struct sr_err err;

	(void)state;
	assert_ok(sr_socket_path_listen("keeper.sock", &first, &err));
	assert_int_equal(sr_socket_path_listen("keeper.sock", &second, &err), SR_BUSY);
	assert_int_equal(connect_to("keeper.sock"), SR_OK);

	/* As after a crash: the name stays and nobody listens. */
	close(first.fd);
	first.fd = -1;
	assert_int_equal(connect_to("keeper.sock"), SR_BUSY);
	assert_ok(sr_socket_path_listen("keeper.sock", &second, &err));
	assert_int_equal(connect_to("keeper.sock"), SR_OK);

	/* The first one's late end does not take the second one's name away. */
	sr_socket_path_close(&first);
	assert_int_equal(connect_to("keeper.sock"), SR_OK);
	sr_socket_path_close(&second);
	assert_int_equal(access("keeper.sock", F_OK), -1);
}

static void what_is_no_socket_stays(void **state)
{
	struct sr_socket_path socket;
	struct sr_err err;

	(void)state;
	close(open("keeper.sock", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(sr_socket_path_listen("keeper.sock", &socket, &err), SR_EXISTS);
	assert_int_equal(unlink("keeper.sock"), 0);
	assert_int_equal(symlink("/tmp", "keeper.sock"), 0);
	assert_int_equal(sr_socket_path_listen("keeper.sock", &socket, &err), SR_EXISTS);
	assert_int_equal(unlink("keeper.sock"), 0);
	assert_int_equal(mkdir("keeper.sock", 0700), 0);
	assert_int_equal(sr_socket_path_listen("keeper.sock", &socket, &err), SR_EXISTS);
	assert_int_equal(rmdir("keeper.sock"), 0);
}

static void a_left_over_of_a_crash_does_not_matter(void **state)
{
	struct sr_socket_path socket;
	struct sr_err err;

	(void)state;
	close(open("keeper.sock.new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_ok(sr_socket_path_listen("keeper.sock", &socket, &err));
	assert_int_equal(access("keeper.sock.new", F_OK), -1);
	sr_socket_path_close(&socket);
}

static void paths_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *path;
		enum sr_status want;
	} cases[] = {
		{ "", SR_INVALID },
		{ "folder/", SR_INVALID },
		{ "missing/keeper.sock", SR_NOT_FOUND },
		{ "a-name-of-more-than-sixty-four-bytes-which-would-not-fit-the-address", SR_INVALID },
	};
	struct sr_socket_path socket;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		assert_int_equal(sr_socket_path_listen(cases[i].path, &socket, &err), cases[i].want);
		assert_int_equal(connect_to(cases[i].path), cases[i].want);
	}
	assert_int_equal(connect_to("keeper.sock"), SR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_socket_is_open_to_all_whatever_the_umask),
		cmocka_unit_test(a_path_may_be_longer_than_a_socket_address),
		cmocka_unit_test(a_socket_is_replaced_only_when_nobody_listens),
		cmocka_unit_test(what_is_no_socket_stays),
		cmocka_unit_test(a_left_over_of_a_crash_does_not_matter),
		cmocka_unit_test(paths_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
