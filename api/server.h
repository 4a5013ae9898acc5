/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPS: from the library's connections to requests, and their answers back (docs/HTTP.md). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/service.h"
#include "appliance/base/err.h"

struct sr_server;

struct sr_server_options {
	int listen_fd;           /* listens already; taken in every case but a failed start */
	const char *certificate; /* PEM, the chain */
	const char *private_key; /* PEM */
	unsigned loops;          /* threads that carry connections */
	unsigned quick, slow;    /* threads that wait for the keeper */
	unsigned connections;    /* at most */
	unsigned of_address;     /* of one address */
	bool access_lines;       /* a line for each request */
};

/* @service is borrowed until the stop. */
SR_CHECKED enum sr_status sr_server_start(const struct sr_server_options *options, struct sr_service *service,
                                          struct sr_server **out, struct sr_err *err);
/*
 * No new connections; requests that are under way have ten seconds; then everything is closed.  NULL is
 * allowed.
 */
void sr_server_stop(struct sr_server *server);
