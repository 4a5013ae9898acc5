/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front end's side of `strongroom serve`: what the supervisor left it on its descriptors, and calls to the
 * keeper over them.  Thread-safe but for _open and _close.
 *
 * The supervisor starts a front end as `strongroom serve-NAME` with
 *	3	options: a JSON object, to the end of the file
 *	4	a socket on which the keeper pushes; no calls are made on it
 *	5 …	sockets for calls, one call at a time on each; as many as the options' "calls"
 *	…	descriptors with names: the options' "descriptors" {"NAME":NUMBER}
 *
 * {"front":"api","data":"/var/lib/strongroom","calls":32,"config":{"api.x":"…"},"listen":"127.0.0.1:8443",
 *  "descriptors":{"listen":37,"state":38}}
 *
 * "config" holds every key of strongroom.conf that begins with the front end's name and a dot.  api has
 * "listen" (a TCP socket that listens already), "state" (DATA/api, a folder that belongs to its user) and, as
 * far as api.certificate and api.private_key name files, "certificate" and "private_key" opened for reading;
 * fs has "fuse" and the option "mount".
 *
 * A front end runs until it gets SIGTERM or until the keeper is gone (sr_front_listen returns): then it drops
 * whatever it holds and ends; the supervisor starts it anew.  A keeper that is gone stays gone.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/keeper/client.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/keeper/wire/message.h"

#define SR_FRONT_OPTIONS_FD 3
#define SR_FRONT_PUSH_FD 4
#define SR_FRONT_CALLS_FD 5
#define SR_FRONT_CALLS_MAX 63u

struct sr_front;

/* SR_INVALID when the descriptors are not what a supervisor leaves: somebody typed the internal verb. */
SR_CHECKED enum sr_status sr_front_open(struct sr_front **out, struct sr_err *err);
void sr_front_close(struct sr_front *front); /* NULL is allowed; no call may be under way */
static inline void sr_front_closep(struct sr_front **front)
{
	sr_front_close(*front);
	*front = NULL;
}

const json_t *sr_front_options(const struct sr_front *front);
/* The value of a key of strongroom.conf; "" where it is none of this front end's. */
const char *sr_front_config(const struct sr_front *front, const char *key);
/* The descriptor with this name, now the caller's, close-on-exec; -1 when there is none. */
int sr_front_take_descriptor(struct sr_front *front, const char *name);

/*
 * Give a command and wait for its answer, on a socket that is free or becomes free.  As sr_client_ask, and
 * @refusal (SR_MESSAGE_NAME_BYTES; may be NULL) receives the full name of the refusal or "".  request->each
 * must take every answer: one that fails would make the socket useless to all others.
 */
SR_CHECKED enum sr_status sr_front_ask(struct sr_front *front, const struct sr_client_request *request,
                                       json_t **reply, struct sr_descriptors *got, char *refusal,
                                       struct sr_err *err);

#define SR_FRONT_TOGETHER 64u

/* @reply (NULL but for SR_OK) is the taker's; @refusal as of sr_front_ask. */
typedef void sr_front_on_answer(void *context, size_t index, enum sr_status status, json_t *reply,
                                const char *refusal, const struct sr_err *err);
/*
 * Up to SR_FRONT_TOGETHER small commands that the keeper answers at once, together on one socket, without
 * descriptors and further answers.  @on_answer is called for each in order, in the calling thread.
 */
void sr_front_ask_many(struct sr_front *front, const struct sr_client_request *requests, size_t count,
                       sr_front_on_answer *on_answer, void *context);

typedef void (*sr_front_on_push)(void *context, const char *method, const json_t *parameters);

/*
 * Hand on what the keeper pushes, in the calling thread.  Returns SR_IO when the keeper is gone, SR_OK after
 * sr_front_stop.
 */
SR_CHECKED enum sr_status sr_front_listen(struct sr_front *front, sr_front_on_push on_push, void *context,
                                          struct sr_err *err);
/* End sr_front_listen; may be called in a signal handler. */
void sr_front_stop(struct sr_front *front);
