/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archives that were unlocked last, so that an opening costs no unwrapping.  Thread-safe.  Unlocking runs
 * in the thread that asks, outside of the lock; of several who ask for one archive one unlocks it.
 */
#pragma once

#include <stdbool.h>

#include "appliance/keeper/core/unlocked.h"

#define SR_UNLOCKED_CACHE 64 /* archives */

struct sr_unlocked_cache;

/* @data and @opener are borrowed for as long as the cache lives. */
SR_CHECKED enum sr_status sr_unlocked_cache_new(const struct sr_data *data, const struct sr_opener *opener,
                                                struct sr_unlocked_cache **out, struct sr_err *err);
/* Nobody may hold an archive of it any more.  NULL is allowed. */
void sr_unlocked_cache_free(struct sr_unlocked_cache *cache);

/* An archive that is there; NULL when it must be unlocked first.  Never waits long.  Give it back. */
const struct sr_unlocked *sr_unlocked_cache_look(struct sr_unlocked_cache *cache, const char *name);
/* The same, unlocked now where it is not there; statuses as sr_unlocked_load. */
SR_CHECKED enum sr_status sr_unlocked_cache_get(struct sr_unlocked_cache *cache, const char *name,
                                                const struct sr_unlocked **out, struct sr_err *err);
void sr_unlocked_cache_release(struct sr_unlocked_cache *cache, const struct sr_unlocked *unlocked);
/* The archive's file is another now, or gone. */
void sr_unlocked_cache_forget(struct sr_unlocked_cache *cache, const char *name);
