/* SPDX-License-Identifier: Apache-2.0 */
/* Noting what is wrong with an archive; one thread at a time. */
#pragma once

#include "appliance/archive/verify.h"
#include "appliance/base/err.h"

/* Append one damage; both texts are copied.  SR_NO_MEMORY. */
SR_CHECKED enum sr_status sr_damage_add(struct sr_verify_report *report, struct sr_err *err,
                                        const char *member, const char *fmt, ...) SR_PRINTF(4, 5);

/*
 * Take the outcome of one check: a failure of whatever kind is damage of @member, with the text of @why; only
 * SR_NO_MEMORY ends the verification.
 */
SR_CHECKED enum sr_status sr_damage_take(struct sr_verify_report *report, const char *member,
                                         enum sr_status status, const struct sr_err *why, struct sr_err *err);
