/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for the operator: one line each on standard error.  Never a key, never plaintext. */
#pragma once

#include "appliance/base/err.h"

enum sr_log_level {
	SR_LOG_ERROR,
	SR_LOG_WARNING,
	SR_LOG_NOTICE,
};

/* Thread-safe: each message is one write. */
void sr_log(enum sr_log_level level, const char *fmt, ...) SR_PRINTF(2, 3);
