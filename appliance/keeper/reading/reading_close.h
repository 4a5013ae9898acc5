/* SPDX-License-Identifier: Apache-2.0 */
/* CloseMember, and the entry that ends an access. */
#pragma once

#include <stdbool.h>

#include "appliance/keeper/core/act.h"
#include "appliance/keeper/state/ranges.h"

struct sr_closing {
	uint64_t opened;
	const char *grant, *case_id;
	uint32_t part, member;
	uint64_t bytes;                 /* handed out */
	const struct sr_ranges *ranges; /* NULL: none */
	bool lost;
	const char *why; /* NULL: none */
};

/* Write access.closed in @txn, in the name of @actor (NULL: the appliance's own). */
SR_CHECKED enum sr_status sr_closing_record(struct sr_keeper *keeper, struct sr_txn *txn, const json_t *actor,
                                            const struct sr_closing *closing, struct sr_err *err);

SR_CHECKED enum sr_status sr_run_close_member(struct sr_act *act, struct sr_err *err);
