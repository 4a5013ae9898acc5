/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/crypto/age_files.h"

/* Pairs of age-keygen, so that public key and spelling are its own. */
static const struct {
	const char *identity, *recipient;
} pairs[] = {
	{ TEST_IDENTITY, TEST_RECIPIENT },
	{ OTHER_IDENTITY, OTHER_RECIPIENT },
};

static void an_identity_gives_the_recipient_that_age_keygen_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(pairs); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(pairs[i].identity);
		struct sr_age_recipient recipient;
		char text[SR_AGE_RECIPIENT_TEXT];
		struct sr_err err;

		assert_ok(sr_age_identity_recipient(identity, &recipient, &err));
		assert_ok(sr_age_recipient_to_text(&recipient, text, &err));
		assert_string_equal(text, pairs[i].recipient);
	}
}

static void texts_of_keys_are_those_of_age_keygen(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(pairs); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(pairs[i].identity);
		SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
		struct sr_age_recipient recipient = load_recipient(pairs[i].recipient);
		char recipient_text[SR_AGE_RECIPIENT_TEXT];
		struct sr_err err;

		assert_ok(sr_age_identity_to_text(identity, &text, &err));
		assert_string_equal((const char *)text->data, pairs[i].identity);
		assert_int_equal(text->size, SR_AGE_IDENTITY_TEXT);
		assert_ok(sr_age_recipient_to_text(&recipient, recipient_text, &err));
		assert_string_equal(recipient_text, pairs[i].recipient);
	}
}

static void age_keygen_reads_our_identities(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf shown = { 0 };
	struct sr_age_recipient recipient;
	char recipient_text[SR_AGE_RECIPIENT_TEXT];
	struct sr_err err;

	(void)state;
	assert_ok(sr_age_identity_new(&identity, &err));
	assert_ok(sr_age_identity_to_text(identity, &text, &err));
	assert_ok(sr_age_identity_recipient(identity, &recipient, &err));
	assert_ok(sr_age_recipient_to_text(&recipient, recipient_text, &err));
	write_file("new", text->data, strlen((const char *)text->data));
	assert_int_equal(system("age-keygen -y new > shown"), 0);
	read_file("shown", &shown);
	assert_int_equal(shown.size, SR_AGE_RECIPIENT_TEXT);
	assert_memory_equal(shown.data, recipient_text, SR_AGE_RECIPIENT_TEXT - 1);
}

static void two_new_identities_differ(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *one = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *two = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_age_identity_new(&one, &err));
	assert_ok(sr_age_identity_new(&two, &err));
	assert_memory_not_equal(one->data, two->data, SR_AGE_KEY_BYTES);
}

static void an_identity_file_may_hold_comments_and_blank_lines(void **state)
{
	static const struct {
		const char *why, *text;
		enum sr_status want;
	} cases[] = {
		{ "as age-keygen writes it",
		  "# created: 2026-11-21T23:09:32Z\n# public key: " TEST_RECIPIENT "\n" TEST_IDENTITY "\n",
		  SR_OK },
		{ "no newline at the end", "# comment\n" TEST_IDENTITY, SR_OK },
		{ "CRLF", "# comment\r\n\r\n" TEST_IDENTITY "\r\n", SR_OK },
		{ "the first of two", "\n\n" TEST_IDENTITY "\n" OTHER_IDENTITY "\n", SR_OK },
		{ "nothing", "", SR_CORRUPT },
		{ "comments only", "# nothing\n#\n", SR_CORRUPT },
		{ "a recipient", TEST_RECIPIENT "\n", SR_CORRUPT },
		{ "lower case",
		  "age-secret-key-1nyphnma6plrzs5t0hcgf0ujds9tsnxh770d65d65992rvcfcj6es9e9kk7\n",
		  SR_CORRUPT },
		{ "mixed case",
		  "AGE-SECRET-KEY-1nYPHNMA6PLRZS5T0HCGF0UJDS9TSNXH770D65D65992RVCFCJ6ES9E9KK7\n",
		  SR_CORRUPT },
		{ "one character changed",
		  "AGE-SECRET-KEY-1PYPHNMA6PLRZS5T0HCGF0UJDS9TSNXH770D65D65992RVCFCJ6ES9E9KK7\n",
		  SR_CORRUPT },
		{ "cut", "AGE-SECRET-KEY-1NYPHNMA6PLRZS5T0HCGF0UJDS9TSNXH770D65D65992RVCFCJ6ES9E9KK\n",
		  SR_CORRUPT },
		{ "two on a line", TEST_IDENTITY " " OTHER_IDENTITY "\n", SR_CORRUPT },
		{ "leading blank", " " TEST_IDENTITY "\n", SR_CORRUPT },
		{ "plugin", "AGE-PLUGIN-YUBIKEY-1QQQQQQQQ\n", SR_CORRUPT },
		{ "key of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\n", SR_CORRUPT },
	};
	SR_CLEANUP(sr_secret_freep) struct sr_secret *want = load_identity(TEST_IDENTITY);

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(
			sr_age_identity_from_text(cases[i].text, strlen(cases[i].text), &identity, &err),
			cases[i].want);
		if (cases[i].want != SR_OK) {
			assert_null(identity);
			assert_null(strstr(err.text, "NYPHNMA6"));
			continue;
		}
		assert_memory_equal(identity->data, want->data, SR_AGE_KEY_BYTES);
	}
}

static void what_is_no_recipient_is_refused(void **state)
{
	static const struct {
		const char *why, *text;
	} cases[] = {
		{ "nothing", "" },
		{ "an identity", TEST_IDENTITY },
		{ "capitals", "AGE1Z0P3KT9SWSCP5ZXCDURMRQ8SSWWQQGVHYADVWM98Z0SY5S2DG3NQ8KFQUR" },
		{ "newline", TEST_RECIPIENT "\n" },
		{ "cut", "age1z0p3kt9swscp5zxcdurmrq8sswwqqgvhyadvwm98z0sy5s2dg3nq8kfqu" },
		{ "a character changed", "age1z0p3kt9swscp5zxcdurmrq8sswwqqgvhyadvwm98z0sy5s2dg3nq8kfquq" },
		{ "another prefix, good checksum", "a12uel5l" },
		{ "key of OpenSSH", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_age_recipient recipient;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_age_recipient_from_text(cases[i].text, &recipient, &err), SR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identity_gives_the_recipient_that_age_keygen_says),
		cmocka_unit_test(texts_of_keys_are_those_of_age_keygen),
		cmocka_unit_test(age_keygen_reads_our_identities),
		cmocka_unit_test(two_new_identities_differ),
		cmocka_unit_test(an_identity_file_may_hold_comments_and_blank_lines),
		cmocka_unit_test(what_is_no_recipient_is_refused),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
