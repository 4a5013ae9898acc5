/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/work_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "appliance/base/cleanup.h"

#define STACK_BYTES ((size_t)1 << 20)

struct task {
	struct task *next;
	void (*run)(void *context);
	void *context;
};

static void task_freep(struct task **task)
{
	free(*task);
}

struct queue {
	struct task *first, **last;
};

struct sr_work_pool {
	pthread_mutex_t lock; /* what follows */
	pthread_cond_t changed;
	struct queue urgent, usual;
	size_t waiting, queue_max;
	size_t threads, threads_max, idle;
	bool stopping;
	pthread_t *ids;
};

enum sr_status sr_work_pool_new(size_t threads, size_t queue, struct sr_work_pool **out, struct sr_err *err)
{
	struct sr_work_pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		pool->ids = calloc(threads, sizeof(*pool->ids));
	if (!pool || !pool->ids) {
		free(pool);
		return sr_fail(err, SR_NO_MEMORY, "no memory for worker threads");
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->changed, NULL);
	pool->urgent.last = &pool->urgent.first;
	pool->usual.last = &pool->usual.first;
	pool->threads_max = threads;
	pool->queue_max = queue;
	*out = pool;
	return SR_OK;
}

static struct task *take(struct queue *queue)
{
	struct task *task = queue->first;

	if (!task)
		return NULL;
	queue->first = task->next;
	if (!queue->first)
		queue->last = &queue->first;
	return task;
}

static void *work(void *context)
{
	struct sr_work_pool *pool = context;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct task *task = take(&pool->urgent);

		if (!task)
			task = take(&pool->usual);
		if (task) {
			pool->waiting--;
			pthread_mutex_unlock(&pool->lock);
			task->run(task->context);
			free(task);
			pthread_mutex_lock(&pool->lock);
		} else if (pool->stopping) {
			break;
		} else {
			pool->idle++;
			pthread_cond_wait(&pool->changed, &pool->lock);
			pool->idle--;
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Another thread, where all are at work; under the lock.  A failure matters only where there is none. */
static bool start_thread(struct sr_work_pool *pool)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	if (pthread_create(&pool->ids[pool->threads], &attributes, work, pool) == 0)
		pool->threads++;
	pthread_attr_destroy(&attributes);
	return pool->threads > 0;
}

/* The task is taken on SR_OK. */
static enum sr_status put(struct sr_work_pool *pool, struct task **task, bool urgent, struct sr_err *err)
{
	struct queue *queue = urgent ? &pool->urgent : &pool->usual;

	if (pool->stopping || pool->waiting >= pool->queue_max)
		return sr_fail(err, SR_BUSY, "too much is under way; try again in a moment");
	if (pool->idle <= pool->waiting && pool->threads < pool->threads_max && !start_thread(pool))
		return sr_fail(err, SR_BUSY, "no thread could be started; try again in a moment");
	*queue->last = *task;
	queue->last = &(*task)->next;
	*task = NULL;
	pool->waiting++;
	return SR_OK;
}

enum sr_status sr_work_pool_submit(struct sr_work_pool *pool, void (*run)(void *context), void *context,
                                   bool urgent, struct sr_err *err)
{
	SR_CLEANUP(task_freep) struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a task");
	*task = (struct task){ .run = run, .context = context };
	pthread_mutex_lock(&pool->lock);
	enum sr_status status = put(pool, &task, urgent, err);
	const bool wake = status == SR_OK && pool->idle > 0;
	pthread_mutex_unlock(&pool->lock);
	/* Behind the lock, or whoever wakes would wait for it at once. */
	if (wake)
		pthread_cond_signal(&pool->changed);
	return status;
}

void sr_work_pool_stop(struct sr_work_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (; pool->threads > 0; pool->threads--)
		pthread_join(pool->ids[pool->threads - 1], NULL);
}

void sr_work_pool_free(struct sr_work_pool *pool)
{
	if (!pool)
		return;
	sr_work_pool_stop(pool);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool->ids);
	free(pool);
}
