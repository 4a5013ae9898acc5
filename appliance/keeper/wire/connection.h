/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection of the server loop: reads frames, has one call under way at a time, sends the answers.
 * All of it runs in the loop's thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/call.h"
#include "appliance/keeper/wire/frame_parser.h"
#include "appliance/keeper/wire/mailbox.h"
#include "appliance/keeper/wire/peer.h"
#include "appliance/keeper/wire/share.h"

/* What the server does with calls.  All are called in the loop's thread and must be quick. */
struct sr_wire_handlers {
	/* Takes @call: see call.h. */
	void (*handle)(void *context, struct sr_call *call);
	/* Descriptors that a method takes, up to SR_LIMIT_FRAME_DESCRIPTORS_MANY; NULL:
	 * SR_LIMIT_FRAME_DESCRIPTORS. */
	size_t (*descriptors_max)(void *context, const char *method);
	/* A connection has ended; NULL: nobody asks. */
	void (*gone)(void *context, const struct sr_peer *peer);
	void *context;
};

/* Milliseconds.  Each is for the whole, so that a byte now and then does not prolong it. */
struct sr_wire_timeouts {
	int idle;   /* a caller without a call */
	int frame;  /* from a frame's first byte to its last */
	int output; /* for an answer to leave */
	int linger; /* for the error behind which a connection is closed */
};

struct sr_wire_timeouts sr_wire_timeouts_usual(void);

/* What all connections share. */
struct sr_connection_host {
	struct sr_wire_handlers handlers;
	struct sr_wire_timeouts timeouts;
	struct sr_mailbox *mailbox;
	struct sr_frame_parser *parser;
	struct sr_shares *shares;
	bool stopping; /* no new calls; what is under way is finished */
};

struct sr_connection;

/*
 * Takes @fd in every case.  @share is NULL for front ends; otherwise it is taken too, and left when the
 * connection is freed (on failure it is still the caller's).
 */
SR_CHECKED enum sr_status sr_connection_new(struct sr_connection_host *host, int fd,
                                            const struct sr_peer *peer, struct sr_share *share, bool pushes,
                                            struct sr_connection **out, struct sr_err *err);
void sr_connection_free(struct sr_connection *connection);

/* The list that the listener keeps. */
struct sr_connection_links {
	struct sr_connection *next, *previous;
	uint32_t events; /* that epoll watches */
	bool buried;
};
struct sr_connection_links *sr_connection_links(struct sr_connection *connection);

int sr_connection_fd(const struct sr_connection *connection);
bool sr_connection_wants_pushes(const struct sr_connection *connection);

/* What epoll said. */
void sr_connection_event(struct sr_connection *connection, uint32_t events);
/* What a worker said; @frame is taken. */
void sr_connection_parsed(struct sr_connection *connection);
void sr_connection_answer(struct sr_connection *connection, struct sr_frame *frame, bool last);
/* Goes out before the ordinary answers; @frame is taken. */
void sr_connection_push(struct sr_connection *connection, struct sr_frame *frame);

/*
 * To be called after each of these: sends what can be sent, counts what is held, sets the deadline.
 * Returns the events to watch.
 */
uint32_t sr_connection_settle(struct sr_connection *connection);
/* Nothing more will come of it, and the listener frees it. */
void sr_connection_kill(struct sr_connection *connection);
bool sr_connection_is_dead(const struct sr_connection *connection);

/* Nanoseconds of sr_wire_now_ns, or SR_WIRE_NEVER. */
int64_t sr_connection_deadline(const struct sr_connection *connection);
/* The deadline has passed. */
void sr_connection_expire(struct sr_connection *connection);
