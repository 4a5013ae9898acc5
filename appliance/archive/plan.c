/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/plan.h"

#include "appliance/archive/layout.h"
#include "appliance/archive/sink.h"

/* Let the slab's output begin where its offset in the file lies within a page. */
static void align_out(struct sr_slab *slab, uint64_t file_offset)
{
	slab->out = slab->sealed + file_offset % SR_SINK_ALIGN;
}

static enum sr_status plan_part(struct sr_plan *plan, struct sr_slab *slab, uint64_t bytes,
                                struct sr_err *err)
{
	uint64_t left = bytes - plan->offset;
	uint64_t size = sr_suite_sealed_bytes(plan->inputs->suite, bytes);
	uint64_t data = plan->file + sr_tar_header_bytes(size);

	slab->count = 1;
	slab->stream = &plan->streams[plan->streamed % plan->stream_count];
	slab->offset = plan->offset;
	slab->last = left <= SR_SLAB_PLAIN;
	slab->size = slab->last ? (size_t)left : SR_SLAB_PLAIN;
	if (plan->offset == 0) {
		SR_TRY(plan->inputs->suite->seeds_draw(sr_slab_seeds(slab, 0), err));
		align_out(slab, data);
	} else {
		const struct sr_suite *suite = plan->inputs->suite;

		align_out(slab, data + suite->head_bytes +
		                        plan->offset / suite->chunk_bytes *
		                                (suite->chunk_bytes + suite->tag_bytes));
	}
	plan->offset += slab->size;
	if (slab->last) {
		plan->member++;
		plan->offset = 0;
		plan->file += sr_tar_entry_bytes(size);
		plan->streamed++;
	}
	return SR_OK;
}

static enum sr_status plan_whole(struct sr_plan *plan, struct sr_slab *slab, struct sr_err *err)
{
	align_out(slab, plan->file + SR_TAR_BLOCK);
	uint64_t room = SR_SLAB_SEALED - (size_t)(slab->out - slab->sealed);

	while (!sr_plan_is_over(plan) && slab->count < SR_SLAB_MEMBERS) {
		uint64_t bytes = plan->inputs->list[plan->member].bytes;
		uint64_t size = sr_suite_sealed_bytes(plan->inputs->suite, bytes);

		if (bytes > SR_SLAB_PLAIN || size > room)
			break;
		SR_TRY(plan->inputs->suite->seeds_draw(sr_slab_seeds(slab, slab->count), err));
		room -= size;
		slab->count++;
		plan->member++;
		plan->file += sr_tar_entry_bytes(size);
	}
	return SR_OK;
}

enum sr_status sr_plan_next(struct sr_plan *plan, struct sr_slab *slab, struct sr_err *err)
{
	uint64_t bytes = plan->inputs->list[plan->member].bytes;

	*slab = (struct sr_slab){ .memory = slab->memory, .sealed = slab->sealed, .first = plan->member };
	return bytes > SR_SLAB_PLAIN ? plan_part(plan, slab, bytes, err) : plan_whole(plan, slab, err);
}
