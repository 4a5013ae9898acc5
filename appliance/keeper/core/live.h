/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who reads what now.  An access is admitted before its opening is written, confirmed by the number of its
 * entry, and taken out when it is closed or its connection is gone.  Admitting and closing cost the same
 * however many accesses are open.  Thread-safe; no call waits.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/uuid.h"
#include "appliance/keeper/state/label.h"
#include "appliance/keeper/wire/peer.h"

#define SR_LIVE_MEMBERS_OF_USER 64 /* distinct members that one user has open */
#define SR_LIVE_PROGRAM 32

struct sr_live_reader;

struct sr_live_access {
	struct sr_live_access *next, *previous; /* the table's, as the two that follow */
	struct sr_live_access *next_opened;     /* of the same bucket of numbers */
	struct sr_live_reader *reader;
	bool gone;              /* its connection ended before the opening was written */
	uint64_t opened;        /* number of access.opened; 0: not written yet */
	enum sr_peer_kind kind; /* which door, */
	uint64_t connection;    /* which connection of it */
	char grant[SR_LABEL_BYTES];
	char user[SR_LABEL_BYTES]; /* a pass, where it is one's */
	char case_id[SR_UUID_TEXT];
	uint32_t part, member;
	uint64_t bytes; /* of the member */
	char channel[8];
	int64_t since_ns; /* ledger time */
	bool has_uid;
	uint32_t uid;
	int32_t pid;
	char address[SR_LABEL_BYTES];
	char program[SR_LIVE_PROGRAM]; /* may be empty */
	char export[SR_LABEL_BYTES];   /* of which export it is a part, or "" */
	json_t *actor;                 /* owned: who opened */
};

void sr_live_access_free(struct sr_live_access *access); /* NULL is allowed */
static inline void sr_live_access_freep(struct sr_live_access **access)
{
	sr_live_access_free(*access);
	*access = NULL;
}

struct sr_live;

SR_CHECKED enum sr_status sr_live_new(struct sr_live **out, struct sr_err *err);
void sr_live_free(struct sr_live *live); /* NULL is allowed */

/* Take @access (moved from *access) in.  SR_LIMIT: the user has SR_LIVE_MEMBERS_OF_USER members open. */
SR_CHECKED enum sr_status sr_live_admit(struct sr_live *live, struct sr_live_access **access,
                                        struct sr_err *err);
/* The opening was not written. */
void sr_live_cancel(struct sr_live *live, struct sr_live_access *access);
/* The opening is entry @opened.  @abandoned: the caller is gone already, so the access is lost at once. */
void sr_live_confirm(struct sr_live *live, struct sr_live_access *access, uint64_t opened, bool abandoned);

/*
 * Take out the access @opened for its closing, by a peer that may: the connection that opened it, or any of
 * the front end that did.  NULL when there is none.  Free it, or put it back when it could not be written.
 */
struct sr_live_access *sr_live_take(struct sr_live *live, uint64_t opened, const struct sr_peer *peer);
void sr_live_put_back(struct sr_live *live, struct sr_live_access *access);
/* A copy of its grant, case, member and channel (the rest zeroed); false when there is none. */
bool sr_live_look(struct sr_live *live, uint64_t opened, const struct sr_peer *peer,
                  struct sr_live_access *out);
/* The same question by member: has this peer that member open? */
bool sr_live_has(struct sr_live *live, const struct sr_peer *peer, const char *case_id, uint32_t member);

/* A connection has ended: its accesses are lost. */
void sr_live_gone(struct sr_live *live, const struct sr_peer *peer);
/* Everything that is open is lost: the keeper ends. */
void sr_live_lose_all(struct sr_live *live);
/* The lost ones, a list by `next`, now the caller's. */
struct sr_live_access *sr_live_take_lost(struct sr_live *live);
/* A list of them that could not be written: another attempt later. */
void sr_live_return_lost(struct sr_live *live, struct sr_live_access *list);

/* Call @each for every access whose opening is written, in the order of opening; it must not call the table.
 */
SR_CHECKED enum sr_status
sr_live_each(struct sr_live *live,
             enum sr_status (*each)(void *context, const struct sr_live_access *access, struct sr_err *err),
             void *context, struct sr_err *err);
