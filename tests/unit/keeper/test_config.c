/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/keeper/keys/config.h"

static enum sr_status load(const char *text, size_t size, struct sr_config **out, struct sr_err *err)
{
	struct test_folder folder;

	test_folder_open(&folder);
	assert_int_equal(sr_fd_write_file(folder.fd, SR_CONFIG_FILE, 0600, text, size, err), SR_OK);
	enum sr_status status = sr_config_load(folder.fd, out, err);
	test_folder_close(&folder);
	return status;
}

static void what_is_written_is_read_again(void **state)
{
	const struct sr_config_value values[] = { { "organ.name", "样例市医疗保障局" },
		                                  { "seal.read_back", "yes" } };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_config_freep) struct sr_config *config = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_config_write(values, SR_COUNT(values), &text, &err));
	assert_ok(load((const char *)text.data, text.size, &config, &err));
	assert_string_equal(sr_config_text(config, "organ.name"), "样例市医疗保障局");
	assert_true(sr_config_flag(config, "seal.read_back"));
	assert_string_equal(sr_config_text(config, "case.zone"), "Asia/Shanghai");
	assert_false(sr_config_flag(config, "case.state_secret"));
}

/* The library behind it would take the rest of a longer line for a line of its own. */
static void a_line_has_a_bound_for_readers_and_writers(void **state)
{
	char value[200], text[256];

	(void)state;
	for (size_t size = 180; size < sizeof(value); size++) {
		SR_CLEANUP(sr_config_freep) struct sr_config *config = NULL;
		SR_CLEANUP(sr_buf_dispose) struct sr_buf written = { 0 };
		const struct sr_config_value values[] = { { "organ.name", value } };
		struct sr_err err;

		memset(value, 'a', size);
		value[size] = 0;
		bool fits = strlen("name = ") + size <= 198;
		snprintf(text, sizeof(text), "[organ]\nname = %s\n", value);
		assert_int_equal(load(text, strlen(text), &config, &err), fits ? SR_OK : SR_INVALID);
		if (fits)
			assert_string_equal(sr_config_text(config, "organ.name"), value);
		else
			assert_non_null(strstr(err.text, "line 2"));
		assert_int_equal(sr_config_write(values, 1, &written, &err), fits ? SR_OK : SR_INVALID);
	}
}

static void mistakes_are_named_with_their_line(void **state)
{
	static const struct {
		const char *why, *text, *says;
	} cases[] = {
		{ "unknown key", "[seal]\nred_back = yes\n", "line 2" },
		{ "unknown section", "[sael]\nread_back = yes\n", "sael.read_back" },
		{ "twice", "[seal]\nread_back = yes\nread_back = no\n", "twice" },
		{ "no flag", "[seal]\nread_back = true\n", "yes or no" },
		{ "no pair", "[seal]\nread_back\n", "line 2" },
		{ "not UTF-8", "[organ]\nname = \xff\n", "UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_config_freep) struct sr_config *config = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(load(cases[i].text, strlen(cases[i].text), &config, &err), SR_INVALID);
		assert_non_null(strstr(err.text, cases[i].says));
	}
}

static void bytes_of_any_kind_never_crash(void **state)
{
	static const char nul[] = "[seal]\nread_back = yes\n\0[seal]";
	SR_CLEANUP(sr_config_freep) struct sr_config *config = NULL;
	const struct sr_config_value bad = { "organ.name", "a\nb" };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	(void)state;
	assert_int_equal(load(nul, sizeof(nul) - 1, &config, &err), SR_INVALID);
	assert_int_equal(sr_config_write(&bad, 1, &text, &err), SR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_line_has_a_bound_for_readers_and_writers),
		cmocka_unit_test(mistakes_are_named_with_their_line),
		cmocka_unit_test(bytes_of_any_kind_never_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
