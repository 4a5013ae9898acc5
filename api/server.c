/* SPDX-License-Identifier: Apache-2.0 */
#include "api/server.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/asks.h"
#include "api/carried.h"
#include "api/tls_push.h"
#include "api/watch.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/log.h"
#include "appliance/keeper/wire/work_pool.h"

#define MEMORY_OF_CONNECTION (32u << 10) /* a request's header, and pieces of its body */
#define SILENCE_S 60u
#define QUEUE 1024u
#define STOP_TENTHS 100
#define TLS_PRIORITIES                                                                                       \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:"                  \
	"+CHACHA20-POLY1305:-RSA:-DHE-RSA:%SERVER_PRECEDENCE:%SAFE_RENEGOTIATION"

/* --- one request ----------------------------------------------------------------------------------- */

static void work(void *context)
{
	struct sr_carried *carried = context;

	sr_request_run(carried->request);
	atomic_store(&carried->phase, SR_CARRIED_DONE);
	MHD_resume_connection(carried->connection);
}

static void submit(struct sr_carried *carried)
{
	const struct sr_server_parts *parts = carried->parts;
	const bool slow = carried->request->match.route->flags & SR_ROUTE_SLOW;
	struct sr_err err;

	if (sr_work_pool_submit(slow ? parts->slow : parts->quick, work, carried, false, &err) == SR_OK)
		return;
	sr_request_problem(carried->request, "Busy", "too many requests wait");
	atomic_store(&carried->phase, SR_CARRIED_DONE);
	MHD_resume_connection(carried->connection);
}

/* What was asked ahead is answered.  What comes of a refusal may take long. */
static void go_on(struct sr_ask *ask)
{
	if (ask->status == SR_OK)
		work(ask->context);
	else
		submit(ask->context);
}

/*
 * The body is whole: it is answered here, or on a worker's thread while the connection sleeps (true; then the
 * answer may be there already, and is sent when the library calls again).
 */
static bool run(struct sr_carried *carried)
{
	struct sr_server_parts *parts = carried->parts;
	struct sr_request *request = carried->request;

	atomic_store(&carried->phase, SR_CARRIED_DONE);
	if (!sr_request_end(request))
		return false;
	const bool ahead = sr_request_asks_ahead(request);
	request->ahead.take = go_on;
	request->ahead.context = carried;
	atomic_store(&carried->phase, SR_CARRIED_WORKING);
	sr_watch_phase(carried->watch, SR_WATCH_WORKING);
	MHD_suspend_connection(carried->connection);
	if (!ahead || !sr_asks_put(parts->asks, &request->ahead))
		submit(carried);
	return true;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *size,
                              void **state)
{
	struct sr_carried *carried = *state;

	(void)context;
	(void)url;
	(void)version;
	if (!carried)
		return MHD_NO; /* no memory */
	switch ((enum sr_carried_phase)atomic_load(&carried->phase)) {
	case SR_CARRIED_NEW:
		if (!sr_carried_begin(carried, connection, method))
			return MHD_NO;
		atomic_store(&carried->phase, SR_CARRIED_BODY);
		sr_watch_phase(carried->watch, SR_WATCH_BODY);
		return carried->request->answered && !sr_carried_drains(carried) ? sr_carried_send(carried)
		                                                                 : MHD_YES;
	case SR_CARRIED_BODY:
		if (*size > 0) {
			sr_watch_moved(carried->watch, *size);
			sr_request_body(carried->request, (const uint8_t *)data, *size);
			*size = 0;
			return MHD_YES;
		}
		return run(carried) ? MHD_YES : sr_carried_send(carried);
	case SR_CARRIED_WORKING:
		return MHD_YES;
	case SR_CARRIED_DONE:
		return sr_carried_send(carried);
	}
	return MHD_NO;
}

/* --- connections ----------------------------------------------------------------------------------- */

static void *note_target(void *context, const char *target, struct MHD_Connection *connection)
{
	struct sr_server_parts *parts = context;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct sr_watch *watch = info ? info->socket_context : NULL;

	sr_watch_phase(watch, SR_WATCH_HEADER);
	return sr_carried_new(parts, watch, target);
}

static void completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode why)
{
	struct sr_carried *carried = *state;

	(void)context;
	(void)connection;
	*state = NULL;
	if (!carried)
		return;
	sr_watch_phase(carried->watch, SR_WATCH_IDLE);
	sr_carried_end(carried, why == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

static void connection_changed(void *context, struct MHD_Connection *connection, void **state,
                               enum MHD_ConnectionNotificationCode code)
{
	struct sr_server_parts *parts = context;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*state = info ? sr_watch_begin(parts->watches, info->connect_fd) : NULL;
		sr_tls_push_begin(connection, *state);
	} else {
		sr_watch_end(parts->watches, *state);
		*state = NULL;
	}
}

/* Escapes are the router's to read. */
static size_t leave_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

/* The library's own words are about single clients: not for the log. */
static void ignore_words(void *context, const char *format, va_list list)
{
	(void)context;
	(void)format;
	(void)list;
}

/* --- starting and stopping ------------------------------------------------------------------------- */

struct sr_server {
	struct sr_server_parts parts;
	struct MHD_Daemon *daemon;
};

static enum sr_status start_daemon(struct sr_server *server, const struct sr_server_options *options,
                                   struct sr_err *err)
{
	const unsigned flags = MHD_USE_TLS | MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
	                       MHD_USE_ERROR_LOG | MHD_USE_ITC;
	struct sr_server_parts *parts = &server->parts;

	server->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, handle, parts, MHD_OPTION_EXTERNAL_LOGGER, ignore_words, NULL,
		MHD_OPTION_LISTEN_SOCKET, options->listen_fd, MHD_OPTION_HTTPS_MEM_CERT, options->certificate,
		MHD_OPTION_HTTPS_MEM_KEY, options->private_key, MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES,
		MHD_OPTION_THREAD_POOL_SIZE, options->loops, MHD_OPTION_CONNECTION_LIMIT,
		options->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->of_address,
		MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY_OF_CONNECTION, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
		leave_escapes, NULL, MHD_OPTION_URI_LOG_CALLBACK, note_target, parts,
		MHD_OPTION_NOTIFY_COMPLETED, completed, parts, MHD_OPTION_NOTIFY_CONNECTION,
		connection_changed, parts, MHD_OPTION_END);
	if (!server->daemon)
		return sr_fail(err, SR_INVALID,
		               "the HTTPS server cannot start: certificate and key must be PEM and belong "
		               "together");
	return SR_OK;
}

static void server_free(struct sr_server *server)
{
	/* No connection may sleep when the loops end; and the loops submit to the very end. */
	sr_asks_stop(server->parts.asks);
	sr_work_pool_stop(server->parts.quick);
	sr_work_pool_stop(server->parts.slow);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	sr_asks_free(server->parts.asks);
	sr_work_pool_free(server->parts.quick);
	sr_work_pool_free(server->parts.slow);
	sr_watches_free(server->parts.watches);
	free(server);
}

static enum sr_status start_all(struct sr_server *server, const struct sr_server_options *options,
                                struct sr_err *err)
{
	struct sr_server_parts *parts = &server->parts;

	SR_TRY(sr_watches_new(options->connections, parts->service->metrics, &parts->watches, err));
	SR_TRY(sr_work_pool_new(options->quick, QUEUE, &parts->quick, err));
	SR_TRY(sr_work_pool_new(options->slow, QUEUE, &parts->slow, err));
	SR_TRY(sr_asks_new(&parts->service->link, &parts->asks, err));
	return start_daemon(server, options, err);
}

enum sr_status sr_server_start(const struct sr_server_options *options, struct sr_service *service,
                               struct sr_server **out, struct sr_err *err)
{
	struct sr_server *server = calloc(1, sizeof(*server));

	if (!server)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the server");
	server->parts.service = service;
	server->parts.access_lines = options->access_lines;
	const enum sr_status status = start_all(server, options, err);
	if (status != SR_OK) {
		server_free(server);
		return status;
	}
	*out = server;
	return SR_OK;
}

void sr_server_stop(struct sr_server *server)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };

	if (!server)
		return;
	atomic_store(&server->parts.service->stopping, true);
	const int listening = MHD_quiesce_daemon(server->daemon);
	if (listening >= 0)
		close(listening);
	for (int i = 0; i < STOP_TENTHS && atomic_load(&server->parts.under_way) > 0; i++)
		nanosleep(&tenth, NULL);
	sr_watches_cut_all(server->parts.watches);
	server_free(server);
}
