/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/wire_client.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/wire/frame.h"
#include "appliance/keeper/wire/frame_queue.h"
#include "appliance/keeper/wire/frame_scan.h"
#include "appliance/keeper/wire/socket_path.h"
#include "appliance/keeper/wire/wire_error.h"
#include "appliance/keeper/wire/wire_time.h"

struct sr_wire_client {
	int fd; /* non-blocking; the waiting is done by poll */
	bool broken;
	struct sr_frame_reader reader;
	struct sr_frame_queue queue;
	void (*on_push)(void *context, const char *method, const json_t *parameters);
	void *push_context;
};

static enum sr_status make(int fd, struct sr_wire_client **out, struct sr_err *err)
{
	struct sr_wire_client *client = calloc(1, sizeof(*client));

	if (!client) {
		sr_fd_close(fd);
		return sr_fail(err, SR_NO_MEMORY, "no memory for a connection");
	}
	client->fd = fd;
	*out = client;
	return SR_OK;
}

enum sr_status sr_wire_client_connect(const char *path, int timeout_ms, struct sr_wire_client **out,
                                      struct sr_err *err)
{
	int fd;

	SR_TRY(sr_socket_path_connect(path, timeout_ms, &fd, err));
	return make(fd, out, err);
}

enum sr_status sr_wire_client_adopt(int fd, struct sr_wire_client **out, struct sr_err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		enum sr_status status = sr_fail_errno(err, "take over a socket");

		sr_fd_close(fd);
		return status;
	}
	return make(fd, out, err);
}

void sr_wire_client_close(struct sr_wire_client *client)
{
	if (!client)
		return;
	sr_frame_reader_dispose(&client->reader);
	sr_frame_queue_dispose(&client->queue);
	sr_fd_close(client->fd);
	free(client);
}

bool sr_wire_client_is_broken(const struct sr_wire_client *client)
{
	return client->broken;
}

void sr_wire_client_on_push(struct sr_wire_client *client,
                            void (*on_push)(void *context, const char *method, const json_t *parameters),
                            void *context)
{
	client->on_push = on_push;
	client->push_context = context;
}

void sr_wire_reply_dispose(struct sr_wire_reply *reply)
{
	sr_message_dispose(&reply->message);
	sr_descriptors_dispose(&reply->descriptors);
	reply->error[0] = 0;
}

static enum sr_status wait_for(const struct sr_wire_client *client, short events, int64_t deadline,
                               struct sr_err *err)
{
	struct pollfd one = { .fd = client->fd, .events = events };
	int ready;

	do {
		ready = poll(&one, 1, sr_wire_left_ms(deadline));
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return sr_fail_errno(err, "wait for the keeper");
	if (ready == 0)
		return sr_fail(err, SR_BUSY, "the keeper did not answer in time");
	return SR_OK;
}

/* A whole frame within the deadline; SR_BUSY: none came. */
static enum sr_status read_frame(struct sr_wire_client *client, int64_t deadline, struct sr_frame *frame,
                                 struct sr_err *err)
{
	bool got = false;

	for (;;) {
		enum sr_frame_fill outcome;

		SR_TRY(sr_frame_reader_next(&client->reader, &got, frame, err));
		if (got)
			return SR_OK;
		SR_TRY(sr_frame_reader_fill(&client->reader, client->fd, &outcome, err));
		if (outcome == SR_FRAME_END)
			return sr_fail(
				err, SR_IO,
				"the keeper closed the connection; whether the call was done is unknown");
		if (outcome == SR_FRAME_NOTHING)
			SR_TRY(wait_for(client, POLLIN, deadline, err));
	}
}

/* One answer or push; descriptors go to @reply. */
static enum sr_status read_message(struct sr_wire_client *client, int64_t deadline,
                                   struct sr_wire_reply *reply, struct sr_err *err)
{
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };

	SR_TRY(read_frame(client, deadline, &frame, err));
	SR_TRY(sr_message_parse_answer(frame.text, frame.size, &reply->message, err));
	sr_descriptors_move(&reply->descriptors, &frame.descriptors);
	return SR_OK;
}

/* The next answer; pushes that come before it are delivered. */
static enum sr_status read_answer(struct sr_wire_client *client, int64_t deadline,
                                  struct sr_wire_reply *reply, struct sr_err *err)
{
	for (;;) {
		SR_TRY(read_message(client, deadline, reply, err));
		if (!reply->message.method)
			return SR_OK;
		if (client->on_push)
			client->on_push(client->push_context, reply->message.method,
			                reply->message.parameters);
		sr_wire_reply_dispose(reply);
	}
}

static enum sr_status queue_request(struct sr_wire_client *client, const struct sr_wire_request *request,
                                    bool more, struct sr_err *err)
{
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };

	SR_TRY(sr_message_write_call(request->method, request->parameters, more, &frame, err));
	/* The keeper closes the connection behind a frame that it does not take: that must not come to it. */
	SR_TRY(sr_frame_scan_add(&(struct sr_frame_scan){ 0 }, frame.text, frame.size, err));
	for (size_t i = 0; i < request->descriptor_count; i++) {
		int fd = fcntl(request->descriptors[i], F_DUPFD_CLOEXEC, 0);

		if (fd < 0)
			return sr_fail_errno(err, "duplicate a descriptor");
		SR_TRY(sr_descriptors_add(&frame.descriptors, fd, err));
	}
	return sr_frame_queue_add(&client->queue, &frame, false, err);
}

/* A keeper that refuses a frame closes before it has read it: then its error is there to be read. */
static enum sr_status send_request(struct sr_wire_client *client, int64_t deadline, struct sr_err *err)
{
	for (;;) {
		enum sr_status status = sr_frame_queue_flush(&client->queue, client->fd, err);
		if (status != SR_OK)
			return err->sys_errno == EPIPE || err->sys_errno == ECONNRESET ? SR_OK : status;
		if (client->queue.bytes == 0)
			return SR_OK;
		SR_TRY(wait_for(client, POLLOUT, deadline, err));
	}
}

static enum sr_status take_error(struct sr_wire_reply *reply, struct sr_err *err)
{
	const char *name = reply->message.error;

	snprintf(reply->error, sizeof(reply->error), "%s", name);
	return sr_wire_error_take(name, reply->message.parameters, err);
}

/* The connection's own failures: from now on answers and calls could no longer be told apart. */
static enum sr_status break_off(struct sr_wire_client *client, enum sr_status status, struct sr_err *err)
{
	client->broken = true;
	return status == SR_BUSY ? sr_fail(err, SR_IO,
	                                   "the keeper did not answer in time; "
	                                   "whether the call was done is unknown")
	                         : status;
}

static enum sr_status begin(struct sr_wire_client *client, const struct sr_wire_request *request, bool more,
                            int64_t deadline, struct sr_err *err)
{
	if (client->broken)
		return sr_fail(err, SR_IO, "the connection to the keeper is broken; connect again");
	SR_TRY(queue_request(client, request, more, err));
	enum sr_status status = send_request(client, deadline, err);
	return status == SR_OK ? SR_OK : break_off(client, status, err);
}

/* The one answer of the next call that has none yet. */
static enum sr_status take_answer(struct sr_wire_client *client, int64_t deadline,
                                  struct sr_wire_reply *reply, struct sr_err *err)
{
	enum sr_status status = read_answer(client, deadline, reply, err);

	if (status != SR_OK)
		return break_off(client, status, err);
	if (reply->message.continues)
		return break_off(client, sr_fail(err, SR_INVALID, "several answers to a call for one"), err);
	return reply->message.error ? take_error(reply, err) : SR_OK;
}

enum sr_status sr_wire_client_call(struct sr_wire_client *client, const struct sr_wire_request *request,
                                   struct sr_wire_reply *reply, struct sr_err *err)
{
	int64_t deadline = sr_wire_deadline_ns(request->timeout_ms);

	SR_TRY(begin(client, request, false, deadline, err));
	return take_answer(client, deadline, reply, err);
}

/* A call of several: why it does not even go out. */
struct unsent {
	enum sr_status status;
	struct sr_err err;
};

static void send_many(struct sr_wire_client *client, const struct sr_wire_request *requests, size_t count,
                      int64_t deadline, struct unsent *unsent)
{
	struct sr_err err;

	for (size_t i = 0; i < count; i++)
		unsent[i].status = queue_request(client, &requests[i], false, &unsent[i].err);
	enum sr_status status = send_request(client, deadline, &err);
	if (status == SR_OK)
		return;
	status = break_off(client, status, &err);
	for (size_t i = 0; i < count; i++)
		unsent[i] = (struct unsent){ status, err };
}

void sr_wire_client_call_many(struct sr_wire_client *client, const struct sr_wire_request *requests,
                              size_t count, sr_wire_on_answer on_answer, void *context)
{
	const int64_t deadline = sr_wire_deadline_ns(count > 0 ? requests[0].timeout_ms : 0);
	struct unsent unsent[SR_WIRE_TOGETHER] = { 0 };

	assert(count <= SR_WIRE_TOGETHER);
	if (!client->broken)
		send_many(client, requests, count, deadline, unsent);
	for (size_t i = 0; i < count; i++) {
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
		struct sr_err err = unsent[i].err;
		enum sr_status status = unsent[i].status;

		if (status == SR_OK && client->broken)
			status =
				sr_fail(&err, SR_IO, "the connection to the keeper is broken; connect again");
		else if (status == SR_OK)
			status = take_answer(client, deadline, &reply, &err);
		on_answer(context, i, status, &reply, &err);
	}
}

enum sr_status sr_wire_client_stream(struct sr_wire_client *client, const struct sr_wire_request *request,
                                     sr_wire_on_reply on_reply, void *context, struct sr_wire_reply *last,
                                     struct sr_err *err)
{
	bool continues = true;

	SR_TRY(begin(client, request, true, sr_wire_deadline_ns(request->timeout_ms), err));
	while (continues) {
		sr_wire_reply_dispose(last);
		enum sr_status status =
			read_answer(client, sr_wire_deadline_ns(request->timeout_ms), last, err);
		if (status != SR_OK)
			return break_off(client, status, err);
		if (last->message.error)
			return take_error(last, err);
		continues = last->message.continues;
		status = on_reply(context, last, err);
		if (status != SR_OK) {
			client->broken = client->broken || continues;
			return status;
		}
	}
	return SR_OK;
}

enum sr_status sr_wire_client_wait(struct sr_wire_client *client, int timeout_ms, struct sr_err *err)
{
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };

	if (client->broken)
		return sr_fail(err, SR_IO, "the connection to the keeper is broken; connect again");
	enum sr_status status = read_message(client, sr_wire_deadline_ns(timeout_ms), &reply, err);
	if (status == SR_BUSY)
		return sr_fail(err, SR_BUSY, "nothing came from the keeper");
	if (status == SR_OK && !reply.message.method)
		status = sr_fail(err, SR_INVALID, "an answer without a call");
	if (status != SR_OK)
		return break_off(client, status, err);
	if (client->on_push)
		client->on_push(client->push_context, reply.message.method, reply.message.parameters);
	return SR_OK;
}
