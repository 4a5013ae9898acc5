/* SPDX-License-Identifier: Apache-2.0 */
/* Case ids: UUIDv7 (RFC 9562 section 5.7) in lower-case text. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_UUID_TEXT 37 /* 36 characters and a NUL */

/* Time-ordered: the first 48 bits are milliseconds of @time_ns, the rest is random. */
SR_CHECKED enum sr_status sr_uuid_make(int64_t time_ns, char out[SR_UUID_TEXT], struct sr_err *err);

/* 36 characters, lower case, version 7, variant 10. */
bool sr_uuid_is_valid(const char *text);
