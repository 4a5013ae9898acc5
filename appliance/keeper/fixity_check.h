/* SPDX-License-Identifier: Apache-2.0 */
/* Checking one archive of the vault against its seal and against the log, and writing down what came out. */
#pragma once

#include "appliance/keeper/fixity_targets.h"
#include "appliance/keeper/roots.h"

struct sr_fixity_options {
	struct sr_act *act;
	const struct sr_roots *roots;
	bool own_roots; /* the appliance's: what comes out is written to the log */
	bool quick;
	const struct sr_progress *progress; /* may be NULL */
};

/*
 * *verdict (caller owns) is one element of the `verify` object.  SR_OK whatever the verdict is.  The entry
 * fixity.passed or fixity.failed is durable then.
 */
SR_CHECKED enum sr_status sr_fixity_check(const struct sr_fixity_options *options,
                                          const struct sr_fixity_target *target, json_t **verdict,
                                          struct sr_err *err);

/*
 * What lies in the vault and belongs to no case, one verdict each by @each (which takes it): archives that no
 * entry names are judged, other files refused.  Nothing is written to the log.
 */
SR_CHECKED enum sr_status sr_fixity_check_strays(const struct sr_fixity_options *options,
                                                 enum sr_status (*each)(void *context, json_t *verdict,
                                                                        struct sr_err *err),
                                                 void *context, struct sr_err *err);
