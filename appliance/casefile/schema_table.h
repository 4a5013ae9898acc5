/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of case.json with its form.  docs/CASE.md says the same in words; change both. */
#pragma once

#include "appliance/casefile/schema.h"

#define SR_CASE_FORMAT "strongroom-case-description/1"

extern const struct sr_schema sr_schema_case;   /* the whole document */
extern const struct sr_schema sr_schema_member; /* an element of /members */
extern const struct sr_schema sr_schema_remark; /* an element of /remarks */
