/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/archive/fixity.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

#define MIB (1u << 20)
#define FILE_BYTES (24u * MIB + 777)

/* The file offset from which on reads fail, up to the next MiB; SIZE_MAX: none does. */
static atomic_size_t bad_at = SIZE_MAX;

/* Stands before the C library's in this program: a disk with a bad place. */
ssize_t pread64(int fd, void *data, size_t size, off64_t offset)
{
	size_t bad = atomic_load(&bad_at);
	size_t at = (size_t)offset;

	if (at + size > bad && at < bad + MIB) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, data, size, offset);
}

static int file = -1;
static uint8_t *content;

static int set_up(void **state)
{
	uint64_t x = 88172645463325252ull;
	struct sr_err err;

	(void)state;
	content = malloc(FILE_BYTES);
	file = memfd_create("ranges", MFD_CLOEXEC);
	assert_true(content && file >= 0);
	for (size_t i = 0; i < FILE_BYTES; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		content[i] = (uint8_t)x;
	}
	assert_ok(sr_fd_write_all(file, content, FILE_BYTES, &err));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(file);
	free(content);
	return 0;
}

static void must_be_right(const struct sr_fixity *item)
{
	struct sr_digest want;
	struct sr_err err;

	assert_int_equal(item->status, SR_OK);
	assert_ok(sr_digest_of(content + item->offset, item->size, &want, &err));
	assert_memory_equal(item->digest.bytes, want.bytes, SR_DIGEST_BYTES);
}

/* FIPS 180-4's example. */
static void a_range_has_the_standards_digest(void **state)
{
	SR_CLEANUP(sr_fd_closep) int fd = memfd_create("abc", MFD_CLOEXEC);
	struct sr_fixity item = { .name = "abc", .offset = 2, .size = 3 };
	char hex[SR_DIGEST_HEX];
	struct sr_err err;

	(void)state;
	assert_ok(sr_fd_write_all(fd, "xxabcxx", 7, &err));
	assert_ok(sr_fixity_hash(fd, &item, 1, 0, NULL, &err));
	sr_digest_to_hex(&item.digest, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void ranges_of_all_sizes_and_numbers_of_threads_agree(void **state)
{
	static const uint64_t sizes[] = { 0,       1,           63,      64,           65536,
		                          MIB - 1, MIB,         MIB + 1, 5 * MIB + 3,  0,
		                          8 * MIB, 2 * MIB,     3 * MIB, 16 * MIB - 1, 4 * MIB,
		                          MIB / 2, 20 * MIB + 7 };

	(void)state;
	for (unsigned threads = 0; threads <= 40; threads = threads < 4 ? threads + 1 : threads * 3) {
		struct sr_fixity items[SR_COUNT(sizes)];
		struct sr_err err;

		memset(items, 0, sizeof(items));
		for (size_t i = 0; i < SR_COUNT(sizes); i++)
			items[i] = (struct sr_fixity){ .name = "range",
				                       .offset = (i * 131071) % (FILE_BYTES - sizes[i] + 1),
				                       .size = sizes[i] };
		assert_ok(sr_fixity_hash(file, items, SR_COUNT(sizes), threads, NULL, &err));
		for (size_t i = 0; i < SR_COUNT(sizes); i++)
			must_be_right(&items[i]);
	}
}

static void one_large_range_is_hashed_by_many_threads(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 8; threads++) {
		struct sr_fixity item = { .name = "large", .offset = 1, .size = FILE_BYTES - 1 };
		struct sr_err err;

		assert_ok(sr_fixity_hash(file, &item, 1, threads, NULL, &err));
		must_be_right(&item);
	}
}

static void a_bad_place_costs_only_its_own_range(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++) {
		for (size_t bad = 0; bad < 24; bad += 5) {
			struct sr_fixity items[4] = { { 0 } };
			struct sr_err err;

			for (size_t i = 0; i < 4; i++)
				items[i] = (struct sr_fixity){ .name = "quarter",
					                       .offset = i * 6 * MIB,
					                       .size = 6 * MIB };
			atomic_store(&bad_at, bad * MIB);
			assert_ok(sr_fixity_hash(file, items, 4, threads, NULL, &err));
			atomic_store(&bad_at, SIZE_MAX);
			for (size_t i = 0; i < 4; i++) {
				if (i != bad / 6) {
					must_be_right(&items[i]);
					continue;
				}
				assert_int_equal(items[i].status, SR_IO);
				assert_int_equal(items[i].sys_errno, EIO);
				assert_true(items[i].failed_at <= bad * MIB &&
				            items[i].failed_at + MIB > bad * MIB);
			}
		}
	}
}

static void a_file_that_ends_early_is_told_from_a_bad_place(void **state)
{
	struct sr_fixity items[2] = {
		{ .name = "first", .offset = 0, .size = 2 * MIB },
		{ .name = "beyond", .offset = 23 * MIB, .size = 5 * MIB },
	};
	struct sr_err err;

	(void)state;
	assert_ok(sr_fixity_hash(file, items, 2, 2, NULL, &err));
	must_be_right(&items[0]);
	assert_int_equal(items[1].status, SR_CORRUPT);
	assert_int_equal(items[1].sys_errno, 0);
}

struct seen {
	uint64_t done, total;
	size_t calls;
	bool backwards;
};

static void see(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct seen *seen = context;

	(void)what;
	seen->backwards = seen->backwards || done < seen->done;
	seen->done = done;
	seen->total = total;
	seen->calls++;
}

static void progress_ends_at_the_total(void **state)
{
	struct sr_fixity items[2] = { { .name = "a", .size = 7 * MIB },
		                      { .name = "b", .size = 3 * MIB + 1 } };
	struct seen seen = { 0 };
	struct sr_progress progress = { .report = see, .context = &seen };
	struct sr_err err;

	(void)state;
	assert_ok(sr_fixity_hash(file, items, 2, 3, &progress, &err));
	assert_int_equal(seen.total, 10 * MIB + 1);
	assert_int_equal(seen.done, seen.total);
	assert_false(seen.backwards);
	assert_true(seen.calls >= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_has_the_standards_digest),
		cmocka_unit_test(ranges_of_all_sizes_and_numbers_of_threads_agree),
		cmocka_unit_test(one_large_range_is_hashed_by_many_threads),
		cmocka_unit_test(a_bad_place_costs_only_its_own_range),
		cmocka_unit_test(a_file_that_ends_early_is_told_from_a_bad_place),
		cmocka_unit_test(progress_ends_at_the_total),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
