/* SPDX-License-Identifier: Apache-2.0 */
/* Expected hashes are the argon2 program's (Debian's argon2 0~20171227): argon2 sixteensaltbytes -id -t 1 -m
 * 3 … */
#include "tests/unit/unit.h"

#include <ctype.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/keeper/core/password.h"
#include "appliance/keeper/core/phc.h"
#include "tests/unit/keeper/secrets.h"

#define CHEAP "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw$8qDHzLfojHCYF/w5r5YtmWbHKwMnyzugEpcZX6kRi6I"

static const struct sr_password_cost cheap = { .memory_kib = 8, .passes = 1, .lanes = 1 };

static enum sr_status verify(const char *password, const char *encoded, const struct sr_password_cost *wanted,
                             bool *outdated)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = test_secret(password);
	struct sr_err err;

	return sr_password_verify(secret, encoded, wanted, outdated, &err);
}

static void hashes_of_the_reference_program_are_verified(void **state)
{
	static const struct {
		const char *why, *password, *encoded;
		bool outdated; /* beside 8 KiB and 1 pass */
	} cases[] = {
		{ "the least", "secretpass", CHEAP, false },
		{ "ours", "secretpass",
		  "$argon2id$v=19$m=65536,t=3,p=1$c2l4dGVlbnNhbHRieXRlcw$"
		  "Xb1fHcwFIN4HZgKnmzeKvIg9R7DubgNLMdNbXCJSJf8",
		  false },
		{ "two lanes, a shorter hash, Chinese", "密码口令很长",
		  "$argon2id$v=19$m=64,t=2,p=2$c2l4dGVlbnNhbHRieXRlcw$ipMUi896oEOOH6L89ks/R/Kd/Tp8kVNd",
		  true },
		{ "libargon2's own vector, a shorter salt", "password",
		  "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		bool outdated = !cases[i].outdated;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(verify(cases[i].password, cases[i].encoded, &cheap, &outdated), SR_OK);
		assert_int_equal(outdated, cases[i].outdated);
		assert_int_equal(verify("secretpasT", cases[i].encoded, &cheap, &outdated), SR_DENIED);
	}
}

static void a_new_hash_has_our_cost_and_a_salt_of_its_own(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = test_secret("一个长的口令");
	char first[SR_PASSWORD_HASH_TEXT], second[SR_PASSWORD_HASH_TEXT];
	bool outdated = true;
	struct sr_err err;

	(void)state;
	assert_ok(sr_password_hash(password, &sr_password_cost, first, &err));
	assert_ok(sr_password_hash(password, &sr_password_cost, second, &err));
	assert_int_equal(strncmp(first, "$argon2id$v=19$m=65536,t=3,p=1$", 31), 0);
	assert_string_not_equal(first, second);
	assert_ok(sr_password_verify(password, first, &sr_password_cost, &outdated, &err));
	assert_false(outdated);
}

static void a_cheaper_hash_is_outdated_and_a_dearer_one_is_not(void **state)
{
	static const struct {
		const char *why;
		struct sr_password_cost wanted;
		bool outdated;
	} cases[] = {
		{ "the same", { 8, 1, 1 }, false },
		{ "more memory", { 16, 1, 1 }, true },
		{ "more passes", { 8, 2, 1 }, true },
		{ "more lanes", { 16, 1, 2 }, true },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		bool outdated = !cases[i].outdated;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(verify("secretpass", CHEAP, &cases[i].wanted, &outdated), SR_OK);
		assert_int_equal(outdated, cases[i].outdated);
	}
}

static void nobodys_password_is_refused_with_the_same_words(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *zeros = test_secret("secretpass");
	SR_CLEANUP(sr_secret_freep) struct sr_secret *wrong = test_secret("wrong-one");
	bool outdated;
	struct sr_err nobody, somebody;

	(void)state;
	assert_int_equal(sr_password_verify(zeros, NULL, &cheap, &outdated, &nobody), SR_DENIED);
	assert_int_equal(sr_password_verify(wrong, CHEAP, &cheap, &outdated, &somebody), SR_DENIED);
	assert_string_equal(nobody.text, somebody.text);
}

static void a_hash_that_is_not_ours_or_costs_too_much_is_corrupt(void **state)
{
	static const struct {
		const char *why, *encoded;
	} cases[] = {
		{ "empty", "" },
		{ "argon2i", "$argon2i$v=19$m=8,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw$5jMo3CwH5i+"
		             "WtfYsAoKn6uE9vEW8jU9pggG+PaIGuC0" },
		{ "version 1.0", "$argon2id$v=16$m=8,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw$"
		                 "pZNaFEUulVQNcpdoXWXpAE2jklnspX5BhvyTyrRcBqo" },
		{ "4 TiB", "$argon2id$v=19$m=4294967295,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw$8qDHzLfojHCYF/"
		           "w5r5YtmWbHKwMnyzugEpcZX6kRi6I" },
		{ "a billion passes", "$argon2id$v=19$m=8,t=1000000000,p=1$c2l4dGVlbnNhbHRieXRlcw$"
		                      "8qDHzLfojHCYF/w5r5YtmWbHKwMnyzugEpcZX6kRi6I" },
		{ "no lane", "$argon2id$v=19$m=8,t=1,p=0$c2l4dGVlbnNhbHRieXRlcw$8qDHzLfojHCYF/"
		             "w5r5YtmWbHKwMnyzugEpcZX6kRi6I" },
		{ "too little memory for its lanes", "$argon2id$v=19$m=8,t=1,p=2$c2l4dGVlbnNhbHRieXRlcw$"
		                                     "8qDHzLfojHCYF/w5r5YtmWbHKwMnyzugEpcZX6kRi6I" },
		{ "a leading zero", "$argon2id$v=19$m=08,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw$8qDHzLfojHCYF/"
		                    "w5r5YtmWbHKwMnyzugEpcZX6kRi6I" },
		{ "other order", "$argon2id$v=19$t=1,m=8,p=1$c2l4dGVlbnNhbHRieXRlcw$8qDHzLfojHCYF/"
		                 "w5r5YtmWbHKwMnyzugEpcZX6kRi6I" },
		{ "salt of 5 bytes",
		  "$argon2id$v=19$m=8,t=1,p=1$c2FsdHM$8qDHzLfojHCYF/w5r5YtmWbHKwMnyzugEpcZX6kRi6I" },
		{ "hash of 8 bytes", "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw$8qDHzLfojHA" },
		{ "no hash", "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw" },
		{ "something behind", CHEAP "$" },
		{ "padding", CHEAP "=" },
	};
	bool outdated;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(verify("secretpass", cases[i].encoded, &cheap, &outdated), SR_CORRUPT);
	}
}

static void no_flipped_bit_and_no_truncation_lets_anybody_in(void **state)
{
	char text[] = CHEAP;
	bool outdated;

	(void)state;
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		struct sr_phc phc;
		struct sr_err err;

		text[bit / 8] = (char)(text[bit / 8] ^ (1 << (bit % 8)));
		/* A flip may ask for more work within the bounds; decoding is enough to know that there. */
		if (sr_phc_decode(text, &phc, &err) == SR_OK && phc.cost.memory_kib * phc.cost.passes < 1024)
			assert_int_equal(verify("secretpass", text, &cheap, &outdated), SR_DENIED);
		text[bit / 8] = (char)(text[bit / 8] ^ (1 << (bit % 8)));
	}
	for (size_t size = 0; size < sizeof(text) - 1; size++) {
		char cut[sizeof(text)];

		snprintf(cut, sizeof(cut), "%.*s", (int)size, text);
		assert_int_not_equal(verify("secretpass", cut, &cheap, &outdated), SR_OK);
	}
}

static void the_longest_hash_fits_and_is_read_again(void **state)
{
	struct sr_phc phc = { .cost = { 262144, 16, 8 }, .salt_size = 64, .hash_size = 64 }, again;
	char text[SR_PASSWORD_HASH_TEXT];
	struct sr_err err;

	(void)state;
	memset(phc.salt, 0xff, sizeof(phc.salt));
	memset(phc.hash, 0xfe, sizeof(phc.hash));
	assert_ok(sr_phc_encode(&phc, text, &err));
	assert_ok(sr_phc_decode(text, &again, &err));
	assert_int_equal(again.cost.memory_kib, 262144);
	assert_int_equal(again.cost.lanes, 8);
	assert_memory_equal(again.salt, phc.salt, 64);
	assert_memory_equal(again.hash, phc.hash, 64);
}

static void what_may_be_a_password(void **state)
{
	static const struct {
		const char *why, *password;
		enum sr_status status;
	} cases[] = {
		{ "eight letters", "abcdefgh", SR_OK },
		{ "three Chinese characters are nine bytes", "保险箱", SR_OK },
		{ "spaces inside", "correct horse battery", SR_OK },
		{ "composed otherwise is another password, and fine", "cafe\xcc\x81s au lait", SR_OK },
		{ "seven bytes", "abcdefg", SR_INVALID },
		{ "empty", "", SR_INVALID },
		{ "blank", "        ", SR_INVALID },
		{ "blank in wide spaces", "\xe3\x80\x80\xe3\x80\x80\xe3\x80\x80", SR_INVALID },
		{ "the name", "zhang.san", SR_INVALID },
		{ "the name in capitals", "ZHANG.San", SR_INVALID },
		{ "the name and more", "zhang.san1", SR_OK },
		{ "a backspace", "abcdefg\bh", SR_INVALID },
		{ "a line break", "abcdefgh\n", SR_INVALID },
		{ "not UTF-8", "abcdefgh\xff", SR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = test_secret(cases[i].password);
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_password_check(secret, "zhang.san", &err), cases[i].status);
	}
}

static void a_password_has_at_most_1024_bytes(void **state)
{
	static const char long_one[SR_PASSWORD_BYTES_MAX + 1] = { [0 ... SR_PASSWORD_BYTES_MAX] = 'x' };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *most = test_secret_of(long_one, SR_PASSWORD_BYTES_MAX);
	SR_CLEANUP(sr_secret_freep)
	struct sr_secret *more = test_secret_of(long_one, SR_PASSWORD_BYTES_MAX + 1);
	char text[SR_PASSWORD_HASH_TEXT];
	bool outdated;
	struct sr_err err;

	(void)state;
	assert_ok(sr_password_check(most, "u", &err));
	assert_ok(sr_password_hash(most, &cheap, text, &err));
	assert_ok(sr_password_verify(most, text, &cheap, &outdated, &err));
	assert_int_equal(sr_password_check(more, "u", &err), SR_INVALID);
	assert_int_equal(sr_password_hash(more, &cheap, text, &err), SR_INVALID);
	assert_int_equal(sr_password_verify(more, text, &cheap, &outdated, &err), SR_INVALID);
}

static void count_up(void *context, void *out, size_t size)
{
	uint8_t *next = context;

	for (size_t i = 0; i < size; i++)
		((uint8_t *)out)[i] = (*next)++;
}

static void a_random_password_is_five_groups_of_an_alphabet_of_32(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *counted = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *random = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *other = NULL;
	uint8_t next = 0xe0 + 7; /* the upper three bits are left out */
	struct sr_err err;

	(void)state;
	sr_random_inject(count_up, &next);
	enum sr_status status = sr_password_make_random(&counted, &err);
	sr_random_inject(NULL, NULL);
	assert_int_equal(status, SR_OK);
	assert_memory_equal(counted->data, "789ab-cdefg-hjkmn-pqrst-vwxyz", SR_PASSWORD_RANDOM_BYTES);
	assert_ok(sr_password_make_random(&random, &err));
	assert_ok(sr_password_make_random(&other, &err));
	assert_int_equal(random->size, SR_PASSWORD_RANDOM_BYTES);
	assert_memory_not_equal(random->data, other->data, SR_PASSWORD_RANDOM_BYTES);
	assert_ok(sr_password_check(random, "admin", &err));
	for (size_t i = 0; i < random->size; i++) {
		if (i % 6 == 5)
			assert_int_equal(random->data[i], '-');
		else
			assert_true((islower(random->data[i]) || isdigit(random->data[i])) &&
			            !strchr("ilou", random->data[i]));
	}
}

static void a_cost_out_of_its_bounds_is_refused(void **state)
{
	static const struct sr_password_cost costs[] = { { 7, 1, 1 },  { 8, 0, 1 },      { 8, 1, 0 },
		                                         { 8, 17, 1 }, { 262145, 1, 1 }, { 262144, 1, 9 } };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = test_secret("secretpass");
	char text[SR_PASSWORD_HASH_TEXT];
	bool outdated;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(costs); i++) {
		assert_int_equal(sr_password_hash(password, &costs[i], text, &err), SR_INVALID);
		assert_int_equal(sr_password_verify(password, NULL, &costs[i], &outdated, &err), SR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_of_the_reference_program_are_verified),
		cmocka_unit_test(a_new_hash_has_our_cost_and_a_salt_of_its_own),
		cmocka_unit_test(a_cheaper_hash_is_outdated_and_a_dearer_one_is_not),
		cmocka_unit_test(nobodys_password_is_refused_with_the_same_words),
		cmocka_unit_test(a_hash_that_is_not_ours_or_costs_too_much_is_corrupt),
		cmocka_unit_test(no_flipped_bit_and_no_truncation_lets_anybody_in),
		cmocka_unit_test(the_longest_hash_fits_and_is_read_again),
		cmocka_unit_test(what_may_be_a_password),
		cmocka_unit_test(a_password_has_at_most_1024_bytes),
		cmocka_unit_test(a_random_password_is_five_groups_of_an_alphabet_of_32),
		cmocka_unit_test(a_cost_out_of_its_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
