/* SPDX-License-Identifier: Apache-2.0 */
/* bag-info.txt, as docs/FORMAT.md has it, and a seal over one that is not so. */
#include "tests/unit/archive/fixture.h"

#include "appliance/archive/tags.h"
#include "appliance/archive/verify.h"

#define HEAD "Source-Organization: 某局\n"
#define DATE "Bagging-Date: 2026-11-21\n"
#define IDS "External-Identifier: " FIXTURE_CASE "\nBag-Group-Identifier: " FIXTURE_CASE "\n"
#define COUNT "Bag-Count: 2 of ?\n"
#define OXUM "Payload-Oxum: 1234.3\n"
#define AGENT "Bag-Software-Agent: Strongroom 1.0\n"

static enum sr_status check(const char *text, const char *organ)
{
	struct sr_cover cover = { .case_id = FIXTURE_CASE,
		                  .part = 2,
		                  .sealed_at_ns = FIXTURE_SEALED_AT * SR_SECOND_NS };
	struct sr_bytes bytes = { .data = (const uint8_t *)text, .size = strlen(text) };
	struct sr_err err;

	snprintf(cover.organ, sizeof(cover.organ), "%s", organ);
	return sr_tags_check_bag_info(bytes, &cover, 1234, 3, &err);
}

static void what_follows_from_the_archive_passes(void **state)
{
	(void)state;
	assert_int_equal(check(HEAD DATE IDS COUNT OXUM AGENT, "某局"), SR_OK);
	assert_int_equal(check(DATE IDS COUNT OXUM AGENT, ""), SR_OK);
	assert_int_equal(check("Bagging-Date: 2026-11-20\n" IDS COUNT OXUM AGENT, ""), SR_OK);
	assert_int_equal(check("Bagging-Date: 2026-11-22\n" IDS COUNT OXUM AGENT, ""), SR_OK);
	assert_int_equal(check(DATE IDS COUNT OXUM "Bag-Software-Agent: Strongroom 0.9-测试\n", ""), SR_OK);
}

static void anything_else_is_refused(void **state)
{
	static const struct {
		const char *why, *text;
	} cases[] = {
		{ "empty", "" },
		{ "another organ", "Source-Organization: 乙局\n" DATE IDS COUNT OXUM AGENT },
		{ "no organ", DATE IDS COUNT OXUM AGENT },
		{ "two days off", HEAD "Bagging-Date: 2026-11-23\n" IDS COUNT OXUM AGENT },
		{ "no date", HEAD "Bagging-Date: today\n" IDS COUNT OXUM AGENT },
		{ "another part", HEAD DATE IDS "Bag-Count: 1 of ?\n" OXUM AGENT },
		{ "another sum", HEAD DATE IDS COUNT "Payload-Oxum: 1235.3\n" AGENT },
		{ "another order", HEAD DATE COUNT IDS OXUM AGENT },
		{ "a line more", HEAD DATE IDS COUNT OXUM AGENT "Note: hidden\n" },
		{ "a line before", "Note: hidden\n" HEAD DATE IDS COUNT OXUM AGENT },
		{ "line not ended", HEAD DATE IDS COUNT OXUM "Bag-Software-Agent: Strongroom 1.0" },
		{ "other software", HEAD DATE IDS COUNT OXUM "Bag-Software-Agent: x\n" },
		{ "control character", HEAD DATE IDS COUNT OXUM "Bag-Software-Agent: Strongroom \033[2J\n" },
		{ "much text", HEAD DATE IDS COUNT OXUM "Bag-Software-Agent: Strongroom 1.0 and much more "
		                                        "that has no business to stand here at all\n" },
		{ "date twice", HEAD DATE DATE IDS COUNT OXUM AGENT },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(check(cases[i].text, "某局"), SR_CORRUPT);
	}
}

/* Our own seal over it makes no contradiction right. */
static void a_sealed_contradiction_is_damage(void **state)
{
	static const struct fixture_member one = { "one", 3 };
	SR_CLEANUP(fixture_keys_dispose) struct fixture_keys keys = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fixture_keys_make(&keys);
	fixture_fill(&f, &one, 1, "{}");
	for (int i = 0; i < 2; i++) {
		SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
		SR_CLEANUP(sr_fd_closep) int fd = -1;
		struct sr_verify_options options = { .roots = keys.roots };
		struct sr_err err;

		if (i == 1)
			fixture_set_text(&f, SR_NAME_BAG_INFO, DATE IDS COUNT OXUM AGENT);
		fixture_seal(&f, &keys);
		fixture_tar(&f, &tar);
		fd = fixture_fd(tar.data, tar.size);
		assert_ok(sr_archive_verify(fd, &options, &report, &err));
		assert_int_equal(report.damage_count, i);
		if (i == 1)
			assert_string_equal(report.damage[0].member, SR_NAME_BAG_INFO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_follows_from_the_archive_passes),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_sealed_contradiction_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
