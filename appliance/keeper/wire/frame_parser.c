/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/frame_parser.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct sr_frame_parser {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct sr_call *first, *last;
	bool stop;
};

static struct sr_call *take(struct sr_frame_parser *parser)
{
	pthread_mutex_lock(&parser->mutex);
	while (!parser->first && !parser->stop)
		pthread_cond_wait(&parser->changed, &parser->mutex);
	struct sr_call *call = parser->first;
	if (call)
		parser->first = *sr_call_next(call);
	pthread_mutex_unlock(&parser->mutex);
	return call;
}

static void *parse_all(void *context)
{
	struct sr_frame_parser *parser = context;

	for (struct sr_call *call = take(parser); call; call = take(parser)) {
		sr_call_parse(call);
		sr_call_post_parsed(call);
	}
	return NULL;
}

/* Signals are the main thread's. */
static int start_without_signals(struct sr_frame_parser *parser)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int failed = pthread_create(&parser->thread, NULL, parse_all, parser);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return failed;
}

enum sr_status sr_frame_parser_new(struct sr_frame_parser **out, struct sr_err *err)
{
	struct sr_frame_parser *parser = calloc(1, sizeof(*parser));

	if (!parser)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a thread");
	pthread_mutex_init(&parser->mutex, NULL);
	pthread_cond_init(&parser->changed, NULL);
	int failed = start_without_signals(parser);
	if (failed != 0) {
		free(parser);
		errno = failed;
		return sr_fail_errno(err, "start a thread");
	}
	*out = parser;
	return SR_OK;
}

void sr_frame_parser_free(struct sr_frame_parser *parser)
{
	if (!parser)
		return;
	pthread_mutex_lock(&parser->mutex);
	parser->stop = true;
	pthread_cond_signal(&parser->changed);
	pthread_mutex_unlock(&parser->mutex);
	pthread_join(parser->thread, NULL);
	pthread_cond_destroy(&parser->changed);
	pthread_mutex_destroy(&parser->mutex);
	free(parser);
}

void sr_frame_parser_submit(struct sr_frame_parser *parser, struct sr_call *call)
{
	*sr_call_next(call) = NULL;
	pthread_mutex_lock(&parser->mutex);
	if (parser->first)
		*sr_call_next(parser->last) = call;
	else
		parser->first = call;
	parser->last = call;
	pthread_cond_signal(&parser->changed);
	pthread_mutex_unlock(&parser->mutex);
}
