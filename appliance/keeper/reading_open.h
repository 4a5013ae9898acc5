/* SPDX-License-Identifier: Apache-2.0 */
/* OpenMember. */
#pragma once

#include "appliance/keeper/act.h"

/* docs/KEEPER.md, "Readings". */
SR_CHECKED enum sr_status sr_run_open_member(struct sr_act *act, struct sr_err *err);
