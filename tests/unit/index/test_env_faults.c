/* SPDX-License-Identifier: Apache-2.0 */
/* The database under foreign files, full disks, copies and kills. */
#include "tests/unit/unit.h"

#include <endian.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/index/database.h"

struct filler {
	unsigned count;
	size_t value_bytes;
};

static enum sr_status fill(const struct filler *filler, struct sr_txn *txn, struct sr_err *err)
{
	static const uint8_t value[8192] = { 7 };

	for (unsigned i = 0; i < filler->count; i++) {
		uint8_t key[2] = { (uint8_t)(i >> 8), (uint8_t)i };

		SR_TRY(sr_txn_put(txn, SR_DB_ENTRIES, (struct sr_bytes){ key, 2 },
		                  (struct sr_bytes){ value, filler->value_bytes }, err));
	}
	return SR_OK;
}

/* --- foreign and damaged files -------------------------------------------------------------------- */

static void set_format(const struct test_folder *folder, enum sr_db db, const char *format)
{
	struct sr_env *env = open_env(folder, 0);

	put_now(env, db, "format", format);
	sr_env_close(env);
}

static void another_format_of_the_log_is_refused_by_name(void **state)
{
	static const char *const others[] = { "strongroom-db/1", "strongroom-db/3" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(others); i++) {
		struct test_folder folder;
		struct sr_env *env = NULL;
		struct sr_err err;

		test_folder_open(&folder);
		struct sr_env_options options = { .path = folder.path };
		set_format(&folder, SR_DB_META, others[i]);
		assert_int_equal(sr_env_open(&options, &env, &err), SR_INVALID);
		assert_non_null(strstr(err.text, others[i]));
		test_folder_close(&folder);
	}
}

static void another_format_of_the_index_asks_for_a_rebuild(void **state)
{
	struct test_folder folder;
	struct sr_txn *txn = NULL;
	bool current = true;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	set_format(&folder, SR_DB_MARKS, "strongroom-index/0");
	struct sr_env *env = open_env(&folder, 0);
	put_now(env, SR_DB_PEOPLE, "kept", "1");
	put_now(env, SR_DB_CASES, "dropped", "1");
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_index_is_current(txn, &current, &err));
	assert_false(current);
	assert_ok(sr_index_drop(txn, &err));
	assert_ok(sr_txn_commit(&txn, &err));
	expect(env, SR_DB_PEOPLE, "kept", "1");
	expect(env, SR_DB_CASES, "dropped", NULL);
	sr_env_close(env);

	/* A crash here leaves it unfinished. */
	env = open_env(&folder, 0);
	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_index_is_current(txn, &current, &err));
	assert_false(current);
	assert_ok(sr_index_finish(txn, &err));
	assert_ok(sr_index_is_current(txn, &current, &err));
	assert_true(current);
	assert_ok(sr_txn_commit(&txn, &err));
	sr_env_close(env);
	test_folder_close(&folder);
}

static void what_is_no_database_is_refused(void **state)
{
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct sr_err err;
	static const char garbage[8192] = "this is no database";

	(void)state;
	test_folder_open(&folder);
	struct sr_env_options options = { .path = folder.path };
	int fd = openat(folder.fd, "data.mdb", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
	close(fd);
	assert_int_equal(sr_env_open(&options, &env, &err), SR_CORRUPT);
	options.path = "/nowhere/at/all";
	assert_int_equal(sr_env_open(&options, &env, &err), SR_NOT_FOUND);
	test_folder_close(&folder);
}

static void the_data_file_is_private_and_closed_on_exec(void **state)
{
	struct test_folder folder;
	struct stat st;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	assert_int_equal(fstatat(folder.fd, "data.mdb", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (int fd = 3; fd < 64; fd++) {
		char link[64];
		char target[256] = { 0 };

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, target, sizeof(target) - 1) > 0 && strstr(target, ".mdb"))
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	}
	sr_env_close(env);
	test_folder_close(&folder);
}

static off_t file_size(const struct test_folder *folder)
{
	char path[160];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", folder->path);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* At most one commit in some hundred makes the file longer; where the disk refuses, the database goes on. */
static void room_is_made_behind_the_last_page(void **state)
{
	enum { ROOM = 256 << 10, COMMITS = 200 };
	struct test_folder folder;
	struct sr_env *env = NULL;
	struct rlimit before;
	struct sr_env_stat stat;
	struct sr_err err;
	unsigned grown = 0;
	char key[16];

	(void)state;
	test_folder_open(&folder);
	const struct sr_env_options options = { .path = folder.path, .map_start = 64 << 20, .room = ROOM };
	assert_ok(sr_env_open(&options, &env, &err));
	off_t size = file_size(&folder);
	for (int i = 0; i < COMMITS; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		put_now(env, SR_DB_ENTRIES, key, "value");
		assert_ok(sr_env_stat(env, &stat, &err));
		assert_true(file_size(&folder) >= (off_t)stat.used_bytes + ROOM / 2);
		assert_true(file_size(&folder) <= (off_t)stat.used_bytes + 2 * ROOM);
		grown += file_size(&folder) != size;
		size = file_size(&folder);
	}
	assert_in_range(grown, 0, COMMITS / 20);

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	struct rlimit small = { (rlim_t)size, before.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < COMMITS; i++)
		put_now(env, SR_DB_GRANTS, "again", "and again");
	setrlimit(RLIMIT_FSIZE, &before);
	sr_env_close(env);

	env = open_env(&folder, 0);
	expect(env, SR_DB_ENTRIES, "k0", "value");
	expect(env, SR_DB_ENTRIES, key, "value");
	expect(env, SR_DB_GRANTS, "again", "and again");
	sr_env_close(env);
	test_folder_close(&folder);
}

/* RLIMIT_FSIZE makes write fail as a full disk does: EFBIG instead of ENOSPC. */
static void a_write_that_the_disk_refuses_changes_nothing(void **state)
{
	struct test_folder folder;
	struct filler filler = { .count = 1000, .value_bytes = 8000 };
	struct rlimit before;
	struct sr_txn *txn = NULL;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 64 << 20);
	put_now(env, SR_DB_META, "here", "1");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	struct rlimit small = { 1 << 20, before.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	assert_ok(sr_txn_write(env, &txn, &err));
	enum sr_status status = fill(&filler, txn, &err);
	if (status == SR_OK)
		status = sr_txn_commit(&txn, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(status, SR_IO);
	assert_true(err.sys_errno != 0);
	sr_txn_abort(SR_MOVE(txn));
	expect(env, SR_DB_META, "here", "1");
	sr_env_close(env);

	env = open_env(&folder, 0);
	expect(env, SR_DB_META, "here", "1");
	struct sr_env_stat stat;
	assert_ok(sr_env_stat(env, &stat, &err));
	assert_int_equal(stat.db[SR_DB_ENTRIES].entries, 0);
	sr_env_close(env);
	test_folder_close(&folder);
}

/* --- copies and digests ------------------------------------------------------------------------- */

static enum sr_status sum(void *context, const char *db, struct sr_bytes key, struct sr_bytes value,
                          struct sr_err *err)
{
	uint64_t *hash = context;

	(void)err;
	for (const char *c = db; *c; c++)
		*hash = (*hash ^ (uint8_t)*c) * 1099511628211u;
	for (size_t i = 0; i < key.size; i++)
		*hash = (*hash ^ key.data[i]) * 1099511628211u;
	for (size_t i = 0; i < value.size; i++)
		*hash = (*hash ^ value.data[i]) * 1099511628211u;
	return SR_OK;
}

static uint64_t index_sum(struct sr_env *env)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t hash = 14695981039346656037u;
	struct sr_err err;

	assert_ok(sr_txn_read(env, &txn, &err));
	assert_ok(sr_index_each(txn, sum, &hash, &err));
	return hash;
}

static void the_content_of_the_index_is_compared_without_the_log(void **state)
{
	struct test_folder folder;

	(void)state;
	test_folder_open(&folder);
	struct sr_env *env = open_env(&folder, 0);
	put_now(env, SR_DB_CASES, "k", "v");
	uint64_t before = index_sum(env);
	put_now(env, SR_DB_REVIEWS, "k", "v");
	assert_true(index_sum(env) == before);
	put_now(env, SR_DB_MARKS, "k", "v");
	assert_true(index_sum(env) != before);
	sr_env_close(env);
	test_folder_close(&folder);
}

static void a_copy_is_an_environment_of_its_own(void **state)
{
	struct test_folder folder;
	struct test_folder copy;
	struct test_folder stream;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	test_folder_open(&copy);
	test_folder_open(&stream);
	struct sr_env *env = open_env(&folder, 1 << 20);
	put_now(env, SR_DB_GRANTS, "k", "before");
	assert_ok(sr_env_copy(env, copy.path, &err));
	int fd = openat(stream.fd, "data.mdb", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_ok(sr_env_copy_fd(env, fd, &err));
	close(fd);
	put_now(env, SR_DB_GRANTS, "k", "after");
	assert_int_equal(sr_env_copy(env, copy.path, &err), SR_EXISTS);
	struct stat st;
	assert_int_equal(fstatat(copy.fd, "data.mdb", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	sr_env_close(env);

	env = open_env(&copy, 0);
	expect(env, SR_DB_GRANTS, "k", "before");
	sr_env_close(env);
	env = open_env(&stream, 0);
	expect(env, SR_DB_GRANTS, "k", "before");
	sr_env_close(env);
	test_folder_close(&folder);
	test_folder_close(&copy);
	test_folder_close(&stream);
}

/* --- crashes -------------------------------------------------------------------------------------- */

static uint64_t number(struct sr_txn *txn, enum sr_db db)
{
	struct sr_bytes value = { 0 };
	uint64_t out = 0;
	bool found = false;
	struct sr_err err;

	assert_ok(sr_txn_look(txn, db, text("count"), &found, &value, &err));
	if (found && value.size == sizeof(out))
		memcpy(&out, value.data, sizeof(out));
	return out;
}

/* Each transaction counts up in two databases and puts as many rows; tells the pipe after the commit. */
static void write_until_killed(const char *path, int pipe_fd)
{
	struct sr_env_options options = { .path = path, .map_start = 1 << 20 };
	struct sr_env *env = NULL;
	struct sr_err err;

	if (sr_env_open(&options, &env, &err) != SR_OK)
		_exit(1);
	for (;;) {
		struct sr_txn *txn = NULL;
		uint8_t row[5000] = { 0 };

		if (sr_txn_write(env, &txn, &err) != SR_OK)
			_exit(2);
		uint64_t next = number(txn, SR_DB_META) + 1;
		struct sr_bytes value = { (const uint8_t *)&next, sizeof(next) };
		uint64_t key = htobe64(next);
		bool good = sr_txn_put(txn, SR_DB_META, text("count"), value, &err) == SR_OK &&
		            sr_txn_put(txn, SR_DB_ENTRIES, (struct sr_bytes){ (const uint8_t *)&key, 8 },
		                       (struct sr_bytes){ row, 1 + next % sizeof(row) }, &err) == SR_OK &&
		            sr_txn_put(txn, SR_DB_MARKS, text("count"), value, &err) == SR_OK;
		if (!good) {
			sr_txn_abort(txn);
			continue;
		}
		if (sr_txn_commit(&txn, &err) != SR_OK)
			continue;
		if (write(pipe_fd, &next, sizeof(next)) != sizeof(next))
			_exit(3);
	}
}

static void a_writer_killed_at_any_moment_leaves_whole_transactions(void **state)
{
	struct test_folder folder;
	uint64_t told = 0;

	(void)state;
	test_folder_open(&folder);
	for (unsigned round = 0; round < 40; round++) {
		int fds[2];
		uint64_t one = 0;

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			write_until_killed(folder.path, fds[1]);
		close(fds[1]);
		assert_int_equal(read(fds[0], &one, sizeof(one)), sizeof(one));
		struct timespec pause = { .tv_nsec = (round * 7919 % 4000) * 1000 };
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		do
			told = one;
		while (read(fds[0], &one, sizeof(one)) == sizeof(one));
		close(fds[0]);

		struct sr_env *env = open_env(&folder, 1 << 20);
		struct sr_txn *txn = NULL;
		uint64_t rows = 0;
		struct sr_err err;
		assert_ok(sr_txn_read(env, &txn, &err));
		uint64_t count = number(txn, SR_DB_META);
		assert_true(count >= told && count <= told + 1);
		assert_true(number(txn, SR_DB_MARKS) == count);
		assert_ok(sr_txn_count(txn, SR_DB_ENTRIES, &rows, &err));
		assert_true(rows == count);
		sr_txn_abort(txn);
		sr_env_close(env);
	}
	test_folder_close(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_format_of_the_log_is_refused_by_name),
		cmocka_unit_test(another_format_of_the_index_asks_for_a_rebuild),
		cmocka_unit_test(what_is_no_database_is_refused),
		cmocka_unit_test(the_data_file_is_private_and_closed_on_exec),
		cmocka_unit_test(room_is_made_behind_the_last_page),
		cmocka_unit_test(a_write_that_the_disk_refuses_changes_nothing),
		cmocka_unit_test(the_content_of_the_index_is_compared_without_the_log),
		cmocka_unit_test(a_copy_is_an_environment_of_its_own),
		cmocka_unit_test(a_writer_killed_at_any_moment_leaves_whole_transactions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
