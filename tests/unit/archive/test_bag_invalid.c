/* SPDX-License-Identifier: Apache-2.0 */
/* Bags that must fail with the reason, each as a folder and as a tar (RFC 8493). */
#include "tests/unit/unit.h"

#include "tests/unit/archive/bag_maker.h"

static const struct bag invalid_bags[] = {
	{ "version 0.97",
	  "bagit.txt: BagIt version 0.97 is not supported; only 1.0 is",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n" } } },
	{ "a version to come",
	  "BagIt version 1.1 is not supported",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 1.1\nTag-File-Character-Encoding: UTF-8\n" }, PAYLOAD } },
	{ "no version number",
	  "line 1 must be",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: .97\nTag-File-Character-Encoding: UTF-8\n" },
	    PAYLOAD,
	    MANIFEST } },
	{ "UTF-16 declared",
	  "bagit.txt: tag file encoding UTF-16 is not supported; only UTF-8 is",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n" } } },
	{ "ISO-8859-1 declared",
	  "ISO-8859-1 is not supported",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: ISO-8859-1\n" } } },
	{ "blank before the colon",
	  "bagit.txt: line 1 must be",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version : 1.0\nTag-File-Character-Encoding: UTF-8\n" },
	    PAYLOAD,
	    MANIFEST } },
	{ "two blanks",
	  "bagit.txt: line 2 must be",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding:  UTF-8\n" },
	    PAYLOAD,
	    MANIFEST } },
	{ "byte-order mark",
	  "bagit.txt: begins with a byte-order mark",
	  NULL,
	  0,
	  { { "bagit.txt", "\xef\xbb\xbf" BAGIT }, PAYLOAD, MANIFEST } },
	{ "three lines",
	  "must have exactly two lines, has more",
	  NULL,
	  0,
	  { { "bagit.txt", BAGIT "\n" }, PAYLOAD, MANIFEST } },
	{ "one line",
	  "must have exactly two lines, has 1",
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 1.0\n" }, PAYLOAD, MANIFEST } },
	{ "lines in the other order",
	  "line 1 must be",
	  NULL,
	  2,
	  { { "bagit.txt", "Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n" },
	    PAYLOAD,
	    MANIFEST } },
	{ "no declaration", "bagit.txt: is missing", NULL, 0, { PAYLOAD, MANIFEST } },
	{ "no payload folder", "data/: is missing", NULL, 0, { DECLARED, { "manifest-sha256.txt", "" } } },
	{ "no manifest", "has no payload manifest", NULL, 0, { DECLARED, PAYLOAD } },
	{ "the basic bag of RFC 8493 section 4.1: md5 alone",
	  "manifest-md5.txt: md5 is not supported; add manifest-sha256.txt or manifest-sha512.txt",
	  NULL,
	  0,
	  { DECLARED,
	    { "data/27613-h/images/q172.png", "abc" },
	    { "data/27613-h/images/q172.txt", "abc" },
	    { "manifest-md5.txt", "49afbd86a1ca9f34b677a3f09655eae9 data/27613-h/images/q172.png\n"
	                          "408ad21d50cef31da4df6d9ed81b01a7 data/27613-h/images/q172.txt\n" } } },
	{ "a misspelt algorithm",
	  "manifest-SHA-256.txt: names no algorithm",
	  NULL,
	  0,
	  { BASIC, { "manifest-SHA-256.txt", A_256 } } },
	{ "wrong digest",
	  "data/a.txt: does not match its sha256 digest",
	  NULL,
	  0,
	  { DECLARED, { "data/a.txt", "abd" }, MANIFEST } },
	{ "sha256 right, sha512 of another content",
	  "data/a.txt: does not match its sha512 digest",
	  NULL,
	  0,
	  { BASIC, { "manifest-sha512.txt", ABC_256 ABC_256 "  data/a.txt\n" } } },
	{ "missing file",
	  "data/b.txt: is missing, but manifest-sha256.txt lists it",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", A_256 ABC_256 "  data/b.txt\n" } } },
	{ "unlisted payload file",
	  "data/b.txt: is not listed in manifest-sha256.txt",
	  NULL,
	  0,
	  { BASIC, { "data/b.txt", "abc" } } },
	{ "listed in one of two manifests",
	  "data/b.txt: is not listed in manifest-sha512.txt",
	  NULL,
	  0,
	  { DECLARED,
	    PAYLOAD,
	    { "data/b.txt", "abc" },
	    { "manifest-sha256.txt", A_256 ABC_256 "  data/b.txt\n" },
	    { "manifest-sha512.txt", A_512 } } },
	{ "not listed in the manifest that is not relied upon",
	  "data/a.txt: is not listed in manifest-md5.txt",
	  NULL,
	  0,
	  { BASIC, { "manifest-md5.txt", "" } } },
	{ "listed twice with the same digest",
	  "data/a.txt: is listed more than once",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", A_256 A_256 } } },
	{ "a folder is listed",
	  "data/sub: is a folder",
	  NULL,
	  0,
	  { DECLARED,
	    PAYLOAD,
	    { "data/sub/", "" },
	    { "manifest-sha256.txt", A_256 ABC_256 "  data/sub\n" } } },
	{ "empty line",
	  "manifest-sha256.txt: line 1 is empty",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", "\n" A_256 } } },
	{ "line begins with a blank",
	  "line 1 begins with a blank",
	  NULL,
	  2,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", " " A_256 } } },
	{ "short digest",
	  "line 2 the digest has the wrong length",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", A_256 "ba78  data/a.txt\n" } } },
	{ "no hexadecimal",
	  "line 2 does not begin with a hexadecimal digest",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", A_256 "hello world\n" } } },
	{ "no path",
	  "line 2 is not a digest, blanks and a path",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", A_256 ABC_256 "\n" } } },
	{ "names escaped by sha256sum",
	  "line 2 begins with a backslash",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", A_256 "\\" ABC_256 "  data/a\\nb\n" } } },
	{ "not UTF-8",
	  "manifest-sha256.txt: is not UTF-8 text",
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", A_256 ABC_256 "  data/caf\xe9\n" } } },
	{ "a name that is not UTF-8",
	  "data/caf%E9: its name is not UTF-8",
	  NULL,
	  0,
	  { BASIC, { "data/caf\xe9", "abc" } } },
	{ "stored NFD, listed NFC",
	  "listed as data/N\\u{00FA}\\u{00F1}ez, stored as data/Nu\\u{0301}n\\u{0303}ez",
	  NULL,
	  0,
	  { DECLARED,
	    { "data/Nu\xcc\x81n\xcc\x83"
	      "ez",
	      "abc" },
	    { "manifest-sha256.txt", ABC_256 "  data/N\xc3\xba\xc3\xb1"
	                                     "ez\n" } } },
	{ "listed in ASCII, stored as the Kelvin sign, which normalises to it",
	  "listed as data/K, stored as data/\\u{212A}",
	  NULL,
	  0,
	  { DECLARED, { "data/\xe2\x84\xaa", "abc" }, { "manifest-sha256.txt", ABC_256 "  data/K\n" } } },
	{ "tag manifest without the payload manifest",
	  "tagmanifest-sha256.txt: does not list manifest-sha256.txt",
	  NULL,
	  0,
	  { BASIC, { "tagmanifest-sha256.txt", BAGIT_256 "  bagit.txt\n" } } },
	{ "tag manifest with one of two payload manifests",
	  "tagmanifest-sha256.txt: does not list manifest-sha256.txt",
	  NULL,
	  0,
	  { BASIC,
	    { "manifest-sha512.txt", A_512 },
	    { "tagmanifest-sha256.txt", A_512_256 "  manifest-sha512.txt\n" } } },
	{ "tag manifest lists itself",
	  "must not list tag manifests",
	  NULL,
	  0,
	  { BASIC,
	    { "tagmanifest-sha256.txt",
	      A_256_256 "  manifest-sha256.txt\n" ZEROS_256 "  tagmanifest-sha256.txt\n" } } },
	{ "tag manifest lists payload",
	  "must not list payload files",
	  NULL,
	  0,
	  { BASIC, { "tagmanifest-sha256.txt", A_256_256 "  manifest-sha256.txt\n" A_256 } } },
	{ "changed tag file",
	  "bagit.txt: does not match its sha256 digest in tagmanifest-sha256.txt",
	  NULL,
	  0,
	  { BASIC,
	    { "tagmanifest-sha256.txt", ZEROS_256 "  bagit.txt\n" A_256_256 "  manifest-sha256.txt\n" } } },
	{ "missing tag file",
	  "bag-info.txt: is missing",
	  NULL,
	  0,
	  { BASIC,
	    { "tagmanifest-sha256.txt",
	      ZEROS_256 "  bag-info.txt\n" A_256_256 "  manifest-sha256.txt\n" } } },
	{ "Payload-Oxum: bytes",
	  "Payload-Oxum says 4 bytes in 1 files, the payload has 3 bytes in 1 files",
	  NULL,
	  0,
	  { BASIC, { "bag-info.txt", "Payload-Oxum: 4.1\n" } } },
	{ "Payload-Oxum: files",
	  "Payload-Oxum says 3 bytes in 2 files",
	  NULL,
	  0,
	  { BASIC, { "bag-info.txt", "Payload-Oxum: 3.2\n" } } },
	{ "Payload-Oxum twice",
	  "Payload-Oxum is there more than once",
	  NULL,
	  0,
	  { BASIC, { "bag-info.txt", "Payload-Oxum: 3.1\nPAYLOAD-OXUM: 3.1\n" } } },
	{ "Payload-Oxum without point",
	  "Payload-Oxum must be",
	  NULL,
	  0,
	  { BASIC, { "bag-info.txt", "Payload-Oxum: 31\n" } } },
	{ "Payload-Oxum with two blanks",
	  "Payload-Oxum must be",
	  NULL,
	  0,
	  { BASIC, { "bag-info.txt", "Payload-Oxum:  3.1\n" } } },
	{ "no blank behind the colon",
	  "line 1: one space or tab must follow",
	  NULL,
	  0,
	  { BASIC, { "bag-info.txt", "Contact-Name:A\n" } } },
	{ "blank before the colon in metadata",
	  "line 1: the label ends with a blank",
	  NULL,
	  0,
	  { BASIC, { "bag-info.txt", "Contact-Name : A\n" } } },
	{ "continues nothing", "line 1 begins with a blank", NULL, 0, { BASIC, { "bag-info.txt", " A\n" } } },
	{ "byte-order mark in metadata",
	  "bag-info.txt: begins with a byte-order mark",
	  NULL,
	  0,
	  { BASIC,
	    { "bag-info.txt", "\xef\xbb\xbf"
	                      "Contact-Name: A\n" } } },
	{ "files to be fetched, as in RFC 8493 section 4.2",
	  "fetch.txt: incomplete: 2 files are to be fetched; fetch them yourself",
	  NULL,
	  0,
	  { DECLARED,
	    PAYLOAD,
	    { "fetch.txt", "https://cdn.loc.gov/master/pnp/highsm/23300/23364a.tif 216951362 "
	                   "data/23364a.tif\nhttps://example.org/b\t-\tdata/b c.tif\n"
	                   "https://mirror.example.org/b - data/b c.tif\n" },
	    { "manifest-sha512.txt", A_512 ABC_512 "  data/23364a.tif\n" ABC_512 "  data/b c.tif\n" },
	    { "bag-info.txt", "Payload-Oxum: 9.3\n" } } },
	{ "to be fetched, but in no manifest",
	  "data/b.txt: is not listed in manifest-sha256.txt, but in fetch.txt",
	  NULL,
	  2,
	  { BASIC, { "fetch.txt", "https://example.org/b - data/b.txt\n" } } },
	{ "a tag file is to be fetched",
	  "fetch.txt lists payload files only",
	  NULL,
	  0,
	  { BASIC, { "fetch.txt", "https://example.org/b - bag-info.txt\n" } } },
	{ "fetch to somewhere else",
	  "line 1 of fetch.txt: the path holds \"..\"",
	  NULL,
	  0,
	  { BASIC, { "fetch.txt", "https://example.org/b - data/../../etc/passwd\n" } } },
	{ "no absolute address",
	  "fetch.txt: line 1 does not begin with an absolute address",
	  NULL,
	  0,
	  { BASIC, { "fetch.txt", "../b - data/a.txt\n" } } },
	{ "no length",
	  "fetch.txt: line 1 the length must be",
	  NULL,
	  0,
	  { BASIC, { "fetch.txt", "https://example.org/b 1x data/a.txt\n" } } },
};

static void bad_bags_fail_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(invalid_bags); i++)
		check_bag(&invalid_bags[i]);
}

/* RFC 8493 section 5.1. */
static void paths_out_of_the_bag_are_refused(void **state)
{
	static const struct {
		const char *path, *what;
	} cases[] = {
		{ "/etc/passwd", "is absolute" },
		{ "../bag.tar", "holds \"..\"" },
		{ "data/../../bag.tar", "holds \"..\"" },
		{ "data/..", "holds \"..\"" },
		{ "~root/x", "home folder" },
		{ "C:/x", "drive letter" },
		{ "\\\\?\\C:\\x", "is absolute" },
		{ "data/./a.txt", "component \".\"" },
		{ "data//a.txt", "empty component" },
		{ "data/a.txt/", "ends in \"/\"" },
		{ "./data/a.txt", "component \".\"" },
		{ "bagit.txt", "below data/ only" },
		{ "data", "below data/ only" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char manifest[256];
		struct bag bag = { .why = cases[i].path,
			           .problem = cases[i].what,
			           .files = { DECLARED, PAYLOAD, { "manifest-sha256.txt", manifest } } };

		snprintf(manifest, sizeof(manifest), A_256 ABC_256 "  %s\n", cases[i].path);
		check_bag(&bag);
	}
}

static void links_and_devices_in_a_folder_are_refused(void **state)
{
	static const struct bag_file files[] = { BASIC, { 0 } };
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;
	char path[128];

	(void)state;
	bag_maker_init(&maker);
	make_folder(&maker, files, SR_COUNT(files));
	snprintf(path, sizeof(path), "%s/data/link", maker.bag);
	assert_int_equal(symlink("a.txt", path), 0);
	expect_bag(maker.bag, "data/link: is a symbolic link", 1, NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/", path), 0);
	expect_bag(maker.bag, "data/link: is a symbolic link", 1, NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_bag(maker.bag, "data/link: is a pipe", 1, NULL);
	assert_int_equal(unlink(path), 0);
	expect_bag(maker.bag, NULL, 0, NULL);
}

/* A folder holds a thousand problems by name and the number of the others. */
static void problems_are_bounded(void **state)
{
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf lines = { 0 };
	struct bag_file files[] = { DECLARED, PAYLOAD, { "manifest-sha256.txt", NULL }, { 0 } };
	struct sr_err err;

	(void)state;
	bag_maker_init(&maker);
	for (int i = 0; i < 1234; i++)
		assert_ok(sr_buf_printf(&lines, &err, ABC_256 "  data/%d\n", i));
	assert_ok(sr_buf_add_text(&lines, A_256, &err));
	assert_ok(sr_buf_text(&lines, &files[2].content, &err));
	make_folder(&maker, files, SR_COUNT(files));
	expect_bag(maker.bag, ": 234 more problems", 1001, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_bags_fail_with_the_reason),
		cmocka_unit_test(paths_out_of_the_bag_are_refused),
		cmocka_unit_test(links_and_devices_in_a_folder_are_refused),
		cmocka_unit_test(problems_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
