/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka in its required order, and a check that shows err.text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/base/err.h"

/* The call must be SR_OK; `err` of the caller's scope says why it was not. */
#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		enum sr_status ok_status_ = (call);                                                          \
		if (ok_status_ != SR_OK)                                                                     \
			print_message("%s: %s\n", sr_status_name(ok_status_), err.text);                     \
		assert_int_equal(ok_status_, SR_OK);                                                         \
	} while (0)
