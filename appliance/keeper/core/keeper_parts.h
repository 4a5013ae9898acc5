/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a keeper is made of, for the commands.  @lock guards the parts that belong to one thread at a time;
 * never call the writer (sr_act_write) under it.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "appliance/index/env.h"
#include "appliance/keeper/core/backoff.h"
#include "appliance/keeper/core/escort.h"
#include "appliance/keeper/core/keeper_clock.h"
#include "appliance/keeper/core/logins.h"
#include "appliance/keeper/core/password_pool.h"
#include "appliance/keeper/core/quota.h"
#include "appliance/keeper/core/refusals.h"
#include "appliance/keeper/core/session_table.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/keys/keyring.h"
#include "appliance/keeper/state/ledger_clock.h"
#include "appliance/keeper/state/publisher.h"
#include "appliance/keeper/state/writer.h"
#include "appliance/keeper/wire/listener.h"
#include "appliance/keeper/wire/work_pool.h"

#define SR_KEEPER_ORIGIN 80

struct sr_escort_event;
struct sr_grant_ends;
struct sr_held_beat; /* an escort's beat whose answer waits */
struct sr_reading;
struct sr_viewings;
struct sr_ended_session; /* a session that ended and is not in the log yet */

struct sr_keeper {
	struct sr_data *data;
	int ledger_fd; /* DATA/ledger */
	int staging_fd;
	struct sr_env *env;
	struct sr_keyring *keyring;
	struct sr_key *ledger_key;
	char verifier[256];            /* the ledger's verifier key, one line without its end */
	char origin[SR_KEEPER_ORIGIN]; /* "<appliance id>/<epoch>" */
	struct sr_writer *writer;
	struct sr_publisher *publisher;
	struct sr_listener *listener;
	struct sr_work_pool *quick, *slow;
	struct sr_password_pool *passwords;
	struct sr_logins *logins;
	struct sr_reading *reading;
	struct sr_viewings *viewings; /* of drafts' files */
	pthread_t timer;
	bool timer_runs;
	pthread_mutex_t tick_lock; /* of tick_now alone */
	pthread_cond_t tick_now;
	bool serves; /* at its socket, for a supervisor */
	atomic_bool stopping;
	int64_t started_ns;       /* CLOCK_BOOTTIME */
	int64_t delegations_day;  /* the timer's own: the day whose delegations were looked at */
	int64_t drafts_looked_ns; /* the timer's own, ledger time */
	atomic_uint followers;    /* callers who wait for new entries */
	atomic_bool backup_runs;
	int64_t uploads_due_ns; /* the same: uploads are looked through next */

	pthread_mutex_t lock; /* what follows */
	struct sr_ledger_clock clock;
	struct sr_session_table *sessions;
	struct sr_ended_session *ended;
	struct sr_backoff *backoff;
	struct sr_quota *applications, *follow_ups; /* of parties, by address */
	struct sr_refusals *refusals;
	struct sr_escorts *escorts;
	struct sr_escort_event *escort_events;   /* told and not in the log yet */
	char escort_session[SR_SESSION_ID_TEXT]; /* of the beat that is being given */
	struct sr_held_beat *held_beats;
	struct sr_grant_ends *grant_ends;
};

/* Run @apply in a writer's transaction of its own, outside a command: ticks, starts, stops. */
SR_CHECKED enum sr_status sr_keeper_write(struct sr_keeper *keeper,
                                          enum sr_status (*apply)(void *context, struct sr_txn *txn,
                                                                  struct sr_err *err),
                                          void *context, bool control, struct sr_err *err);
/* Append an entry in the appliance's own name.  Takes @fields. */
SR_CHECKED enum sr_status sr_keeper_record(struct sr_keeper *keeper, struct sr_txn *txn, const char *type,
                                           json_t *fields, uint64_t *seq, struct sr_err *err);
/* The same in the name of @actor (borrowed; NULL: its own). */
SR_CHECKED enum sr_status sr_keeper_record_as(struct sr_keeper *keeper, struct sr_txn *txn, const char *type,
                                              const json_t *actor, json_t *fields, uint64_t *seq,
                                              struct sr_err *err);
