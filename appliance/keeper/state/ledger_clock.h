/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time of ledger entries: the last entry's time plus what passed on CLOCK_BOOTTIME, drawn towards the
 * wall clock, never backwards, across restarts too.  A state machine without clocks of its own: every call
 * gets a reading.  One thread at a time.  docs/KEEPER.md, "Ledger time", has states and numbers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/keeper/state/role.h"

#define SR_LEDGER_CLOCK_WARN_S 300     /* more disagreement: no new grants */
#define SR_LEDGER_CLOCK_STOP_S 86400   /* more: no openings until confirmed */
#define SR_LEDGER_CLOCK_SLEW 100       /* drawn towards the wall clock by 1/100 of the time that passes */
#define SR_LEDGER_CLOCK_SLEW_FAST 2    /* by 1/2, where two people confirmed that the ledger is ahead */
#define SR_LEDGER_CLOCK_CONFIRM_S 3600 /* between the two confirmations at most */
#define SR_BOOT_ID_TEXT 37             /* 36 characters and a NUL */

struct sr_clock_reading {
	int64_t boot_ns; /* CLOCK_BOOTTIME: goes on in suspend, nobody can set it */
	int64_t wall_ns; /* CLOCK_REALTIME */
};

enum sr_ledger_clock_state {
	SR_LEDGER_CLOCK_FINE,
	SR_LEDGER_CLOCK_WARNING, /* no new grants; ends by itself when the clocks agree again */
	SR_LEDGER_CLOCK_STOPPED, /* no new grants, no openings; ends by confirmation alone */
};

/*
 * Where the clock stood, stored by the keeper from time to time and at its stop.  With it a restart of the
 * keeper (not of the machine) knows exactly how long it took, however quiet the ledger was.
 */
struct sr_ledger_clock_mark {
	char boot_id[SR_BOOT_ID_TEXT]; /* /proc/sys/kernel/random/boot_id */
	int64_t boot_ns;
	int64_t ledger_ns;
	int64_t accepted_ns; /* disagreement that was confirmed, never positive */
	bool stopped;        /* a stop outlives the process */
};

/* Held by value; its fields are the module's own. */
struct sr_ledger_clock {
	struct sr_clock_reading last;
	int64_t ledger_ns;
	int64_t accepted_ns;
	bool stopped;
	bool has_first; /* one of the two confirmations */
	enum sr_role first_role;
	struct sr_clock_reading first;
	char boot_id[SR_BOOT_ID_TEXT];
};

struct sr_ledger_clock_start {
	int64_t last_entry_ns; /* 0: the ledger is empty */
	const char *boot_id;
	const struct sr_ledger_clock_mark *mark; /* NULL: none is stored */
	struct sr_clock_reading reading;
};

/*
 * Go on where the ledger stands.  Never fails: what cannot be believed leads to SR_LEDGER_CLOCK_STOPPED.
 *   empty ledger                    the wall clock
 *   mark of the same boot           its time plus what passed since; states as while running
 *   else, wall at most 24 h ahead   the wall clock: the machine was off meanwhile
 *   wall more than 24 h ahead       the last entry's time (or the mark's, if later), stopped
 *   wall behind                     the same time; a warning over 5 minutes, stopped over 24 hours
 */
void sr_ledger_clock_start(struct sr_ledger_clock *clock, const struct sr_ledger_clock_start *start);

/* The time of an entry made now: nanoseconds since 1970, never less than before. */
int64_t sr_ledger_clock_now(struct sr_ledger_clock *clock, const struct sr_clock_reading *reading);

/* As of the latest reading. */
enum sr_ledger_clock_state sr_ledger_clock_state(const struct sr_ledger_clock *clock);
/* The word for status: "fine", "warning", "stopped". */
const char *sr_ledger_clock_state_name(enum sr_ledger_clock_state state);
/* Wall clock minus ledger as of the latest reading; saturates. */
int64_t sr_ledger_clock_disagreement_ns(const struct sr_ledger_clock *clock);
bool sr_ledger_clock_allows_grants(const struct sr_ledger_clock *clock);
bool sr_ledger_clock_allows_openings(const struct sr_ledger_clock *clock);

/*
 * "The wall clock is right now": by the administrator and the security administrator, in either order, within
 * an hour and with no jump of more than 5 minutes between.  *set: both have; the keeper writes clock.set with
 * *before_ns (ledger time so far) and the reading, and the entry's time is the next sr_ledger_clock_now.
 * A ledger behind the wall clock jumps to it; one that is ahead goes at half speed until they meet.
 * SR_DENIED for other roles; SR_INVALID for a wall clock before 1970 or when the clock jumped since the first
 * confirmation, which then counts as none; SR_EXISTS when that role already has and the other is awaited.
 */
SR_CHECKED enum sr_status sr_ledger_clock_confirm(struct sr_ledger_clock *clock, enum sr_role role,
                                                  const struct sr_clock_reading *reading, bool *set,
                                                  int64_t *before_ns, struct sr_err *err);

/* A first confirmation of this boot that was stored; nothing where one is there. */
void sr_ledger_clock_resume(struct sr_ledger_clock *clock, enum sr_role role,
                            const struct sr_clock_reading *reading);

void sr_ledger_clock_mark(const struct sr_ledger_clock *clock, struct sr_ledger_clock_mark *out);

/* This machine's clocks and boot id. */
SR_CHECKED enum sr_status sr_clock_reading_take(struct sr_clock_reading *out, struct sr_err *err);
SR_CHECKED enum sr_status sr_boot_id_read(char out[SR_BOOT_ID_TEXT], struct sr_err *err);
