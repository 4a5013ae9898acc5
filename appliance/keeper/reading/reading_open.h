/* SPDX-License-Identifier: Apache-2.0 */
/* OpenMember and CheckMember. */
#pragma once

#include "appliance/keeper/core/act.h"

/* docs/KEEPER.md, "Readings". */
SR_CHECKED enum sr_status sr_run_open_member(struct sr_act *act, struct sr_err *err);
/* For readers that get no pushes: may they go on reading what they opened? */
SR_CHECKED enum sr_status sr_run_check_member(struct sr_act *act, struct sr_err *err);
