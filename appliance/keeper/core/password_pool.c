/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/password_pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"

/* Accepted and not done: a task that an idle worker is about to take does not count against the queue. */
#define TASKS_MAX (SR_PASSWORD_WORKERS + SR_PASSWORD_QUEUE)

struct task {
	struct sr_secret *password;
	bool verifies;
	bool known;                          /* false: verify for nobody */
	char encoded[SR_PASSWORD_HASH_TEXT]; /* where known */
	sr_password_done *done;
	void *context;
};

struct sr_password_pool {
	struct sr_password_cost cost;
	pthread_mutex_t lock; /* guards all below but threads */
	pthread_cond_t work;
	struct task ring[TASKS_MAX];
	unsigned first, waiting; /* of the ring */
	unsigned running;
	bool ending;
	pthread_t threads[SR_PASSWORD_WORKERS];
	unsigned started;
};

/* --- the work ----------------------------------------------------------------------------------- */

static enum sr_status do_task(const struct sr_password_pool *pool, const struct task *task,
                              struct sr_password_result *result)
{
	bool outdated = false;
	struct sr_err err = { 0 };

	if (!task->verifies)
		return sr_password_hash(task->password, &pool->cost, result->hash, &result->err);
	SR_TRY(sr_password_verify(task->password, task->known ? task->encoded : NULL, &pool->cost, &outdated,
	                          &result->err));
	/* A better hash is a kindness: without it the password is right all the same. */
	if (outdated && sr_password_hash(task->password, &pool->cost, result->hash, &err) != SR_OK)
		result->hash[0] = '\0';
	return SR_OK;
}

/* Tell the outcome; the password is gone before anybody hears of it. */
static void finish(struct task *task, struct sr_password_result *result)
{
	sr_secret_freep(&task->password);
	task->done(task->context, result);
	sr_wipe(result, sizeof(*result));
	sr_wipe(task, sizeof(*task));
}

static struct task take_first(struct sr_password_pool *pool)
{
	struct task task = pool->ring[pool->first];

	sr_wipe(&pool->ring[pool->first], sizeof(task));
	pool->first = (pool->first + 1) % TASKS_MAX;
	pool->waiting--;
	return task;
}

static void *work(void *context)
{
	struct sr_password_pool *pool = context;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (pool->waiting == 0 && !pool->ending)
			pthread_cond_wait(&pool->work, &pool->lock);
		if (pool->ending)
			break;
		struct task task = take_first(pool);
		struct sr_password_result result = { 0 };

		pool->running++;
		pthread_mutex_unlock(&pool->lock);
		result.status = do_task(pool, &task, &result);
		finish(&task, &result);
		pthread_mutex_lock(&pool->lock);
		pool->running--;
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* --- the pool ----------------------------------------------------------------------------------- */

/* Signals are for the main thread. */
static int start_threads(struct sr_password_pool *pool)
{
	sigset_t all, before;
	int code = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (pool->started < SR_PASSWORD_WORKERS && code == 0) {
		code = pthread_create(&pool->threads[pool->started], NULL, work, pool);
		pool->started += code == 0;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

enum sr_status sr_password_pool_new(const struct sr_password_cost *cost, struct sr_password_pool **out,
                                    struct sr_err *err)
{
	struct sr_password_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the password workers");
	pool->cost = *cost;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	int code = start_threads(pool);
	if (code != 0) {
		sr_password_pool_free(pool);
		errno = code;
		return sr_fail_errno(err, "start a password worker");
	}
	*out = pool;
	return SR_OK;
}

void sr_password_pool_free(struct sr_password_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	while (pool->waiting > 0) {
		struct task task = take_first(pool);
		struct sr_password_result result = { 0 };

		result.status = sr_fail(&result.err, SR_BUSY, "the keeper is stopping; try again");
		finish(&task, &result);
	}
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static enum sr_status submit(struct sr_password_pool *pool, const struct task *task, struct sr_err *err)
{
	pthread_mutex_lock(&pool->lock);
	bool room = pool->waiting + pool->running < TASKS_MAX && !pool->ending;
	if (room) {
		pool->ring[(pool->first + pool->waiting) % TASKS_MAX] = *task;
		pool->waiting++;
		pthread_cond_signal(&pool->work);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!room)
		return sr_fail(err, SR_BUSY, "too many sign-ins at once; try again in a few seconds");
	return SR_OK;
}

static void free_task(struct task *task)
{
	sr_secret_freep(&task->password);
	sr_wipe(task, sizeof(*task));
}

enum sr_status sr_password_pool_hash(struct sr_password_pool *pool, struct sr_secret **password,
                                     sr_password_done *done, void *context, struct sr_err *err)
{
	SR_CLEANUP(free_task)
	struct task task = { .password = SR_MOVE(*password), .done = done, .context = context };

	SR_TRY(submit(pool, &task, err));
	task.password = NULL;
	return SR_OK;
}

enum sr_status sr_password_pool_verify(struct sr_password_pool *pool, struct sr_secret **password,
                                       const char *encoded, sr_password_done *done, void *context,
                                       struct sr_err *err)
{
	SR_CLEANUP(free_task)
	struct task task = {
		.password = SR_MOVE(*password), .verifies = true, .done = done, .context = context
	};
	size_t size = encoded ? strnlen(encoded, SR_PASSWORD_HASH_TEXT) : 0;

	if (size == SR_PASSWORD_HASH_TEXT)
		return sr_fail(err, SR_CORRUPT,
		               "a stored password hash is too long; give the user a new password");
	task.known = encoded != NULL;
	if (encoded)
		memcpy(task.encoded, encoded, size + 1);
	SR_TRY(submit(pool, &task, err));
	task.password = NULL;
	return SR_OK;
}

/* --- for callers that block --------------------------------------------------------------------- */

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool done;
	struct sr_password_result *result;
};

static void tell_waiter(void *context, const struct sr_password_result *result)
{
	struct waiter *waiter = context;

	pthread_mutex_lock(&waiter->lock);
	*waiter->result = *result;
	waiter->done = true;
	pthread_cond_signal(&waiter->told);
	pthread_mutex_unlock(&waiter->lock);
}

static enum sr_status wait_for(struct waiter *waiter, struct sr_err *err)
{
	pthread_mutex_lock(&waiter->lock);
	while (!waiter->done)
		pthread_cond_wait(&waiter->told, &waiter->lock);
	pthread_mutex_unlock(&waiter->lock);
	*err = waiter->result->err;
	return waiter->result->status;
}

enum sr_status sr_password_pool_hash_wait(struct sr_password_pool *pool, struct sr_secret **password,
                                          struct sr_password_result *out, struct sr_err *err)
{
	struct waiter waiter = { .lock = PTHREAD_MUTEX_INITIALIZER,
		                 .told = PTHREAD_COND_INITIALIZER,
		                 .result = out };

	SR_TRY(sr_password_pool_hash(pool, password, tell_waiter, &waiter, err));
	return wait_for(&waiter, err);
}

enum sr_status sr_password_pool_verify_wait(struct sr_password_pool *pool, struct sr_secret **password,
                                            const char *encoded, struct sr_password_result *out,
                                            struct sr_err *err)
{
	struct waiter waiter = { .lock = PTHREAD_MUTEX_INITIALIZER,
		                 .told = PTHREAD_COND_INITIALIZER,
		                 .result = out };

	SR_TRY(sr_password_pool_verify(pool, password, encoded, tell_waiter, &waiter, err));
	return wait_for(&waiter, err);
}
