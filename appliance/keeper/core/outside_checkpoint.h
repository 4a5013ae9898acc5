/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How old the newest checkpoint is of which a copy is known to lie outside of this machine: one that somebody
 * brought back to have it compared (`ledger extends`), or one that went away in a backup.
 */
#pragma once

#include "appliance/index/txn.h"
#include "appliance/keeper/core/act.h"

#define SR_OUTSIDE_WARN_DAYS 7

/* The time up to which the log is vouched for outside; that of the log's first entry where nothing is. */
SR_CHECKED enum sr_status sr_outside_checkpoint_ns(struct sr_txn *txn, int64_t *out, struct sr_err *err);

/* In the log: a checkpoint of @size entries with @root (hex) came back and agrees.  Nothing is written where
 * a larger one did so before. */
SR_CHECKED enum sr_status sr_outside_checkpoint_note(struct sr_act *act, uint64_t size, const char *root,
                                                     struct sr_err *err);
