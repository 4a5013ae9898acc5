/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/clock.h"
#include "appliance/base/fd.h"

struct sr_mailbox {
	pthread_mutex_t mutex; /* guards what follows up to the count */
	pthread_cond_t room;
	struct sr_post *first, *last;
	bool closed;
	atomic_size_t references;
	atomic_bool stop;
	atomic_bool owned;
	pthread_t owner; /* the loop's thread, once @owned */
	int event;
};

static bool init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	bool made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	            pthread_cond_init(condition, &attributes) == 0;
	pthread_condattr_destroy(&attributes);
	return made;
}

enum sr_status sr_mailbox_new(struct sr_mailbox **out, struct sr_err *err)
{
	struct sr_mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (!mailbox)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a mailbox");
	mailbox->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mailbox->event < 0) {
		free(mailbox);
		return sr_fail_errno(err, "make an eventfd");
	}
	if (!init_condition(&mailbox->room)) {
		sr_fd_close(mailbox->event);
		free(mailbox);
		return sr_fail(err, SR_NO_MEMORY, "no memory for a condition");
	}
	pthread_mutex_init(&mailbox->mutex, NULL);
	atomic_init(&mailbox->references, 1);
	*out = mailbox;
	return SR_OK;
}

struct sr_mailbox *sr_mailbox_ref(struct sr_mailbox *mailbox)
{
	atomic_fetch_add(&mailbox->references, 1);
	return mailbox;
}

void sr_mailbox_unref(struct sr_mailbox *mailbox)
{
	if (!mailbox || atomic_fetch_sub(&mailbox->references, 1) > 1)
		return;
	sr_fd_close(mailbox->event);
	pthread_cond_destroy(&mailbox->room);
	pthread_mutex_destroy(&mailbox->mutex);
	free(mailbox);
}

int sr_mailbox_fd(const struct sr_mailbox *mailbox)
{
	return mailbox->event;
}

void sr_mailbox_own(struct sr_mailbox *mailbox)
{
	mailbox->owner = pthread_self();
	atomic_store(&mailbox->owned, true);
}

bool sr_mailbox_is_own(const struct sr_mailbox *mailbox)
{
	return atomic_load(&mailbox->owned) && pthread_equal(mailbox->owner, pthread_self());
}

/* The counter can only be full when the loop is already awake. */
static void wake(const struct sr_mailbox *mailbox)
{
	static const uint64_t one = 1;
	int saved = errno;
	ssize_t ignored = write(mailbox->event, &one, sizeof(one));

	(void)ignored;
	errno = saved;
}

bool sr_mailbox_post(struct sr_mailbox *mailbox, struct sr_post *post)
{
	post->next = NULL;
	pthread_mutex_lock(&mailbox->mutex);
	bool open = !mailbox->closed;
	bool was_empty = !mailbox->first;
	if (open && was_empty)
		mailbox->first = post;
	else if (open)
		mailbox->last->next = post;
	if (open)
		mailbox->last = post;
	/* Under the mutex: behind it the loop may have ended already and let go of the mailbox. */
	if (open && was_empty)
		wake(mailbox);
	pthread_mutex_unlock(&mailbox->mutex);
	return open;
}

static struct sr_post *take(struct sr_mailbox *mailbox, bool close)
{
	pthread_mutex_lock(&mailbox->mutex);
	struct sr_post *first = mailbox->first;
	mailbox->first = mailbox->last = NULL;
	mailbox->closed = mailbox->closed || close;
	if (close)
		pthread_cond_broadcast(&mailbox->room);
	pthread_mutex_unlock(&mailbox->mutex);
	return first;
}

struct sr_post *sr_mailbox_take(struct sr_mailbox *mailbox, bool rung)
{
	uint64_t count;
	ssize_t ignored = rung ? read(mailbox->event, &count, sizeof(count)) : 0;

	(void)ignored;
	return take(mailbox, false);
}

struct sr_post *sr_mailbox_close(struct sr_mailbox *mailbox)
{
	return take(mailbox, true);
}

void sr_mailbox_ask_stop(struct sr_mailbox *mailbox)
{
	atomic_store(&mailbox->stop, true);
	wake(mailbox);
}

bool sr_mailbox_stop_asked(const struct sr_mailbox *mailbox)
{
	return atomic_load(&mailbox->stop);
}

void sr_mailbox_backlog_post(struct sr_mailbox *mailbox, struct sr_backlog *backlog, size_t bytes)
{
	pthread_mutex_lock(&mailbox->mutex);
	backlog->posted += bytes;
	pthread_mutex_unlock(&mailbox->mutex);
}

void sr_mailbox_backlog_queue(struct sr_mailbox *mailbox, struct sr_backlog *backlog, size_t taken,
                              size_t queued)
{
	pthread_mutex_lock(&mailbox->mutex);
	backlog->posted -= taken;
	backlog->queued = queued;
	pthread_cond_broadcast(&mailbox->room);
	pthread_mutex_unlock(&mailbox->mutex);
}

static struct timespec deadline_in(int timeout_ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	int64_t ns = at.tv_nsec + (int64_t)timeout_ms * 1000000;
	at.tv_sec += ns / SR_SECOND_NS;
	at.tv_nsec = ns % SR_SECOND_NS;
	return at;
}

bool sr_mailbox_backlog_wait(struct sr_mailbox *mailbox, const struct sr_backlog *backlog, size_t max,
                             int timeout_ms)
{
	struct timespec deadline = deadline_in(timeout_ms);
	int failed = 0;

	pthread_mutex_lock(&mailbox->mutex);
	while (backlog->posted + backlog->queued >= max && !mailbox->closed && failed == 0)
		failed = pthread_cond_timedwait(&mailbox->room, &mailbox->mutex, &deadline);
	bool room = backlog->posted + backlog->queued < max;
	pthread_mutex_unlock(&mailbox->mutex);
	return room;
}
