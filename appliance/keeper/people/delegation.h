/* SPDX-License-Identifier: Apache-2.0 */
/* Deputies of officials: what ends them of itself. */
#pragma once

#include "appliance/keeper/core/act.h"

/* For `apply`: write the end of every delegation that names @user, as official or as deputy. */
SR_CHECKED enum sr_status sr_delegations_end_of(struct sr_act *act, struct sr_txn *txn, const char *user,
                                                const char *why, struct sr_err *err);

struct sr_keeper;
/* A row of keeper_tick.c: when a day begins, the delegations that ended with the last one are written down.
 */
void sr_delegations_tick(struct sr_keeper *keeper);
