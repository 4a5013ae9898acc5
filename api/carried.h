/* SPDX-License-Identifier: Apache-2.0 */
/* A request as the library carries it.  For server.c alone. */
#pragma once

#include <microhttpd.h>
#include <stdatomic.h>

#include "api/request.h"
#include "api/server.h"
#include "api/watch.h"

struct sr_asks;
struct sr_work_pool;

/* What the callbacks need of the server. */
struct sr_server_parts {
	struct sr_service *service;
	struct sr_watches *watches;
	struct sr_asks *asks;
	struct sr_work_pool *quick, *slow;
	bool access_lines;
	atomic_int under_way; /* requests that were begun and have no answer's end */
};

enum sr_carried_phase {
	SR_CARRIED_NEW,
	SR_CARRIED_BODY,
	SR_CARRIED_WORKING, /* a worker has it */
	SR_CARRIED_DONE,    /* answered; the answer may be sent */
};

struct sr_carried {
	struct sr_server_parts *parts;
	struct sr_watch *watch; /* may be NULL */
	struct MHD_Connection *connection;
	char *target;
	struct sr_request *request; /* from _begin on */
	atomic_int phase;
	atomic_uint_fast64_t sent; /* bytes of the body handed to the library */
};

/* NULL: no memory. */
struct sr_carried *sr_carried_new(struct sr_server_parts *parts, struct sr_watch *watch, const char *target);
/* The header is whole.  False: no memory. */
bool sr_carried_begin(struct sr_carried *carried, struct MHD_Connection *connection, const char *method);
/*
 * A body that was refused is read and dropped, so that its sender sees the answer and not a broken
 * connection, as long as it is of a size that says so and no client waits for leave to send it.
 */
bool sr_carried_drains(const struct sr_carried *carried);
/* Queue the request's answer. */
enum MHD_Result sr_carried_send(struct sr_carried *carried);
/* The answer went out (or not): account for it, and free everything. */
void sr_carried_end(struct sr_carried *carried, bool whole);
