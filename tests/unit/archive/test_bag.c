/* SPDX-License-Identifier: Apache-2.0 */
/* Bags that must pass, each as a folder and as a tar (RFC 8493), and what is no bag. */
#include "tests/unit/unit.h"

#include "tests/unit/archive/bag_maker.h"

static const struct bag valid_bags[] = {
	{ "the smallest", NULL, "no tag manifest", 0, { BASIC } },
	{ "empty payload", NULL, NULL, 0, { DECLARED, { "data/", "" }, { "manifest-sha256.txt", "" } } },
	{ "sha512 only", NULL, NULL, 0, { DECLARED, PAYLOAD, { "manifest-sha512.txt", A_512 } } },
	{ "both digests", NULL, NULL, 0, { BASIC, { "manifest-sha512.txt", A_512 } } },
	{ "manifest before the data", NULL, NULL, 0, { MANIFEST, PAYLOAD, DECLARED } },
	{ "capital digits, a tab, CRLF",
	  NULL,
	  NULL,
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", ABC_256_CAPITALS "\tdata/a.txt\r\n" } } },
	{ "CR alone ends lines",
	  NULL,
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 1.0\rTag-File-Character-Encoding: UTF-8\r" },
	    PAYLOAD,
	    { "data/b.txt", "abc" },
	    { "manifest-sha256.txt", ABC_256 " data/a.txt\r" ABC_256 " \t data/b.txt\r" } } },
	{ "no end of the last line",
	  NULL,
	  NULL,
	  0,
	  { { "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: utf-8" },
	    PAYLOAD,
	    { "manifest-sha256.txt", ABC_256 "  data/a.txt" } } },
	{ "names with blanks",
	  NULL,
	  NULL,
	  0,
	  { DECLARED,
	    { "data/a  b .txt", "abc" },
	    { "manifest-sha256.txt", ABC_256 "  data/a  b .txt\n" } } },
	{ "LF, CR and percent are encoded in either case",
	  NULL,
	  NULL,
	  0,
	  { DECLARED,
	    { "data/a\nb\rc%d", "abc" },
	    { "manifest-sha256.txt", ABC_256 "  data/a%0Ab%0dc%25d\n" } } },
	{ "no other code is decoded",
	  NULL,
	  "manifest-sha256.txt: has \"%\" in paths",
	  0,
	  { DECLARED, { "data/a%41", "abc" }, { "manifest-sha256.txt", ABC_256 "  data/a%41\n" } } },
	{ "decoding happens once",
	  NULL,
	  NULL,
	  0,
	  { DECLARED, { "data/a%0A", "abc" }, { "manifest-sha256.txt", ABC_256 "  data/a%250A\n" } } },
	{ "sha256sum --binary",
	  NULL,
	  "manifest-sha256.txt: has \"*\"",
	  0,
	  { DECLARED, PAYLOAD, { "manifest-sha256.txt", ABC_256 " *data/a.txt\n" } } },
	{ "chinese names",
	  NULL,
	  NULL,
	  0,
	  { DECLARED,
	    { "data/现场检查/笔录.txt", "abc" },
	    { "manifest-sha256.txt", ABC_256 "  data/现场检查/笔录.txt\n" } } },
	{ "md5 beside sha256",
	  NULL,
	  "manifest-md5.txt: md5 is not supported",
	  0,
	  { BASIC, { "manifest-md5.txt", ABC_MD5 "  data/a.txt\n" } } },
	{ "an algorithm nobody knows beside sha256",
	  NULL,
	  "manifest-blake3.txt: blake3 is not supported",
	  0,
	  { BASIC, { "manifest-blake3.txt", "00ff  data/a.txt\n" } } },
	{ "tag manifest",
	  NULL,
	  NULL,
	  0,
	  { BASIC,
	    { "tagmanifest-sha256.txt", BAGIT_256 "  bagit.txt\n" A_256_256 "  manifest-sha256.txt\n" } } },
	{ "tag manifests of two digests, one with less",
	  NULL,
	  "bagit.txt: is not listed in every tag manifest",
	  0,
	  { BASIC,
	    { "tagmanifest-sha256.txt", BAGIT_256 "  bagit.txt\n" A_256_256 "  manifest-sha256.txt\n" },
	    { "tagmanifest-sha512.txt", A_256_512 "  manifest-sha256.txt\n" } } },
	{ "unlisted tag file",
	  NULL,
	  "meta/x.xml: is listed in no tag manifest",
	  0,
	  { BASIC,
	    { "meta/x.xml", "<x/>" },
	    { "tagmanifest-sha256.txt", BAGIT_256 "  bagit.txt\n" A_256_256 "  manifest-sha256.txt\n" } } },
	{ "a tag file whose name begins with a star",
	  NULL,
	  NULL,
	  0,
	  { BASIC,
	    { "*x", "abc" },
	    { "tagmanifest-sha256.txt",
	      ABC_256 " *x\n" BAGIT_256 "  bagit.txt\n" A_256_256 "  manifest-sha256.txt\n" } } },
	{ "metadata of RFC 8493 section 2.2.2, with this payload's sum",
	  NULL,
	  NULL,
	  0,
	  { BASIC,
	    { "bag-info.txt", "Source-Organization: FOO University\n"
	                      "Organization-Address: 1 Main St., Cupertino, California, 11111\n"
	                      "Contact-Name: Jane Doe\n"
	                      "Contact-Phone: +1 111-111-1111\n"
	                      "Contact-Email: example@example.com\n"
	                      "External-Description: Uncompressed greyscale TIFF images from the\n"
	                      "      FOO papers colle...\n"
	                      "Bagging-Date: 2008-01-15\n"
	                      "External-Identifier: university_foo_001\n"
	                      "payload-oxum: 3.1\n"
	                      "Bag-Group-Identifier: university_foo\n"
	                      "Bag-Count: 1 of 15\n"
	                      "Internal-Sender-Identifier: /storage/images/foo\n"
	                      "Internal-Sender-Description: Uncompressed greyscale TIFFs created\n"
	                      "      from microfilm and are...\n" } } },
	{ "metadata may repeat",
	  NULL,
	  "bag-info.txt: Bagging-Date is there more than once",
	  0,
	  { BASIC,
	    { "bag-info.txt",
	      "Contact-Name: A\nContact-Name: B\nBagging-Date: 2025-01-01\nBagging-Date: 2025-01-02\n" } } },
	{ "fetch.txt, but everything is here",
	  NULL,
	  "fetch.txt: lists files that are all here",
	  0,
	  { BASIC, { "fetch.txt", "https://example.org/a%20b 3 data/a.txt\n" } } },
	{ "fetch.txt with another length",
	  NULL,
	  "data/a.txt: has another length",
	  0,
	  { BASIC, { "fetch.txt", "https://example.org/a 0004 data/a.txt\n" } } },
	{ "twins in case",
	  NULL,
	  "two names differ only in case: data/",
	  0,
	  { DECLARED,
	    { "data/É.txt", "abc" },
	    { "data/é.txt", "abc" },
	    { "manifest-sha256.txt", ABC_256 "  data/É.txt\n" ABC_256 "  data/é.txt\n" } } },
	{ "twins in normalisation: NFC and NFD of RFC 8493 section 6.1.1.2",
	  NULL,
	  "differ only in Unicode normalisation: ",
	  0,
	  { DECLARED,
	    { "data/N\xc3\xba\xc3\xb1"
	      "ez",
	      "abc" },
	    { "data/Nu\xcc\x81n\xcc\x83"
	      "ez",
	      "abc" },
	    { "manifest-sha256.txt", ABC_256 "  data/N\xc3\xba\xc3\xb1"
	                                     "ez\n" ABC_256 "  data/Nu\xcc\x81n\xcc\x83"
	                                     "ez\n" } } },
	{ "a name for Windows",
	  NULL,
	  "data/nul.txt: Windows cannot keep",
	  0,
	  { DECLARED, { "data/nul.txt", "abc" }, { "manifest-sha256.txt", ABC_256 "  data/nul.txt\n" } } },
};

static void good_bags_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(valid_bags); i++)
		check_bag(&valid_bags[i]);
}

static void what_is_no_bag_at_all_is_an_error(void **state)
{
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;
	struct sr_bag_report report = { 0 };
	struct sr_err err;

	(void)state;
	bag_maker_init(&maker);
	assert_int_equal(sr_bag_verify(maker.bag, NULL, &report, &err), SR_NOT_FOUND);
	assert_int_equal(sr_bag_verify("/dev/null", NULL, &report, &err), SR_INVALID);
	write_bytes(maker.tar, "PK\003\004 no tar", 11);
	assert_int_equal(sr_bag_verify(maker.tar, NULL, &report, &err), SR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_bags_pass),
		cmocka_unit_test(what_is_no_bag_at_all_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
