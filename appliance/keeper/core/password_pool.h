/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords hashed and verified by worker threads: two at a time, sixteen more waiting, else SR_BUSY at once.
 * So sign-ins cost 128 MiB and two cores at the most.  Thread-safe.  docs/KEEPER.md, "Passwords".
 */
#pragma once

#include "appliance/keeper/core/password.h"

#define SR_PASSWORD_WORKERS 2
#define SR_PASSWORD_QUEUE 16

struct sr_password_pool;

struct sr_password_result {
	/* As sr_password_hash or sr_password_verify; SR_BUSY when the pool ended before the work began. */
	enum sr_status status;
	/* A new hash to be stored: of a hash task, and of a verification whose stored hash was outdated; else
	 * "". */
	char hash[SR_PASSWORD_HASH_TEXT];
	struct sr_err err; /* why, unless SR_OK */
};

/*
 * Called once for each accepted task, on a worker (on the thread that frees the pool for those that still
 * waited).  It must be quick and must not call the pool.  @result is the callee's for the length of the call.
 */
typedef void sr_password_done(void *context, const struct sr_password_result *result);

/* @cost: what new hashes cost. */
SR_CHECKED enum sr_status sr_password_pool_new(const struct sr_password_cost *cost,
                                               struct sr_password_pool **out, struct sr_err *err);
/* Waits for what is running; what waits is told SR_BUSY.  No other thread may use the pool any more. */
void sr_password_pool_free(struct sr_password_pool *pool); /* NULL is allowed */
static inline void sr_password_pool_freep(struct sr_password_pool **pool)
{
	sr_password_pool_free(*pool);
	*pool = NULL;
}

/*
 * Both take *password, whatever they return, set it to NULL and wipe it when the work is done.  SR_BUSY at
 * once when the queue is full: nothing is called then.  @encoded (NULL: no such user) is copied; SR_CORRUPT
 * at once when it is longer than any hash.
 */
SR_CHECKED enum sr_status sr_password_pool_hash(struct sr_password_pool *pool, struct sr_secret **password,
                                                sr_password_done *done, void *context, struct sr_err *err);
SR_CHECKED enum sr_status sr_password_pool_verify(struct sr_password_pool *pool, struct sr_secret **password,
                                                  const char *encoded, sr_password_done *done, void *context,
                                                  struct sr_err *err);

/* The same for a caller that may block; the work's own status is returned, and is in @out. */
SR_CHECKED enum sr_status sr_password_pool_hash_wait(struct sr_password_pool *pool,
                                                     struct sr_secret **password,
                                                     struct sr_password_result *out, struct sr_err *err);
SR_CHECKED enum sr_status sr_password_pool_verify_wait(struct sr_password_pool *pool,
                                                       struct sr_secret **password, const char *encoded,
                                                       struct sr_password_result *out, struct sr_err *err);
