/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines of our own for connections: the library's timeout counts silence alone, and a client that sends
 * or takes a byte a second is never silent.  A thread looks every second and shuts the sockets of those that
 * are over.  Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

struct sr_watches;
struct sr_watch; /* one connection */
struct sr_metrics;

enum sr_watch_phase {
	SR_WATCH_NEW,     /* handshake, and no request yet: 20 s */
	SR_WATCH_IDLE,    /* between requests: 75 s */
	SR_WATCH_HEADER,  /* 20 s */
	SR_WATCH_BODY,    /* 30 s, and a second more for each 4 KiB that came */
	SR_WATCH_WORKING, /* ours: as long as it takes */
	SR_WATCH_SENDING, /* 60 s, and a second more for each 4 KiB that went */
};

/*
 * @most: connections; with nine tenths of them taken, those that wait for nothing go first, the oldest
 * before the others.  @metrics may be NULL.
 */
SR_CHECKED enum sr_status sr_watches_new(size_t most, struct sr_metrics *metrics, struct sr_watches **out,
                                         struct sr_err *err);
/* No connection may be left.  NULL is allowed. */
void sr_watches_free(struct sr_watches *watches);

/* NULL: no memory. */
struct sr_watch *sr_watch_begin(struct sr_watches *watches, int fd);
/* Before the socket is closed. */
void sr_watch_end(struct sr_watches *watches, struct sr_watch *watch);

/* @watch may be NULL in both. */
void sr_watch_phase(struct sr_watch *watch, enum sr_watch_phase phase);
void sr_watch_moved(struct sr_watch *watch, size_t bytes);

/* More of the body that is being sent is sure to follow.  In the connection's event loop alone. */
void sr_watch_more(struct sr_watch *watch, bool more); /* NULL is allowed */
bool sr_watch_has_more(const struct sr_watch *watch);
int sr_watch_fd(const struct sr_watch *watch);

/* Shut every socket: the end. */
void sr_watches_cut_all(struct sr_watches *watches);
