/* SPDX-License-Identifier: Apache-2.0 */
/* DecideRequest: approve, narrow or refuse (docs/KEEPER.md, "Requests"). */
#pragma once

#include "appliance/keeper/core/act.h"

SR_CHECKED enum sr_status sr_decide_request(struct sr_act *act, struct sr_err *err);
