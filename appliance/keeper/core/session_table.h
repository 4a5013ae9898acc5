/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live sessions in memory.  Loading and saving are the keeper's: it adds the stored records at start,
 * stores a record when one is opened or a check says so, and removes it when the table says that it ended.
 * One thread at a time.  docs/KEEPER.md, "Sessions".
 *
 * @now_ns is the ledger's time, which never goes back.
 */
#pragma once

#include "appliance/keeper/state/session.h"

#define SR_SESSIONS_MAX 4096
#define SR_SESSIONS_OF_USER 16
#define SR_SESSION_SAVE_NS (60 * SR_SECOND_NS) /* a stored last use is at most that old */

enum sr_session_end {
	SR_SESSION_END_CLOSED, /* signed out */
	SR_SESSION_END_IDLE,
	SR_SESSION_END_EXPIRED,  /* its length is over */
	SR_SESSION_END_ENDED,    /* from elsewhere: EndSessions, or pushed out by the user's newest */
	SR_SESSION_END_PASSWORD, /* the user has a new password */
	SR_SESSION_END_ROLE,     /* another role, organ or login */
	SR_SESSION_END_DISABLED,
	SR_SESSION_END_GRANT, /* a pass session whose grant ended */
};

/* The word for the ledger's session.closed. */
const char *sr_session_end_name(enum sr_session_end why);

/* Told of every session that ends, before it is forgotten; must not call the table. */
typedef void sr_session_ended(void *context, const struct sr_session *session, enum sr_session_end why);

struct sr_session_table;

SR_CHECKED enum sr_status sr_session_table_new(sr_session_ended *ended, void *context,
                                               struct sr_session_table **out, struct sr_err *err);
/* Nothing is told of: the sessions go on after a restart. */
void sr_session_table_free(struct sr_session_table *table); /* NULL is allowed */
static inline void sr_session_table_freep(struct sr_session_table **table)
{
	sr_session_table_free(*table);
	*table = NULL;
}

/*
 * Add a new session or a loaded one.  One that is over by @now_ns ends at once (and is told of).  A user's
 * 17th ends the one that was not used for longest.  SR_EXISTS for a token that is there; SR_BUSY when 4,096
 * others live.
 */
SR_CHECKED enum sr_status sr_session_table_add(struct sr_session_table *table,
                                               const struct sr_session *session, int64_t now_ns,
                                               struct sr_err *err);

/*
 * Whose token is this?  SR_OK counts as use; *save: store the record, its stored last use is a minute old.
 * SR_DENIED for whatever is no live session's token, always with the same words.
 */
SR_CHECKED enum sr_status sr_session_table_check(struct sr_session_table *table, const char *token,
                                                 size_t size, int64_t now_ns, struct sr_session *out,
                                                 bool *save, struct sr_err *err);

/* End one by its public id.  With @user, only if it is that user's.  False when there is none. */
bool sr_session_table_end(struct sr_session_table *table, const char *id, const char *user,
                          enum sr_session_end why);
/* End all of a user, but the one with the id @keep (NULL: none).  Returns how many. */
size_t sr_session_table_end_user(struct sr_session_table *table, const char *user, const char *keep,
                                 enum sr_session_end why);
/* End the pass sessions under a grant. */
size_t sr_session_table_end_grant(struct sr_session_table *table, const char *grant);
/* End what is over.  Returns when the next one will be if nothing is used, INT64_MAX: none. */
int64_t sr_session_table_sweep(struct sr_session_table *table, int64_t now_ns);

/* Call @each for the sessions of @user (NULL: all); it must not call the table. */
void sr_session_table_each(const struct sr_session_table *table, const char *user,
                           void (*each)(void *context, const struct sr_session *session), void *context);
size_t sr_session_table_count(const struct sr_session_table *table);
