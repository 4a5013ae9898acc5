/* SPDX-License-Identifier: Apache-2.0 */
/* What only a tar can get wrong, and damage anywhere in it. */
#include "tests/unit/unit.h"

#include <locale.h>
#include <sys/mman.h>

#include "appliance/base/fd.h"
#include "tests/unit/archive/bag_maker.h"

/* sha256sum of BAGIT and of A_256. */
#define TAGS                                                                                                 \
	"1712ecfb074bf29c4188ad3421032509159a09739fd604f8fe57038b4ddefcc9  bagit.txt\n"                      \
	"14d3686defda673b8b53b2d01d2be206c566d4fb66c98c8b1c2decaf8f44316e  manifest-sha256.txt\n"

static const struct bag_file basic[] = {
	{ "data/a.txt", "abc" },
	{ "bagit.txt", BAGIT },
	{ "manifest-sha256.txt", A_256 },
	{ "tagmanifest-sha256.txt", TAGS },
};

/* A good bag and one more entry of that kind. */
static void entries_that_no_bag_holds_are_refused(void **state)
{
	static const struct {
		const char *why, *name;
		char type;
		const char *link, *problem;
	} cases[] = {
		{ "symbolic link", "some-bag/data/b", '2', "a.txt", "is a symbolic link" },
		{ "symbolic link for a folder", "some-bag/meta", '2', "/etc", "is a symbolic link" },
		{ "hard link", "some-bag/data/b", '1', "some-bag/data/a.txt", "is a hard link" },
		{ "character device", "some-bag/data/b", '3', "", "is a device or pipe" },
		{ "block device", "some-bag/data/b", '4', "", "is a device or pipe" },
		{ "pipe", "some-bag/data/b", '6', "", "is a device or pipe" },
		{ "name twice", "some-bag/data/a.txt", '0', "", "data/a.txt: is in the tar more than once" },
		{ "a folder that is a file", "some-bag/data/a.txt/", '5', "", "lies in a file" },
		{ "another top folder", "other/x", '0', "", "other/x: lies outside" },
		{ "another top folder alone", "other/", '5', "", "other: lies outside" },
		{ "a longer top folder", "some-bag2/x", '0', "", "lies outside" },
		{ "a shorter top folder", "some/x", '0', "", "lies outside" },
		{ "file at the top", "x", '0', "", "x: lies outside" },
		{ "the bag's folder is a file", "some-bag", '0', "", "lies outside" },
		{ "way out", "some-bag/../../x", '0', "", "holds \"..\"" },
		{ "absolute", "/etc/passwd", '0', "", "is absolute" },
		{ "empty component", "some-bag//x", '0', "", "empty component" },
		{ "dot", "some-bag/./data/a.txt", '0', "", "component \".\"" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
		SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;

		print_message("case: %s\n", cases[i].why);
		bag_maker_init(&maker);
		add_tar_files(&tar, basic, SR_COUNT(basic));
		add_tar_entry(&tar, cases[i].name, cases[i].type, cases[i].link, "");
		end_tar(&tar);
		write_bytes(maker.tar, tar.data, tar.size);
		expect_bag(maker.tar, cases[i].problem, 1, NULL);
	}
}

static void a_leading_dot_folder_and_repeated_folders_are_harmless(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;

	(void)state;
	bag_maker_init(&maker);
	add_tar_entry(&tar, "./", '5', "", "");
	add_tar_entry(&tar, "./some-bag/", '5', "", "");
	add_tar_entry(&tar, "./some-bag/data", '5', "", "");
	add_tar_entry(&tar, "some-bag/data/", '5', "", "");
	add_tar_files(&tar, basic, SR_COUNT(basic));
	end_tar(&tar);
	write_bytes(maker.tar, tar.data, tar.size);
	expect_bag(maker.tar, NULL, 0, NULL);
}

/* Names in pax headers must come byte for byte: bsdtar writes them there when they are not ASCII. */
static void tars_of_bsdtar_pass_and_names_are_not_composed(void **state)
{
	static const char *const options[] = {
		"--format=pax", "--format=ustar", "--format=gnutar", "--format=v7", "-z --format=pax",
		"-j",           "--zstd",         "--lz4",
	};
	static const struct bag_file files[] = {
		{ "bagit.txt", BAGIT },
		{ "data/Nu\xcc\x81n\xcc\x83"
		  "ez",
		  "abc" },
		{ "data/现场", "abc" },
		{ "manifest-sha256.txt", ABC_256 "  data/Nu\xcc\x81n\xcc\x83"
		                                 "ez\n" ABC_256 "  data/现场\n" },
	};
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;

	(void)state;
	bag_maker_init(&maker);
	make_folder(&maker, files, SR_COUNT(files));
	for (size_t i = 0; i < SR_COUNT(options); i++) {
		char command[512];

		print_message("case: bsdtar %s\n", options[i]);
		snprintf(command, sizeof(command), "LC_ALL=C.UTF-8 bsdtar -C '%s' %s -cf '%s' bag",
		         maker.folder, options[i], maker.tar);
		assert_int_equal(system(command), 0);
		expect_bag(maker.tar, NULL, 0, NULL);
	}
}

/* A file of 500 KB took 3 GB: xz unpacks with as much memory as the file asks for, and stacks multiply. */
static void compression_that_costs_much_memory_is_refused(void **state)
{
	static const char *const ways[] = {
		"bsdtar -J -cf - bag",        "bsdtar --lzma -cf - bag",     "bsdtar --lzip -cf - bag",
		"bsdtar -z -cf - bag | gzip", "bsdtar -z -cf - bag | bzip2",
	};
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;

	(void)state;
	bag_maker_init(&maker);
	make_folder(&maker, basic, SR_COUNT(basic));
	for (size_t i = 0; i < SR_COUNT(ways); i++) {
		struct sr_bag_report report = { 0 };
		char command[512];
		struct sr_err err;

		print_message("case: %s\n", ways[i]);
		snprintf(command, sizeof(command), "cd '%s' && %s >'%s'", maker.folder, ways[i], maker.tar);
		assert_int_equal(system(command), 0);
		assert_int_equal(sr_bag_verify(maker.tar, NULL, &report, &err), SR_INVALID);
		assert_non_null(strstr(err.text, "unpack it first"));
	}
}

static void holes_are_refused(void **state)
{
	static const struct bag_file files[] = { { "bagit.txt", BAGIT }, { "data/", "" } };
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;
	char command[512];

	(void)state;
	bag_maker_init(&maker);
	make_folder(&maker, files, SR_COUNT(files));
	snprintf(command, sizeof(command),
	         "cd '%s' && truncate -s 1G bag/data/hole && printf x >>bag/data/hole && "
	         "tar --sparse --format=pax -cf '%s' bag",
	         maker.folder, maker.tar);
	assert_int_equal(system(command), 0);
	expect_bag(maker.tar, "data/hole: is a sparse file", 2, NULL);
}

/* The verdict of bytes; what is no tar any more counts as invalid. */
static bool is_valid(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_bag_report_dispose) struct sr_bag_report report = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = memfd_create("bag", MFD_CLOEXEC);
	struct sr_err err;

	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, data, size, &err));
	enum sr_status status = sr_bag_verify_fd(fd, NULL, &report, &err);
	if (status == SR_INVALID || status == SR_LIMIT)
		return false;
	assert_ok(status);
	return report.valid;
}

static void every_truncation_is_noticed(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };

	(void)state;
	add_tar_files(&tar, basic, SR_COUNT(basic));
	/* The last entry is the tag manifest: up to its last byte something is missing. */
	size_t end = tar.size - 512 + strlen(TAGS);
	end_tar(&tar);
	for (size_t size = 0; size < end; size++) {
		bool valid = is_valid(tar.data, size);

		/* Without a tag manifest, cut off with its header, it is a smaller valid bag. */
		assert_true(!valid || size == end - strlen(TAGS) - 512);
	}
	assert_true(is_valid(tar.data, tar.size));
}

/* A digit of a digest may change its case; nothing else of a file may change. */
static void every_flipped_bit_of_a_file_is_noticed(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	size_t at = 512;

	(void)state;
	add_tar_files(&tar, basic, SR_COUNT(basic));
	end_tar(&tar);
	for (size_t i = 0; i < SR_COUNT(basic); i++) {
		size_t size = strlen(basic[i].content);
		bool is_last = i + 1 == SR_COUNT(basic);

		for (size_t bit = 0; bit < 8 * size; bit++) {
			uint8_t *byte = &tar.data[at + bit / 8];
			bool is_digit = *byte >= 'a' && *byte <= 'f' && bit % 8 == 5;

			*byte ^= (uint8_t)(1u << (bit % 8));
			if (is_valid(tar.data, tar.size))
				assert_true(is_last && is_digit);
			*byte ^= (uint8_t)(1u << (bit % 8));
		}
		at += (size + 511) / 512 * 512 + 512;
	}
}

static void every_flipped_bit_of_a_header_is_survived(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };

	(void)state;
	add_tar_files(&tar, basic, SR_COUNT(basic));
	end_tar(&tar);
	for (size_t bit = 0; bit < 8ul * 512; bit++) {
		tar.data[1024 + bit / 8] ^= (uint8_t)(1u << (bit % 8));
		/* The header's checksum covers all but the end of the checksum's own field (6 digits of 8).
		 */
		if (is_valid(tar.data, tar.size))
			assert_in_range(bit / 8, 148, 155);
		tar.data[1024 + bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_that_no_bag_holds_are_refused),
		cmocka_unit_test(a_leading_dot_folder_and_repeated_folders_are_harmless),
		cmocka_unit_test(tars_of_bsdtar_pass_and_names_are_not_composed),
		cmocka_unit_test(compression_that_costs_much_memory_is_refused),
		cmocka_unit_test(holes_are_refused),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(every_flipped_bit_of_a_file_is_noticed),
		cmocka_unit_test(every_flipped_bit_of_a_header_is_survived),
	};

	setlocale(LC_CTYPE, "C.UTF-8"); /* as the program does; libarchive would compose names in it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
