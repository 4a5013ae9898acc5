/* SPDX-License-Identifier: Apache-2.0 */
/* Form of the whole case.json, and check X4: keys and words that docs/CASE.md does not know. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/casefile/finding.h"

/*
 * SR_INVALID with the JSON pointer of the first value that does not have its form; SR_LIMIT for a path that
 * is too long or an unknown value that is nested too deep.  @root is an object.
 */
SR_CHECKED enum sr_status sr_unknown_keys_find(const json_t *root, struct sr_findings *findings,
                                               struct sr_err *err);
