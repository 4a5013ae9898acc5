/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading under a grant: what the keeper holds for it, and what happens of itself (docs/KEEPER.md,
 * "Readings").
 */
#pragma once

#include "appliance/base/err.h"
#include "appliance/keeper/core/live.h"
#include "appliance/keeper/core/unlocked_cache.h"
#include "appliance/keeper/wire/work_pool.h"

struct sr_keeper;
struct sr_exports;
struct sr_damage_reports;

struct sr_reading {
	struct sr_unlocked_cache *cache;
	struct sr_work_pool *unlocking; /* first openings of an archive: they must not hold up others */
	struct sr_live *live;
	struct sr_exports *exports;
	struct sr_damage_reports *reports;
};

/* keeper->data and keeper->keyring are there. */
SR_CHECKED enum sr_status sr_reading_new(struct sr_keeper *keeper, struct sr_reading **out,
                                         struct sr_err *err);
/* Finish what is under way, behind which no command comes. */
void sr_reading_stop(struct sr_reading *reading);
void sr_reading_free(struct sr_reading *reading); /* NULL is allowed */

/* A connection has ended: in the loop's thread. */
void sr_reading_gone(struct sr_keeper *keeper, const struct sr_peer *peer);
/* At the start: accesses that a crash left open are closed as lost. */
SR_CHECKED enum sr_status sr_reading_begin(struct sr_keeper *keeper, struct sr_err *err);
/* Accesses of connections that ended are closed as lost. */
void sr_reading_tick(struct sr_keeper *keeper);
/* The same with whatever is open still. */
void sr_reading_end(struct sr_keeper *keeper);
