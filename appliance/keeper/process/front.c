/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/front.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/wire/wire_client.h"
#include "appliance/keeper/wire/wire_error.h"

#define OPTIONS_BYTES (1u << 20)

struct sr_front {
	json_t *options;
	struct sr_wire_client *push;
	int push_fd; /* a duplicate: the client owns its own */
	int stop_fd;
	atomic_bool stopping;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct sr_wire_client *all[SR_FRONT_CALLS_MAX];
	struct sr_wire_client *idle[SR_FRONT_CALLS_MAX]; /* the first @idle_count */
	size_t count, idle_count, broken;
};

/* --- what was inherited ---------------------------------------------------------------------------- */

static enum sr_status read_options(struct sr_front *front, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = SR_FRONT_OPTIONS_FD;
	const char *name;

	enum sr_status status = sr_fd_read_to_end(fd, OPTIONS_BYTES, &text, err);
	if (status == SR_OK)
		status = sr_json_parse(text.data, text.size, OPTIONS_BYTES, &front->options, err);
	if (status == SR_OK)
		status = sr_json_need_text(front->options, "front", &name, err);
	if (status != SR_OK)
		return sr_fail(err, SR_INVALID, "this verb is for `strongroom serve` alone");
	return SR_OK;
}

static enum sr_status adopt(int fd, struct sr_wire_client **out, struct sr_err *err)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return sr_fail_errno(err, "descriptor %d of a front end", fd);
	return sr_wire_client_adopt(fd, out, err);
}

static enum sr_status adopt_sockets(struct sr_front *front, struct sr_err *err)
{
	uint64_t calls;

	SR_TRY(sr_json_need_u64(front->options, "calls", SR_FRONT_CALLS_MAX, &calls, err));
	front->push_fd = fcntl(SR_FRONT_PUSH_FD, F_DUPFD_CLOEXEC, SR_FRONT_CALLS_FD + (int)calls);
	if (front->push_fd < 0)
		return sr_fail_errno(err, "the socket for pushes");
	SR_TRY(adopt(SR_FRONT_PUSH_FD, &front->push, err));
	for (size_t i = 0; i < calls; i++) {
		SR_TRY(adopt(SR_FRONT_CALLS_FD + (int)i, &front->all[i], err));
		front->idle[i] = front->all[i];
		front->count = front->idle_count = i + 1;
	}
	return SR_OK;
}

enum sr_status sr_front_open(struct sr_front **out, struct sr_err *err)
{
	SR_CLEANUP(sr_front_closep) struct sr_front *front = calloc(1, sizeof(*front));

	if (!front)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a front end");
	front->push_fd = front->stop_fd = -1;
	pthread_mutex_init(&front->lock, NULL);
	pthread_cond_init(&front->freed, NULL);
	SR_TRY(read_options(front, err));
	SR_TRY(adopt_sockets(front, err));
	front->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (front->stop_fd < 0)
		return sr_fail_errno(err, "make an eventfd");
	*out = SR_MOVE(front);
	return SR_OK;
}

void sr_front_close(struct sr_front *front)
{
	if (!front)
		return;
	for (size_t i = 0; i < front->count; i++)
		sr_wire_client_close(front->all[i]);
	sr_wire_client_close(front->push);
	sr_fd_close(front->push_fd);
	sr_fd_close(front->stop_fd);
	json_decref(front->options);
	pthread_cond_destroy(&front->freed);
	pthread_mutex_destroy(&front->lock);
	free(front);
}

const json_t *sr_front_options(const struct sr_front *front)
{
	return front->options;
}

const char *sr_front_config(const struct sr_front *front, const char *key)
{
	const char *value = sr_json_text(json_object_get(front->options, "config"), key);

	return value ? value : "";
}

int sr_front_take_descriptor(struct sr_front *front, const char *name)
{
	json_t *descriptors = json_object_get(front->options, "descriptors");
	const json_t *number = json_object_get(descriptors, name);
	int fd = json_is_integer(number) ? (int)json_integer_value(number) : -1;

	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	json_object_del(descriptors, name);
	return fd;
}

/* --- calls ----------------------------------------------------------------------------------------- */

static struct sr_wire_client *take_client(struct sr_front *front)
{
	pthread_mutex_lock(&front->lock);
	while (front->idle_count == 0)
		pthread_cond_wait(&front->freed, &front->lock);
	struct sr_wire_client *client = front->idle[--front->idle_count];
	pthread_mutex_unlock(&front->lock);
	return client;
}

/*
 * One that broke is not taken again, or it would fail call after call while good ones lie idle.  Without any
 * the front end is of no more use: calls fail, it ends, and the supervisor starts it anew.
 */
static void give_back(struct sr_front *front, struct sr_wire_client *client)
{
	bool lost = false;

	pthread_mutex_lock(&front->lock);
	if (sr_wire_client_is_broken(client) && front->broken < front->count) {
		front->broken++;
		lost = true;
	}
	const size_t left = front->count - front->broken;
	if (!lost || left == 0)
		front->idle[front->idle_count++] = client;
	pthread_mutex_unlock(&front->lock);
	pthread_cond_signal(&front->freed);
	if (lost)
		sr_log(SR_LOG_WARNING, "a connection to the keeper broke; %zu of %zu are left", left,
		       front->count);
	if (lost && left == 0)
		sr_front_stop(front);
}

/* The message's own object, of which it will let go. */
static json_t *hold_parameters(const struct sr_wire_reply *reply)
{
	return json_incref(json_object_get(reply->message.root, "parameters"));
}

enum sr_status sr_front_ask(struct sr_front *front, const struct sr_client_request *request, json_t **reply,
                            struct sr_descriptors *got, char *refusal, struct sr_err *err)
{
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply answer = { 0 };
	struct sr_wire_client *client = take_client(front);

	enum sr_status status = sr_client_transmit(client, request, request->parameters, &answer, err);
	give_back(front, client);
	if (refusal)
		memcpy(refusal, answer.error, sizeof(answer.error));
	SR_TRY(status);
	if (got)
		sr_descriptors_move(got, &answer.descriptors);
	if (reply)
		*reply = hold_parameters(&answer);
	return SR_OK;
}

struct answers {
	sr_front_on_answer *on_answer;
	void *context;
};

static void hand_on(void *context, size_t index, enum sr_status status, struct sr_wire_reply *reply,
                    const struct sr_err *err)
{
	const struct answers *answers = context;

	answers->on_answer(answers->context, index, status, status == SR_OK ? hold_parameters(reply) : NULL,
	                   reply->error, err);
}

void sr_front_ask_many(struct sr_front *front, const struct sr_client_request *requests, size_t count,
                       sr_front_on_answer *on_answer, void *context)
{
	struct sr_wire_request wire[SR_FRONT_TOGETHER];
	char method[SR_FRONT_TOGETHER][SR_MESSAGE_NAME_BYTES];
	struct answers answers = { on_answer, context };

	assert(count <= SR_FRONT_TOGETHER);
	for (size_t i = 0; i < count; i++) {
		snprintf(method[i], sizeof(method[i]), SR_WIRE_PREFIX "%s", requests[i].method);
		wire[i] = (struct sr_wire_request){ .method = method[i],
			                            .parameters = requests[i].parameters,
			                            .timeout_ms = -1 };
	}
	struct sr_wire_client *client = take_client(front);
	sr_wire_client_call_many(client, wire, count, hand_on, &answers);
	give_back(front, client);
}

/* --- pushes ---------------------------------------------------------------------------------------- */

/* Every connection for calls broke. */
static bool is_cut_off(struct sr_front *front)
{
	pthread_mutex_lock(&front->lock);
	const bool cut_off = front->count > 0 && front->broken == front->count;
	pthread_mutex_unlock(&front->lock);
	return cut_off;
}

enum sr_status sr_front_listen(struct sr_front *front, sr_front_on_push on_push, void *context,
                               struct sr_err *err)
{
	struct pollfd watched[2] = { { .fd = front->push_fd, .events = POLLIN },
		                     { .fd = front->stop_fd, .events = POLLIN } };

	sr_wire_client_on_push(front->push, on_push, context);
	while (!atomic_load(&front->stopping)) {
		(void)poll(watched, SR_COUNT(watched), -1);
		if (atomic_load(&front->stopping))
			break;
		/* Several pushes may be in what was read: go on until none comes. */
		enum sr_status status;
		do {
			status = sr_wire_client_wait(front->push, 0, err);
		} while (status == SR_OK);
		if (status != SR_BUSY)
			return status;
	}
	if (is_cut_off(front))
		return sr_fail(err, SR_IO, "no connection to the keeper is left");
	return SR_OK;
}

void sr_front_stop(struct sr_front *front)
{
	const uint64_t one = 1;

	atomic_store(&front->stopping, true);
	ssize_t ignored = write(front->stop_fd, &one, sizeof(one));
	(void)ignored;
}
