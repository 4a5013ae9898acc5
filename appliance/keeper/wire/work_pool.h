/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads for what must not hold up the server loop.  They are started as they are needed and stay.
 * Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"

struct sr_work_pool;

/* At most @threads at once; @queue tasks wait. */
SR_CHECKED enum sr_status sr_work_pool_new(size_t threads, size_t queue, struct sr_work_pool **out,
                                           struct sr_err *err);
/* Runs what waits, waits for what runs; from now on nothing is taken (SR_BUSY).  NULL is allowed. */
void sr_work_pool_stop(struct sr_work_pool *pool);
/* The same, and frees it: nobody may submit any more.  NULL is allowed. */
void sr_work_pool_free(struct sr_work_pool *pool);
static inline void sr_work_pool_freep(struct sr_work_pool **pool)
{
	sr_work_pool_free(*pool);
	*pool = NULL;
}

/* @run is called with @context on one of the threads; @urgent: before all that wait and are not.  SR_BUSY
 * when the queue is full: @run is not called then. */
SR_CHECKED enum sr_status sr_work_pool_submit(struct sr_work_pool *pool, void (*run)(void *context),
                                              void *context, bool urgent, struct sr_err *err);
