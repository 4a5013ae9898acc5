/* SPDX-License-Identifier: Apache-2.0 */
/* One appliance of the program, made anew for each test. */
#pragma once

#include "tests/unit/keeper/keeper_fixture.h"

static struct keeper_room room;

static inline int set_up(void **state)
{
	(void)state;
	keeper_room_open(&room);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	keeper_room_close(&room);
	return 0;
}
