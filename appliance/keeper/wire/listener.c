/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/wire/message.h"
#include "appliance/keeper/wire/socket_path.h"
#include "appliance/keeper/wire/wire_error.h"
#include "appliance/keeper/wire/wire_memory.h"
#include "appliance/keeper/wire/wire_time.h"

#define EVENTS 64u          /* of one turn */
#define ACCEPTS 16u         /* of one turn */
#define ACCEPT_PAUSE_MS 100 /* where descriptors or memory are short */

struct sr_listener {
	struct sr_connection_host host;
	struct sr_socket_path path;
	int epoll;
	int spare; /* kept open, to be able to accept and refuse where descriptors are short */
	int drain_ms;
	uint64_t connections;        /* ever */
	struct sr_connection *first; /* living */
	struct sr_connection *buried;
	int64_t next_deadline; /* not after the earliest of all connections */
	int64_t accept_again;  /* SR_WIRE_NEVER: accepting */
	int64_t stop_at;       /* SR_WIRE_NEVER: no stop was asked for */
};

struct sr_listener_config sr_listener_config_usual(void)
{
	return (struct sr_listener_config){ .timeouts = sr_wire_timeouts_usual(),
		                            .limits = sr_share_limits_usual(),
		                            .drain_ms = 10 * 1000 };
}

static enum sr_status watch(const struct sr_listener *listener, int operation, int fd, uint32_t events,
                            void *who, struct sr_err *err)
{
	struct epoll_event event = { .events = events, .data.ptr = who };

	if (epoll_ctl(listener->epoll, operation, fd, &event) < 0)
		return sr_fail_errno(err, "watch a connection");
	return SR_OK;
}

static enum sr_status prepare(struct sr_listener *listener, const struct sr_listener_config *config,
                              struct sr_err *err)
{
	listener->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (listener->epoll < 0)
		return sr_fail_errno(err, "make an epoll descriptor");
	listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (listener->spare < 0)
		return sr_fail_errno(err, "open /dev/null");
	SR_TRY(sr_mailbox_new(&listener->host.mailbox, err));
	SR_TRY(sr_shares_new(&config->limits, config->privileged, config->privileged_count,
	                     &listener->host.shares, err));
	SR_TRY(sr_frame_parser_new(&listener->host.parser, err));
	return watch(listener, EPOLL_CTL_ADD, sr_mailbox_fd(listener->host.mailbox), EPOLLIN,
	             &listener->host.mailbox, err);
}

enum sr_status sr_listener_new(const struct sr_listener_config *config, struct sr_listener **out,
                               struct sr_err *err)
{
	struct sr_listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a listener");
	listener->host.handlers = config->handlers;
	listener->host.timeouts = config->timeouts;
	listener->drain_ms = config->drain_ms;
	listener->path = (struct sr_socket_path){ .fd = -1, .folder = -1 };
	listener->epoll = listener->spare = -1;
	listener->next_deadline = listener->accept_again = listener->stop_at = SR_WIRE_NEVER;
	enum sr_status status = prepare(listener, config, err);
	if (status != SR_OK)
		sr_listener_free(listener);
	else
		*out = listener;
	return status;
}

enum sr_status sr_listener_listen(struct sr_listener *listener, const char *path, struct sr_err *err)
{
	if (listener->path.fd >= 0)
		return sr_fail(err, SR_EXISTS, "the listener has its socket");
	SR_TRY(sr_socket_path_listen(path, &listener->path, err));
	return watch(listener, EPOLL_CTL_ADD, listener->path.fd, EPOLLIN, &listener->path, err);
}

/* Out of the list of the living; memory and descriptor go when no event of this turn can refer to it. */
static void bury(struct sr_listener *listener, struct sr_connection *c)
{
	struct sr_connection_links *links = sr_connection_links(c);

	links->buried = true;
	if (links->previous)
		sr_connection_links(links->previous)->next = links->next;
	else
		listener->first = links->next;
	if (links->next)
		sr_connection_links(links->next)->previous = links->previous;
	links->next = listener->buried;
	listener->buried = c;
}

static void settle(struct sr_listener *listener, struct sr_connection *c)
{
	struct sr_connection_links *links = sr_connection_links(c);
	struct sr_err ignored;

	if (links->buried)
		return;
	uint32_t events = sr_connection_settle(c);
	bool dead = sr_connection_is_dead(c);
	if (!dead && events != links->events)
		dead = watch(listener, EPOLL_CTL_MOD, sr_connection_fd(c), events, c, &ignored) != SR_OK;
	links->events = events;
	if (dead)
		bury(listener, c);
	else if (sr_connection_deadline(c) < listener->next_deadline)
		listener->next_deadline = sr_connection_deadline(c);
}

/* @fd is taken in every case, @share only on SR_OK. */
static enum sr_status add(struct sr_listener *listener, int fd, struct sr_peer *peer, struct sr_share *share,
                          bool pushes, struct sr_err *err)
{
	struct sr_connection *c;

	peer->connection = ++listener->connections;
	SR_TRY(sr_connection_new(&listener->host, fd, peer, share, pushes, &c, err));
	struct sr_connection_links *links = sr_connection_links(c);
	links->next = listener->first;
	if (listener->first)
		sr_connection_links(listener->first)->previous = c;
	listener->first = c;
	/* From here on the connection has the share, so a failure buries it and is none of the caller's. */
	links->events = EPOLLIN;
	if (watch(listener, EPOLL_CTL_ADD, fd, EPOLLIN, c, err) != SR_OK)
		bury(listener, c);
	else
		settle(listener, c);
	return SR_OK;
}

/* One line to a caller for whom there is no place; what the socket does not take at once is lost. */
static void turn_away(int fd, enum sr_status status, const struct sr_err *why)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = sr_wire_error_parameters(why);
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
	struct sr_err ignored;

	if (sr_message_write_error(sr_wire_error_name(status), parameters, &frame, &ignored) == SR_OK)
		(void)!send(fd, frame.memory, frame.size + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	sr_fd_close(fd);
}

static void admit(struct sr_listener *listener, int fd)
{
	struct sr_peer peer = { .kind = SR_PEER_CALLER };
	struct sr_share *share = NULL;
	struct sr_err err;
	static const struct sr_holding nothing = { 0 };

	enum sr_status status = sr_peer_read(fd, &peer, &err);
	if (status == SR_OK)
		status = sr_share_enter(listener->host.shares, peer.uid, &share, &err);
	if (status != SR_OK)
		turn_away(fd, status, &err);
	else if (add(listener, fd, &peer, share, false, &err) != SR_OK)
		sr_share_leave(listener->host.shares, share, &nothing);
}

static void pause_accepting(struct sr_listener *listener)
{
	struct sr_err ignored;

	if (watch(listener, EPOLL_CTL_MOD, listener->path.fd, 0, &listener->path, &ignored) != SR_OK)
		return;
	listener->accept_again = sr_wire_deadline_ns(ACCEPT_PAUSE_MS);
}

/* No descriptor is free: give the spare one for a moment, so that callers hear of it. */
static void refuse_one(struct sr_listener *listener)
{
	struct sr_err err;

	sr_fd_closep(&listener->spare);
	int fd = accept4(listener->path.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		turn_away(fd, sr_fail(&err, SR_BUSY, "the keeper has no descriptor left; try again later"),
		          &err);
	listener->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pause_accepting(listener);
}

static void accept_some(struct sr_listener *listener)
{
	for (unsigned i = 0; i < ACCEPTS; i++) {
		int fd = accept4(listener->path.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			admit(listener, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE)
			refuse_one(listener);
		else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR && errno != ECONNABORTED)
			pause_accepting(listener);
		return;
	}
}

enum sr_status sr_listener_adopt(struct sr_listener *listener, int fd, enum sr_peer_kind kind, bool pushes,
                                 struct sr_err *err)
{
	struct sr_post *post = calloc(1, sizeof(*post));
	int flags = fcntl(fd, F_GETFL);

	if (!post || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		enum sr_status status = post ? sr_fail_errno(err, "take over a front end's socket")
		                             : sr_fail(err, SR_NO_MEMORY, "no memory for a front end");
		free(post);
		sr_fd_close(fd);
		return status;
	}
	post->kind = SR_POST_ADOPT;
	post->fd = fd;
	post->peer_kind = kind;
	post->pushes = pushes;
	if (sr_mailbox_post(listener->host.mailbox, post))
		return SR_OK;
	free(post);
	sr_fd_close(fd);
	return sr_fail(err, SR_BUSY, "the listener has ended");
}

enum sr_status sr_listener_push(struct sr_listener *listener, const char *method, const json_t *parameters,
                                struct sr_err *err)
{
	struct sr_post *post = calloc(1, sizeof(*post));

	if (!post)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a push");
	post->kind = SR_POST_PUSH;
	enum sr_status status = sr_message_write_call(method, parameters, false, &post->frame, err);
	if (status == SR_OK && sr_mailbox_post(listener->host.mailbox, post))
		return SR_OK;
	if (status == SR_OK)
		status = sr_fail(err, SR_BUSY, "the listener has ended");
	sr_frame_dispose(&post->frame);
	free(post);
	return status;
}

void sr_listener_stop(struct sr_listener *listener)
{
	sr_mailbox_ask_stop(listener->host.mailbox);
}
static enum sr_status copy_frame(const struct sr_frame *frame, struct sr_frame *out, struct sr_err *err)
{
	uint8_t *memory;

	SR_TRY(sr_wire_memory_new(frame->size + 1, &memory, err));
	memcpy(memory, frame->memory, frame->size + 1);
	*out = (struct sr_frame){
		.memory = memory, .capacity = frame->size + 1, .text = memory, .size = frame->size
	};
	return SR_OK;
}

static void push_to_all(struct sr_listener *listener, const struct sr_frame *frame)
{
	struct sr_connection *next;

	for (struct sr_connection *c = listener->first; c; c = next) {
		struct sr_frame copy = { 0 };
		struct sr_err ignored;

		next = sr_connection_links(c)->next;
		if (!sr_connection_wants_pushes(c))
			continue;
		/* A front end that can't be told must not go on. */
		if (copy_frame(frame, &copy, &ignored) == SR_OK)
			sr_connection_push(c, &copy);
		else
			sr_connection_kill(c);
		settle(listener, c);
	}
}

static void adopt(struct sr_listener *listener, const struct sr_post *post)
{
	struct sr_peer peer = { .kind = post->peer_kind };
	struct sr_err err;

	if (listener->host.stopping || sr_peer_read(post->fd, &peer, &err) != SR_OK)
		sr_fd_close(post->fd);
	else
		(void)!add(listener, post->fd, &peer, NULL, post->pushes, &err);
}

/* An answer or a parsed frame; the call's caller may be gone. */
static void handle_call_post(struct sr_listener *listener, struct sr_post *post)
{
	struct sr_call *call = post->call;
	struct sr_connection *c = sr_call_connection(call);
	/* Other posts than one of several are part of the call and end with it. */
	enum sr_post_kind kind = post->kind;

	if (c && kind == SR_POST_PARSED) {
		sr_connection_parsed(c);
	} else if (c) {
		sr_connection_answer(c, &post->frame, kind == SR_POST_LAST);
	} else if (kind == SR_POST_CONTINUE) {
		sr_mailbox_backlog_queue(listener->host.mailbox, sr_call_backlog(call), post->frame.size, 0);
	} else {
		sr_call_free(call);
	}
	if (kind == SR_POST_CONTINUE) {
		sr_frame_dispose(&post->frame);
		free(post);
	}
	if (c)
		settle(listener, c);
}

static void handle_posts(struct sr_listener *listener, struct sr_post *post)
{
	struct sr_post *next;

	for (; post; post = next) {
		/* The post is part of its call, or freed here. */
		next = post->next;
		switch (post->kind) {
		case SR_POST_PARSED:
		case SR_POST_CONTINUE:
		case SR_POST_LAST:
			handle_call_post(listener, post);
			break;
		case SR_POST_PUSH:
			push_to_all(listener, &post->frame);
			sr_frame_dispose(&post->frame);
			free(post);
			break;
		case SR_POST_ADOPT:
			adopt(listener, post);
			free(post);
			break;
		}
	}
}

static bool is_for_mailbox(const struct sr_listener *listener, const struct epoll_event *event)
{
	return event->data.ptr == &listener->host.mailbox;
}

static void handle_event(struct sr_listener *listener, const struct epoll_event *event)
{
	if (is_for_mailbox(listener, event))
		return;
	if (event->data.ptr == &listener->path) {
		accept_some(listener);
		return;
	}
	struct sr_connection *c = event->data.ptr;
	if (sr_connection_links(c)->buried)
		return;
	sr_connection_event(c, event->events);
	settle(listener, c);
}

/* What was posted comes first: a push leaves before the answer to a call that was made behind it. */
static void handle_turn(struct sr_listener *listener, const struct epoll_event *events, int count)
{
	bool rung = false;

	for (int i = 0; i < count; i++)
		rung = rung || is_for_mailbox(listener, &events[i]);
	handle_posts(listener, sr_mailbox_take(listener->host.mailbox, rung));
	for (int i = 0; i < count; i++)
		handle_event(listener, &events[i]);
}

static void free_buried(struct sr_listener *listener)
{
	while (listener->buried) {
		struct sr_connection *c = listener->buried;

		listener->buried = sr_connection_links(c)->next;
		sr_connection_free(c);
	}
}

static void check_deadlines(struct sr_listener *listener)
{
	int64_t now = sr_wire_now_ns();
	struct sr_connection *next;
	struct sr_err ignored;

	if (now >= listener->accept_again &&
	    watch(listener, EPOLL_CTL_MOD, listener->path.fd, EPOLLIN, &listener->path, &ignored) == SR_OK)
		listener->accept_again = SR_WIRE_NEVER;
	if (now < listener->next_deadline)
		return;
	listener->next_deadline = SR_WIRE_NEVER;
	for (struct sr_connection *c = listener->first; c; c = next) {
		next = sr_connection_links(c)->next;
		if (sr_connection_deadline(c) <= now)
			sr_connection_expire(c);
		settle(listener, c);
	}
}

static void begin_stop(struct sr_listener *listener)
{
	struct sr_connection *next;

	listener->host.stopping = true;
	listener->stop_at = sr_wire_deadline_ns(listener->drain_ms);
	listener->accept_again = SR_WIRE_NEVER;
	sr_socket_path_close(&listener->path);
	for (struct sr_connection *c = listener->first; c; c = next) {
		next = sr_connection_links(c)->next;
		settle(listener, c);
	}
}

static int64_t earliest(const struct sr_listener *listener)
{
	int64_t at = listener->next_deadline;

	at = listener->accept_again < at ? listener->accept_again : at;
	return listener->stop_at < at ? listener->stop_at : at;
}

static void end_all(struct sr_listener *listener)
{
	while (listener->first)
		bury(listener, listener->first);
	free_buried(listener);
}

enum sr_status sr_listener_run(struct sr_listener *listener, struct sr_err *err)
{
	struct epoll_event events[EVENTS];

	sr_mailbox_own(listener->host.mailbox);
	for (;;) {
		int count = epoll_wait(listener->epoll, events, EVENTS, sr_wire_left_ms(earliest(listener)));

		if (count < 0 && errno != EINTR)
			return sr_fail_errno(err, "wait for callers");
		handle_turn(listener, events, count);
		check_deadlines(listener);
		if (sr_mailbox_stop_asked(listener->host.mailbox) && !listener->host.stopping)
			begin_stop(listener);
		free_buried(listener);
		if (listener->host.stopping && (!listener->first || sr_wire_now_ns() >= listener->stop_at))
			break;
	}
	end_all(listener);
	return SR_OK;
}

void sr_listener_free(struct sr_listener *listener)
{
	if (!listener)
		return;
	listener->host.stopping = true;
	end_all(listener);
	/* The parser posts into the mailbox, so it ends first. */
	sr_frame_parser_free(listener->host.parser);
	if (listener->host.mailbox)
		handle_posts(listener, sr_mailbox_close(listener->host.mailbox));
	sr_mailbox_unref(listener->host.mailbox);
	sr_shares_free(listener->host.shares);
	if (listener->path.fd >= 0)
		sr_socket_path_close(&listener->path);
	sr_fd_close(listener->spare);
	sr_fd_close(listener->epoll);
	free(listener);
}
