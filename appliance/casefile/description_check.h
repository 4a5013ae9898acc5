/* SPDX-License-Identifier: Apache-2.0 */
/* The X checks of docs/CASE.md that need the description alone: X12, X13, X14. */
#pragma once

#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"

/* Adds the findings; fails only for want of memory or with SR_LIMIT over SR_LIMIT_FINDINGS. */
SR_CHECKED enum sr_status sr_description_check(const struct sr_case *description,
                                               struct sr_findings *findings, struct sr_err *err);
