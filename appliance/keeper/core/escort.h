/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escorted grants (陪同查阅): reading works only while the escort's page is there.  The page sends
 * EscortBeat; the keeper holds the answer for 2 seconds, and the page sends the next at once.  5 seconds
 * without one, and reads stop until the next.  A state machine with the caller's clock; one thread at a time.
 * docs/KEEPER.md, "Escorts".
 *
 * @now_ns is CLOCK_BOOTTIME, so that a machine that slept finds its escorts gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/clock.h"
#include "appliance/base/err.h"
#include "appliance/keeper/state/label.h"
#include "appliance/keeper/state/role.h"

#define SR_ESCORT_HOLD_NS (2 * SR_SECOND_NS)   /* a beat's answer is held that long */
#define SR_ESCORT_ABSENT_NS (5 * SR_SECOND_NS) /* without a beat: absent */
#define SR_ESCORTS_MAX 1024                    /* live escorted grants */

enum sr_escort_change {
	SR_ESCORT_BEGAN,  /* reads may go on: `escort.began` */
	SR_ESCORT_ABSENT, /* all reads stop now: `escort.ended` with why "absent" */
	SR_ESCORT_CLOSED, /* the same, why "closed": the escort left */
};

/* Told of each change of a watched grant, before the call that caused it returns; must not call the table. */
typedef void sr_escort_changed(void *context, const char *grant, const char *escort,
                               enum sr_escort_change change);

struct sr_escorts;

SR_CHECKED enum sr_status sr_escorts_new(sr_escort_changed *changed, void *context, struct sr_escorts **out,
                                         struct sr_err *err);
void sr_escorts_free(struct sr_escorts *escorts); /* NULL is allowed */
static inline void sr_escorts_freep(struct sr_escorts **escorts)
{
	sr_escorts_free(*escorts);
	*escorts = NULL;
}

/*
 * May this user stand beside that reader?  SR_DENIED says why not: the reader themselves, a party, and
 * administrators and the auditor, who see no case.
 */
SR_CHECKED enum sr_status sr_escort_may_be(const char *escort, enum sr_role role, const char *reader,
                                           struct sr_err *err);

/*
 * Watch a grant that came to life.  Nobody is there yet: reads are stopped until the first beat, and nothing
 * is told.  SR_INVALID for texts that are no labels or an escort who is the reader; SR_EXISTS; SR_BUSY when
 * SR_ESCORTS_MAX are watched.
 */
SR_CHECKED enum sr_status sr_escorts_watch(struct sr_escorts *escorts, const char *grant, const char *escort,
                                           const char *reader, struct sr_err *err);
/*
 * The grant ended, or its escort is another now.  Returns whether the escort was there: the keeper then
 * writes `escort.ended` with its own reason; nothing is told.
 */
bool sr_escorts_forget(struct sr_escorts *escorts, const char *grant, int64_t now_ns);

/*
 * A beat of @user for a grant; answer it at *answer_ns, if the connection still is there.  SR_DENIED alike
 * for a grant that is not watched and for one whose escort is somebody else.
 */
SR_CHECKED enum sr_status sr_escorts_beat(struct sr_escorts *escorts, const char *grant, const char *user,
                                          int64_t now_ns, int64_t *answer_ns, struct sr_err *err);

/*
 * The escort left (closed the page and said so, or their session ended): ends at once.  Tells, if they were
 * there.  Grants of other escorts are not touched.
 */
void sr_escorts_leave(struct sr_escorts *escorts, const char *user);

/* May the grant be read at this moment?  By the time itself: right even when the tick is late. */
bool sr_escorts_may_read(const struct sr_escorts *escorts, const char *grant, int64_t now_ns);

/* Tell of those who became absent.  Returns when the next one would, INT64_MAX: nobody is there. */
int64_t sr_escorts_tick(struct sr_escorts *escorts, int64_t now_ns);
