/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <sched.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/threads.h"

static void as_many_as_asked_within_the_limits(void **state)
{
	static const struct {
		unsigned asked;
		uint64_t pieces;
		unsigned max, want;
	} cases[] = {
		{ 4, 100, 8, 4 }, { 4, 3, 8, 3 },  { 40, 100, 8, 8 },          { 4, 0, 8, 1 },
		{ 1, 100, 8, 1 }, { 0, 1, 8, 1 },  { 40, UINT64_MAX, 32, 32 }, { 3, 1ull << 32, 8, 3 },
		{ 0, 0, 8, 1 },   { 0, 99, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++)
		assert_int_equal(sr_threads_for(cases[i].asked, cases[i].pieces, cases[i].max),
		                 cases[i].want);
}

/* taskset and a service's CPUAffinity count, not what the machine has. */
static void one_a_core_that_this_process_may_run_on(void **state)
{
	cpu_set_t before, one;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(sr_threads_for(0, UINT64_MAX, 1u << 20), CPU_COUNT(&before));
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &before))
			CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(sr_threads_for(0, UINT64_MAX, 1u << 20), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_asked_within_the_limits),
		cmocka_unit_test(one_a_core_that_this_process_may_run_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
