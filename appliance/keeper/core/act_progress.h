/* SPDX-License-Identifier: Apache-2.0 */
/* How a long command tells its caller how far it is: further answers {"what","done","total"}. */
#pragma once

#include "appliance/base/progress.h"
#include "appliance/keeper/core/act.h"

struct sr_act_progress {
	struct sr_progress progress; /* hand out &p.progress */
	struct sr_act *act;
	int64_t last_ns;
};

/* At most ten answers a second; nothing for callers that take one answer only.  @p must not move. */
void sr_act_progress_init(struct sr_act_progress *p, struct sr_act *act);

/*
 * Move the list under @key of @object to the caller in further answers {"KEY":[…]}, so that no answer is too
 * large for a frame; short lists, and those for a caller who takes one answer only, stay where they are.
 */
SR_CHECKED enum sr_status sr_act_send_list(struct sr_act *act, json_t *object, const char *key,
                                           struct sr_err *err);
