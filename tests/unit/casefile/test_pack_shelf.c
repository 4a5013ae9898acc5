/* SPDX-License-Identifier: Apache-2.0 */
/* Packs of the bureau's own: files, who may write them, names, holidays for every pack.  docs/RULEBOOK.md. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/calendar.h"
#include "appliance/casefile/pack_shelf.h"
#include "appliance/casefile/rulebook.h"
#include "tests/unit/folder.h"

#define PACK(name, rest)                                                                                     \
	"{\"format\":\"strongroom-rulebook/1\",\"name\":\"" name "\",\"title_zh\":\"样例\","               \
	"\"title_en\":\"sample\",\"effective_from\":\"2020-01-01\",\"effective_to\":null" rest               \
	",\"rules\":[]}"
#define YEAR "{\"2031\":{\"source\":\"样例\",\"off\":[\"2031-01-01\"],\"work\":[\"2031-01-04\"]}}"

static struct test_folder folder;

static int begin(void **state)
{
	(void)state;
	test_folder_open(&folder);
	sr_pack_shelf_use(folder.path);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sr_pack_shelf_use(NULL);
	test_folder_close(&folder);
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder.path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
	sr_pack_shelf_use(folder.path);
}

static size_t own_count(void)
{
	const struct sr_pack *packs;
	size_t count, own = 0;
	struct sr_err err;

	assert_ok(sr_pack_shelf_list(&packs, &count, &err));
	for (size_t i = 0; i < count; i++)
		own += packs[i].own;
	return own;
}

static void refused(enum sr_status wanted, const char *words)
{
	const struct sr_pack *packs;
	size_t count;
	struct sr_err err;

	for (int i = 0; i < 2; i++) { /* each time, not at the first call alone */
		assert_int_equal(sr_pack_shelf_list(&packs, &count, &err), wanted);
		print_message("%s\n", err.text);
		assert_non_null(strstr(err.text, words));
	}
}

static void without_a_folder_there_are_those_of_the_binary(void **state)
{
	const struct sr_pack *packs;
	const json_t *holidays;
	struct sr_bytes text;
	size_t count;
	struct sr_err err;

	(void)state;
	sr_pack_shelf_use("/nonexistent/rulebooks");
	assert_ok(sr_pack_shelf_list(&packs, &count, &err));
	assert_true(count >= 3);
	assert_int_equal(own_count(), 0);
	assert_ok(sr_pack_shelf_holidays(&holidays, &text, &err));
	assert_null(holidays);
}

static void an_own_pack_extends_another_and_is_found(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *base = NULL;
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *own = NULL;
	struct sr_err err;

	(void)state;
	put("our-city.json", PACK("our-city", ",\"extends\":\"base\""));
	put("a-district.json", PACK("a-district", ",\"extends\":\"our-city\""));
	put(".hidden.json", "not JSON");
	put("our-city.json.dpkg-old", "not JSON");
	put("README", "not JSON");
	assert_int_equal(own_count(), 2);
	assert_ok(sr_rulebook_load("base", &base, &err));
	assert_ok(sr_rulebook_load("a-district", &own, &err));
	assert_string_equal(sr_rulebook_name(own), "a-district");
	assert_int_equal(sr_rulebook_rule_count(own), sr_rulebook_rule_count(base));
	assert_int_equal(sr_rulebook_load("their-city", &own, &err), SR_NOT_FOUND);
	assert_non_null(strstr(err.text, "a-district, our-city"));
}

static void packs_that_extend_in_a_circle_are_refused(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *own = NULL;
	struct sr_err err;

	(void)state;
	put("one.json", PACK("one", ",\"extends\":\"two\""));
	put("two.json", PACK("two", ",\"extends\":\"one\""));
	assert_int_equal(sr_rulebook_load("one", &own, &err), SR_INVALID);
	assert_non_null(strstr(err.text, "extend each other"));
}

static void a_pack_is_named_as_its_file(void **state)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *own = NULL;
	struct sr_err err;

	(void)state;
	put("other.json", PACK("our-city", ""));
	assert_int_equal(sr_rulebook_load("other", &own, &err), SR_INVALID);
	assert_non_null(strstr(err.text, "/name"));
}

static void names_that_no_pack_may_have_are_refused(void **state)
{
	static const struct {
		const char *file, *words;
	} cases[] = {
		{ "base.json", "a pack of this version has that name" },
		{ "Our City.json", "small letters" },
		{ "样例.json", "small letters" },
		{ "a123456789012345678901234567890123456789012345678901234567890123456789.json",
		  "small letters" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char path[512];

		put(cases[i].file, PACK("x", ""));
		refused(SR_INVALID, cases[i].words);
		snprintf(path, sizeof(path), "%s/%s", folder.path, cases[i].file);
		assert_int_equal(unlink(path), 0);
	}
}

static void what_others_may_write_is_refused(void **state)
{
	char path[512];

	(void)state;
	put("our-city.json", PACK("our-city", ""));
	snprintf(path, sizeof(path), "%s/our-city.json", folder.path);
	assert_int_equal(chmod(path, 0664), 0);
	sr_pack_shelf_use(folder.path);
	refused(SR_INVALID, "others may write it");
	assert_int_equal(chmod(path, 0666), 0);
	sr_pack_shelf_use(folder.path);
	refused(SR_INVALID, "others may write it");
	assert_int_equal(chmod(path, 0600), 0);
	sr_pack_shelf_use(folder.path);
	assert_int_equal(own_count(), 1);
	if (geteuid() != 0)
		return; /* only root can give a file away */
	assert_int_equal(chown(path, 65533, 65533), 0);
	sr_pack_shelf_use(folder.path);
	refused(SR_INVALID, "belongs to uid 65533");
}

static void too_many_and_too_large_ones_are_refused(void **state)
{
	char name[32], path[512];

	(void)state;
	for (unsigned i = 0; i <= SR_LIMIT_OWN_PACKS; i++) {
		snprintf(name, sizeof(name), "pack-%u.json", i);
		put(name, "{}");
	}
	refused(SR_LIMIT, "over 32 packs");
	snprintf(path, sizeof(path), "%s/pack-0.json", folder.path);
	assert_int_equal(unlink(path), 0);
	sr_pack_shelf_use(folder.path);
	assert_int_equal(own_count(), SR_LIMIT_OWN_PACKS);
	snprintf(path, sizeof(path), "%s/pack-1.json", folder.path);
	assert_int_equal(truncate(path, SR_LIMIT_PACK_BYTES + 1), 0);
	sr_pack_shelf_use(folder.path);
	refused(SR_LIMIT, "pack-1.json");
}

static bool working(const struct sr_rulebook *rulebook, const char *date, bool *known)
{
	bool is = false;
	int64_t day;

	assert_true(sr_date_parse(date, &day));
	*known = sr_calendar_is_working_day(sr_rulebook_table(rulebook, "holidays"), day, &is);
	return is;
}

static void holidays_are_for_every_pack_that_lacks_the_year(void **state)
{
	static const char *const names[] = { "base", "inner-mongolia", "yangquan", "our-city" };
	bool known;
	struct sr_err err;

	(void)state;
	put("our-city.json",
	    PACK("our-city", ",\"tables\":{\"holidays\":{\"2031\":{\"source\":\"本市\",\"off\":"
	                     "[\"2031-01-02\"],\"work\":[]}}}"));
	put("holidays.json", YEAR);
	assert_int_equal(own_count(), 1);
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;

		assert_ok(sr_rulebook_load(names[i], &rulebook, &err));
		/* 2031-01-01 is a Wednesday, 2031-01-04 a Saturday; a pack's own year goes before the file's
		 */
		assert_int_equal(working(rulebook, "2031-01-01", &known), i == 3);
		assert_true(known);
		assert_int_equal(working(rulebook, "2031-01-04", &known), i != 3);
		assert_false(working(rulebook, "2032-01-02", &known));
		assert_false(known);
		if (i < 3)
			assert_true(working(rulebook, "2026-11-23", &known) && known);
		/* the digest is of them, too */
		struct sr_bytes text = sr_rulebook_text(rulebook);
		assert_memory_equal(text.data + text.size - (sizeof(YEAR) - 1), YEAR, sizeof(YEAR) - 1);
	}
}

static void holidays_that_are_none_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "holidays.json" },
		{ "[]", "must be an object of years" },
		{ "{\"31\":{\"source\":\"x\",\"off\":[],\"work\":[]}}", ": /31" },
		{ "{\"2031\":{\"source\":\"x\",\"off\":[\"2031-02-30\"],\"work\":[]}}", ": /2031/off/0" },
		{ "{\"2031\":{\"off\":[],\"work\":[]}}", ": /2031/source" },
		{ YEAR "x", "holidays.json" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].text);
		put("holidays.json", cases[i].text);
		refused(SR_INVALID, cases[i].words);
	}
	for (size_t cut = 1; cut < sizeof(YEAR) - 1; cut++) {
		SR_CLEANUP(sr_json_decrefp) json_t *out = NULL;
		struct sr_err err;

		assert_int_equal(
			sr_own_holidays_parse((struct sr_bytes){ (const uint8_t *)YEAR, cut }, &out, &err),
			SR_INVALID);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_folder_there_are_those_of_the_binary),
		TEST(an_own_pack_extends_another_and_is_found),
		TEST(packs_that_extend_in_a_circle_are_refused),
		TEST(a_pack_is_named_as_its_file),
		TEST(names_that_no_pack_may_have_are_refused),
		TEST(what_others_may_write_is_refused),
		TEST(too_many_and_too_large_ones_are_refused),
		TEST(holidays_are_for_every_pack_that_lacks_the_year),
		TEST(holidays_that_are_none_are_refused_with_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
