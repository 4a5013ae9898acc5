/* SPDX-License-Identifier: Apache-2.0 */
/* The bureau's own rulebook packs and holidays (casefile/pack_shelf.h) in the log, as the keeper finds them
 * when it starts. */
#pragma once

#include "appliance/base/err.h"

struct sr_keeper;

/*
 * Read every pack, so that a bad one is told now, and record what is new, altered or gone since the last
 * start as rulebook.changed.  The text lies in DATA/rulebooks/DIGEST.json before its entry is made.
 */
SR_CHECKED enum sr_status sr_rulebooks_begin(struct sr_keeper *keeper, struct sr_err *err);
