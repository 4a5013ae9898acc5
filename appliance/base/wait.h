/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting on a condition for a while: on a clock that nobody can set.  Thread-safe: no state. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Wait on @condition (@lock is held) for @ns at most, by CLOCK_MONOTONIC whatever the condition was made
 * with: a wall clock that is set back prolongs nothing.  False when the time is over; true when it was
 * signalled, or for no reason, as any wait on a condition may end.
 */
bool sr_wait_for(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ns);
