/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "appliance/archive/plan.h"
#include "appliance/archive/stages.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/threads.h"

#define THREADS_MAX 8u
#define SLABS_MAX (2 * THREADS_MAX + 2) /* 2.01 MiB each: 36 MiB at most */

enum state {
	FREE,    /* the caller's thread may plan it */
	PLANNED, /* waits to be read, or to be done altogether */
	FILLED,  /* a part that waits to be encrypted */
	TAKEN,   /* a worker is at it */
	DONE,    /* the caller's thread may emit it */
};

struct worker {
	pthread_t thread;
	struct sr_tools tools;
	struct pipeline *pipeline;
};

struct pipeline {
	const struct sr_pipeline_job *job;
	struct sr_plan plan;
	struct sr_slab slabs[SLABS_MAX];
	struct sr_stream streams[SLABS_MAX];
	struct worker workers[THREADS_MAX];
	unsigned slab_count, slabs_ready, streams_ready, tools_ready, running;
	bool locks_ready;

	/* Behind the lock. */
	pthread_mutex_t lock;
	pthread_cond_t work; /* something became ready for a worker, or stop */
	pthread_cond_t done; /* the oldest slab may be done, or a failure */
	enum state states[SLABS_MAX];
	uint64_t filled[SLABS_MAX], sealed[SLABS_MAX]; /* plaintext offset reached, by stream */
	unsigned oldest, live;
	bool stop;
	enum sr_status status; /* the first failure */
	struct sr_err err;
};

/* Plan free slabs as long as there are some and members are left.  The caller's thread. */
static enum sr_status plan_ahead(struct pipeline *p, struct sr_err *err)
{
	while (p->live < p->slab_count && !sr_plan_is_over(&p->plan)) {
		unsigned index = (p->oldest + p->live) % p->slab_count;
		struct sr_slab *slab = &p->slabs[index];

		SR_TRY(sr_plan_next(&p->plan, slab, err));
		pthread_mutex_lock(&p->lock);
		if (slab->stream && slab->offset == 0) {
			p->filled[slab->stream - p->streams] = 0;
			p->sealed[slab->stream - p->streams] = 0;
		}
		p->states[index] = PLANNED;
		p->live++;
		pthread_cond_signal(&p->work);
		pthread_mutex_unlock(&p->lock);
	}
	return SR_OK;
}

/* --- workers ----------------------------------------------------------------------------------------- */

/* Can a worker do something with this slab now?  Parts of one member go in order through each stage. */
static bool is_ready(const struct pipeline *p, unsigned index)
{
	const struct sr_slab *slab = &p->slabs[index];
	size_t stream = slab->stream ? (size_t)(slab->stream - p->streams) : 0;

	if (p->states[index] == PLANNED)
		return !slab->stream || p->filled[stream] == slab->offset;
	return p->states[index] == FILLED && p->sealed[stream] == slab->offset;
}

/* The oldest slab with something to do, or -1; under the lock. */
static int find_work(const struct pipeline *p)
{
	for (unsigned i = 0; i < p->live; i++) {
		unsigned index = (p->oldest + i) % p->slab_count;

		if (is_ready(p, index))
			return (int)index;
	}
	return -1;
}

static enum sr_status do_stage(struct pipeline *p, struct worker *worker, struct sr_slab *slab,
                               enum state state, struct sr_err *err)
{
	if (!slab->stream)
		return sr_stage_whole(slab, p->job->inputs, &p->job->recipient, &worker->tools, err);
	if (state == PLANNED)
		return sr_stage_fill(slab, p->job->inputs, err);
	return sr_stage_seal(slab, p->job->inputs, &p->job->recipient, &worker->tools, err);
}

/* Note that a stage is over; under the lock. */
static void finish_stage(struct pipeline *p, unsigned index, enum state before)
{
	const struct sr_slab *slab = &p->slabs[index];

	if (slab->stream && before == PLANNED) {
		p->filled[slab->stream - p->streams] = slab->offset + slab->size;
		p->states[index] = FILLED;
	} else {
		if (slab->stream)
			p->sealed[slab->stream - p->streams] = slab->offset + slab->size;
		p->states[index] = DONE;
		if (index == p->oldest)
			pthread_cond_signal(&p->done);
	}
	pthread_cond_broadcast(&p->work);
}

/* Keep the first failure and stop; under the lock. */
static void fail(struct pipeline *p, enum sr_status status, const struct sr_err *err)
{
	if (p->status == SR_OK) {
		p->status = status;
		p->err = *err;
	}
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_cond_broadcast(&p->done);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct pipeline *p = worker->pipeline;
	struct sr_err err;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		int index = find_work(p);

		if (index < 0) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		enum state state = p->states[index];
		p->states[index] = TAKEN;
		pthread_mutex_unlock(&p->lock);
		enum sr_status status = do_stage(p, worker, &p->slabs[index], state, &err);
		pthread_mutex_lock(&p->lock);
		if (status != SR_OK)
			fail(p, status, &err);
		else
			finish_stage(p, (unsigned)index, state);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* --- the caller's thread ------------------------------------------------------------------------------ */

/* Signals are the caller's business: workers take none. */
static enum sr_status start_workers(struct pipeline *p, unsigned count, struct sr_err *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i < count; i++) {
		errno = pthread_create(&p->workers[i].thread, NULL, work, &p->workers[i]);
		if (errno != 0)
			break;
		p->running++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (p->running < count)
		return sr_fail_errno(err, "start thread %u of %u", p->running + 1, count);
	return SR_OK;
}

static enum sr_status prepare(struct pipeline *p, unsigned threads, struct sr_err *err)
{
	p->slab_count = 2 * threads + 2;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	p->locks_ready = true;
	for (unsigned i = 0; i < p->slab_count; i++) {
		p->slabs_ready++;
		SR_TRY(sr_slab_init(&p->slabs[i], err));
		p->streams_ready++;
		SR_TRY(sr_stream_init(&p->streams[i], err));
	}
	for (unsigned i = 0; i < threads; i++) {
		p->workers[i].pipeline = p;
		p->tools_ready++;
		SR_TRY(sr_tools_init(&p->workers[i].tools, p->job->inputs->suite, err));
	}
	return start_workers(p, threads, err);
}

/* Stop and join the workers, then release what they used. */
static void release(struct pipeline **pointer)
{
	struct pipeline *p = *pointer;

	if (!p)
		return;
	if (p->locks_ready) {
		pthread_mutex_lock(&p->lock);
		p->stop = true;
		pthread_cond_broadcast(&p->work);
		pthread_mutex_unlock(&p->lock);
	}
	for (unsigned i = 0; i < p->running; i++)
		pthread_join(p->workers[i].thread, NULL);
	for (unsigned i = 0; i < p->tools_ready; i++)
		sr_tools_dispose(&p->workers[i].tools);
	for (unsigned i = 0; i < p->streams_ready; i++)
		sr_stream_dispose(&p->streams[i]);
	for (unsigned i = 0; i < p->slabs_ready; i++)
		sr_slab_dispose(&p->slabs[i]);
	if (p->locks_ready) {
		pthread_cond_destroy(&p->done);
		pthread_cond_destroy(&p->work);
		pthread_mutex_destroy(&p->lock);
	}
	free(p);
}

static enum sr_status emit_slab(const struct pipeline *p, const struct sr_slab *slab, struct sr_err *err)
{
	uint8_t *at = slab->out;

	if (slab->stream) {
		struct sr_sealed_part part = {
			.member = slab->first,
			.first = slab->offset == 0,
			.last = slab->last,
			.data = at,
			.size = slab->out_size,
			.spare = true,
			.plain = slab->size,
		};
		return p->job->emit(p->job->context, &part, err);
	}
	for (size_t i = 0; i < slab->count; i++) {
		uint64_t plain = p->job->inputs->list[slab->first + i].bytes;
		struct sr_sealed_part part = {
			.member = slab->first + i,
			.first = true,
			.last = true,
			.data = at,
			.size = (size_t)sr_suite_sealed_bytes(p->job->inputs->suite, plain),
			.spare = i == 0,
			.plain = plain,
		};
		SR_TRY(p->job->emit(p->job->context, &part, err));
		at += part.size;
	}
	return SR_OK;
}

/* Wait for the oldest slab; the first failure of a worker comes out here. */
static enum sr_status await_oldest(struct pipeline *p, struct sr_err *err)
{
	pthread_mutex_lock(&p->lock);
	while (p->status == SR_OK && p->states[p->oldest] != DONE)
		pthread_cond_wait(&p->done, &p->lock);
	enum sr_status status = p->status;
	if (status != SR_OK)
		*err = p->err;
	pthread_mutex_unlock(&p->lock);
	return status;
}

enum sr_status sr_pipeline_run(const struct sr_pipeline_job *job, struct sr_err *err)
{
	SR_CLEANUP(release) struct pipeline *p = calloc(1, sizeof(*p));

	if (!p)
		return sr_fail(err, SR_NO_MEMORY, "no memory for sealing");
	p->job = job;
	SR_TRY(prepare(p, sr_threads_for(job->threads, UINT64_MAX, THREADS_MAX), err));
	p->plan = (struct sr_plan){ .inputs = job->inputs,
		                    .streams = p->streams,
		                    .stream_count = p->slab_count,
		                    .file = job->offset };
	for (;;) {
		SR_TRY(plan_ahead(p, err));
		if (p->live == 0)
			return SR_OK;
		SR_TRY(await_oldest(p, err));
		SR_TRY(emit_slab(p, &p->slabs[p->oldest], err));
		pthread_mutex_lock(&p->lock);
		p->states[p->oldest] = FREE;
		p->oldest = (p->oldest + 1) % p->slab_count;
		p->live--;
		pthread_mutex_unlock(&p->lock);
	}
}
