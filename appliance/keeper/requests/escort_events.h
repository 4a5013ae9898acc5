/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of escorts tells, written to the log: escort.began, escort.ended. */
#pragma once

#include "appliance/keeper/core/escort.h"

struct sr_keeper;

/* For the table of escorts, whose context is the keeper; under its lock: kept in order until somebody outside
 * of it writes them down. */
sr_escort_changed sr_escort_events_note;
/* Write what was told, in order. */
void sr_escort_events_flush(struct sr_keeper *keeper);
/* Let those who became absent be told, and write it. */
void sr_escort_events_tick(struct sr_keeper *keeper);
