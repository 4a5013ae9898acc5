/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of escorts tells, written to the log: escort.began, escort.ended. */
#pragma once

struct sr_keeper;

/* Write what was told, in order. */
void sr_escort_events_flush(struct sr_keeper *keeper);
/* Let those who became absent be told, and write it. */
void sr_escort_events_tick(struct sr_keeper *keeper);
