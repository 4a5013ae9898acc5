/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members pass through a ring of slabs: worker threads read, hash and encrypt, the caller's thread plans
 * what comes next and takes the results in member order.  Bounded memory, any number of members of any size.
 * Private to archive/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/inputs.h"
#include "appliance/base/err.h"
#include "appliance/crypto/suite.h"

/* Bytes of a member's age file, in order.  In a slab's own memory: the sink may overwrite up to
 * SR_SINK_ALIGN - 1 bytes before @data, and does so without copying where @data is aligned as the file. */
struct sr_sealed_part {
	size_t member;
	bool first, last; /* part of this member */
	uint8_t *data;
	size_t size;
	bool spare;     /* there are bytes before @data that may be overwritten */
	uint64_t plain; /* bytes of plaintext in it */
};

typedef enum sr_status sr_part_fn(void *context, const struct sr_sealed_part *part, struct sr_err *err);

struct sr_pipeline_job {
	struct sr_inputs *inputs;
	struct sr_suite_recipient recipient;
	uint64_t offset;  /* in the file, of the first member's tar header */
	unsigned threads; /* 0: one a core */
	sr_part_fn *emit; /* called in the caller's thread, in order */
	void *context;
};

/*
 * Run until every part was emitted.  The random seeds are drawn in member order, so that the bytes do not
 * depend on the number of threads.  On the first failure all threads stop; its status and text are returned.
 */
SR_CHECKED enum sr_status sr_pipeline_run(const struct sr_pipeline_job *job, struct sr_err *err);
