/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members that readers have open.  Requests of one session for one member share an opening, so that the
 * ranges of a player or viewer are one access in the ledger, with its bytes summed; a minute after the last
 * one it is closed.  What the keeper pushes ends openings at once: streams look before every read.  A
 * session that ended ends them within ten seconds.  Thread-safe; takes and releases wait for the keeper.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/keeper_link.h"
#include "appliance/base/err.h"

#define SR_OPENINGS_MAX 2048u
#define SR_OPENING_IDLE_S 60

struct sr_openings;
struct sr_opening;

SR_CHECKED enum sr_status sr_openings_new(const struct sr_keeper_link *link, struct sr_openings **out,
                                          struct sr_err *err);
/* Closes all of them; none may be taken still.  NULL is allowed. */
void sr_openings_free(struct sr_openings *openings);

struct sr_opening_wanted {
	const char *token, *address, *grant, *case_id;
	const char *channel; /* web: read in place; copy: taken out */
	uint64_t member;
};

/*
 * The opening for these, made or shared.  A refusal as sr_front_ask's; SR_BUSY when too many are open.
 * Release what was taken.
 */
SR_CHECKED enum sr_status sr_openings_take(struct sr_openings *openings,
                                           const struct sr_opening_wanted *wanted, struct sr_opening **out,
                                           char *refusal, struct sr_err *err);
void sr_openings_release(struct sr_openings *openings, struct sr_opening *opening);

/*
 * One that is there already, taken without a word of the keeper; NULL: there is none.  Not one byte of it may
 * be given out before CheckMember with sr_opening_number said that its reader still may; else it is dropped.
 * Does not wait.
 */
struct sr_opening *sr_openings_share(struct sr_openings *openings, const struct sr_opening_wanted *wanted);
/* Release what the keeper refused: it ends for all who read it. */
void sr_openings_drop(struct sr_openings *openings, struct sr_opening *opening);
uint64_t sr_opening_number(const struct sr_opening *opening);

/* What a reader may know of it; lives as long as the opening. */
struct sr_opening_facts {
	uint64_t bytes;
	const char *etag; /* with its quotes */
	const char *path;
	const char *media_type;
	bool no_cache;
};
struct sr_opening_facts sr_opening_facts(const struct sr_opening *opening);

/* As sr_member_reader_read, and counted for the ledger. */
SR_CHECKED enum sr_status sr_opening_read(struct sr_opening *opening, uint64_t offset, void *out, size_t size,
                                          size_t *got, struct sr_err *err);
/* Not one byte more may be given out. */
bool sr_opening_is_over(const struct sr_opening *opening);
/* The keeper pushed something: ends what it covers. */
void sr_openings_pushed(struct sr_openings *openings, const char *method, const json_t *parameters);
/* Open members, for the metrics. */
size_t sr_openings_live(struct sr_openings *openings);
