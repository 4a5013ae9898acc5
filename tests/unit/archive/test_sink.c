/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/layout.h"
#include "appliance/archive/sink.h"
#include "appliance/archive/tarball.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

#define MODEL_BYTES (6u << 20)

/* A nameless file on the disk under /tmp or, where there is one, in the memory file system. */
static int output(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void expect_content(int fd, const uint8_t *want, size_t size)
{
	uint8_t *back = malloc(size + 1);
	struct sr_err err;
	size_t got;

	assert_non_null(back);
	assert_ok(sr_fd_pread(fd, back, size + 1, 0, &got, &err));
	assert_int_equal(got, size);
	assert_memory_equal(back, want, size);
	free(back);
}

/* Pieces of every kind of size, some lent at the file's alignment, some at another. */
static void write_pieces(struct sr_sink *sink, uint8_t *model, size_t size, uint64_t seed)
{
	static const size_t sizes[] = { 1, 511, 512, 4095, 4096, 4097, 65552, 262144, 300001, 1048832 };
	uint8_t *memory = aligned_alloc(SR_SINK_ALIGN, 2u << 20);
	struct sr_err err;
	size_t at = 0;

	assert_non_null(memory);
	while (at < size) {
		size_t part = sizes[next(&seed) % SR_COUNT(sizes)];
		uint64_t kind = next(&seed) % 3;

		if (part > size - at)
			part = size - at;
		for (size_t i = 0; i < part; i++)
			model[at + i] = (uint8_t)next(&seed);
		assert_int_equal(sr_sink_offset(sink), at);
		if (kind == 0) {
			assert_ok(sr_sink_write(sink, model + at, part, &err));
		} else {
			uint8_t *lent = memory + SR_SINK_ALIGN + (at + kind - 1) % SR_SINK_ALIGN;

			memcpy(lent, model + at, part);
			assert_ok(sr_sink_write_lent(sink, lent, part, &err));
		}
		at += part;
	}
	free(memory);
}

static void bytes_arrive_whatever_the_pieces(void **state)
{
	static const char *const folders[] = { "/tmp", "/dev/shm" };
	uint8_t *model = malloc(MODEL_BYTES);

	(void)state;
	assert_non_null(model);
	for (uint64_t seed = 1; seed <= 12; seed++) {
		SR_CLEANUP(sr_fd_closep) int fd = output(folders[seed % 2]);
		SR_CLEANUP(sr_sink_closep) struct sr_sink *sink = NULL;
		size_t size = MODEL_BYTES - (size_t)(seed * 7919);
		struct sr_err err;

		assert_ok(sr_sink_open(fd, &sink, &err));
		if (seed % 3 == 0)
			assert_ok(sr_sink_reserve(sink, MODEL_BYTES, &err));
		write_pieces(sink, model, size, seed);
		assert_ok(sr_sink_finish(sink, &err));
		expect_content(fd, model, size);
		assert_false(fcntl(fd, F_GETFL) & O_DIRECT);
	}
	free(model);
}

static void giving_up_leaves_the_descriptor_as_it_came(void **state)
{
	SR_CLEANUP(sr_fd_closep) int fd = output("/tmp");
	struct sr_sink *sink = NULL;
	struct sr_err err;

	(void)state;
	int before = fcntl(fd, F_GETFL);
	assert_ok(sr_sink_open(fd, &sink, &err));
	assert_ok(sr_sink_write(sink, "half", 4, &err));
	sr_sink_close(sink);
	assert_int_equal(fcntl(fd, F_GETFL), before);
}

static void an_empty_output_is_an_empty_file(void **state)
{
	SR_CLEANUP(sr_fd_closep) int fd = output("/tmp");
	SR_CLEANUP(sr_sink_closep) struct sr_sink *sink = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_sink_open(fd, &sink, &err));
	assert_ok(sr_sink_reserve(sink, 100000, &err));
	assert_ok(sr_sink_finish(sink, &err));
	expect_content(fd, (const uint8_t *)"", 0);
}

/* Write @size bytes with the file size limited; the status of the first step that fails. */
static enum sr_status write_limited(rlim_t limit, uint8_t *data, size_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = output("/tmp");
	SR_CLEANUP(sr_sink_closep) struct sr_sink *sink = NULL;
	struct rlimit before, now;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	now = before;
	now.rlim_cur = limit;
	SR_TRY(sr_sink_open(fd, &sink, err));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	enum sr_status status = SR_OK;
	for (size_t at = 0; at < size && status == SR_OK; at += 100000) {
		size_t part = size - at < 100000 ? size - at : 100000;

		status = at % 200000 ? sr_sink_write(sink, data + at, part, err)
		                     : sr_sink_write_lent(sink, data + at, part, err);
	}
	if (status == SR_OK)
		status = sr_sink_finish(sink, err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	return status;
}

static void a_write_that_fails_anywhere_is_reported(void **state)
{
	static const size_t limits[] = { 0,      1,      4095,   4096,    4097,    262143, 262144,
		                         262145, 300000, 524288, 1000000, 1048575, 1048576 };
	size_t size = 1048577;
	uint8_t *data = aligned_alloc(SR_SINK_ALIGN, 2u << 20);
	struct sr_err err;

	(void)state;
	assert_non_null(data);
	memset(data, 7, 2u << 20);
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < SR_COUNT(limits); i++) {
		assert_int_equal(write_limited(limits[i], data, size, &err), SR_IO);
		assert_int_equal(err.sys_errno, EFBIG);
	}
	assert_ok(write_limited(size, data, size, &err));
	free(data);
}

static void a_disk_that_is_too_full_says_so_before_the_work(void **state)
{
	SR_CLEANUP(sr_fd_closep) int fd = output("/dev/shm");
	SR_CLEANUP(sr_sink_closep) struct sr_sink *sink = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_sink_open(fd, &sink, &err));
	assert_int_equal(sr_sink_reserve(sink, 1ull << 50, &err), SR_IO);
	assert_true(err.sys_errno == ENOSPC || err.sys_errno == EFBIG);
}

/* The list of a standard tool: one entry, with this size. */
static void expect_listed(const char *tool, const char *path, uint64_t size)
{
	char command[256];

	snprintf(command, sizeof(command),
	         "%s -tvf %s | grep -qE '^-r-------- .* %llu .* folder/data/000001.age$'", tool, path,
	         (unsigned long long)size);
	assert_int_equal(system(command), 0);
}

/*
 * POSIX pax: a size over 8 GiB - 1 does not fit the header's octal digits.  The content is a hole.
 */
static void large_members_are_listed_with_their_size(void **state)
{
	static const struct {
		uint64_t size, header;
	} cases[] = {
		{ SR_TAR_OCTAL_MAX, 512 },
		{ SR_TAR_OCTAL_MAX + 1, 1536 },
		{ SR_TAR_OCTAL_MAX + 2, 1536 },
		{ 1ull << 40, 1536 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char path[] = "/tmp/strongroom-large-XXXXXX";
		SR_CLEANUP(sr_fd_closep) int fd = mkstemp(path);
		SR_CLEANUP(sr_sink_closep) struct sr_sink *sink = NULL;
		SR_CLEANUP(sr_tarball_freep) struct sr_tarball *tar = NULL;
		struct sr_err err;

		assert_true(fd >= 0);
		assert_ok(sr_sink_open(fd, &sink, &err));
		assert_ok(sr_tarball_open(sink, "folder", 1700000000, &tar, &err));
		assert_ok(sr_tarball_begin(tar, "data/000001.age", cases[i].size, &err));
		assert_int_equal(sr_sink_offset(sink), cases[i].header);
		assert_int_equal(sr_tar_header_bytes(cases[i].size), cases[i].header);
		assert_ok(sr_sink_finish(sink, &err));
		assert_int_equal(ftruncate(fd, (off_t)(sr_tar_entry_bytes(cases[i].size) + 1024)), 0);
		expect_listed("bsdtar", path, cases[i].size);
		expect_listed("tar", path, cases[i].size);
		unlink(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_arrive_whatever_the_pieces),
		cmocka_unit_test(giving_up_leaves_the_descriptor_as_it_came),
		cmocka_unit_test(an_empty_output_is_an_empty_file),
		cmocka_unit_test(a_write_that_fails_anywhere_is_reported),
		cmocka_unit_test(a_disk_that_is_too_full_says_so_before_the_work),
		cmocka_unit_test(large_members_are_listed_with_their_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
