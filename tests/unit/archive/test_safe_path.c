/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/archive/safe_path.h"
#include "appliance/base/cleanup.h"

static void good_paths_stay_as_they_are(void **state)
{
	static const char *const paths[] = { "a",   "a/b/c.txt",    "现场检查.mp4", "..a", "a..",
		                             "...", "\xff\xfe.txt", "a b",          "-rf", ".hidden" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		struct sr_err err;

		assert_ok(sr_safe_path_make(paths[i], &out, &err));
		assert_string_equal((const char *)out.data, paths[i]);
	}
}

static void ways_out_are_denied(void **state)
{
	static const char *const paths[] = { "",   "/",    "/etc/passwd", "a//b",  "a/",    ".",
		                             "..", "a/..", "../a",        "a/./b", "a/../b" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		struct sr_err err;

		print_message("case: \"%s\"\n", paths[i]);
		assert_int_equal(sr_safe_path_make(paths[i], &out, &err), SR_DENIED);
	}
}

static void long_and_deep_paths_have_limits(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	char path[1026];
	struct sr_err err;

	(void)state;
	memset(path, 'x', 1025);
	path[1025] = 0;
	assert_int_equal(sr_safe_path_make(path, &out, &err), SR_LIMIT);
	for (size_t i = 0; i < 17; i++)
		memcpy(path + 2 * i, "d/", 2);
	memcpy(path + 34, "f", 2);
	assert_int_equal(sr_safe_path_make(path, &out, &err), SR_LIMIT);
	assert_ok(sr_safe_path_make(path + 2, &out, &err));
}

/* `printf 'x%.0s' $(seq 300) | cat - <(printf .mp4) | sha256sum` begins with the digits below. */
static void a_long_name_is_cut_to_what_a_file_system_takes(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	char path[400] = "folder/";
	char want[400] = "folder/";
	struct sr_err err;

	(void)state;
	memset(path + 7, 'x', 300);
	memcpy(path + 307, ".mp4", 5);
	memset(want + 7, 'x', 234);
	memcpy(want + 241, "~f900ddb348cf5447.mp4", 22);
	assert_ok(sr_safe_path_make(path, &out, &err));
	assert_string_equal((const char *)out.data, want);
	assert_int_equal(strlen((const char *)out.data) - 7, 255);
}

static void a_long_name_is_cut_between_characters(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	char path[301] = "";
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		memcpy(path + 3 * i, "卷", 4);
	assert_ok(sr_safe_path_make(path, &out, &err));
	/* 238 bytes are left for the name: 79 characters of 3. */
	assert_int_equal(((const char *)out.data)[237], '~');
	assert_int_equal(strlen((const char *)out.data), 237 + 1 + 16);
}

static void names_are_quoted_for_a_list(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	const char *text;
	struct sr_err err;

	(void)state;
	assert_ok(sr_safe_path_quote("100%\ta\nb\rc 卷", &out, &err));
	assert_ok(sr_buf_text(&out, &text, &err));
	assert_string_equal(text, "100%25%09a%0Ab%0Dc 卷");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_paths_stay_as_they_are),
		cmocka_unit_test(ways_out_are_denied),
		cmocka_unit_test(long_and_deep_paths_have_limits),
		cmocka_unit_test(a_long_name_is_cut_to_what_a_file_system_takes),
		cmocka_unit_test(a_long_name_is_cut_between_characters),
		cmocka_unit_test(names_are_quoted_for_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
