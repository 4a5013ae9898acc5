/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calling end of the keeper's wire, for the command line and the front ends (docs/WIRE.md).  It blocks,
 * with a timeout.  One client is one thread's at a time; whoever wants to make calls side by side opens
 * several.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/keeper/wire/message.h"

struct sr_wire_client;

/* SR_NOT_FOUND: no such socket; SR_BUSY: nobody listens, or nobody accepts within @timeout_ms. */
SR_CHECKED enum sr_status sr_wire_client_connect(const char *path, int timeout_ms,
                                                 struct sr_wire_client **out, struct sr_err *err);
/* On a connected socket, which is taken in every case: a front end's inherited one. */
SR_CHECKED enum sr_status sr_wire_client_adopt(int fd, struct sr_wire_client **out, struct sr_err *err);
void sr_wire_client_close(struct sr_wire_client *client); /* NULL is allowed */
/* Of no more use: every call fails. */
bool sr_wire_client_is_broken(const struct sr_wire_client *client);
static inline void sr_wire_client_closep(struct sr_wire_client **client)
{
	sr_wire_client_close(*client);
	*client = NULL;
}

/* Frames that the keeper sends of itself; they come while a call or sr_wire_client_wait waits.  Not from
 * within it. */
void sr_wire_client_on_push(struct sr_wire_client *client,
                            void (*on_push)(void *context, const char *method, const json_t *parameters),
                            void *context);

struct sr_wire_request {
	const char *method;       /* a full name */
	const json_t *parameters; /* borrowed; NULL: an empty object */
	const int *descriptors;   /* borrowed: the client sends duplicates */
	size_t descriptor_count;
	int timeout_ms; /* for the whole call; of a stream, for each answer; negative: none */
};

/* A zeroed struct holds nothing. */
struct sr_wire_reply {
	struct sr_message message; /* parameters, continues */
	struct sr_descriptors descriptors;
	char error[SR_MESSAGE_NAME_BYTES]; /* full name of the keeper's error; empty where it answered or
	                                      could not */
};
void sr_wire_reply_dispose(struct sr_wire_reply *reply);

/*
 * Make a call and wait for its answer.  @reply must hold nothing; it is the caller's to dispose of in every
 * case.
 *
 * An error of the keeper: reply->error names it, the status is that of wire_error.c's table, err->text is the
 * keeper's message, reply->message.parameters are its parameters.  Otherwise SR_IO: the connection broke, was
 * closed or timed out, and nobody knows whether the call was done; SR_INVALID: the answer is none, or the
 * request's fault; SR_LIMIT: the request is too large, too deep, or has too many values.  After SR_IO or a
 * bad answer the client is of no more use and says so.
 */
SR_CHECKED enum sr_status sr_wire_client_call(struct sr_wire_client *client,
                                              const struct sr_wire_request *request,
                                              struct sr_wire_reply *reply, struct sr_err *err);

/*
 * Several calls that go out together and are answered one after the other: one waking of either side for all
 * of them.  For small calls that the keeper answers at once; each answer takes as long as those before it.
 * @on_answer gets every one in order, as _call would have returned it, and may move what is in @reply.
 */
#define SR_WIRE_TOGETHER 64u /* calls at most: they fit into what a socket holds */
typedef void (*sr_wire_on_answer)(void *context, size_t index, enum sr_status status,
                                  struct sr_wire_reply *reply, const struct sr_err *err);
void sr_wire_client_call_many(struct sr_wire_client *client, const struct sr_wire_request *requests,
                              size_t count, sr_wire_on_answer on_answer, void *context);

/* Takes one answer of a stream; anything but SR_OK ends the stream with it, and the client with the stream.
 */
typedef enum sr_status (*sr_wire_on_reply)(void *context, struct sr_wire_reply *reply, struct sr_err *err);

/* As _call, for a call with several answers: @on_reply gets each, the last one too. */
SR_CHECKED enum sr_status sr_wire_client_stream(struct sr_wire_client *client,
                                                const struct sr_wire_request *request,
                                                sr_wire_on_reply on_reply, void *context,
                                                struct sr_wire_reply *last, struct sr_err *err);

/*
 * Wait for pushes without a call.  SR_OK after one, SR_BUSY when none came within @timeout_ms, SR_IO when the
 * keeper is gone.
 */
SR_CHECKED enum sr_status sr_wire_client_wait(struct sr_wire_client *client, int timeout_ms,
                                              struct sr_err *err);
