/* SPDX-License-Identifier: Apache-2.0 */
/* Errors in parts: what another language needs of them. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/err_parts.h"
#include "appliance/base/json.h"

/* The parts as one text: form|value|value;form… */
static void flat(const struct sr_err *err, char *out, size_t room)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parts = sr_err_parts_get(err);
	size_t i, k;
	json_t *part, *value;

	out[0] = 0;
	json_array_foreach(parts, i, part) {
		snprintf(out + strlen(out), room - strlen(out), "%s%s", i ? ";" : "",
		         json_string_value(json_object_get(part, "form")));
		json_array_foreach(json_object_get(part, "values"), k, value)
			snprintf(out + strlen(out), room - strlen(out), "|%s", json_string_value(value));
	}
}

#define assert_parts(err, want)                                                                              \
	do {                                                                                                 \
		char got_[2048];                                                                             \
		flat(err, got_, sizeof(got_));                                                               \
		assert_string_equal(got_, want);                                                             \
	} while (0)

static void a_failure_keeps_its_sentence_and_its_values(void **state)
{
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_fail(&err, SR_DENIED, "the grant %s ended at %s", "G1", "noon"), SR_DENIED);
	assert_string_equal(err.text, "the grant G1 ended at noon");
	assert_parts(&err, "the grant {0} ended at {1}|G1|noon");
	assert_int_equal(sr_fail(&err, SR_LIMIT, "%zu of %u, %lld and %" PRIu64 ", %d %% of %.3s, %.*s, %x",
	                         (size_t)7, 8u, -9LL, UINT64_C(10), -1, "abcdef", 2, "xyz", 255u),
	                 SR_LIMIT);
	assert_string_equal(err.text, "7 of 8, -9 and 10, -1 % of abc, xy, ff");
	assert_parts(&err, "{0} of {1}, {2} and {3}, {4} % of {5}, {6}, {7}|7|8|-9|10|-1|abc|xy|ff");
}

static void what_is_around_stands_in_front(void **state)
{
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_fail(&err, SR_INVALID, "must be text, not %s", "a list"), SR_INVALID);
	assert_int_equal(sr_fail_in(&err, SR_INVALID, "%s: ", "/acts/0/place"), SR_INVALID);
	assert_int_equal(sr_fail_in(&err, SR_INVALID, "case.json: "), SR_INVALID);
	assert_string_equal(err.text, "case.json: /acts/0/place: must be text, not a list");
	assert_parts(&err, "case.json: ;{0}: |/acts/0/place;must be text, not {0}|a list");
}

static void what_others_say_has_no_parts(void **state)
{
	struct sr_err err;
	char long_text[600];

	(void)state;
	assert_int_equal(sr_fail(&err, SR_IO, "%s", "something else said this"), SR_IO);
	assert_null(sr_err_parts_get(&err));
	errno = ENOENT;
	assert_int_equal(sr_fail_errno(&err, "open %s", "x"), SR_NOT_FOUND);
	assert_int_equal(sr_fail_in(&err, SR_NOT_FOUND, "keys/%s: ", "y"), SR_NOT_FOUND);
	assert_null(sr_err_parts_get(&err));
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	assert_int_equal(sr_fail(&err, SR_LIMIT, "%s %s %s %s", long_text, long_text, long_text, long_text),
	                 SR_LIMIT);
	assert_null(sr_err_parts_get(&err));
}

static void parts_cross_the_wire_and_nothing_else_does(void **state)
{
	static const char *const wrong[] = { "{}", "[1]", "[{\"form\":1,\"values\":[]}]",
		                             "[{\"form\":\"a\",\"values\":[2]}]",
		                             "[{\"form\":\"a\\u001fb\",\"values\":[]}]" };
	struct sr_err err, other;

	(void)state;
	assert_int_equal(sr_fail(&err, SR_DENIED, "only %s, not %s", "", "a\x1f\x1e b"), SR_DENIED);
	SR_CLEANUP(sr_json_decrefp) json_t *parts = sr_err_parts_get(&err);
	assert_int_equal(sr_fail(&other, SR_DENIED, "%s", err.text), SR_DENIED);
	sr_err_parts_take(&other, parts);
	assert_parts(&other, "only {0}, not {1}||a?? b");
	for (size_t i = 0; i < SR_COUNT(wrong); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *given = json_loads(wrong[i], 0, NULL);

		assert_non_null(given);
		sr_err_parts_take(&other, given);
		assert_null(sr_err_parts_get(&other));
	}
	sr_err_parts_take(&other, NULL);
	assert_null(sr_err_parts_get(&other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_keeps_its_sentence_and_its_values),
		cmocka_unit_test(what_is_around_stands_in_front),
		cmocka_unit_test(what_others_say_has_no_parts),
		cmocka_unit_test(parts_cross_the_wire_and_nothing_else_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
