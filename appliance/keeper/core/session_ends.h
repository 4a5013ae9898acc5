/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that ended, on their way into the log: session.closed. */
#pragma once

#include "appliance/keeper/core/session_table.h"

struct sr_keeper;

/* For the table of sessions, whose context is the keeper; under its lock: kept until somebody outside of it
 * writes them down. */
sr_session_ended sr_session_ends_note;
/* Write down what was kept; not under the lock. */
void sr_session_ends_flush(struct sr_keeper *keeper);
