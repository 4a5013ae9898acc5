/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens of itself: at the keeper's start, every tenth of a second, and at its end.  Each family of
 * commands adds its rows to the tables in keeper_tick.c.
 */
#pragma once

#include "appliance/base/err.h"

struct sr_keeper;

/* What a crash left is dealt with before anybody is served. */
SR_CHECKED enum sr_status sr_keeper_begin(struct sr_keeper *keeper, struct sr_err *err);
SR_CHECKED enum sr_status sr_keeper_tick_start(struct sr_keeper *keeper, struct sr_err *err);
void sr_keeper_tick_stop(struct sr_keeper *keeper);
/* After the last command, while the writer still runs. */
void sr_keeper_end(struct sr_keeper *keeper);
