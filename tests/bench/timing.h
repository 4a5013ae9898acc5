/* SPDX-License-Identifier: Apache-2.0 */
/* Percentiles of a run of measurements. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline int64_t timing_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* Processor time of this process, for a machine that is shared. */
static inline int64_t timing_processor_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static inline int timing_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One line "name p50_us p95_us hits" on standard output. */
static inline void timing_report(const char *name, int64_t *ns, size_t count, uint64_t hits)
{
	qsort(ns, count, sizeof(*ns), timing_compare);
	printf("%s %.1f %.1f %lu\n", name, (double)ns[count / 2] / 1000, (double)ns[count * 95 / 100] / 1000,
	       (unsigned long)hits);
}
