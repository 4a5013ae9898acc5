/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a published log that was damaged: every flipped bit, every cut, every missing file is found. */
#include "tests/unit/ledger/ledger_lab.h"

#include <errno.h>

#include "appliance/ledger/tile.h"

static struct lab lab;
static struct sr_digest root;

int fsync(int fd) /* in place of the library's: durability is not looked at here */
{
	return fd < 0 ? -1 : 0;
}

static int setup(void **state)
{
	struct sr_err err;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	for (unsigned i = 0; i < 515; i++) {
		uint8_t entry[2] = { (uint8_t)i, (uint8_t)(i >> 8) };

		lab_add_bytes(&lab, entry, i % 3);
	}
	assert_ok(sr_publish(&lab.publication, lab.size, &err));
	assert_ok(sr_merkle_root(&lab.store, lab.size, &root, &err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_close(&lab);
	return 0;
}

static enum sr_status count_one(void *context, uint64_t seq, struct sr_bytes entry, struct sr_err *err)
{
	uint64_t *next = context;

	(void)err;
	assert_int_equal(seq, *next);
	assert_int_equal(entry.size, lab.entries[seq].size);
	if (entry.size > 0)
		assert_memory_equal(entry.data, lab.entries[seq].data, entry.size);
	++*next;
	return SR_OK;
}

/* All of it; only right entries are ever given out, *good of them. */
static enum sr_status read_all(uint64_t *good, struct sr_err *err)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;

	*good = 0;
	SR_TRY(sr_published_open(lab.folder.fd, lab.size, &root, &published, err));
	return sr_published_entries(published, 0, count_one, good, err);
}

static void put(const char *path, const void *data, size_t size)
{
	SR_CLEANUP(sr_fd_closep)
	int fd = openat(lab.folder.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct sr_err err;

	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, data, size, &err));
}

static const char *const paths[] = {
	"tile/0/000", "tile/0/002.p/3", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/3",
};

static void every_flipped_bit_of_a_tile_or_bundle_is_found(void **state)
{
	uint64_t good;
	struct sr_err err;

	(void)state;
	assert_ok(read_all(&good, &err));
	assert_int_equal(good, lab.size);
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

		assert_ok(sr_fd_read_file(lab.folder.fd, paths[i], 1u << 20, &bytes, &err));
		/* of the large ones a prime's steps: each bit of a byte, each place in a hash */
		for (size_t bit = 0; bit<8 * bytes.size; bit += bytes.size> 512 ? 131 : 1) {
			bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			put(paths[i], bytes.data, bytes.size);
			enum sr_status status = read_all(&good, &err);
			assert_true(status == SR_CORRUPT || status == SR_TAMPERED);
			bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		put(paths[i], bytes.data, bytes.size);
		assert_ok(read_all(&good, &err));
	}
}

static void a_cut_longer_or_missing_file_is_corrupt(void **state)
{
	uint64_t good;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

		assert_ok(sr_fd_read_file(lab.folder.fd, paths[i], 1u << 20, &bytes, &err));
		for (size_t size = 0; size < bytes.size; size += size < 64 ? 1 : 97) {
			put(paths[i], bytes.data, size);
			assert_int_equal(read_all(&good, &err), SR_CORRUPT);
		}
		size_t whole = bytes.size;
		assert_ok(sr_buf_add(&bytes, "\0", 1, &err));
		put(paths[i], bytes.data, bytes.size);
		assert_int_equal(read_all(&good, &err), SR_CORRUPT);
		assert_int_equal(unlinkat(lab.folder.fd, paths[i], 0), 0);
		assert_int_equal(read_all(&good, &err), SR_CORRUPT);
		assert_non_null(strstr(err.text, "not whole"));
		put(paths[i], bytes.data, whole);
		assert_ok(read_all(&good, &err));
	}
}

static void the_first_wrong_entry_is_named(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	uint64_t good;
	struct sr_err err;

	(void)state;
	assert_ok(sr_fd_read_file(lab.folder.fd, "tile/entries/001", 1u << 20, &bytes, &err));
	/* entries 256, 257, 258 have 1, 2, 0 bytes: the first byte of 257 is at 2 + 1 + 2 */
	bytes.data[5] ^= 1;
	put("tile/entries/001", bytes.data, bytes.size);
	assert_int_equal(read_all(&good, &err), SR_TAMPERED);
	assert_int_equal(good, 257);
	assert_non_null(strstr(err.text, "entry 257 "));
	bytes.data[5] ^= 1;
	put("tile/entries/001", bytes.data, bytes.size);
}

/* A tile that is right in itself, but of another place: its parent says so. */
static void exchanged_tiles_are_found(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf first = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf second = { 0 };
	uint64_t good;
	struct sr_err err;

	(void)state;
	assert_ok(sr_fd_read_file(lab.folder.fd, "tile/0/000", 1u << 20, &first, &err));
	assert_ok(sr_fd_read_file(lab.folder.fd, "tile/0/001", 1u << 20, &second, &err));
	put("tile/0/000", second.data, second.size);
	put("tile/0/001", first.data, first.size);
	assert_int_equal(read_all(&good, &err), SR_TAMPERED);
	assert_non_null(strstr(err.text, "tile 0 of level 0"));
	assert_int_equal(good, 0);
	put("tile/0/000", first.data, first.size);
	put("tile/0/001", second.data, second.size);
	assert_ok(read_all(&good, &err));
}

static void another_root_or_size_is_refused_at_once(void **state)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct sr_digest other = root;
	struct sr_err err;

	(void)state;
	other.bytes[31] ^= 1;
	assert_int_equal(sr_published_open(lab.folder.fd, lab.size, &other, &published, &err), SR_TAMPERED);
	assert_int_equal(sr_published_open(lab.folder.fd, lab.size + 1, &root, &published, &err), SR_CORRUPT);
	assert_int_equal(sr_published_open(lab.folder.fd, 512, &root, &published, &err), SR_TAMPERED);
	assert_int_equal(sr_published_open(lab.folder.fd, 0, &root, &published, &err), SR_TAMPERED);
	assert_int_equal(sr_published_open(lab.folder.fd, UINT64_MAX, &root, &published, &err), SR_CORRUPT);
	assert_null(published);
	assert_ok(sr_digest_of("", 0, &other, &err));
	assert_ok(sr_published_open(lab.folder.fd, 0, &other, &published, &err));
	uint64_t good = 0;
	assert_ok(sr_published_entries(published, 0, count_one, &good, &err));
	assert_int_equal(good, 0);
}

/* A link out of the folder, a folder or a FIFO where a file should be. */
static void only_regular_files_within_the_folder_are_read(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	uint64_t good;
	struct sr_err err;

	(void)state;
	assert_ok(sr_fd_read_file(lab.folder.fd, "tile/0/000", 1u << 20, &bytes, &err));
	assert_int_equal(unlinkat(lab.folder.fd, "tile/0/000", 0), 0);
	assert_int_equal(symlinkat("/dev/zero", lab.folder.fd, "tile/0/000"), 0);
	assert_int_equal(read_all(&good, &err), SR_DENIED);
	assert_int_equal(unlinkat(lab.folder.fd, "tile/0/000", 0), 0);
	assert_int_equal(mknodat(lab.folder.fd, "tile/0/000", S_IFIFO | 0600, 0), 0);
	assert_int_equal(read_all(&good, &err), SR_INVALID);
	assert_int_equal(unlinkat(lab.folder.fd, "tile/0/000", 0), 0);
	put("tile/0/000", bytes.data, bytes.size);
	assert_ok(read_all(&good, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_of_a_tile_or_bundle_is_found),
		cmocka_unit_test(a_cut_longer_or_missing_file_is_corrupt),
		cmocka_unit_test(the_first_wrong_entry_is_named),
		cmocka_unit_test(exchanged_tiles_are_found),
		cmocka_unit_test(another_root_or_size_is_refused_at_once),
		cmocka_unit_test(only_regular_files_within_the_folder_are_read),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
