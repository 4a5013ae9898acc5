/* SPDX-License-Identifier: Apache-2.0 */
/* Check X3: one path named twice, or two that a file system may take for one. */
#pragma once

#include "appliance/casefile/description.h"

SR_CHECKED enum sr_status sr_member_clashes_find(const struct sr_case *description,
                                                 struct sr_findings *findings, struct sr_err *err);
