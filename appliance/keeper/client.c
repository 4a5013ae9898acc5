/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/client.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/keeper.h"
#include "appliance/keeper/state/session.h"
#include "appliance/keeper/wire/wire_client.h"
#include "appliance/keeper/wire/wire_error.h"

#define CONNECT_TIMEOUT_MS 5000
#define RETRY_NS 50000000l

struct sr_client {
	struct sr_wire_client *wire;
	struct sr_keeper *keeper; /* runs in this process; NULL: another serves */
	pthread_t thread;
	bool thread_runs;
	char token[SR_SESSION_TOKEN_TEXT];
	char error[SR_MESSAGE_NAME_BYTES];
};

/* --- reaching a keeper ----------------------------------------------------------------------------- */

static void *serve(void *context)
{
	struct sr_err err;

	if (sr_keeper_run(context, &err) != SR_OK)
		sr_log(SR_LOG_ERROR, "%s", err.text);
	return NULL;
}

/* Signals are for the thread that waits for the answer. */
static enum sr_status start_thread(struct sr_client *client, struct sr_err *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	client->thread_runs = pthread_create(&client->thread, NULL, serve, client->keeper) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return client->thread_runs ? SR_OK : sr_fail(err, SR_BUSY, "no thread could be started");
}

static enum sr_status start_keeper(struct sr_client *client, const struct sr_client_options *wanted,
                                   struct sr_err *err)
{
	const struct sr_keeper_options options = { .data = wanted->data, .passphrase = wanted->passphrase };
	int ends[2];

	SR_TRY(sr_keeper_open(&options, &client->keeper, err));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return sr_fail_errno(err, "make a pair of sockets");
	enum sr_status status = sr_keeper_adopt(client->keeper, ends[0], SR_PEER_CALLER, false, err);
	if (status != SR_OK) {
		sr_fd_close(ends[1]);
		return status;
	}
	SR_TRY(sr_wire_client_adopt(ends[1], &client->wire, err));
	return start_thread(client, err);
}

static enum sr_status socket_path(const struct sr_client_options *options, char *out, size_t size,
                                  struct sr_err *err)
{
	int length = options->socket ? snprintf(out, size, "%s", options->socket)
	                             : snprintf(out, size, "%s/run/keeper.sock", options->data);

	if (length < 0 || (size_t)length >= size)
		return sr_fail(err, SR_LIMIT, "the path of the keeper's socket is too long");
	return SR_OK;
}

/* Whoever serves is asked; else one is started.  Another short-lived one is waited for. */
static enum sr_status reach(struct sr_client *client, const struct sr_client_options *options,
                            struct sr_err *err)
{
	const struct timespec pause = { .tv_nsec = RETRY_NS };
	bool told = false;
	char path[4096];

	SR_TRY(socket_path(options, path, sizeof(path), err));
	for (;;) {
		enum sr_status status = sr_wire_client_connect(path, CONNECT_TIMEOUT_MS, &client->wire, err);
		if (status == SR_OK || options->socket ||
		    (status != SR_NOT_FOUND && status != SR_BUSY && status != SR_DENIED))
			return status;
		status = start_keeper(client, options, err);
		if (status == SR_DENIED && !client->keeper)
			return sr_fail_in(err, status, "no keeper serves %s (strongroom serve), and ",
			                  options->data);
		if (status != SR_BUSY || client->keeper)
			return status;
		if (!told)
			sr_log(SR_LOG_NOTICE, "waiting for another strongroom that is at work in %s",
			       options->data);
		told = true;
		nanosleep(&pause, NULL);
	}
}

/* --- calls ----------------------------------------------------------------------------------------- */

struct stream {
	const struct sr_client_request *request;
};

static enum sr_status on_reply(void *context, struct sr_wire_reply *reply, struct sr_err *err)
{
	const struct stream *stream = context;
	const json_t *part = reply->message.parameters;
	const json_t *total = json_object_get(part, "total");

	if (!reply->message.continues)
		return SR_OK;
	if (total && json_object_get(part, "done") && stream->request->progress)
		sr_progress_report(stream->request->progress, sr_json_text(part, "what"),
		                   (uint64_t)json_integer_value(json_object_get(part, "done")),
		                   (uint64_t)json_integer_value(total));
	return stream->request->each ? stream->request->each(stream->request->context, part, err) : SR_OK;
}

enum sr_status sr_client_transmit(struct sr_wire_client *client, const struct sr_client_request *request,
                                  const json_t *parameters, struct sr_wire_reply *reply, struct sr_err *err)
{
	struct stream stream = { .request = request };
	char method[SR_MESSAGE_NAME_BYTES];
	const struct sr_wire_request wire = {
		.method = method,
		.parameters = parameters,
		.descriptors = request->descriptors,
		.descriptor_count = request->descriptor_count,
		.timeout_ms = -1,
	};

	snprintf(method, sizeof(method), SR_WIRE_PREFIX "%s", request->method);
	if (request->progress || request->each)
		return sr_wire_client_stream(client, &wire, on_reply, &stream, reply, err);
	return sr_wire_client_call(client, &wire, reply, err);
}

enum sr_status sr_client_ask(struct sr_client *client, const struct sr_client_request *request,
                             json_t **reply, struct sr_descriptors *got, struct sr_err *err)
{
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply answer = { 0 };
	SR_CLEANUP(sr_json_decrefp)
	json_t *parameters =
		request->parameters ? json_copy((json_t *)(uintptr_t)request->parameters) : json_object();

	if (client->token[0])
		SR_TRY(sr_json_set(parameters, "session", json_string(client->token), err));
	client->error[0] = 0;
	enum sr_status status = sr_client_transmit(client->wire, request, parameters, &answer, err);
	memcpy(client->error, answer.error, sizeof(client->error));
	SR_TRY(status);
	if (got)
		sr_descriptors_move(got, &answer.descriptors);
	if (reply) {
		*reply = json_deep_copy(answer.message.parameters);
		if (!*reply)
			return sr_fail(err, SR_NO_MEMORY, "no memory for an answer");
	}
	return SR_OK;
}

enum sr_status sr_client_call(struct sr_client *client, const char *method, json_t *parameters,
                              json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = parameters;
	const struct sr_client_request request = { .method = method, .parameters = taken };

	return sr_client_ask(client, &request, reply, NULL, err);
}

const char *sr_client_error(const struct sr_client *client)
{
	return client->error;
}

/* --- opening --------------------------------------------------------------------------------------- */

static enum sr_status sign_in(struct sr_client *client, const struct sr_client_options *options,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	json_t *parameters = json_pack("{s:s,s:s%}", "user", options->as, "password",
	                               (const char *)options->password->data, options->password->size);

	if (!parameters)
		return sr_fail(err, SR_INVALID, "the user's name or the password is not UTF-8");
	SR_TRY(sr_client_call(client, "OpenSession", parameters, &reply, err));
	const char *token = sr_json_text(reply, "token");
	if (!token ||
	    snprintf(client->token, sizeof(client->token), "%s", token) >= (int)sizeof(client->token))
		return sr_fail(err, SR_CORRUPT, "the keeper gave no session");
	return SR_OK;
}

enum sr_status sr_client_open(const struct sr_client_options *options, struct sr_client **out,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = calloc(1, sizeof(*client));

	if (!client)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a client");
	SR_TRY(reach(client, options, err));
	if (options->as)
		SR_TRY(sign_in(client, options, err));
	*out = SR_MOVE(client);
	return SR_OK;
}

void sr_client_close(struct sr_client *client)
{
	struct sr_err ignored;

	if (!client)
		return;
	if (client->token[0] && client->wire)
		(void)!sr_client_call(client, "CloseSession", NULL, NULL, &ignored);
	sr_wire_client_close(client->wire);
	if (client->keeper)
		sr_keeper_stop(client->keeper);
	if (client->thread_runs)
		pthread_join(client->thread, NULL);
	sr_keeper_close(client->keeper);
	sr_wipe(client->token, sizeof(client->token));
	free(client);
}
