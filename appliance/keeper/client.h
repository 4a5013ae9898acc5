/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands to the keeper, for the command line.  Where one serves DATA it is asked; otherwise one runs in
 * this process for as long as the client is open, if the caller may enter the data directory.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/wire/descriptors.h"

struct sr_client;
struct sr_passphrase_source;
struct sr_wire_client;
struct sr_wire_reply;

struct sr_client_options {
	const char *data;
	const char *socket;               /* NULL: DATA/run/keeper.sock */
	const char *as;                   /* user to act as; NULL: the one of the Unix login */
	const struct sr_secret *password; /* of @as; borrowed */
	/* Of the keys, where a keeper is started in this process; NULL: nobody is asked. */
	const struct sr_passphrase_source *passphrase;
};

/* SR_BUSY when another command holds the data directory for long; SR_DENIED for a wrong password. */
SR_CHECKED enum sr_status sr_client_open(const struct sr_client_options *options, struct sr_client **out,
                                         struct sr_err *err);
/* Ends the session and the keeper that was started.  NULL is allowed. */
void sr_client_close(struct sr_client *client);
static inline void sr_client_closep(struct sr_client **client)
{
	sr_client_close(*client);
	*client = NULL;
}

/*
 * Give a command and wait for its answer.  @parameters (NULL: none) is taken.  *reply (caller owns; may be
 * NULL) is the answer's object.  A refusal has the status of wire_error.h's table and the keeper's text.
 */
SR_CHECKED enum sr_status sr_client_call(struct sr_client *client, const char *method, json_t *parameters,
                                         json_t **reply, struct sr_err *err);

struct sr_client_request {
	const char *method;
	const json_t *parameters; /* borrowed; NULL: none */
	const int *descriptors;   /* borrowed */
	size_t descriptor_count;
	const struct sr_progress *progress; /* told of {"done","total"} in further answers; may be NULL */
	/* Further answers; NULL: only progress is wanted.  Not SR_OK ends the call with that status. */
	enum sr_status (*each)(void *context, const json_t *part, struct sr_err *err);
	void *context;
};
/* The same with all there is; @got (may be NULL) receives the answer's descriptors and must hold none. */
SR_CHECKED enum sr_status sr_client_ask(struct sr_client *client, const struct sr_client_request *request,
                                        json_t **reply, struct sr_descriptors *got, struct sr_err *err);

/*
 * The same on a connection of the caller's, for front ends: @request says what, @parameters (borrowed) go in
 * place of the request's; statuses and @reply as sr_wire_client_call.
 */
SR_CHECKED enum sr_status sr_client_transmit(struct sr_wire_client *client,
                                             const struct sr_client_request *request,
                                             const json_t *parameters, struct sr_wire_reply *reply,
                                             struct sr_err *err);

/* Full name of the last refusal ("org.strongroom.NotGranted"), or "". */
const char *sr_client_error(const struct sr_client *client);
