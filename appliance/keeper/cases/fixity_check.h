/* SPDX-License-Identifier: Apache-2.0 */
/* Checking one archive of the vault against its seal and against the log, and writing down what came out. */
#pragma once

#include <pthread.h>

#include "appliance/crypto/chain_memory.h"
#include "appliance/keeper/cases/fixity_targets.h"
#include "appliance/keeper/keys/roots.h"

/* Archives over this many bytes are read by all cores together. */
#define SR_FIXITY_LARGE (4ull << 20)

struct sr_fixity_options {
	struct sr_act *act;
	const struct sr_roots *roots;
	struct sr_chain_memory *memory; /* of the run */
	pthread_mutex_t *large;         /* held while a large archive is read; NULL: nobody else reads */
	bool own_roots;                 /* the appliance's: what comes out is written to the log */
	bool quick;
	const struct sr_progress *progress; /* may be NULL */
};

/* What came out of one check, before it is in the log. */
struct sr_fixity_result {
	json_t *verdict;           /* one element of the `verify` object */
	struct sr_entry_plan plan; /* fixity.passed or fixity.failed; empty with foreign roots */
};
void sr_fixity_result_dispose(struct sr_fixity_result *result);

/* SR_OK whatever the verdict is; the caller disposes of *out then.  Any number of threads at once. */
SR_CHECKED enum sr_status sr_fixity_judge(const struct sr_fixity_options *options,
                                          const struct sr_fixity_target *target, struct sr_fixity_result *out,
                                          struct sr_err *err);
/* Make the entries of @count results durable, in one transaction; nothing to do with foreign roots.  In the
 * command's thread. */
SR_CHECKED enum sr_status sr_fixity_write(const struct sr_fixity_options *options,
                                          struct sr_fixity_result *list, size_t count, struct sr_err *err);

/*
 * What lies in the vault and belongs to no case, one verdict each by @each (which takes it): archives that no
 * entry names are judged, other files refused.  Nothing is written to the log.
 */
SR_CHECKED enum sr_status sr_fixity_check_strays(const struct sr_fixity_options *options,
                                                 enum sr_status (*each)(void *context, json_t *verdict,
                                                                        struct sr_err *err),
                                                 void *context, struct sr_err *err);
