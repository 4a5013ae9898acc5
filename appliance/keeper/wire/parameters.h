/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of methods against their table: "grant:text days:count? members:objects?" names every key that a
 * method takes, its kind, and whether it may be left out.
 *   text     1 to 4,096 bytes of UTF-8 without control characters
 *   prose    1 to 65,536 bytes, lines and tabs allowed: reasons, remarks, pasted files
 *   count    a whole number from 0
 *   flag     true or false
 *   texts    a list of text
 *   counts   a list of count
 *   object, objects, any
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_PARAMETER_TEXT_BYTES 4096u
#define SR_PARAMETER_PROSE_BYTES 65536u

/* SR_INVALID names the key that is missing, unknown or of another kind ("/days: must be …"). */
SR_CHECKED enum sr_status sr_parameters_check(const json_t *parameters, const char *table,
                                              struct sr_err *err);
