/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at many members at once: each thread has a helper program of its own (probe.h), and what is found
 * comes out in the members' order whoever found it.
 */
#pragma once

#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/casefile/finding.h"
#include "appliance/casefile/probe.h"

/* Look at member @index, in any thread; its findings go to @findings. */
typedef enum sr_status sr_inspect_look(void *context, size_t index, struct sr_probe *probe,
                                       struct sr_findings *findings, struct sr_err *err);

/*
 * Look at members 0 to @count - 1, the calling thread with the others; @progress ("inspect", members) hears
 * of it in the calling thread.  The first failure in the members' order stops all and is returned.
 */
SR_CHECKED enum sr_status sr_inspect_crew(size_t count, sr_inspect_look *look, void *context,
                                          const struct sr_progress *progress, struct sr_findings *findings,
                                          struct sr_err *err);
