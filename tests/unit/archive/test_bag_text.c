/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, manifests' names and lines, and paths; what whole bags make of them is in test_bag.c. */
#include "tests/unit/unit.h"

#include "appliance/archive/bag_listing.h"
#include "appliance/archive/bag_manifest.h"
#include "appliance/archive/bag_names.h"
#include "appliance/archive/bag_text.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

/* FIPS 180-4: SHA-256 of "abc". */
#define ABC_256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct sr_bytes bytes_of(const char *text)
{
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = strlen(text) };
}

static void lines_end_in_any_of_three_ways(void **state)
{
	static const struct {
		const char *text;
		const char *lines[4];
	} cases[] = {
		{ "", { NULL } },
		{ "a", { "a" } },
		{ "a\nb\n", { "a", "b" } },
		{ "a\rb\r", { "a", "b" } },
		{ "a\r\nb\r\n", { "a", "b" } },
		{ "a\n\rb", { "a", "", "b" } },
		{ "a\r\rb", { "a", "", "b" } },
		{ "\n", { "" } },
		{ "a\r\n\nb", { "a", "", "b" } },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_bag_lines lines = { .left = bytes_of(cases[i].text) };
		struct sr_bytes line;
		size_t count = 0;

		while (sr_bag_lines_next(&lines, &line)) {
			assert_non_null(cases[i].lines[count]);
			assert_int_equal(line.size, strlen(cases[i].lines[count]));
			assert_memory_equal(line.data, cases[i].lines[count], line.size);
			assert_int_equal(lines.number, ++count);
		}
		assert_null(cases[i].lines[count]);
	}
}

static void manifests_are_known_by_name(void **state)
{
	static const struct {
		const char *path;
		enum sr_bag_name name;
		bool is_tag;
		size_t bytes;
		bool is_relied_upon;
	} cases[] = {
		{ "manifest-sha256.txt", SR_BAG_NAME_MANIFEST, false, 32, true },
		{ "tagmanifest-sha512.txt", SR_BAG_NAME_MANIFEST, true, 64, true },
		{ "manifest-md5.txt", SR_BAG_NAME_MANIFEST, false, 16, false },
		{ "manifest-sha1.txt", SR_BAG_NAME_MANIFEST, false, 20, false },
		{ "tagmanifest-blake3.txt", SR_BAG_NAME_MANIFEST, true, 0, false },
		{ "manifest-SHA256.txt", SR_BAG_NAME_WRONG, false, 0, false },
		{ "manifest-sha-256.txt", SR_BAG_NAME_WRONG, false, 0, false },
		{ "manifest-.txt", SR_BAG_NAME_WRONG, false, 0, false },
		{ "manifest-abcdefghijklmnop.txt", SR_BAG_NAME_WRONG, false, 0, false },
		{ "manifest.txt", SR_BAG_NAME_OTHER, false, 0, false },
		{ "manifest-sha256.xml", SR_BAG_NAME_OTHER, false, 0, false },
		{ "meta/manifest-sha256.txt", SR_BAG_NAME_OTHER, false, 0, false },
		{ "manifest-a/b.txt", SR_BAG_NAME_OTHER, false, 0, false },
		{ "xmanifest-sha256.txt", SR_BAG_NAME_OTHER, false, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_bag_manifest manifest = { 0 };

		print_message("case: %s\n", cases[i].path);
		assert_int_equal(sr_bag_manifest_name(cases[i].path, &manifest), cases[i].name);
		assert_int_equal(manifest.is_tag, cases[i].is_tag);
		assert_int_equal(manifest.digest_bytes, cases[i].bytes);
		assert_int_equal(manifest.is_relied_upon, cases[i].is_relied_upon);
	}
}

static void a_path_of_4095_bytes_is_read_and_a_longer_one_refused(void **state)
{
	char line[8192];
	struct sr_bag_entry entry;

	(void)state;
	for (size_t size = 4094; size <= 4097; size++) {
		memcpy(line, ABC_256 " ", 65);
		memset(line + 65, 'x', size);
		line[65 + size] = 0;
		const char *wrong = sr_bag_manifest_line(bytes_of(line), 32, &entry);

		assert_int_equal(wrong == NULL, size <= 4095);
		if (!wrong)
			assert_int_equal(strlen(entry.path), size);
	}
}

static void every_truncation_of_a_line_is_refused_or_another_path(void **state)
{
	static const char line[] = ABC_256 "  data/a.txt";
	struct sr_bag_entry entry;

	(void)state;
	for (size_t size = 0; size < sizeof(line); size++) {
		struct sr_bytes text = { .data = (const uint8_t *)line, .size = size };
		const char *wrong = sr_bag_manifest_line(text, 32, &entry);

		assert_int_equal(wrong == NULL, size > 66);
		if (!wrong)
			assert_memory_equal(entry.path, "data/a.txt", size - 66);
	}
}

/* No bit of a line may change unnoticed but the case of a digit. */
static void every_flipped_bit_of_a_line_shows(void **state)
{
	char line[] = ABC_256 "  data/a.txt";
	struct sr_bag_entry want;
	struct sr_bag_entry entry;

	(void)state;
	assert_null(sr_bag_manifest_line(bytes_of(line), 32, &want));
	for (size_t bit = 0; bit < 8 * (sizeof(line) - 1); bit++) {
		char *at = &line[bit / 8];
		bool is_case = bit / 8 < 64 && *at >= 'a' && bit % 8 == 5;
		struct sr_bytes text = { .data = (const uint8_t *)line, .size = sizeof(line) - 1 };

		*at = (char)(*at ^ (1 << (bit % 8)));
		bool same = !sr_bag_manifest_line(text, 32, &entry) &&
		            memcmp(entry.digest, want.digest, 32) == 0 && strcmp(entry.path, want.path) == 0;
		assert_int_equal(same, is_case);
		*at = (char)(*at ^ (1 << (bit % 8)));
	}
}

static void fetch_lines_have_three_parts(void **state)
{
	static const struct {
		const char *line;
		bool good, has_length;
		uint64_t length;
		const char *path;
	} cases[] = {
		{ "https://example.org/a 12 data/a b", true, true, 12, "data/a b" },
		{ "ftp://h/a\t-\tdata/a%0Ab", true, false, 0, "data/a\nb" },
		{ "urn:x 18446744073709551615 data/a", true, true, UINT64_MAX, "data/a" },
		{ "urn:x 18446744073709551616 data/a", false, false, 0, NULL },
		{ "urn:x -1 data/a", false, false, 0, NULL },
		{ "urn: 1 data/a", false, false, 0, NULL },
		{ "/etc/passwd 1 data/a", false, false, 0, NULL },
		{ "1urn:x 1 data/a", false, false, 0, NULL },
		{ "urn:x 1", false, false, 0, NULL },
		{ "urn:x", false, false, 0, NULL },
		{ " urn:x 1 data/a", false, false, 0, NULL },
		{ "", false, false, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_bag_entry entry;
		const char *wrong = sr_bag_fetch_line(bytes_of(cases[i].line), &entry);

		print_message("case: %s\n", cases[i].line);
		assert_int_equal(wrong == NULL, cases[i].good);
		if (wrong)
			continue;
		assert_int_equal(entry.has_length, cases[i].has_length);
		assert_true(!entry.has_length || entry.length == cases[i].length);
		assert_string_equal(entry.path, cases[i].path);
	}
}

/* RFC 8493 section 6.1.2. */
static void names_that_windows_cannot_keep_are_remarked(void **state)
{
	static const struct {
		const char *path;
		bool remarked;
	} cases[] = {
		{ "data/CON", true },      { "data/con.txt", true }, { "data/com1.tar.gz", true },
		{ "data/LPT9/x", true },   { "data/com0", false },   { "data/com10", false },
		{ "data/console", false }, { "data/a:b", true },     { "data/a\\b", true },
		{ "data/what?", true },    { "data/a.", true },      { "data/a /b", true },
		{ "data/.hidden", false }, { "data/a..b", false },   { "data/笔录.txt", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].path);
		assert_int_equal(sr_bag_path_remark(cases[i].path) != NULL, cases[i].remarked);
	}
}

/* Unicode's own examples: UAX 15 (NFC), CaseFolding.txt (full case folding). */
static void only_equal_names_after_normalisation_are_found(void **state)
{
	static const struct {
		const char *stored, *asked;
		bool found;
	} cases[] = {
		{ "D\xcc\x87", "\xe1\xb8\x8a", true },                 /* D + dot above, U+1E0A */
		{ "\xe1\xb8\x8c\xcc\x87", "D\xcc\x87\xcc\xa3", true }, /* order of marks: UAX 15 figure 3 */
		{ "\xe2\x84\xab", "\xc3\x85", true },                  /* Angstrom sign, A with ring */
		{ "\xea\xb0\x81", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", true }, /* Hangul */
		{ "\xc3\x85", "\xc3\xa5", false },                                /* only case */
		{ "\xef\xac\x80", "ff", false }, /* only compatibility: U+FB00 */
		{ "案卷", "案卷库", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_bag_tree_dispose) struct sr_bag_tree tree = { 0 };
		SR_CLEANUP(sr_bag_names_dispose) struct sr_bag_names names = { 0 };
		static const struct sr_bag_file file = { 0 };
		struct sr_bag_file *found;
		struct sr_err err;

		print_message("case: %zu\n", i);
		assert_ok(sr_bag_tree_add(&tree, cases[i].stored, &file, &err));
		sr_bag_tree_sort(&tree);
		assert_ok(sr_bag_names_init(&names, &tree, &err));
		assert_ok(sr_bag_names_find(&names, cases[i].asked, &found, &err));
		assert_int_equal(found != NULL, cases[i].found);
	}
}

static void a_tree_has_bounds(void **state)
{
	SR_CLEANUP(sr_bag_tree_dispose) struct sr_bag_tree tree = { 0 };
	static const struct sr_bag_file file = { 0 };
	char deep[2 * SR_LIMIT_BAG_DEPTH + 2] = "";
	struct sr_bag_text *text;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_LIMIT_BAG_DEPTH; i++)
		memcpy(deep + 2 * i, "d/", 3);
	assert_ok(sr_bag_tree_add(&tree, deep, &file, &err));
	memcpy(deep + sizeof(deep) - 2, "f", 2);
	assert_int_equal(sr_bag_tree_add(&tree, deep, &file, &err), SR_LIMIT);
	for (unsigned i = 0; i < SR_BAG_TEXTS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "manifest-x%u.txt", i);
		assert_ok(sr_bag_tree_keep(&tree, name, &text, &err));
		assert_non_null(text);
	}
	assert_int_equal(sr_bag_tree_keep(&tree, "manifest-y.txt", &text, &err), SR_LIMIT);
	assert_ok(sr_bag_tree_keep(&tree, "readme.txt", &text, &err));
	assert_null(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_in_any_of_three_ways),
		cmocka_unit_test(manifests_are_known_by_name),
		cmocka_unit_test(a_path_of_4095_bytes_is_read_and_a_longer_one_refused),
		cmocka_unit_test(every_truncation_of_a_line_is_refused_or_another_path),
		cmocka_unit_test(every_flipped_bit_of_a_line_shows),
		cmocka_unit_test(fetch_lines_have_three_parts),
		cmocka_unit_test(names_that_windows_cannot_keep_are_remarked),
		cmocka_unit_test(only_equal_names_after_normalisation_are_found),
		cmocka_unit_test(a_tree_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
