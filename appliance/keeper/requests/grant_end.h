/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginnings and ends of grants beside the log: front ends are told at once, pass sessions end, escorts are
 * watched and forgotten, and time ends what nobody ended.  Any thread but the writer's, not under the
 * keeper's lock.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "appliance/base/err.h"

struct sr_keeper;
struct sr_grant_ends; /* the live grants by their end; the keeper's */

struct sr_grant_life {
	const char *grant;
	int64_t until_ns;
	const char *escort; /* NULL: none */
	const char *reader; /* NULL: a pass reads */
};

/* After the entry that made it is durable.  Its escort, if it has one, is awaited from now on. */
SR_CHECKED enum sr_status sr_grant_began(struct sr_keeper *keeper, const struct sr_grant_life *life,
                                         struct sr_err *err);

/*
 * After the entry @entry that ended it is durable: pushes {"grant","entry","why"} as
 * org.strongroom.GrantEnded to the front ends, and ends pass sessions and the escort's watch.  @why:
 * "revoked", "returned", "expired" (then @entry is the log's last), "disabled", "restored".
 */
void sr_grant_ended(struct sr_keeper *keeper, const char *grant, uint64_t entry, const char *why);
/* The same for all live grants of a reader whose state the log has ended already. */
void sr_grants_ended_of_user(struct sr_keeper *keeper, const char *user, const char *why);

/* Push to the front ends; a failure is logged.  Takes @parameters. */
void sr_keeper_push(struct sr_keeper *keeper, const char *method, json_t *parameters);

/* For keeper_tick.c: at a start, every tick, at the end. */
SR_CHECKED enum sr_status sr_grants_begin(struct sr_keeper *keeper, struct sr_err *err);
void sr_grants_tick(struct sr_keeper *keeper);
void sr_grant_ends_free(struct sr_grant_ends *ends); /* NULL is allowed */
