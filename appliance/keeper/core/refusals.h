/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals must not fill the log: decides for each refused attempt whether an entry is written now, and with
 * which counts.  Whoever has no session shares one entry a minute; a user has 30 an hour and then one sum.
 * No attempt is lost: those in entries and those that wait are all.  One thread at a time.
 * docs/KEEPER.md, "Refusals".
 *
 * @now_ns is the ledger's time; a step back counts as no time at all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/clock.h"
#include "appliance/base/err.h"
#include "appliance/keeper/state/label.h"

#define SR_REFUSALS_STRANGER_NS (60 * SR_SECOND_NS)
#define SR_REFUSALS_USER_NS (3600 * SR_SECOND_NS)
#define SR_REFUSALS_OF_USER 30      /* entries of their own in an hour */
#define SR_REFUSALS_USERS 4096      /* told apart in one hour; the rest share one sum */
#define SR_REFUSALS_ADDRESSES 16    /* named in an entry */
#define SR_REFUSALS_MIXED "Several" /* stands for reasons that differ */

enum sr_refusal_kind {
	SR_REFUSAL_STRANGERS, /* session.refused: attempts without a session since the last such entry */
	SR_REFUSAL_ONE,       /* access.refused: this attempt of a user */
	SR_REFUSAL_SUM,       /* access.refused: what a user tried beyond 30 in an hour */
	SR_REFUSAL_REST,      /* the same, of all users beyond SR_REFUSALS_USERS */
};

/* An entry to be written. */
struct sr_refusal_entry {
	enum sr_refusal_kind kind;
	uint64_t count;
	int64_t since_ns, until_ns; /* first and last attempt in it */
	/* A session's user.  Of strangers: the known name that all of them gave, else "". */
	char user[SR_LABEL_BYTES];
	char why[SR_LABEL_BYTES]; /* the error's name, or SR_REFUSALS_MIXED */
	/* Of strangers: in order of appearance, without repeats; more_addresses: others are left out. */
	unsigned addresses;
	bool more_addresses;
	char address[SR_REFUSALS_ADDRESSES][SR_LABEL_BYTES];
};

struct sr_refusals;

SR_CHECKED enum sr_status sr_refusals_new(struct sr_refusals **out, struct sr_err *err);
void sr_refusals_free(struct sr_refusals *refusals); /* NULL is allowed */
static inline void sr_refusals_freep(struct sr_refusals **refusals)
{
	sr_refusals_free(*refusals);
	*refusals = NULL;
}

/*
 * An attempt without a session.  @known_user is the name that was given if there is such a user, else NULL:
 * an unknown name is never kept, for it may be a password in the wrong field.  Texts that are no labels count
 * and are not named.  True: write *out now; else the attempt waits.
 */
bool sr_refusals_stranger(struct sr_refusals *refusals, const char *address, const char *known_user,
                          const char *why, int64_t now_ns, struct sr_refusal_entry *out);

/* An attempt with a session.  True: write *out now (the caller knows the details of its own attempt). */
bool sr_refusals_user(struct sr_refusals *refusals, const char *user, const char *why, int64_t now_ns,
                      struct sr_refusal_entry *out);

/* Sums whose time has come, one a call: call until false.  Before the next attempt is counted, if late. */
bool sr_refusals_due(struct sr_refusals *refusals, int64_t now_ns, struct sr_refusal_entry *out);
/* When the next sum will be due; INT64_MAX: nothing waits. */
int64_t sr_refusals_next_ns(const struct sr_refusals *refusals);

/* At an orderly stop: what waits, due or not, one a call, until false. */
bool sr_refusals_flush(struct sr_refusals *refusals, struct sr_refusal_entry *out);

/* Attempts that are in no entry yet. */
uint64_t sr_refusals_pending(const struct sr_refusals *refusals);
