/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from the kernel; a test may put its own source in their place. */
#pragma once

#include <stddef.h>

#include "appliance/base/err.h"

SR_CHECKED enum sr_status sr_random_fill(void *out, size_t size, struct sr_err *err);

/* For tests alone: bytes come from @fill until it is set to NULL.  Not thread-safe to change. */
void sr_random_inject(void (*fill)(void *context, void *out, size_t size), void *context);
