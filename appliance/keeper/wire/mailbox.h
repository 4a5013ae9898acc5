/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other threads tell the server loop: answers, parsed frames, pushes, new front ends.  Posting wakes the
 * loop by an eventfd.  Thread-safe; it lives until the loop and the last call have let go of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/frame.h"
#include "appliance/keeper/wire/peer.h"

struct sr_call;

enum sr_post_kind {
	SR_POST_PARSED,   /* a large frame's JSON is ready: @call */
	SR_POST_CONTINUE, /* one of several answers: @call, @frame */
	SR_POST_LAST,     /* the last answer: @call, @frame; no frame when memory was short */
	SR_POST_PUSH,     /* to every front end that wants pushes: @frame */
	SR_POST_ADOPT,    /* a front end: @fd, @peer_kind, @pushes */
};

struct sr_post {
	struct sr_post *next;
	enum sr_post_kind kind;
	struct sr_call *call;
	struct sr_frame frame;
	int fd;
	enum sr_peer_kind peer_kind;
	bool pushes;
};

struct sr_mailbox;

SR_CHECKED enum sr_status sr_mailbox_new(struct sr_mailbox **out, struct sr_err *err);
struct sr_mailbox *sr_mailbox_ref(struct sr_mailbox *mailbox);
void sr_mailbox_unref(struct sr_mailbox *mailbox); /* NULL is allowed */

/* Readable when something was posted or a stop was asked for. */
int sr_mailbox_fd(const struct sr_mailbox *mailbox);

/* The calling thread is the loop's from now on. */
void sr_mailbox_own(struct sr_mailbox *mailbox);
/* Is the calling thread the loop's? */
bool sr_mailbox_is_own(const struct sr_mailbox *mailbox);

/* False when the loop has ended: the post is still the caller's. */
bool sr_mailbox_post(struct sr_mailbox *mailbox, struct sr_post *post);

/* For the loop: everything posted so far, in order; NULL when there is nothing.  @rung: its descriptor was
 * readable, and is so no longer. */
struct sr_post *sr_mailbox_take(struct sr_mailbox *mailbox, bool rung);

/* The same, and from now on nothing can be posted. */
struct sr_post *sr_mailbox_close(struct sr_mailbox *mailbox);

/* May be called in a signal handler. */
void sr_mailbox_ask_stop(struct sr_mailbox *mailbox);
bool sr_mailbox_stop_asked(const struct sr_mailbox *mailbox);

/* Answers of one call on their way to the caller, in bytes: in the mailbox, in the connection's queue. */
struct sr_backlog {
	size_t posted;
	size_t queued;
};
/* @bytes are about to be posted. */
void sr_mailbox_backlog_post(struct sr_mailbox *mailbox, struct sr_backlog *backlog, size_t bytes);
/* The loop took @taken of them from the mailbox; @queued are in the queue now.  Wakes who waits for room. */
void sr_mailbox_backlog_queue(struct sr_mailbox *mailbox, struct sr_backlog *backlog, size_t taken,
                              size_t queued);
/* True when less than @max bytes are on their way, false after @timeout_ms. */
bool sr_mailbox_backlog_wait(struct sr_mailbox *mailbox, const struct sr_backlog *backlog, size_t max,
                             int timeout_ms);
