/* SPDX-License-Identifier: Apache-2.0 */
/* Which archives a check of fixity is about: parts of cases, as the index and the log have them. */
#pragma once

#include "appliance/crypto/digest.h"
#include "appliance/index/case_record.h"
#include "appliance/keeper/core/act.h"

struct sr_fixity_target {
	struct sr_case_id id;
	unsigned part;
	struct sr_digest seal;     /* as the log has it */
	struct sr_digest previous; /* of the part before; zeros for a first part */
	int64_t checked_ns;        /* last full check; INT64_MIN: never */
};

struct sr_fixity_targets {
	struct sr_buf list; /* of struct sr_fixity_target */
};
void sr_fixity_targets_dispose(struct sr_fixity_targets *targets);
size_t sr_fixity_targets_count(const struct sr_fixity_targets *targets);
const struct sr_fixity_target *sr_fixity_targets_at(const struct sr_fixity_targets *targets, size_t index);

/*
 * May this caller have every archive checked, named by id, without seeing any case?  Auditor and
 * administrator may; for everybody else the cases are those that they may know of.
 */
bool sr_fixity_sees_all(const struct sr_act *act);

/* The parts of one case, by number or id; of all cases, in order of ids.  NotFound as case_view.h. */
SR_CHECKED enum sr_status sr_fixity_targets_of(struct sr_act *act, const char *reference,
                                               struct sr_fixity_targets *targets, struct sr_err *err);
SR_CHECKED enum sr_status sr_fixity_targets_all(struct sr_act *act, struct sr_fixity_targets *targets,
                                                struct sr_err *err);
/* Keep those without a full check since @before_ns, the one that waited longest first. */
void sr_fixity_targets_due(struct sr_fixity_targets *targets, int64_t before_ns);
