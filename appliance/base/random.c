/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/random.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

static void (*injected_fill)(void *context, void *out, size_t size);
static void *injected_context;

enum sr_status sr_random_fill(void *out, size_t size, struct sr_err *err)
{
	uint8_t *at = out;

	if (injected_fill) {
		injected_fill(injected_context, out, size);
		return SR_OK;
	}
	while (size > 0) {
		ssize_t n = getrandom(at, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sr_fail_errno(err, "random bytes");
		at += n;
		size -= (size_t)n;
	}
	return SR_OK;
}

void sr_random_inject(void (*fill)(void *context, void *out, size_t size), void *context)
{
	injected_fill = fill;
	injected_context = context;
}
