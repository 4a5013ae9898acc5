/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's error queue turned into our error text.  Private to this folder; thread-safe. */
#pragma once

#include "appliance/base/err.h"

/*
 * Record "@what: reason" with the reason of the earliest entry of this thread's queue (the cause),
 * and empty the queue, so that no later failure reports this one.  Returns @status, or SR_NO_MEMORY
 * where OpenSSL says that it ran out of memory.
 */
enum sr_status sr_crypto_fail(struct sr_err *err, enum sr_status status, const char *what);
