/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's server loop: one thread that serves callers at a socket and front ends on inherited
 * socketpairs (docs/WIRE.md).  What a call does is the handlers' matter.
 *
 * Threads: _new, _listen, _run and _free belong to one thread; _adopt, _push and _stop may be called from
 * any.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/connection.h"
#include "appliance/keeper/wire/peer.h"
#include "appliance/keeper/wire/share.h"

struct sr_listener_config {
	struct sr_wire_handlers handlers;
	struct sr_wire_timeouts timeouts;
	struct sr_share_limits limits;
	const uid_t *privileged; /* root and the owner; at most 4; copied */
	size_t privileged_count;
	int drain_ms; /* how long a stop waits for calls under way */
};

/* The documented limits, nobody privileged, no handlers. */
struct sr_listener_config sr_listener_config_usual(void);

struct sr_listener;

SR_CHECKED enum sr_status sr_listener_new(const struct sr_listener_config *config, struct sr_listener **out,
                                          struct sr_err *err);
/* Ends what _run left.  Calls still with handlers may be answered later; nobody sees the answers. */
void sr_listener_free(struct sr_listener *listener); /* NULL is allowed */
static inline void sr_listener_freep(struct sr_listener **listener)
{
	sr_listener_free(*listener);
	*listener = NULL;
}

/* Accept callers at @path, once; statuses as sr_socket_path_listen. */
SR_CHECKED enum sr_status sr_listener_listen(struct sr_listener *listener, const char *path,
                                             struct sr_err *err);

/*
 * Serve a front end on the connected socket @fd, which is taken in every case.  @pushes: it gets what _push
 * sends. A front end has no share, no idle timeout, and is not counted among the connections.
 */
SR_CHECKED enum sr_status sr_listener_adopt(struct sr_listener *listener, int fd, enum sr_peer_kind kind,
                                            bool pushes, struct sr_err *err);

/*
 * Send {"method","parameters"} to every front end that wants pushes, before the ordinary answers that wait.
 * A front end that has not room for it is disconnected (handlers.gone tells).
 */
SR_CHECKED enum sr_status sr_listener_push(struct sr_listener *listener, const char *method,
                                           const json_t *parameters, struct sr_err *err);

/* Serve until _stop: then no new calls, those under way are answered (up to drain_ms), then all is closed. */
SR_CHECKED enum sr_status sr_listener_run(struct sr_listener *listener, struct sr_err *err);

/* May be called in a signal handler. */
void sr_listener_stop(struct sr_listener *listener);
