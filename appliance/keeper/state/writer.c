/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/writer.h"

#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"

/* A job in the queue and its answer. */
struct waiting {
	struct sr_job job;
	enum sr_status status;
	struct sr_err err;
	struct waiting *next;
	sem_t *answered; /* of the thread that waits, which owns this; NULL: job.done is told, and this freed
	                  */
	/* Of a patient one, instead; under the lock. */
	pthread_cond_t changed;
	bool over;
};

/* First in, first out. */
struct line {
	struct waiting *first;
	struct waiting **last; /* where the next one goes */
};

struct sr_writer {
	struct sr_writer_options options;
	pthread_t thread;
	pthread_mutex_t lock; /* what follows */
	pthread_cond_t more;
	struct line control, common;
	size_t count; /* in these two */
	struct line patient;
	size_t patient_count;
	bool overdue;             /* the patient ones wait no longer */
	pthread_condattr_t clock; /* monotonic, for how long they wait */
	bool writing;             /* a batch is under way, in the writer's thread or in a caller's */
	bool dead;                /* a commit failed: nothing is written any more */
	bool stopping;
};

static void line_init(struct line *line)
{
	line->first = NULL;
	line->last = &line->first;
}

static void line_add(struct line *line, struct waiting *waiting)
{
	waiting->next = NULL;
	*line->last = waiting;
	line->last = &waiting->next;
}

static struct waiting *line_take(struct line *line)
{
	struct waiting *waiting = line->first;

	if (!waiting)
		return NULL;
	line->first = waiting->next;
	if (!line->first)
		line->last = &line->first;
	return waiting;
}

/* --- one batch ------------------------------------------------------------------------------------ */

/* Refused by check, or applied; false when the storage failed. */
static bool work(struct waiting *waiting, struct sr_txn *txn)
{
	const struct sr_job *job = &waiting->job;

	waiting->status = job->check ? job->check(job->context, txn, &waiting->err) : SR_OK;
	if (waiting->status != SR_OK)
		return true;
	waiting->status = job->apply(job->context, txn, &waiting->err);
	return waiting->status == SR_OK;
}

enum outcome {
	DURABLE,
	UNDONE, /* nothing of it happened */
	UNKNOWN,
};

/* Run jobs in one transaction; those that were refused have their status already. */
static enum outcome run_together(struct sr_writer *writer, struct waiting **batch, size_t count,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	if (sr_txn_write(writer->options.env, &txn, err) != SR_OK)
		return UNDONE;
	for (size_t i = 0; i < count; i++)
		if (!work(batch[i], txn)) {
			*err = batch[i]->err;
			return UNDONE;
		}
	enum sr_status status = sr_txn_commit(&txn, err);
	if (status == SR_OK)
		return DURABLE;
	return status == SR_IO ? UNKNOWN : UNDONE;
}

/* One job by itself; once more where the map was full and has grown since. */
static enum outcome run_alone(struct sr_writer *writer, struct waiting *waiting, struct sr_err *err)
{
	enum outcome outcome = run_together(writer, &waiting, 1, err);

	if (outcome == UNDONE)
		outcome = run_together(writer, &waiting, 1, err);
	if (outcome == UNDONE) {
		if (waiting->status == SR_OK)
			waiting->status = SR_BUSY;
		waiting->err = *err;
	}
	return outcome;
}

static void answer(struct sr_writer *writer, struct waiting *waiting)
{
	if (waiting->job.patient) {
		pthread_mutex_lock(&writer->lock);
		waiting->over = true;
		pthread_cond_signal(&waiting->changed);
		pthread_mutex_unlock(&writer->lock);
		return;
	}
	if (waiting->answered) {
		sem_post(waiting->answered); /* and then it may be gone */
		return;
	}
	waiting->job.done(waiting->job.context, waiting->status, &waiting->err);
	free(waiting);
}

/* False when the writer must not go on. */
static bool run_batch(struct sr_writer *writer, struct waiting **batch, size_t count)
{
	struct sr_err err = { 0 };
	enum outcome outcome = run_together(writer, batch, count, &err);

	for (size_t i = 0; outcome == UNDONE && i < count; i++) {
		enum outcome alone = run_alone(writer, batch[i], &err);

		if (alone == UNKNOWN)
			outcome = UNKNOWN;
	}
	if (outcome == UNKNOWN) {
		writer->options.fatal(writer->options.context, &err);
		for (size_t i = 0; i < count; i++)
			if (!batch[i]->answered && !batch[i]->job.patient)
				free(batch[i]);
		return false;
	}
	if (writer->options.committed)
		writer->options.committed(writer->options.context);
	return true;
}

/* --- the thread ----------------------------------------------------------------------------------- */

/* Something that a batch is begun for; under the lock. */
static bool is_due(const struct sr_writer *writer)
{
	return writer->count > 0 || (writer->patient_count > 0 && (writer->overdue || writer->stopping));
}

/* Under the lock: the patient ones join a batch that has @count jobs, up to @max. */
static size_t take_patient(struct sr_writer *writer, struct waiting **batch, size_t count, size_t max)
{
	for (; count < max && writer->patient_count > 0; writer->patient_count--)
		batch[count++] = line_take(&writer->patient);
	if (writer->patient_count == 0)
		writer->overdue = false;
	return count;
}

/* Wait for jobs and take them, control ones first; 0 when all is answered and the writer stops. */
static size_t take_batch(struct sr_writer *writer, struct waiting **batch)
{
	size_t count = 0;

	pthread_mutex_lock(&writer->lock);
	while (!writer->dead && (writer->writing || (!is_due(writer) && !writer->stopping)))
		pthread_cond_wait(&writer->more, &writer->lock);
	while (!writer->dead && count < SR_WRITER_BATCH && writer->count > 0) {
		struct waiting *waiting = line_take(&writer->control);

		if (!waiting)
			waiting = line_take(&writer->common);
		batch[count++] = waiting;
		writer->count--;
	}
	if (!writer->dead)
		count = take_patient(writer, batch, count, SR_WRITER_BATCH);
	writer->writing = count > 0;
	pthread_mutex_unlock(&writer->lock);
	return count;
}

/* The batch is over; whoever waits comes next. */
static void leave(struct sr_writer *writer, bool alive)
{
	pthread_mutex_lock(&writer->lock);
	writer->writing = false;
	writer->dead = writer->dead || !alive;
	if (is_due(writer) || writer->stopping || writer->dead)
		pthread_cond_signal(&writer->more);
	pthread_mutex_unlock(&writer->lock);
}

static void *write_batches(void *context)
{
	struct sr_writer *writer = context;
	struct waiting *batch[SR_WRITER_BATCH];

	for (;;) {
		size_t count = take_batch(writer, batch);

		if (count == 0)
			return NULL;
		bool alive = run_batch(writer, batch, count);
		/* All are answered before anybody writes again: who comes back at once joins the next batch.
		 */
		for (size_t i = 0; alive && i < count; i++)
			answer(writer, batch[i]);
		leave(writer, alive);
	}
}

enum sr_status sr_writer_start(const struct sr_writer_options *options, struct sr_writer **out,
                               struct sr_err *err)
{
	struct sr_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the writer");
	writer->options = *options;
	line_init(&writer->control);
	line_init(&writer->common);
	line_init(&writer->patient);
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->more, NULL);
	pthread_condattr_init(&writer->clock);
	pthread_condattr_setclock(&writer->clock, CLOCK_MONOTONIC);
	if (pthread_create(&writer->thread, NULL, write_batches, writer) != 0) {
		pthread_condattr_destroy(&writer->clock);
		pthread_cond_destroy(&writer->more);
		pthread_mutex_destroy(&writer->lock);
		free(writer);
		return sr_fail(err, SR_NO_MEMORY, "no thread for the writer");
	}
	*out = writer;
	return SR_OK;
}

void sr_writer_stop(struct sr_writer *writer)
{
	if (!writer)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_cond_signal(&writer->more);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	/* Left only where the thread ended after a fatal failure. */
	for (size_t i = 0; i < writer->count; i++) {
		struct waiting *waiting = line_take(&writer->control);

		if (!waiting)
			waiting = line_take(&writer->common);
		assert(waiting != NULL);
		if (!waiting->answered)
			free(waiting);
	}
	pthread_condattr_destroy(&writer->clock);
	pthread_cond_destroy(&writer->more);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

static enum sr_status refuse_full(struct sr_err *err)
{
	return sr_fail(err, SR_BUSY, "too many changes are waiting; try again in a moment");
}

/* False: there is no room. */
static bool stand_in_line(struct sr_writer *writer, struct waiting *waiting)
{
	pthread_mutex_lock(&writer->lock);
	bool taken = !writer->stopping && writer->count < SR_WRITER_QUEUE;
	if (taken) {
		line_add(waiting->job.control ? &writer->control : &writer->common, waiting);
		writer->count++;
		if (!writer->writing) /* else whoever writes looks again */
			pthread_cond_signal(&writer->more);
	}
	pthread_mutex_unlock(&writer->lock);
	return taken;
}

enum sr_status sr_writer_submit(struct sr_writer *writer, const struct sr_job *job, struct sr_err *err)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a change");
	waiting->job = *job;
	if (stand_in_line(writer, waiting))
		return SR_OK;
	free(waiting);
	return refuse_full(err);
}

/* --- waiting for an answer ------------------------------------------------------------------------ */

/*
 * Nobody writes and nobody waits in earnest: the caller may write itself, and is spared two changes of
 * thread. The batch is its own job behind the patient ones; 0: somebody else writes.
 */
static size_t lead(struct sr_writer *writer, struct waiting *own, struct waiting **batch)
{
	size_t count = 0;

	pthread_mutex_lock(&writer->lock);
	if (!writer->writing && writer->count == 0 && !writer->stopping && !writer->dead) {
		writer->writing = true;
		count = take_patient(writer, batch, 0, SR_WRITER_BATCH - 1);
		batch[count++] = own;
	}
	pthread_mutex_unlock(&writer->lock);
	return count;
}

static void wait_for(sem_t *answered)
{
	while (sem_wait(answered) < 0)
		continue; /* a signal */
}

static struct timespec patience_ends(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += SR_WRITER_PATIENCE_MS * (SR_SECOND_NS / 1000);
	until.tv_sec += until.tv_nsec / SR_SECOND_NS;
	until.tv_nsec %= SR_SECOND_NS;
	return until;
}

/* In line, under the lock: until it is answered.  Where nobody's batch takes it along, one is begun. */
static void wait_patiently(struct sr_writer *writer, struct waiting *waiting)
{
	const struct timespec until = patience_ends();
	bool patient = writer->patient_count < SR_WRITER_PATIENT;

	while (patient && !waiting->over)
		patient = pthread_cond_timedwait(&waiting->changed, &writer->lock, &until) == 0;
	if (!waiting->over) {
		writer->overdue = true;
		if (!writer->writing)
			pthread_cond_signal(&writer->more);
	}
	while (!waiting->over)
		pthread_cond_wait(&waiting->changed, &writer->lock);
}

static enum sr_status run_patiently(struct sr_writer *writer, struct waiting *waiting, struct sr_err *err)
{
	pthread_cond_init(&waiting->changed, &writer->clock);
	pthread_mutex_lock(&writer->lock);
	bool taken = !writer->stopping && writer->patient_count < SR_WRITER_QUEUE;
	if (taken) {
		line_add(&writer->patient, waiting);
		writer->patient_count++;
		wait_patiently(writer, waiting);
	}
	pthread_mutex_unlock(&writer->lock);
	pthread_cond_destroy(&waiting->changed);
	if (!taken)
		return refuse_full(err);
	*err = waiting->err;
	return waiting->status;
}

enum sr_status sr_writer_run(struct sr_writer *writer, const struct sr_job *job, struct sr_err *err)
{
	struct waiting waiting = { .job = *job };
	struct waiting *batch[SR_WRITER_BATCH];
	sem_t answered;

	if (job->patient)
		return run_patiently(writer, &waiting, err);
	waiting.answered = &answered;
	size_t count = lead(writer, &waiting, batch);
	if (count > 0) {
		bool alive = run_batch(writer, batch, count);

		for (size_t i = 0; alive && i + 1 < count; i++)
			answer(writer, batch[i]);
		leave(writer, alive);
		if (!alive)
			return sr_fail(err, SR_IO, "the database could not be written");
	} else {
		sem_init(&answered, 0, 0);
		bool taken = stand_in_line(writer, &waiting);
		if (taken)
			wait_for(&answered);
		sem_destroy(&answered);
		if (!taken)
			return refuse_full(err);
	}
	*err = waiting.err;
	return waiting.status;
}
