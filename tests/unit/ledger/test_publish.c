/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing while the log grows, read back here and by tests/integration/tlog_reader.py. */
#include "tests/unit/ledger/ledger_lab.h"

#include <sys/stat.h>

#include "appliance/ledger/tile.h"

/* In place of the library's: here only bytes are looked at; test_publish_faults.c looks at the syncs. */
int fsync(int fd)
{
	return fd < 0 ? -1 : 0;
}

/* The independent reader on the folder; its standard output in @out. */
static bool reader_agrees(const struct lab *lab, const char *verb, const char *more, struct sr_buf *out)
{
	char command[1024];
	struct sr_err err;

	snprintf(command, sizeof(command), "python3 tests/integration/tlog_reader.py %s %s '%s' %s 2>&1",
	         verb, lab->folder.path, lab->verifier, more);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_ok(sr_fd_read_to_end(fileno(pipe), 64u << 20, out, &err));
	return pclose(pipe) == 0;
}

static void assert_reader_agrees(const struct lab *lab)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	char expected[128], hex[SR_DIGEST_HEX];
	struct sr_digest root;
	const char *text;
	struct sr_err err;

	if (!reader_agrees(lab, "log", "", &out))
		print_message("%.*s", (int)out.size, (const char *)out.data);
	assert_ok(sr_merkle_root(&lab->store, lab->size, &root, &err));
	sr_digest_to_hex(&root, hex);
	snprintf(expected, sizeof(expected), "%llu %s\n", (unsigned long long)lab->size, hex);
	assert_ok(sr_buf_text(&out, &text, &err));
	assert_string_equal(text, expected);
}

struct expected {
	const struct lab *lab;
	uint64_t next;
};

static enum sr_status compare_entry(void *context, uint64_t seq, struct sr_bytes entry, struct sr_err *err)
{
	struct expected *expected = context;

	(void)err;
	assert_int_equal(seq, expected->next);
	assert_int_equal(entry.size, expected->lab->entries[seq].size);
	assert_memory_equal(entry.data, expected->lab->entries[seq].data, entry.size);
	expected->next++;
	return SR_OK;
}

/* Checkpoint, every entry and every hash of the folder are those of the lab's first @size entries. */
static void assert_published(const struct lab *lab, uint64_t size)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct expected expected = { .lab = lab };
	struct sr_checkpoint checkpoint;
	struct sr_err err;

	assert_ok(sr_published_checkpoint(lab->folder.fd, lab->verifier, NULL, &checkpoint, &err));
	assert_int_equal(checkpoint.size, size);
	assert_ok(sr_published_open(lab->folder.fd, size, &checkpoint.root, &published, &err));
	assert_ok(sr_published_entries(published, 0, compare_entry, &expected, &err));
	assert_int_equal(expected.next, size);
	struct sr_merkle_store store = sr_published_store(published);
	for (unsigned level = 0; size >> level > 0; level++) {
		for (uint64_t index = 0; index < size >> level; index++) {
			struct sr_digest hash;

			assert_ok(store.get(store.context, level, index, &hash, &err));
			assert_memory_equal(&hash, &lab->hashes.levels[level].hashes[index], sizeof(hash));
		}
	}
}

static bool exists(const struct lab *lab, const char *path)
{
	struct stat st;

	return fstatat(lab->folder.fd, path, &st, 0) == 0;
}

static void one_by_one_to_six_hundred(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf old_note = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	char path[128];
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	assert_ok(sr_publish(&lab.publication, 0, &err));
	assert_reader_agrees(&lab);
	for (uint64_t size = 1; size <= 600; size++) {
		lab_add_entry(&lab);
		assert_ok(sr_publish(&lab.publication, size, &err));
		if (size % 25 == 0 || size % 256 <= 1 || size % 256 == 255)
			assert_published(&lab, size);
		if (size == 1 || size % 256 <= 1 || size % 256 == 255 || size == 600)
			assert_reader_agrees(&lab);
		if (size == 300)
			lab_note(&lab, &old_note);
	}
	assert_true(exists(&lab, "tile/0/000") && exists(&lab, "tile/0/001") &&
	            exists(&lab, "tile/1/000.p/2"));
	assert_false(exists(&lab, "tile/0/000.p") || exists(&lab, "tile/entries/000.p"));
	assert_false(exists(&lab, "tile/0/001.p") || exists(&lab, "tile/entries/001.p"));
	assert_true(exists(&lab, "tile/0/002.p/1") && exists(&lab, "tile/0/002.p/88"));
	assert_ok(sr_fd_write_file(lab.folder.fd, "old", 0600, old_note.data, old_note.size, &err));
	snprintf(path, sizeof(path), "%s/old", lab.folder.path);
	assert_true(reader_agrees(&lab, "consistency", path, &out));
	lab_close(&lab);
}

static void in_jumps(void **state)
{
	static const struct {
		const char *why;
		uint64_t sizes[6];
	} cases[] = {
		{ "from nothing over a whole tile", { 257 } },
		{ "exactly full tiles", { 256, 512, 768 } },
		{ "to one before, one, one after a tile's end", { 255, 256, 257 } },
		{ "over several tiles from inside one", { 3, 1000, 1001 } },
		{ "twice the same size", { 10, 10, 300, 300 } },
	};
	struct sr_err err;
	struct lab lab;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		lab_open(&lab, LAB_ORIGIN);
		for (size_t j = 0; cases[i].sizes[j] > 0; j++) {
			lab_grow(&lab, cases[i].sizes[j]);
			assert_ok(sr_publish(&lab.publication, lab.size, &err));
			assert_published(&lab, lab.size);
		}
		assert_reader_agrees(&lab);
		lab_close(&lab);
	}
}

/* tlog-tiles' own example: 273 full tiles and .p/112; one full and .p/17; .p/1. */
static void seventy_thousand_entries_have_the_layout_of_the_specification(void **state)
{
	char path[SR_TILE_PATH], folder[128];
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	for (unsigned i = 0; i < 70000; i++) {
		uint8_t entry[3] = { (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

		lab_add_bytes(&lab, entry, sizeof(entry));
	}
	assert_ok(sr_publish(&lab.publication, lab.size, &err));
	for (unsigned i = 0; i < 273; i++) {
		sr_tile_path(0, i, SR_TILE_WIDTH, path);
		assert_true(exists(&lab, path));
	}
	assert_true(exists(&lab, "tile/0/273.p/112") && exists(&lab, "tile/entries/273.p/112"));
	assert_true(exists(&lab, "tile/1/000") && exists(&lab, "tile/1/001.p/17") &&
	            exists(&lab, "tile/2/000.p/1"));
	assert_false(exists(&lab, "tile/3"));
	snprintf(folder, sizeof(folder), "%s/tile/0", lab.folder.path);
	assert_int_equal(test_folder_count(folder), 274);
	assert_published(&lab, lab.size);
	assert_reader_agrees(&lab);
	lab_close(&lab);
}

static void a_reader_with_an_older_checkpoint_goes_on(void **state)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct sr_checkpoint checkpoint;
	struct sr_digest root;
	struct sr_proof proof;
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 300);
	assert_ok(sr_publish(&lab.publication, 300, &err));
	assert_ok(sr_published_checkpoint(lab.folder.fd, lab.verifier, NULL, &checkpoint, &err));
	lab_grow(&lab, 700);
	assert_ok(sr_publish(&lab.publication, 700, &err));
	assert_false(exists(&lab, "tile/0/001.p"));

	/* the partial tiles of 300 are gone; the full ones begin with them */
	struct expected expected = { .lab = &lab, .next = 290 };
	assert_ok(sr_published_open(lab.folder.fd, 300, &checkpoint.root, &published, &err));
	assert_ok(sr_published_entries(published, 290, compare_entry, &expected, &err));
	assert_int_equal(expected.next, 300);
	struct sr_merkle_store store = sr_published_store(published);
	assert_ok(sr_merkle_inclusion(&store, 299, 300, &proof, &err));
	assert_ok(sr_merkle_verify_inclusion(&lab.hashes.levels[0].hashes[299], 299, 300, &proof,
	                                     &checkpoint.root, &err));
	assert_int_equal(store.get(store.context, 0, 300, &root, &err), SR_INVALID);
	assert_int_equal(store.get(store.context, 63, 0, &root, &err), SR_INVALID);
	lab_close(&lab);
}

static enum sr_status stop_at_seven(void *context, uint64_t seq, struct sr_bytes entry, struct sr_err *err)
{
	(void)context;
	(void)entry;
	return seq == 7 ? sr_fail(err, SR_BUSY, "enough") : SR_OK;
}

static void what_each_returns_ends_the_reading(void **state)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct sr_digest root;
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 20);
	assert_ok(sr_publish(&lab.publication, 20, &err));
	assert_ok(sr_merkle_root(&lab.store, 20, &root, &err));
	assert_ok(sr_published_open(lab.folder.fd, 20, &root, &published, &err));
	assert_int_equal(sr_published_entries(published, 0, stop_at_seven, NULL, &err), SR_BUSY);
	assert_ok(sr_published_entries(published, 20, stop_at_seven, NULL, &err));
	lab_close(&lab);
}

/* A reader that agrees with everything would prove nothing. */
static void the_independent_reader_finds_every_damaged_file(void **state)
{
	static const char *const paths[] = { "checkpoint",     "tile/0/000",       "tile/0/001.p/4",
		                             "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/4" };
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 260);
	assert_ok(sr_publish(&lab.publication, 260, &err));
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_fd_closep) int fd = openat(lab.folder.fd, paths[i], O_RDWR | O_CLOEXEC);
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		const char *text;
		uint8_t byte;

		assert_true(fd >= 0 && pread(fd, &byte, 1, 20) == 1);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, 20), 1);
		assert_false(reader_agrees(&lab, "log", "", &out));
		assert_ok(sr_buf_text(&out, &text, &err));
		assert_non_null(strstr(text, "tlog_reader.py: "));
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, 20), 1);
	}
	assert_reader_agrees(&lab);
	lab_close(&lab);
}

/* Names and rights: entries are not for everybody who may pass through. */
static void files_are_the_owner_s_alone(void **state)
{
	struct sr_err err;
	struct stat st;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 2);
	assert_ok(sr_publish(&lab.publication, 2, &err));
	assert_int_equal(fstatat(lab.folder.fd, "tile/entries/000.p/2", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(fstatat(lab.folder.fd, "tile/entries", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(test_folder_count(lab.folder.path), 2);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_by_one_to_six_hundred),
		cmocka_unit_test(in_jumps),
		cmocka_unit_test(seventy_thousand_entries_have_the_layout_of_the_specification),
		cmocka_unit_test(a_reader_with_an_older_checkpoint_goes_on),
		cmocka_unit_test(what_each_returns_ends_the_reading),
		cmocka_unit_test(the_independent_reader_finds_every_damaged_file),
		cmocka_unit_test(files_are_the_owner_s_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
