/* SPDX-License-Identifier: Apache-2.0 */
/* EscortBeat: an escort says that they are there; the answer is held without a thread waiting for it. */
#pragma once

#include "appliance/keeper/core/act.h"

SR_CHECKED enum sr_status sr_escort_beat(struct sr_act *act, struct sr_err *err);

/* For keeper_tick.c: answer what is due, answer all. */
void sr_escort_beats_tick(struct sr_keeper *keeper);
void sr_escort_beats_end(struct sr_keeper *keeper);
