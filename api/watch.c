/* SPDX-License-Identifier: Apache-2.0 */
#include "api/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "api/metrics.h"
#include "appliance/base/clock.h"
#include "appliance/base/wait.h"

#define BYTES_A_SECOND 4096

struct sr_watch {
	struct sr_watch *next, *previous; /* under the lock */
	int fd;
	bool cut;
	bool more; /* its event loop's alone */
	atomic_int phase;
	atomic_int_fast64_t since_s;
	atomic_uint_fast64_t moved;
};

struct sr_watches {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool stopping;
	struct sr_watch *first, *last; /* the oldest first */
	size_t count, most;
	struct sr_metrics *metrics;
};

static int64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool is_over(const struct sr_watch *watch, int64_t now)
{
	const int64_t passed = now - atomic_load(&watch->since_s);
	const int64_t earned = (int64_t)(atomic_load(&watch->moved) / BYTES_A_SECOND);

	switch ((enum sr_watch_phase)atomic_load(&watch->phase)) {
	case SR_WATCH_NEW:
	case SR_WATCH_HEADER:
		return passed > 20;
	case SR_WATCH_IDLE:
		return passed > 75;
	case SR_WATCH_BODY:
		return passed > 30 + earned;
	case SR_WATCH_SENDING:
		return passed > 60 + earned;
	case SR_WATCH_WORKING:
		return false;
	}
	return false;
}

static bool waits_for_nothing(const struct sr_watch *watch)
{
	const int phase = atomic_load(&watch->phase);

	return phase == SR_WATCH_NEW || phase == SR_WATCH_IDLE;
}

/* Under the lock, so that the descriptor is still this connection's. */
static void cut(struct sr_watches *watches, struct sr_watch *watch)
{
	if (watch->cut)
		return;
	watch->cut = true;
	shutdown(watch->fd, SHUT_RDWR);
	if (watches->metrics)
		sr_metrics_cut(watches->metrics);
}

static void look(struct sr_watches *watches)
{
	const size_t enough = watches->most - watches->most / 10;
	size_t surplus = watches->count > enough ? watches->count - enough : 0;
	const int64_t now = now_s();

	for (struct sr_watch *w = watches->first; w; w = w->next) {
		if (is_over(w, now)) {
			cut(watches, w);
		} else if (surplus > 0 && waits_for_nothing(w)) {
			cut(watches, w);
			surplus--;
		}
	}
}

static void *run(void *context)
{
	struct sr_watches *watches = context;

	pthread_mutex_lock(&watches->lock);
	while (!watches->stopping) {
		(void)sr_wait_for(&watches->wake, &watches->lock, SR_SECOND_NS);
		look(watches);
	}
	pthread_mutex_unlock(&watches->lock);
	return NULL;
}

enum sr_status sr_watches_new(size_t most, struct sr_metrics *metrics, struct sr_watches **out,
                              struct sr_err *err)
{
	struct sr_watches *watches = calloc(1, sizeof(*watches));

	if (!watches)
		return sr_fail(err, SR_NO_MEMORY, "no memory for connections");
	watches->most = most;
	watches->metrics = metrics;
	pthread_mutex_init(&watches->lock, NULL);
	pthread_cond_init(&watches->wake, NULL);
	if (pthread_create(&watches->thread, NULL, run, watches) != 0) {
		free(watches);
		return sr_fail(err, SR_BUSY, "no thread could be started");
	}
	*out = watches;
	return SR_OK;
}

void sr_watches_free(struct sr_watches *watches)
{
	if (!watches)
		return;
	pthread_mutex_lock(&watches->lock);
	watches->stopping = true;
	pthread_cond_signal(&watches->wake);
	pthread_mutex_unlock(&watches->lock);
	pthread_join(watches->thread, NULL);
	pthread_cond_destroy(&watches->wake);
	pthread_mutex_destroy(&watches->lock);
	free(watches);
}

struct sr_watch *sr_watch_begin(struct sr_watches *watches, int fd)
{
	struct sr_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->fd = fd;
	atomic_store(&watch->since_s, now_s());
	pthread_mutex_lock(&watches->lock);
	watch->previous = watches->last;
	if (watches->last)
		watches->last->next = watch;
	else
		watches->first = watch;
	watches->last = watch;
	watches->count++;
	pthread_mutex_unlock(&watches->lock);
	if (watches->metrics)
		sr_metrics_connection(watches->metrics, 1);
	return watch;
}

void sr_watch_end(struct sr_watches *watches, struct sr_watch *watch)
{
	if (!watch)
		return;
	pthread_mutex_lock(&watches->lock);
	*(watch->previous ? &watch->previous->next : &watches->first) = watch->next;
	*(watch->next ? &watch->next->previous : &watches->last) = watch->previous;
	watches->count--;
	pthread_mutex_unlock(&watches->lock);
	if (watches->metrics)
		sr_metrics_connection(watches->metrics, -1);
	free(watch);
}

void sr_watch_phase(struct sr_watch *watch, enum sr_watch_phase phase)
{
	if (!watch)
		return;
	atomic_store(&watch->moved, 0);
	atomic_store(&watch->since_s, now_s());
	atomic_store(&watch->phase, (int)phase);
}

void sr_watch_moved(struct sr_watch *watch, size_t bytes)
{
	if (watch)
		atomic_fetch_add(&watch->moved, bytes);
}

void sr_watch_more(struct sr_watch *watch, bool more)
{
	if (watch)
		watch->more = more;
}

bool sr_watch_has_more(const struct sr_watch *watch)
{
	return watch->more;
}

int sr_watch_fd(const struct sr_watch *watch)
{
	return watch->fd;
}

void sr_watches_cut_all(struct sr_watches *watches)
{
	pthread_mutex_lock(&watches->lock);
	for (struct sr_watch *w = watches->first; w; w = w->next)
		cut(watches, w);
	pthread_mutex_unlock(&watches->lock);
}
