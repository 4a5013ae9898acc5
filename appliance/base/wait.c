/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/wait.h"

#include <time.h>

#include "appliance/base/clock.h"

bool sr_wait_for(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ns)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ns / SR_SECOND_NS;
	until.tv_nsec += ns % SR_SECOND_NS;
	if (until.tv_nsec >= SR_SECOND_NS) {
		until.tv_sec++;
		until.tv_nsec -= SR_SECOND_NS;
	}
	return pthread_cond_clockwait(condition, lock, CLOCK_MONOTONIC, &until) == 0;
}
