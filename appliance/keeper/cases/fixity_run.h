/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking many archives: small ones on all cores at once, their entries written together as they come.
 * Memory is bounded by what 64 verdicts take and the buffers of one large archive.
 */
#pragma once

#include "appliance/keeper/cases/fixity_check.h"

/* Takes @verdict, whose entry is durable. */
typedef enum sr_status sr_fixity_each(void *context, json_t *verdict, struct sr_err *err);

/*
 * @each hears the verdicts in the order of @targets, in the thread that calls, as does options->progress.
 * @alone: one archive at a time, read by the calling thread, so that progress may slow it down.
 */
SR_CHECKED enum sr_status sr_fixity_run(const struct sr_fixity_options *options,
                                        const struct sr_fixity_targets *targets, bool alone,
                                        sr_fixity_each *each, void *context, struct sr_err *err);
