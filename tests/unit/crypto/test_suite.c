/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/crypto/suite.h"

/* FORMAT.md: 184 bytes of head, 65,536-byte chunks with 16-byte tags, at least one chunk. */
static void sizes_follow_the_format(void **state)
{
	static const struct {
		uint64_t plain, sealed;
	} cases[] = {
		{ 0, 200 },         { 1, 201 },
		{ 65535, 65735 },   { 65536, 65736 },
		{ 65537, 65753 },   { 131072, 131288 },
		{ 131073, 131305 }, { 8589934593ull, 8589934593ull + 184 + 16 * 131073ull },
	};
	const struct sr_suite *suite = sr_suite_find("age-x25519");

	(void)state;
	assert_non_null(suite);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		uint64_t plain;
		struct sr_err err;

		assert_int_equal(sr_suite_sealed_bytes(suite, cases[i].plain), cases[i].sealed);
		assert_ok(sr_suite_plain_bytes(suite, cases[i].sealed, &plain, &err));
		assert_int_equal(plain, cases[i].plain);
	}
	assert_int_equal(sr_suite_sealed_bytes(suite, UINT64_MAX), UINT64_MAX);
}

static void sizes_that_no_file_has_are_refused(void **state)
{
	static const uint64_t cases[] = {
		0, 183, 184, 199, 184 + 65552 + 1, 184 + 65552 + 16, 184 + 2 * 65552 + 9
	};
	const struct sr_suite *suite = sr_suite_find("age-x25519");

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		uint64_t plain;
		struct sr_err err;

		assert_int_equal(sr_suite_plain_bytes(suite, cases[i], &plain, &err), SR_CORRUPT);
	}
}

static void an_unknown_suite_is_not_found(void **state)
{
	(void)state;
	assert_null(sr_suite_find("sm"));
	assert_null(sr_suite_find(""));
	assert_null(sr_suite_find("AGE-X25519"));
}

static void every_suite_keeps_its_bounds(void **state)
{
	const struct sr_suite *suite = sr_suite_find(SR_SUITE_AGE_X25519);

	(void)state;
	assert_true(suite->head_bytes <= SR_SUITE_HEAD_MAX && suite->key_bytes <= SR_SUITE_KEY_MAX);
	assert_true(suite->tag_bytes <= SR_SUITE_TAG_MAX);
	assert_true(suite->chunk_bytes >= SR_SUITE_CHUNK_MIN && suite->chunk_bytes <= SR_SUITE_CHUNK_MAX);
	assert_int_equal(suite->chunk_bytes & (suite->chunk_bytes - 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_follow_the_format),
		cmocka_unit_test(sizes_that_no_file_has_are_refused),
		cmocka_unit_test(an_unknown_suite_is_not_found),
		cmocka_unit_test(every_suite_keeps_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
