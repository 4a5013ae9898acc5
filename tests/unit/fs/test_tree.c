/* SPDX-License-Identifier: Apache-2.0 */
/* Names and trees of a grant: what DescribeGrant says as folders and files. */
#include "tests/unit/unit.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "fs/names.h"
#include "appliance/keeper/reading/grant_papers.h"
#include "fs/tree_build.h"

#define CASE_A "01890a5d-ac96-774b-bcce-b302099a8057"
#define CASE_B "01890a5d-ac96-774b-bcce-b302099a8058"

/* --- names ----------------------------------------------------------------------------------------- */

static void test_names_are_kept_as_far_as_a_file_system_can(void **state)
{
	char long_name[400], want[300], out[SR_FS_NAME_BYTES];

	(void)state;
	static const struct {
		const char *text, *want;
		bool changed;
	} cases[] = {
		{ "阳医保罚〔2025〕12号", "阳医保罚〔2025〕12号", false },
		{ "样〔2025〕1/2号", "样〔2025〕1／2号", true },
		{ "", "_", true },
		{ ".", "_", true },
		{ "..", "_", true },
		{ "...", "...", false },
		{ "a\nb\\c:\"*?.pdf", "a\nb\\c:\"*?.pdf", false },
	};

	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		assert_int_equal(sr_fs_safe_name(cases[i].text, out), cases[i].changed);
		assert_string_equal(out, cases[i].want);
	}
	/* 100 characters of 3 bytes and ".pdf": 83 of them and the extension fit into 255 bytes. */
	long_name[0] = want[0] = 0;
	for (int i = 0; i < 100; i++)
		strcat(long_name, "长");
	for (int i = 0; i < 83; i++)
		strcat(want, "长");
	strcat(long_name, ".pdf");
	strcat(want, ".pdf");
	assert_true(sr_fs_safe_name(long_name, out));
	assert_string_equal(out, want);
}

static void test_a_taken_name_gets_a_number_before_its_extension(void **state)
{
	char out[SR_FS_NAME_BYTES];

	(void)state;
	sr_fs_numbered_name("文件.pdf", 2, out);
	assert_string_equal(out, "文件-2.pdf");
	sr_fs_numbered_name("folder", 10, out);
	assert_string_equal(out, "folder-10");
	sr_fs_numbered_name(".hidden", 3, out);
	assert_string_equal(out, ".hidden-3");
}

/* --- trees ----------------------------------------------------------------------------------------- */

static json_t *parsed(const char *text)
{
	struct sr_err err;
	json_t *json = NULL;

	assert_ok(sr_json_parse(text, strlen(text), 1u << 20, &json, &err));
	return json;
}

#define MEMBER(number, part, path, order, more)                                                              \
	"{\"number\":" number ",\"part\":" part ",\"class\":\"document\",\"path\":\"" path                   \
	"\",\"volume\":\"main\",\"title\":null,\"bytes\":7,\"sha256\":\"ab\",\"order\":" order more "}"
#define PARTS                                                                                                \
	"\"parts\":[{\"part\":1,\"sealed_at\":\"2026-01-02T03:04:05Z\",\"seal\":\"s1\",\"bytes\":9},"        \
	"{\"part\":2,\"sealed_at\":\"2026-01-03T03:04:05Z\",\"seal\":\"s2\",\"bytes\":9}]"

static struct sr_fs_tree *built(const char *const *answers, size_t count)
{
	struct sr_err err;
	struct sr_fs_tree *tree = NULL;
	json_t *cases = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *answer = parsed(answers[i]);

		assert_ok(sr_fs_gather_case(cases, answer, &err));
		json_decref(answer);
	}
	assert_ok(sr_fs_tree_build(cases, &tree, &err));
	json_decref(cases);
	return tree;
}

/* Follow a path from the grant's folder. */
static const struct sr_fs_node *at(const struct sr_fs_tree *tree, const char *path)
{
	char copy[512];
	uint32_t node = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	char *rest = copy;
	for (char *name = strsep(&rest, "|"); name; name = strsep(&rest, "|"))
		if (!sr_fs_tree_find(tree, node, name, &node))
			return NULL;
	return &tree->nodes[node];
}

static void test_a_case_is_a_folder_with_its_files_twice(void **state)
{
	const char *const answers[] = {
		"{\"case\":\"" CASE_A "\",\"number\":\"样1号\",\"title\":\"t\"," PARTS
		",\"members\":[" MEMBER("1", "1", "documents/a.pdf", "1", "") "]}",
		/* The same case goes on in a further answer. */
		"{\"case\":\"" CASE_A "\",\"number\":\"样1号\",\"title\":\"t\"," PARTS
		",\"members\":[" MEMBER("2", "2", "documents/a.pdf", "2", "") "]}",
	};
	struct sr_fs_tree *tree = built(answers, SR_COUNT(answers));

	(void)state;
	const struct sr_fs_node *member = at(tree, "样1号|documents|a.pdf");
	assert_non_null(member);
	assert_int_equal(member->kind, SR_FS_MEMBER);
	assert_int_equal(member->member, 1);
	assert_int_equal(member->bytes, 7);
	assert_int_equal(member->links, 2);
	assert_string_equal(member->seal, "s1");
	assert_int_equal(member->time_s, 1767323045);
	assert_ptr_equal(at(tree, "样1号|按目录|正卷|001 a.pdf"), member);
	const struct sr_fs_node *second = at(tree, "样1号|补充卷-002|documents|a.pdf");
	assert_non_null(second);
	assert_int_equal(second->member, 2);
	assert_ptr_equal(at(tree, "样1号|按目录|正卷|002 a.pdf"), second);
	assert_non_null(at(tree, "样1号|SEAL.txt"));
	assert_non_null(at(tree, "样1号|catalogue.json"));
	assert_non_null(at(tree, "样1号|卷内文件目录.html"));
	assert_null(at(tree, "样1号|documents|b.pdf"));
	assert_null(at(tree, "样2号"));
	assert_int_equal(tree->case_count, 1);
	sr_fs_tree_free(tree);
}

static void test_names_that_clash_are_told_apart(void **state)
{
	const char *const answers[] = {
		"{\"case\":\"" CASE_A "\",\"number\":\"样1/1号\",\"title\":\"t\"," PARTS
		",\"members\":[" MEMBER("1", "1", "catalogue.json", "1", "") "," MEMBER("2", "1", "按目录/x",
		                                                                        "2", "") "]}",
		"{\"case\":\"" CASE_B "\",\"number\":\"样1／1号\",\"title\":\"t\"," PARTS ",\"members\":[]}",
	};
	struct sr_fs_tree *tree = built(answers, SR_COUNT(answers));

	(void)state;
	assert_int_equal(at(tree, "样1／1号|catalogue.json")->kind, SR_FS_MEMBER);
	assert_int_equal(at(tree, "样1／1号|catalogue-2.json")->kind, SR_FS_TEXT);
	assert_int_equal(at(tree, "样1／1号|按目录|x")->member, 2);
	assert_non_null(at(tree, "样1／1号-2"));
	assert_int_equal(at(tree, "样1／1号-2")->of_case, 1);
	sr_fs_tree_free(tree);
}

static void test_a_damaged_case_says_so(void **state)
{
	const char *const answers[] = { "{\"case\":\"" CASE_A "\",\"damage\":\"offset 7\"}" };
	struct sr_fs_tree *tree = built(answers, 1);
	const struct sr_fs_node *text = at(tree, CASE_A "|DAMAGED.txt");

	(void)state;
	assert_non_null(text);
	assert_non_null(memmem(text->text.data, text->text.size, "offset 7", 8));
	sr_fs_tree_free(tree);
}

static void test_answers_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"[{\"case\":\"x\",\"members\":[]}]",
		"[{\"case\":\"" CASE_A "\",\"members\":[{}]}]",
		"[{\"case\":\"" CASE_A "\",\"members\":[{\"path\":\"a\",\"number\":1,\"part\":1,\"bytes\":-1,"
		"\"sha256\":\"\"}]}]",
		"[{\"case\":\"" CASE_A
		"\",\"members\":[{\"path\":\"a\",\"number\":1,\"part\":1,\"bytes\":1}]}]",
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(bad); i++) {
		struct sr_fs_tree *tree = NULL;
		struct sr_err err;
		json_t *cases = parsed(bad[i]);

		assert_int_equal(sr_fs_tree_build(cases, &tree, &err), SR_CORRUPT);
		assert_null(tree);
		json_decref(cases);
	}
}

static void test_the_list_escapes_what_a_name_holds(void **state)
{
	json_t *described = parsed("{\"case\":\"" CASE_A
	                           "\",\"number\":\"<b>&\\\"\",\"title\":\"t\",\"members\":[" MEMBER(
					   "1", "1", "documents/<script> \\\"%?.pdf", "1", "") "]}");
	struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_case_paper_list(described, &out, &err));
	assert_null(memmem(out.data, out.size, "<script>", 8));
	assert_null(memmem(out.data, out.size, "<b>", 3));
	const char *link = "href=\"documents/%3Cscript%3E%20%22%25%3F.pdf\"";
	assert_non_null(memmem(out.data, out.size, link, strlen(link)));
	sr_buf_dispose(&out);
	json_decref(described);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_kept_as_far_as_a_file_system_can),
		cmocka_unit_test(test_a_taken_name_gets_a_number_before_its_extension),
		cmocka_unit_test(test_a_case_is_a_folder_with_its_files_twice),
		cmocka_unit_test(test_names_that_clash_are_told_apart),
		cmocka_unit_test(test_a_damaged_case_says_so),
		cmocka_unit_test(test_answers_that_are_none_are_refused),
		cmocka_unit_test(test_the_list_escapes_what_a_name_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
