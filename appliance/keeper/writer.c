/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"

/* A job in the queue and its answer. */
struct waiting {
	struct sr_job job;
	enum sr_status status;
	struct sr_err err;
	struct waiting *next;
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
	size_t count;
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

static void answer(struct waiting *waiting)
{
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
			free(batch[i]);
		return false;
	}
	if (writer->options.committed)
		writer->options.committed(writer->options.context);
	for (size_t i = 0; i < count; i++)
		answer(batch[i]);
	return true;
}

/* --- the thread ----------------------------------------------------------------------------------- */

/* Wait for jobs and take them, control ones first; 0 when all is answered and the writer stops. */
static size_t take_batch(struct sr_writer *writer, struct waiting **batch)
{
	size_t count = 0;

	pthread_mutex_lock(&writer->lock);
	while (writer->count == 0 && !writer->stopping)
		pthread_cond_wait(&writer->more, &writer->lock);
	while (count < SR_WRITER_BATCH && writer->count > 0) {
		struct waiting *waiting = line_take(&writer->control);

		if (!waiting)
			waiting = line_take(&writer->common);
		batch[count++] = waiting;
		writer->count--;
	}
	pthread_mutex_unlock(&writer->lock);
	return count;
}

static void *write_batches(void *context)
{
	struct sr_writer *writer = context;
	struct waiting *batch[SR_WRITER_BATCH];

	for (;;) {
		size_t count = take_batch(writer, batch);

		if (count == 0 || !run_batch(writer, batch, count))
			return NULL;
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
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->more, NULL);
	if (pthread_create(&writer->thread, NULL, write_batches, writer) != 0) {
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

		free(waiting ? waiting : line_take(&writer->common));
	}
	pthread_cond_destroy(&writer->more);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

enum sr_status sr_writer_submit(struct sr_writer *writer, const struct sr_job *job, struct sr_err *err)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a change");
	waiting->job = *job;
	pthread_mutex_lock(&writer->lock);
	bool taken = !writer->stopping && writer->count < SR_WRITER_QUEUE;
	if (taken) {
		line_add(job->control ? &writer->control : &writer->common, waiting);
		writer->count++;
		pthread_cond_signal(&writer->more);
	}
	pthread_mutex_unlock(&writer->lock);
	if (taken)
		return SR_OK;
	free(waiting);
	return sr_fail(err, SR_BUSY, "too many changes are waiting; try again in a moment");
}

/* --- waiting for an answer ------------------------------------------------------------------------ */

struct await {
	const struct sr_job *job;
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool over;
	enum sr_status status;
	struct sr_err err;
};

static enum sr_status await_check(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct await *await = context;

	return await->job->check ? await->job->check(await->job->context, txn, err) : SR_OK;
}

static enum sr_status await_apply(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct await *await = context;

	return await->job->apply(await->job->context, txn, err);
}

static void await_done(void *context, enum sr_status status, const struct sr_err *err)
{
	struct await *await = context;

	pthread_mutex_lock(&await->lock);
	await->status = status;
	await->err = *err;
	await->over = true;
	pthread_cond_signal(&await->answered);
	pthread_mutex_unlock(&await->lock);
}

enum sr_status sr_writer_run(struct sr_writer *writer, const struct sr_job *job, struct sr_err *err)
{
	struct await await = { .job = job,
		               .lock = PTHREAD_MUTEX_INITIALIZER,
		               .answered = PTHREAD_COND_INITIALIZER };
	const struct sr_job waited = { .check = await_check,
		                       .apply = await_apply,
		                       .done = await_done,
		                       .context = &await,
		                       .control = job->control };

	SR_TRY(sr_writer_submit(writer, &waited, err));
	pthread_mutex_lock(&await.lock);
	while (!await.over)
		pthread_cond_wait(&await.answered, &await.lock);
	pthread_mutex_unlock(&await.lock);
	pthread_cond_destroy(&await.answered);
	pthread_mutex_destroy(&await.lock);
	*err = await.err;
	return await.status;
}
