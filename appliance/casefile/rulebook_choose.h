/* SPDX-License-Identifier: Apache-2.0 */
/* Which pack judges a case: the one in force when it was started.  docs/RULEBOOK.md, "A pack".  Thread-safe.
 */
#pragma once

#include "appliance/casefile/rulebook.h"

/*
 * The pack of that name, or of that series, that is in force when the case was started (dates.started, else
 * the complaint; where neither is known, the pack of that name).  SR_INVALID when none is.
 */
SR_CHECKED enum sr_status sr_rulebook_choose(const char *name, const struct sr_case *description,
                                             struct sr_rulebook **out, struct sr_err *err);
