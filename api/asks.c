/* SPDX-License-Identifier: Apache-2.0 */
#include "api/asks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct sr_asks {
	struct sr_keeper_link link;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct sr_ask *first, *last;
	bool stopping, joined;
};

void sr_ask_dispose(struct sr_ask *ask)
{
	json_decref(ask->parameters);
	json_decref(ask->reply);
	*ask = (struct sr_ask){ 0 };
}

/* --- asking ---------------------------------------------------------------------------------------- */

static void take_one(void *context, size_t index, enum sr_status status, json_t *reply, const char *refusal,
                     const struct sr_err *err)
{
	struct sr_ask *const *asked = context;
	struct sr_ask *ask = asked[index];

	ask->answered = true;
	ask->status = status;
	ask->reply = reply;
	snprintf(ask->refusal, sizeof(ask->refusal), "%s", refusal);
	ask->err = *err;
	ask->take(ask);
}

/* One after the other: a keeper that has no other way, in tests. */
static void ask_each(const struct sr_keeper_link *link, const struct sr_client_request *requests,
                     size_t count, struct sr_ask **asked)
{
	for (size_t i = 0; i < count; i++) {
		char refusal[SR_MESSAGE_NAME_BYTES] = "";
		struct sr_err err = { 0 };
		json_t *reply = NULL;

		const enum sr_status status =
			link->ask(link->context, &requests[i], &reply, NULL, refusal, &err);
		take_one(asked, i, status, reply, refusal, &err);
	}
}

static void ask_all(struct sr_asks *asks, struct sr_ask **asked, size_t count)
{
	struct sr_client_request requests[SR_FRONT_TOGETHER];

	for (size_t i = 0; i < count; i++)
		requests[i] = (struct sr_client_request){ .method = asked[i]->command,
			                                  .parameters = asked[i]->parameters };
	if (asks->link.ask_many)
		asks->link.ask_many(asks->link.context, requests, count, take_one, asked);
	else
		ask_each(&asks->link, requests, count, asked);
}

/* What has gathered, up to what goes together; 0: the end. */
static size_t gather(struct sr_asks *asks, struct sr_ask *asked[SR_FRONT_TOGETHER])
{
	size_t count = 0;

	pthread_mutex_lock(&asks->lock);
	while (!asks->first && !asks->stopping)
		pthread_cond_wait(&asks->changed, &asks->lock);
	for (; asks->first && count < SR_FRONT_TOGETHER; asks->first = asks->first->next)
		asked[count++] = asks->first;
	pthread_mutex_unlock(&asks->lock);
	return count;
}

static void *run(void *context)
{
	struct sr_ask *asked[SR_FRONT_TOGETHER];
	size_t count;

	while ((count = gather(context, asked)) > 0)
		ask_all(context, asked, count);
	return NULL;
}

/* --- for everybody --------------------------------------------------------------------------------- */

enum sr_status sr_asks_new(const struct sr_keeper_link *link, struct sr_asks **out, struct sr_err *err)
{
	struct sr_asks *asks = calloc(1, sizeof(*asks));

	if (!asks)
		return sr_fail(err, SR_NO_MEMORY, "no memory for questions");
	asks->link = *link;
	pthread_mutex_init(&asks->lock, NULL);
	pthread_cond_init(&asks->changed, NULL);
	if (pthread_create(&asks->thread, NULL, run, asks) != 0) {
		free(asks);
		return sr_fail(err, SR_BUSY, "no thread could be started");
	}
	*out = asks;
	return SR_OK;
}

bool sr_asks_put(struct sr_asks *asks, struct sr_ask *ask)
{
	ask->next = NULL;
	pthread_mutex_lock(&asks->lock);
	const bool open = !asks->stopping;
	const bool was_empty = !asks->first;
	if (open && was_empty)
		asks->first = ask;
	else if (open)
		asks->last->next = ask;
	if (open)
		asks->last = ask;
	pthread_mutex_unlock(&asks->lock);
	if (open && was_empty)
		pthread_cond_signal(&asks->changed);
	return open;
}

void sr_asks_stop(struct sr_asks *asks)
{
	if (!asks || asks->joined)
		return;
	pthread_mutex_lock(&asks->lock);
	asks->stopping = true;
	pthread_cond_signal(&asks->changed);
	pthread_mutex_unlock(&asks->lock);
	pthread_join(asks->thread, NULL);
	asks->joined = true;
}

void sr_asks_free(struct sr_asks *asks)
{
	if (!asks)
		return;
	sr_asks_stop(asks);
	pthread_cond_destroy(&asks->changed);
	pthread_mutex_destroy(&asks->lock);
	free(asks);
}
