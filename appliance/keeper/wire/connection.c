/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/connection.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/wire/frame_queue.h"
#include "appliance/keeper/wire/message.h"
#include "appliance/keeper/wire/wire_error.h"
#include "appliance/keeper/wire/wire_time.h"

#define WATERMARK_BYTES 65536u /* with more answers waiting, no further call is taken */

/* What the connection waits for; each has its own timeout. */
enum phase {
	PHASE_IDLE,
	PHASE_FRAME,
	PHASE_CALL,
	PHASE_OUTPUT,
	PHASE_LINGER,
};

struct sr_connection {
	struct sr_connection_host *host;
	struct sr_connection_links links;
	int fd;
	struct sr_peer peer;
	struct sr_share *share;    /* NULL: a front end */
	struct sr_holding held;    /* as charged to the share */
	struct sr_holding calling; /* what the call under way holds */
	struct sr_frame_reader reader;
	struct sr_frame_queue queue;
	struct sr_call *call; /* under way; NULL: none */
	bool pushes;
	bool ended;   /* the other side sends no more */
	bool closing; /* only the queue is left to be sent */
	bool dead;
	enum phase phase;
	uint64_t frames; /* received */
	uint64_t mark;   /* progress within the phase */
	int64_t deadline;
};

struct sr_wire_timeouts sr_wire_timeouts_usual(void)
{
	return (struct sr_wire_timeouts){
		.idle = 5 * 60 * 1000, .frame = 30 * 1000, .output = 10 * 60 * 1000, .linger = 5 * 1000
	};
}

static int timeout_of(const struct sr_connection *c, enum phase phase)
{
	const struct sr_wire_timeouts *timeouts = &c->host->timeouts;

	switch (phase) {
	case PHASE_IDLE:
		return c->share ? timeouts->idle : -1;
	case PHASE_FRAME:
		return timeouts->frame;
	case PHASE_CALL:
		return -1;
	case PHASE_OUTPUT:
		return timeouts->output;
	case PHASE_LINGER:
		return timeouts->linger;
	}
	return 0;
}

static enum phase phase_of(const struct sr_connection *c)
{
	if (c->closing)
		return PHASE_LINGER;
	if (c->queue.bytes > 0)
		return PHASE_OUTPUT;
	if (c->call)
		return PHASE_CALL;
	return sr_frame_reader_is_amid(&c->reader) ? PHASE_FRAME : PHASE_IDLE;
}

static uint64_t mark_of(const struct sr_connection *c, enum phase phase)
{
	return phase == PHASE_OUTPUT ? c->queue.frames : c->frames;
}

static void set_deadline(struct sr_connection *c, bool anew)
{
	enum phase phase = phase_of(c);
	uint64_t mark = mark_of(c, phase);

	if (!anew && phase == c->phase && mark == c->mark)
		return;
	c->phase = phase;
	c->mark = mark;
	c->deadline = sr_wire_deadline_ns(timeout_of(c, phase));
}

enum sr_status sr_connection_new(struct sr_connection_host *host, int fd, const struct sr_peer *peer,
                                 struct sr_share *share, bool pushes, struct sr_connection **out,
                                 struct sr_err *err)
{
	struct sr_connection *c = calloc(1, sizeof(*c));

	if (!c) {
		sr_fd_close(fd);
		return sr_fail(err, SR_NO_MEMORY, "no memory for a connection");
	}
	c->host = host;
	c->fd = fd;
	c->peer = *peer;
	c->share = share;
	c->pushes = pushes;
	set_deadline(c, true);
	*out = c;
	return SR_OK;
}

void sr_connection_free(struct sr_connection *c)
{
	if (c->call)
		sr_call_abandon(c->call);
	if (c->host->handlers.gone)
		c->host->handlers.gone(c->host->handlers.context, &c->peer);
	if (c->share)
		sr_share_leave(c->host->shares, c->share, &c->held);
	sr_frame_reader_dispose(&c->reader);
	sr_frame_queue_dispose(&c->queue);
	sr_fd_close(c->fd);
	free(c);
}

struct sr_connection_links *sr_connection_links(struct sr_connection *c)
{
	return &c->links;
}

int sr_connection_fd(const struct sr_connection *c)
{
	return c->fd;
}

bool sr_connection_wants_pushes(const struct sr_connection *c)
{
	return c->pushes;
}

void sr_connection_kill(struct sr_connection *c)
{
	c->dead = true;
}

bool sr_connection_is_dead(const struct sr_connection *c)
{
	return c->dead;
}

int64_t sr_connection_deadline(const struct sr_connection *c)
{
	return c->deadline;
}

static enum sr_status queue_error(struct sr_connection *c, enum sr_status status, const struct sr_err *why,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = sr_wire_error_parameters(why);
	struct sr_frame frame = { 0 };

	if (!parameters)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an error");
	SR_TRY(sr_message_write_error(sr_wire_error_name(status), parameters, &frame, err));
	return sr_frame_queue_add(&c->queue, &frame, false, err);
}

/* Say what is wrong with what was sent and close behind it. */
static void fail(struct sr_connection *c, enum sr_status status, const struct sr_err *why)
{
	struct sr_err ignored;

	c->closing = true;
	if (queue_error(c, status, why, &ignored) != SR_OK)
		c->dead = true;
}

static enum sr_status charge(struct sr_connection *c, struct sr_err *err)
{
	struct sr_holding now = c->calling;

	if (!c->share)
		return SR_OK;
	now.bytes += c->reader.capacity + c->queue.bytes;
	now.descriptors += sr_frame_reader_descriptors(&c->reader);
	return sr_share_charge(c->host->shares, c->share, &c->held, now, err);
}

static void end_call(struct sr_connection *c)
{
	sr_call_freep(&c->call);
	c->calling = (struct sr_holding){ 0 };
}

static size_t descriptors_max(const struct sr_connection *c)
{
	const struct sr_wire_handlers *handlers = &c->host->handlers;

	return handlers->descriptors_max
	               ? handlers->descriptors_max(handlers->context, sr_call_method(c->call))
	               : SR_LIMIT_FRAME_DESCRIPTORS;
}

/* Without a frame memory was short, and the caller learns it by the end of the connection. */
static void send_later(struct sr_connection *c, struct sr_frame *frame)
{
	const bool whole = frame->memory != NULL;
	struct sr_err ignored;

	if (c->closing || c->dead)
		sr_frame_dispose(frame);
	else if (!whole || sr_frame_queue_add(&c->queue, frame, false, &ignored) != SR_OK)
		c->dead = true;
}

/* The call's JSON is ready. */
static void deliver(struct sr_connection *c)
{
	const struct sr_wire_handlers *handlers = &c->host->handlers;
	struct sr_frame answer = { 0 };
	struct sr_err err;
	struct sr_err failure;
	enum sr_status status = sr_call_parsed(c->call, &err);

	if (status == SR_OK && c->host->stopping)
		status = sr_fail(&err, SR_BUSY, "the keeper is stopping");
	if (status != SR_OK) {
		end_call(c);
		fail(c, status, &err);
		return;
	}
	size_t max = descriptors_max(c);
	if (sr_call_descriptor_count(c->call) > max) {
		status = sr_fail(&err, SR_LIMIT, "%s takes at most %zu descriptors, not %zu",
		                 sr_call_method(c->call), max, sr_call_descriptor_count(c->call));
		end_call(c);
		if (queue_error(c, status, &err, &failure) != SR_OK)
			c->dead = true;
		return;
	}
	if (!sr_call_hand_over(c->call, handlers->handle, handlers->context, &answer))
		return;
	send_later(c, &answer);
	end_call(c);
}

/* @frame is taken. */
static enum sr_status begin_call(struct sr_connection *c, struct sr_frame *frame, struct sr_err *err)
{
	bool large = frame->size > SR_FRAME_CHUNK_BYTES;

	c->frames++;
	c->calling.descriptors = frame->descriptors.count;
	SR_TRY(sr_call_new(c->host->mailbox, c, &c->peer, frame, &c->call, err));
	c->calling.bytes = sr_call_weight(c->call);
	/* Before anything is done for it: afterwards "busy" would be a lie. */
	enum sr_status status = charge(c, err);
	if (status != SR_OK) {
		end_call(c);
		return status;
	}
	if (large) {
		sr_frame_parser_submit(c->host->parser, c->call);
		return SR_OK;
	}
	sr_call_parse(c->call);
	deliver(c);
	return SR_OK;
}

static bool takes_calls(const struct sr_connection *c)
{
	return !c->call && !c->closing && !c->dead && !c->host->stopping && c->queue.bytes < WATERMARK_BYTES;
}

/*
 * Take the frames that are there until a call is under way, or answers wait to be sent first: then true, for
 * nothing that comes will say that frames are there still.
 */
static bool advance(struct sr_connection *c)
{
	bool got = true;

	while (got && takes_calls(c)) {
		struct sr_frame frame = { 0 };
		struct sr_err err;

		enum sr_status status = sr_frame_reader_next(&c->reader, &got, &frame, &err);
		if (status == SR_OK && got)
			status = begin_call(c, &frame, &err);
		if (status != SR_OK)
			fail(c, status, &err);
	}
	return got;
}

static void receive(struct sr_connection *c)
{
	enum sr_frame_fill outcome = SR_FRAME_NOTHING;
	struct sr_err err;
	enum sr_status status = sr_frame_reader_fill(&c->reader, c->fd, &outcome, &err);

	if (status == SR_OK)
		status = charge(c, &err);
	if (status == SR_IO)
		c->dead = true;
	else if (status != SR_OK)
		fail(c, status, &err);
	if (outcome == SR_FRAME_END)
		c->ended = true;
}

void sr_connection_event(struct sr_connection *c, uint32_t events)
{
	if (c->dead)
		return;
	/* Both directions are closed: nobody is left to answer to. */
	if (events & (EPOLLHUP | EPOLLERR))
		c->dead = true;
	else if ((events & EPOLLIN) && takes_calls(c) && !c->ended)
		receive(c);
}

void sr_connection_parsed(struct sr_connection *c)
{
	if (!c->dead)
		deliver(c);
}

void sr_connection_answer(struct sr_connection *c, struct sr_frame *frame, bool last)
{
	const size_t size = frame->size;

	send_later(c, frame);
	if (last)
		end_call(c);
	else
		sr_mailbox_backlog_queue(c->host->mailbox, sr_call_backlog(c->call), size, c->queue.bytes);
}

void sr_connection_push(struct sr_connection *c, struct sr_frame *frame)
{
	struct sr_err ignored;

	/* A front end that can no longer be told of revocations must not go on. */
	if (c->dead || c->closing)
		sr_frame_dispose(frame);
	else if (sr_frame_queue_add(&c->queue, frame, true, &ignored) != SR_OK)
		c->dead = true;
}

static void flush(struct sr_connection *c)
{
	struct sr_err ignored;

	if (c->queue.bytes == 0)
		return;
	if (sr_frame_queue_flush(&c->queue, c->fd, &ignored) != SR_OK)
		c->dead = true;
	if (c->call)
		sr_mailbox_backlog_queue(c->host->mailbox, sr_call_backlog(c->call), 0, c->queue.bytes);
}

/* Nothing is under way and nothing can come any more. */
static bool is_done(const struct sr_connection *c)
{
	return !c->call && c->queue.bytes == 0 && (c->closing || c->ended || c->host->stopping);
}

uint32_t sr_connection_settle(struct sr_connection *c)
{
	struct sr_err ignored;

	if (!c->dead) {
		do
			flush(c);
		while (takes_calls(c) && advance(c));
		flush(c);
	}
	if (!c->dead && (charge(c, &ignored) != SR_OK || is_done(c)))
		c->dead = true;
	if (c->dead)
		return 0;
	set_deadline(c, false);
	return (takes_calls(c) && !c->ended ? EPOLLIN : 0u) | (c->queue.bytes > 0 ? EPOLLOUT : 0u);
}

void sr_connection_expire(struct sr_connection *c)
{
	struct sr_err err;

	if (c->phase != PHASE_FRAME) {
		c->dead = true;
		return;
	}
	fail(c, sr_fail(&err, SR_LIMIT, "a frame was not finished within %d ms", c->host->timeouts.frame),
	     &err);
}
