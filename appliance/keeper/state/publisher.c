/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/publisher.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/state/journal.h"

/* Commits within this time become one publication; well under the second that is promised. */
#define GATHER_NS 200000000l
#define RETRY_S 1

struct sr_publisher {
	struct sr_publisher_options options;
	pthread_t thread;
	pthread_mutex_t lock;   /* what follows */
	pthread_cond_t changed; /* monotonic clock */
	bool pending;
	bool stopping;
	uint64_t size;
};

static enum sr_status publish(struct sr_publisher *publisher, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t size;

	SR_TRY(sr_txn_read(publisher->options.env, &txn, err));
	const struct sr_merkle_store store = sr_journal_store(txn);
	const struct sr_entry_source entries = sr_journal_source(txn);
	const struct sr_publication publication = {
		.dir_fd = publisher->options.dir_fd,
		.store = &store,
		.entries = &entries,
		.origin = publisher->options.origin,
		.key = publisher->options.key,
	};

	SR_TRY(sr_journal_size(txn, &size, err));
	SR_TRY(sr_publish(&publication, size, err));
	pthread_mutex_lock(&publisher->lock);
	publisher->size = size;
	pthread_mutex_unlock(&publisher->lock);
	return SR_OK;
}

/* Sleep under the lock, at most so long, or until @stopping. */
static void pause_for(struct sr_publisher *publisher, long seconds, long ns)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds + (until.tv_nsec + ns) / 1000000000l;
	until.tv_nsec = (until.tv_nsec + ns) % 1000000000l;
	while (!publisher->stopping &&
	       pthread_cond_timedwait(&publisher->changed, &publisher->lock, &until) == 0)
		continue;
}

static void *publish_all(void *context)
{
	struct sr_publisher *publisher = context;
	bool stopping = false;

	while (!stopping) {
		struct sr_err err = { 0 };

		pthread_mutex_lock(&publisher->lock);
		while (!publisher->pending && !publisher->stopping)
			pthread_cond_wait(&publisher->changed, &publisher->lock);
		pause_for(publisher, 0, GATHER_NS);
		publisher->pending = false;
		stopping = publisher->stopping;
		pthread_mutex_unlock(&publisher->lock);

		enum sr_status status = publish(publisher, &err);
		if (status == SR_OK)
			continue;
		publisher->options.failed(publisher->options.context, status, &err);
		pthread_mutex_lock(&publisher->lock);
		publisher->pending = true;
		pause_for(publisher, RETRY_S, 0);
		pthread_mutex_unlock(&publisher->lock);
	}
	return NULL;
}

static enum sr_status init_sync(struct sr_publisher *publisher, struct sr_err *err)
{
	pthread_condattr_t attributes;

	if (pthread_condattr_init(&attributes) != 0 ||
	    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&publisher->changed, &attributes) != 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the publisher");
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&publisher->lock, NULL);
	return SR_OK;
}

static void publisher_free(struct sr_publisher *publisher)
{
	pthread_cond_destroy(&publisher->changed);
	pthread_mutex_destroy(&publisher->lock);
	free(publisher);
}

enum sr_status sr_publisher_start(const struct sr_publisher_options *options, struct sr_publisher **out,
                                  struct sr_err *err)
{
	struct sr_publisher *publisher = calloc(1, sizeof(*publisher));

	if (!publisher)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the publisher");
	publisher->options = *options;
	enum sr_status status = init_sync(publisher, err);
	if (status != SR_OK) {
		free(publisher);
		return status;
	}
	status = publish(publisher, err);
	if (status == SR_OK && pthread_create(&publisher->thread, NULL, publish_all, publisher) != 0)
		status = sr_fail(err, SR_NO_MEMORY, "no thread for the publisher");
	if (status != SR_OK) {
		publisher_free(publisher);
		return status;
	}
	*out = publisher;
	return SR_OK;
}

void sr_publisher_notify(struct sr_publisher *publisher)
{
	pthread_mutex_lock(&publisher->lock);
	/* While it gathers it need not be woken for every commit. */
	if (!publisher->pending)
		pthread_cond_signal(&publisher->changed);
	publisher->pending = true;
	pthread_mutex_unlock(&publisher->lock);
}

void sr_publisher_stop(struct sr_publisher *publisher)
{
	if (!publisher)
		return;
	pthread_mutex_lock(&publisher->lock);
	publisher->stopping = true;
	pthread_cond_signal(&publisher->changed);
	pthread_mutex_unlock(&publisher->lock);
	pthread_join(publisher->thread, NULL);
	publisher_free(publisher);
}

uint64_t sr_publisher_size(struct sr_publisher *publisher)
{
	pthread_mutex_lock(&publisher->lock);
	uint64_t size = publisher->size;
	pthread_mutex_unlock(&publisher->lock);
	return size;
}
