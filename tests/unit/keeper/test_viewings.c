/* SPDX-License-Identifier: Apache-2.0 */
/* The ranges of one viewing of a draft's file. */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/keeper/core/viewings.h"

#define S SR_SECOND_NS

static struct sr_digest named(uint8_t first, uint8_t second)
{
	return (struct sr_digest){ .bytes = { first, second } };
}

static void a_viewing_goes_on_until_a_minute_without_a_range(void **state)
{
	struct sr_viewings *viewings = NULL;
	const struct sr_digest one = named(1, 0), other = named(2, 0);
	struct sr_err err;

	(void)state;
	assert_ok(sr_viewings_new(&viewings, &err));
	assert_false(sr_viewings_go_on(viewings, &one, 10 * S));
	sr_viewings_begin(viewings, &one, 10 * S);
	assert_false(sr_viewings_go_on(viewings, &other, 11 * S));
	assert_true(sr_viewings_go_on(viewings, &one, 60 * S));
	assert_true(sr_viewings_go_on(viewings, &one, 119 * S));
	assert_false(sr_viewings_go_on(viewings, &one, 180 * S));
	sr_viewings_free(viewings);
}

static void of_too_many_the_one_longest_ago_is_forgotten(void **state)
{
	struct sr_viewings *viewings = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_viewings_new(&viewings, &err));
	for (unsigned i = 0; i < 257; i++) {
		const struct sr_digest what = named((uint8_t)(i % 256), (uint8_t)(i / 256));

		sr_viewings_begin(viewings, &what, 1000 * S + (int64_t)i);
	}
	const struct sr_digest first = named(0, 0), second = named(1, 0), last = named(0, 1);
	assert_false(sr_viewings_go_on(viewings, &first, 1001 * S));
	assert_true(sr_viewings_go_on(viewings, &second, 1001 * S));
	assert_true(sr_viewings_go_on(viewings, &last, 1001 * S));
	sr_viewings_free(viewings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_viewing_goes_on_until_a_minute_without_a_range),
		cmocka_unit_test(of_too_many_the_one_longest_ago_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
