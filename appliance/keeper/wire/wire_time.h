/* SPDX-License-Identifier: Apache-2.0 */
/* Time for deadlines: it never jumps. */
#pragma once

#include <stdint.h>
#include <time.h>

#define SR_WIRE_MS_NS 1000000ll
#define SR_WIRE_NEVER INT64_MAX

static inline int64_t sr_wire_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static inline int64_t sr_wire_deadline_ns(int timeout_ms)
{
	return timeout_ms < 0 ? SR_WIRE_NEVER : sr_wire_now_ns() + timeout_ms * SR_WIRE_MS_NS;
}

/* For poll and epoll_wait: rounded up, so that nobody wakes too early and asks again. */
static inline int sr_wire_left_ms(int64_t deadline_ns)
{
	int64_t now = sr_wire_now_ns();

	if (deadline_ns == SR_WIRE_NEVER)
		return -1;
	if (deadline_ns <= now)
		return 0;
	int64_t left = (deadline_ns - now + SR_WIRE_MS_NS - 1) / SR_WIRE_MS_NS;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}
