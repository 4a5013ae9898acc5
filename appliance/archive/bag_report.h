/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collect what is wrong with a bag.  At most SR_LIMIT_BAG_PROBLEMS problems and as many notes are kept
 * one by one; the rest is counted.  Not thread-safe; a zeroed struct is an empty verdict.
 */
#pragma once

#include <stdint.h>

#include "appliance/archive/bag.h"
#include "appliance/base/buf.h"
#include "appliance/base/err.h"

struct sr_bag_verdict {
	uint64_t files; /* of the payload */
	uint64_t bytes;
	struct sr_buf problems; /* of struct sr_bag_problem */
	struct sr_buf notes;    /* of struct sr_bag_problem */
	uint64_t more_problems; /* beyond those kept */
	uint64_t more_notes;
};

void sr_bag_verdict_dispose(struct sr_bag_verdict *verdict);

/*
 * Add a problem or a note.  @path is any bytes; it is kept as a manifest would write it, with
 * unprintable characters percent-encoded.  Fails with SR_NO_MEMORY only.
 */
SR_CHECKED enum sr_status sr_bag_add_problem(struct sr_bag_verdict *verdict, struct sr_err *err,
                                             const char *path, const char *fmt, ...) SR_PRINTF(4, 5);
SR_CHECKED enum sr_status sr_bag_add_note(struct sr_bag_verdict *verdict, struct sr_err *err,
                                          const char *path, const char *fmt, ...) SR_PRINTF(4, 5);

/* Say how many were left out, and move everything into @out, which the caller disposes. */
SR_CHECKED enum sr_status sr_bag_verdict_finish(struct sr_bag_verdict *verdict, struct sr_bag_report *out,
                                                struct sr_err *err);
