/* SPDX-License-Identifier: Apache-2.0 */
/* How a long action tells how far it is.  Called from one thread at a time, often: be quick. */
#pragma once

#include <stdint.h>

struct sr_progress {
	void (*report)(void *context, const char *what, uint64_t done,
	               uint64_t total); /* NULL: nobody asks */
	void *context;
};

static inline void sr_progress_report(const struct sr_progress *progress, const char *what, uint64_t done,
                                      uint64_t total)
{
	if (progress && progress->report)
		progress->report(progress->context, what, done, total);
}
