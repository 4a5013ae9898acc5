/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <archive.h>
#include <archive_entry.h>

#include "appliance/archive/tar_header.h"
#include "appliance/base/cleanup.h"

#define NAME "0193a5c8-7a10-7c3e-8f00-0123456789ab-001/data/000001.age"
#define MTIME 1795248900
#define GIB (1ull << 30)

/* Sizes on both sides of every change of form. */
static const uint64_t sizes[] = { 0,
	                          1,
	                          511,
	                          512,
	                          513,
	                          4096,
	                          1 * GIB,
	                          8 * GIB - 1,
	                          8 * GIB,
	                          8 * GIB + 1,
	                          64 * GIB - 1,
	                          64 * GIB,
	                          100 * GIB,
	                          1024 * GIB,
	                          9999999999,
	                          10 * GIB,
	                          100000000000,
	                          999999999999,
	                          1000000000000,
	                          1099780063232ull };

/* What libarchive wrote for one header. */
struct output {
	uint8_t bytes[4096];
	size_t size;
	bool full; /* nothing more is taken */
};

static la_ssize_t take(struct archive *archive, void *context, const void *data, size_t size)
{
	struct output *out = context;

	(void)archive;
	if (out->full)
		return -1;
	assert_true(out->size + size <= sizeof(out->bytes));
	memcpy(out->bytes + out->size, data, size);
	out->size += size;
	return (la_ssize_t)size;
}

/* One header of libarchive's, with the writer's settings and those of @change. */
static void write_header(uint64_t size, void (*change)(struct archive_entry *entry), struct output *out)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	out->size = 0;
	out->full = false;
	assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter_none(archive), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(archive, 0), ARCHIVE_OK);
	assert_int_equal(archive_write_open(archive, out, NULL, take, NULL), ARCHIVE_OK);
	archive_entry_set_pathname(entry, NAME);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0400);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, MTIME, 0);
	if (change)
		change(entry);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	out->full = true;
	archive_write_free(archive);
	archive_entry_free(entry);
}

static void headers_are_read_exactly_as_libarchive_writes_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		struct sr_tar_header header;
		struct output out;
		struct sr_err err;

		print_message("size: %llu\n", (unsigned long long)sizes[i]);
		write_header(sizes[i], NULL, &out);
		assert_int_equal(out.size, sizes[i] < 8 * GIB ? 512 : 1536);
		assert_ok(sr_tar_header_read(out.bytes, out.size, &header, &err));
		assert_string_equal(header.name, NAME);
		assert_int_equal(header.size, sizes[i]);
		assert_int_equal(header.mtime_s, MTIME);
		assert_int_equal(header.bytes, out.size);
	}
}

static void headers_are_made_exactly_as_libarchive_writes_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		struct sr_tar_header header = { .name = NAME, .size = sizes[i], .mtime_s = MTIME };
		uint8_t bytes[SR_TAR_HEADER_MAX];
		struct output out;
		struct sr_err err;

		write_header(sizes[i], NULL, &out);
		assert_ok(sr_tar_header_make(&header, bytes, &err));
		assert_int_equal(header.bytes, out.size);
		assert_memory_equal(bytes, out.bytes, out.size);
	}
}

static void change_mode(struct archive_entry *entry)
{
	archive_entry_set_perm(entry, 0600);
}

static void change_owner(struct archive_entry *entry)
{
	archive_entry_set_uid(entry, 1000);
}

static void change_group(struct archive_entry *entry)
{
	archive_entry_set_gid(entry, 1000);
}

static void change_user_name(struct archive_entry *entry)
{
	archive_entry_set_uname(entry, "root");
}

static void change_group_name(struct archive_entry *entry)
{
	archive_entry_set_gname(entry, "root");
}

static void make_link(struct archive_entry *entry)
{
	archive_entry_set_filetype(entry, AE_IFLNK);
	archive_entry_set_symlink(entry, "/etc/passwd");
}

static void make_hard_link(struct archive_entry *entry)
{
	archive_entry_set_hardlink(entry, "bagit.txt");
}

static void make_device(struct archive_entry *entry)
{
	archive_entry_set_filetype(entry, AE_IFCHR);
}

static void make_folder(struct archive_entry *entry)
{
	archive_entry_set_filetype(entry, AE_IFDIR);
}

static void make_fifo(struct archive_entry *entry)
{
	archive_entry_set_filetype(entry, AE_IFIFO);
}

static void make_name_long(struct archive_entry *entry)
{
	char name[301];

	memset(name, 'n', 300);
	name[300] = 0;
	memcpy(name, "data/", 5);
	archive_entry_set_pathname(entry, name);
}

static void make_name_odd(struct archive_entry *entry)
{
	archive_entry_set_pathname(entry, "data/a b");
}

static void whatever_else_libarchive_can_write_is_refused(void **state)
{
	static const struct {
		const char *why, *says;
		void (*change)(struct archive_entry *entry);
	} cases[] = {
		{ "mode", "mode is not 0400", change_mode },
		{ "owner", "owner is not 0", change_owner },
		{ "group", "group is not 0", change_group },
		{ "owner's name", "owner's name", change_user_name },
		{ "group's name", "group's name", change_group_name },
		{ "symbolic link", "symbolic link", make_link },
		{ "hard link", "hard link", make_hard_link },
		{ "device", "device", make_device },
		{ "folder", "folder", make_folder },
		{ "FIFO", "FIFO", make_fifo },
		{ "long name in a pax header", "pax header", make_name_long },
		{ "blank in the name", "printable", make_name_odd },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_tar_header header;
		struct output out;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		write_header(3, cases[i].change, &out);
		assert_int_equal(sr_tar_header_read(out.bytes, out.size, &header, &err), SR_CORRUPT);
		if (!strstr(err.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
	}
}

/* Recompute the checksum as POSIX says, so that only the change itself can be at fault. */
static void mend_checksum(uint8_t *block)
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
	block[155] = ' ';
}

static const struct {
	const char *why;
	size_t at, size;
	const char *bytes, *says;
	uint64_t file;
} foreign[] = {
	{ "old type NUL", 156, 1, "\0", "unknown type", 3 },
	{ "contiguous file", 156, 1, "7", "unknown type", 3 },
	{ "global pax header", 156, 1, "g", "global pax", 3 },
	{ "GNU long name", 156, 1, "L", "GNU long name", 3 },
	{ "GNU sparse file", 156, 1, "S", "sparse", 3 },
	{ "GNU magic", 257, 8, "ustar  ", "magic", 3 },
	{ "no magic", 257, 6, "\0\0\0\0\0\0", "magic", 3 },
	{ "version", 263, 2, "  ", "version", 3 },
	{ "base-256 size", 124, 12, "\x80\0\0\0\0\0\0\0\0\0\0\x03", "size is not 11 octal", 3 },
	{ "size ends with NUL", 135, 1, "\0", "size is not 11 octal", 3 },
	{ "size begins with a blank", 124, 1, " ", "size is not 11 octal", 3 },
	{ "digit 8 in the size", 134, 1, "8", "size is not 11 octal", 3 },
	{ "time ends with NUL", 147, 1, "\0", "time is not 11 octal", 3 },
	{ "mode of seven digits", 100, 8, "0000400", "mode", 3 },
	{ "prefix", 345, 1, "p", "prefix", 3 },
	{ "rest", 511, 1, "r", "unused bytes", 3 },
	{ "link name", 200, 1, "l", "link name", 3 },
	{ "device number", 334, 1, "1", "device number", 3 },
	{ "bytes behind the name", 99, 1, "n", "name is followed", 3 },
	{ "name beyond ASCII", 0, 1, "\xe6", "printable ASCII", 3 },
	{ "empty name", 0, 1, "\0", "no folder", 3 },
	{ "pax: type of the file itself", 1024 + 156, 1, "2", "symbolic link", 8 * GIB },
	{ "pax: another record before", 512, 3, "12 ", "records", 8 * GIB },
	{ "pax: path for size", 515, 4, "path", "no size", 8 * GIB },
	{ "pax: record behind", 531, 1, "1", "records", 8 * GIB },
	{ "pax: size under 8 GiB", 520, 10, "8589934591", "no size of 8 GiB", 8 * GIB },
	{ "pax: size that is no number", 520, 1, "-", "no size of 8 GiB", 8 * GIB },
	{ "pax: size with a leading zero", 520, 2, "08", "no size of 8 GiB", 8 * GIB },
	{ "pax: another size than the field", 520, 10, "8589934593", "size is not written", 8 * GIB },
	{ "pax: size field zero as GNU tar writes", 1024 + 124, 12, "00000000000 ", "size is not written",
	  8 * GIB },
	{ "pax: other name", 0, 1, "1", "pax header: name", 8 * GIB },
	{ "pax: mode", 104, 1, "6", "pax header: mode", 8 * GIB },
};

static void bytes_that_other_readers_would_take_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(foreign); i++) {
		struct sr_tar_header header;
		struct output out;
		struct sr_err err;

		print_message("case: %s\n", foreign[i].why);
		write_header(foreign[i].file, NULL, &out);
		memcpy(out.bytes + foreign[i].at, foreign[i].bytes, foreign[i].size);
		if (foreign[i].at < 512)
			mend_checksum(out.bytes);
		else if (foreign[i].at >= 1024)
			mend_checksum(out.bytes + 1024);
		/* Our own spelling of a checksum ends with NUL and blank. */
		for (size_t at = 154; at < out.size; at += 1024)
			memcpy(out.bytes + at, "\0 ", 2);
		assert_int_equal(sr_tar_header_read(out.bytes, out.size, &header, &err), SR_CORRUPT);
		if (!strstr(err.text, foreign[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.text, foreign[i].says);
	}
}

static void every_flipped_bit_of_a_header_is_refused(void **state)
{
	static const uint64_t flipped[] = { 3, 8 * GIB, 100 * GIB };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(flipped); i++) {
		struct sr_tar_header header;
		struct output out;
		struct sr_err err;

		write_header(flipped[i], NULL, &out);
		for (size_t bit = 0; bit < 8 * out.size; bit++) {
			out.bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			assert_int_equal(sr_tar_header_read(out.bytes, out.size, &header, &err), SR_CORRUPT);
			out.bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		}
	}
}

static void every_cut_header_is_refused(void **state)
{
	struct sr_tar_header header;
	struct output out;
	struct sr_err err;

	(void)state;
	write_header(8 * GIB, NULL, &out);
	for (size_t size = 0; size < out.size; size++)
		assert_int_equal(sr_tar_header_read(out.bytes, size, &header, &err), SR_CORRUPT);
}

static void what_the_writer_never_writes_is_not_made(void **state)
{
	static const struct {
		const char *why;
		struct sr_tar_header header;
	} cases[] = {
		{ "no folder", { .name = "bagit.txt" } },
		{ "blank", { .name = "a/b c" } },
		{ "other than ASCII", { .name = "a/\xe6\xa1\x88" } },
		{ "time before 1970", { .name = "a/b", .mtime_s = -1 } },
		{ "time of 12 digits", { .name = "a/b", .mtime_s = 0100000000000ll } },
		{ "pax name over 100 bytes",
		  { .name = "a/"
		            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		            "bbbbbbbbbbbbbbbbbbbb" } },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_tar_header header = cases[i].header;
		uint8_t bytes[SR_TAR_HEADER_MAX];
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_tar_header_make(&header, bytes, &err), SR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read_exactly_as_libarchive_writes_them),
		cmocka_unit_test(headers_are_made_exactly_as_libarchive_writes_them),
		cmocka_unit_test(whatever_else_libarchive_can_write_is_refused),
		cmocka_unit_test(bytes_that_other_readers_would_take_are_refused),
		cmocka_unit_test(every_flipped_bit_of_a_header_is_refused),
		cmocka_unit_test(every_cut_header_is_refused),
		cmocka_unit_test(what_the_writer_never_writes_is_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
