/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing the search terms of what was sealed into the postings, in short pieces between other commands. */
#pragma once

#include <stdint.h>

struct sr_keeper;

/* A row of the keeper's ticks: a few pieces. */
void sr_filing_tick(struct sr_keeper *keeper);
/* Until nothing waits any more, at most about @patience_ns.  Not in the writer's thread. */
void sr_filing_catch_up(struct sr_keeper *keeper, int64_t patience_ns);
/* A row of the keeper's ends. */
void sr_filing_end(struct sr_keeper *keeper);
