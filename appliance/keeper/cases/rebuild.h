/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index made anew from log and archives alone (docs/INDEX.md).  It is dropped first and counts as
 * unfinished until the end, so a rebuild that was killed is begun again at the next start.
 */
#pragma once

#include "appliance/base/progress.h"
#include "appliance/crypto/digest.h"

struct sr_keeper;

struct sr_rebuilt {
	uint64_t size;    /* of the log */
	uint64_t cases;   /* in the index */
	uint64_t missing; /* parts that the log names and the vault has not, or not whole enough to read */
	uint64_t unknown; /* archives that no entry names; they are put aside */
	struct sr_digest digest;
};

/* Drop it and make it.  Openings and seals are refused meanwhile.  Not in the writer's thread. */
SR_CHECKED enum sr_status sr_rebuild(struct sr_keeper *keeper, const struct sr_progress *progress,
                                     struct sr_rebuilt *out, struct sr_err *err);

/* A row of the keeper's beginnings: finish what was broken off, or what another version left. */
SR_CHECKED enum sr_status sr_rebuild_unfinished(struct sr_keeper *keeper, struct sr_err *err);

/* SHA-256 over every key and value of the index; two indexes of the same cases have the same. */
SR_CHECKED enum sr_status sr_rebuild_digest(struct sr_keeper *keeper, struct sr_digest *out,
                                            struct sr_err *err);
