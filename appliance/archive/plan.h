/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts the members into slabs, in order: a large member into parts, small ones packed whole.  Draws the
 * random seeds, so that they depend on the order of the members alone.  Private to archive/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/inputs.h"
#include "appliance/archive/stages.h"
#include "appliance/base/err.h"

/* Set the first four, leave the rest zero. */
struct sr_plan {
	const struct sr_inputs *inputs;
	/* A member in parts gets stream (ordinal % stream_count): with no more slabs under way than that, no
	 * two of them share one. */
	struct sr_stream *streams;
	size_t stream_count;
	uint64_t file;   /* offset in the archive of the next member's tar header */
	size_t member;   /* the next one */
	uint64_t offset; /* in its plaintext, where it takes several slabs */
	size_t streamed; /* members in parts that are behind us */
};

static inline bool sr_plan_is_over(const struct sr_plan *plan)
{
	return plan->member == plan->inputs->job->member_count;
}

/* Say what @slab does next; not to be called once the plan is over. */
SR_CHECKED enum sr_status sr_plan_next(struct sr_plan *plan, struct sr_slab *slab, struct sr_err *err);
