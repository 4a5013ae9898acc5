/* SPDX-License-Identifier: Apache-2.0 */
/* A sealed archive of ours is a bag, as a tar and unpacked by bsdtar (docs/FORMAT.md). */
#include "tests/unit/archive/sealing.h"

#include "tests/unit/archive/bag_maker.h"

static void seal_two_members(struct sealing *s)
{
	struct sr_write_result result;
	struct sr_err err;

	sealing_init(s);
	sealing_make_member(s, 0, 1000);
	sealing_make_member(s, 1, 70000);
	s->job.member_count = 2;
	assert_ok(sealing_run(s, "case.tar", &result, &err));
	assert_true(
		sealing_shell(s, "bsdtar -xf case.tar && mv " SEALING_CASE "-001 bag && chmod -R u+w bag"));
}

static void a_sealed_archive_is_a_valid_bag(void **state)
{
	static const char *const names[] = { "case.tar", "bag" };
	struct sealing s;

	(void)state;
	seal_two_members(&s);
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		SR_CLEANUP(sr_bag_report_dispose) struct sr_bag_report report = { 0 };
		struct sr_err err;
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", s.folder, names[i]);
		assert_ok(sr_bag_verify(path, NULL, &report, &err));
		print_bag_report(&report);
		assert_true(report.valid);
		assert_int_equal(report.files, 2);
		/* age adds 184 bytes of header and nonce, and 16 for each chunk of 64 KiB. */
		assert_int_equal(report.bytes, 1000 + 184 + 16 + 70000 + 184 + 2 * 16);
		/* A signature of the tag manifest cannot be listed in it. */
		assert_int_equal(report.note_count, 3);
		assert_true(
			is_told(report.notes, report.note_count, "seal/tagmanifest.p7s: is listed in no"));
		assert_true(
			is_told(report.notes, report.note_count, "seal/tagmanifest.tsr: is listed in no"));
		assert_true(is_told(report.notes, report.note_count, "seal/sha256.txt: is listed in no"));
	}
	sealing_dispose(&s);
}

static void a_changed_sealed_archive_is_not(void **state)
{
	static const struct {
		const char *command, *problem;
		size_t problems;
	} cases[] = {
		{ "head -c 60000 /dev/zero | dd of=bag/data/000002.age conv=notrunc status=none",
		  "data/000002.age: does not match its sha256 digest", 1 },
		{ "printf x >>bag/cover.json", "cover.json: does not match its sha256 digest", 1 },
		{ "cp bag/cover.json bag/data/", "data/cover.json: is not listed in manifest-sha256.txt", 2 },
		{ "rm bag/keys/identity.p7m", "keys/identity.p7m: is missing", 1 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sealing s;
		char path[128];

		print_message("case: %s\n", cases[i].command);
		seal_two_members(&s);
		snprintf(path, sizeof(path), "%s/bag", s.folder);
		assert_true(sealing_shell(&s, cases[i].command));
		expect_bag(path, cases[i].problem, cases[i].problems, NULL);
		sealing_dispose(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_archive_is_a_valid_bag),
		cmocka_unit_test(a_changed_sealed_archive_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
