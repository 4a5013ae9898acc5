/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/wait.h"

#define HOUR_S 3600

static time_t ahead_s; /* of the wall clock as this program sees it, over the kernel's */

/* Takes the C library's place in this program. */
int clock_gettime(clockid_t clock, struct timespec *out)
{
	if (syscall(SYS_clock_gettime, clock, out) < 0)
		return -1;
	if (clock == CLOCK_REALTIME)
		out->tv_sec += ahead_s;
	return 0;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SR_SECOND_NS + now.tv_nsec;
}

/* Whoever reads a clock that is set back right after waits for it to come to that time again: an hour here.
 */
static void a_wall_clock_that_is_set_prolongs_no_wait(void **state)
{
	static const time_t jumps[] = { 0, HOUR_S, -HOUR_S };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(jumps); i++) {
		pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
		pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
		int64_t began_ns = now_ns();

		ahead_s = jumps[i];
		pthread_mutex_lock(&lock);
		while (sr_wait_for(&condition, &lock, 30 * SR_SECOND_NS / 1000))
			continue;
		pthread_mutex_unlock(&lock);
		assert_true(now_ns() - began_ns >= 30 * SR_SECOND_NS / 1000);
		assert_true(now_ns() - began_ns < 20 * SR_SECOND_NS);
	}
	ahead_s = 0;
}

struct bell {
	pthread_cond_t condition;
	pthread_mutex_t lock;
	bool rung;
};

static void *ring(void *context)
{
	struct bell *bell = context;

	pthread_mutex_lock(&bell->lock);
	bell->rung = true;
	pthread_cond_signal(&bell->condition);
	pthread_mutex_unlock(&bell->lock);
	return NULL;
}

static void a_signal_ends_it(void **state)
{
	struct bell bell = { PTHREAD_COND_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, false };
	pthread_t thread;
	bool in_time = true;

	(void)state;
	pthread_mutex_lock(&bell.lock);
	assert_int_equal(pthread_create(&thread, NULL, ring, &bell), 0);
	while (!bell.rung && in_time)
		in_time = sr_wait_for(&bell.condition, &bell.lock, 60 * SR_SECOND_NS);
	pthread_mutex_unlock(&bell.lock);
	assert_true(in_time);
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wall_clock_that_is_set_prolongs_no_wait),
		cmocka_unit_test(a_signal_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
