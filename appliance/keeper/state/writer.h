/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer: the one place where the database changes.  Its thread takes all waiting jobs into one
 * transaction and commits once (group commit); each job is answered after the commit that holds it
 * (docs/LEDGER.md, "Durability").  Who comes while nobody writes and nobody waits runs the job in its own
 * thread, which is the same to everybody else: there is one batch at a time.
 */
#pragma once

#include <stdbool.h>

#include "appliance/index/txn.h"

#define SR_WRITER_BATCH 256u  /* jobs in one transaction */
#define SR_WRITER_QUEUE 4096u /* waiting jobs; more are SR_BUSY */
#define SR_WRITER_PATIENT 8u  /* patient jobs that wait; with so many a batch begins */
#define SR_WRITER_PATIENCE_MS 10

/*
 * One change.  @check reads inside the write transaction and puts nothing: its failure costs the others
 * nothing and is the job's answer.  @apply puts; it can only fail by storage, and then the whole transaction
 * is undone and every job of it runs again alone (both functions are called again, so they set outside things
 * only in @done). All are called by whoever writes the batch, one at a time; @done in the writer's thread,
 * exactly once, after the commit or the refusal.
 */
struct sr_job {
	enum sr_status (*check)(void *context, struct sr_txn *txn, struct sr_err *err); /* may be NULL */
	enum sr_status (*apply)(void *context, struct sr_txn *txn, struct sr_err *err);
	void (*done)(void *context, enum sr_status status, const struct sr_err *err);
	void *context;
	bool control; /* revocations and closings go before everything that waits */
	/*
	 * Nobody waits for it in earnest: it goes with the next batch, and begins one of its own only when
	 * none came for SR_WRITER_PATIENCE_MS.  For sr_writer_run alone.
	 */
	bool patient;
};

struct sr_writer_options {
	struct sr_env *env; /* borrowed */
	/* After a commit; NULL: nobody wants to know.  The thread that wrote. */
	void (*committed)(void *context);
	/*
	 * A commit failed and nobody knows what the disk holds: no job of that batch is answered.  Must end
	 * the process; the restart reads what is durable.
	 */
	void (*fatal)(void *context, const struct sr_err *err);
	void *context;
};

struct sr_writer;

SR_CHECKED enum sr_status sr_writer_start(const struct sr_writer_options *options, struct sr_writer **out,
                                          struct sr_err *err);
/* Answers everything that waits, then ends the thread.  NULL is allowed. */
void sr_writer_stop(struct sr_writer *writer);
static inline void sr_writer_stopp(struct sr_writer **writer)
{
	sr_writer_stop(*writer);
	*writer = NULL;
}

/* Copy the job into the queue; any thread.  SR_BUSY when it is full or the writer is stopping: @done is not
 * called then. */
SR_CHECKED enum sr_status sr_writer_submit(struct sr_writer *writer, const struct sr_job *job,
                                           struct sr_err *err);
/* Run the job and wait for its answer; @job->done is not used.  Not from within a job. */
SR_CHECKED enum sr_status sr_writer_run(struct sr_writer *writer, const struct sr_job *job,
                                        struct sr_err *err);
