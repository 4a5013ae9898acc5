/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listener in a thread of its own, with a handler that knows these methods:
 *   org.strongroom.Echo    parameters and descriptors come back at once
 *   org.strongroom.Later   {"ms"}: a worker answers after that time, with its parameters
 *   org.strongroom.Stream  {"count", "size"}: a worker answers so often with a text of that size
 *   org.strongroom.Many    takes 64 descriptors, answers {"count"}
 *   org.strongroom.Who     {"uid", "pid", "kind", "connection"}
 *   org.strongroom.Refuse  {"name"}: that error
 *   org.strongroom.Keep    the call is kept in fixture.kept until the test answers it
 * Include behind tests/unit/unit.h.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/wire/listener.h"
#include "appliance/keeper/wire/wire_client.h"
#include "appliance/keeper/wire/wire_error.h"
#include "appliance/keeper/wire/wire_time.h"

#define FIXTURE_WORKERS 4096u
#define FIXTURE_TIMEOUT_MS 20000

struct fixture {
	struct sr_listener *listener;
	pthread_t loop;
	char folder[64];
	char path[96];
	pthread_t workers[FIXTURE_WORKERS];
	size_t worker_count; /* the loop's until it has ended */
	_Atomic(struct sr_call *) kept;
	atomic_uint gone;
	atomic_uint handled;
	atomic_uint stream_failed;
	bool running;
};

static inline void answer_with(struct sr_call *call, json_t *parameters)
{
	sr_call_answer(call, parameters, NULL);
	json_decref(parameters);
}

static inline int64_t number_of(const struct sr_call *call, const char *key)
{
	return json_integer_value(json_object_get(sr_call_parameters(call), key));
}

static inline void *answer_later(void *context)
{
	struct sr_call *call = context;

	usleep((useconds_t)number_of(call, "ms") * 1000);
	sr_call_answer(call, sr_call_parameters(call), NULL);
	return NULL;
}

struct stream_job {
	struct fixture *fixture;
	struct sr_call *call;
};

static inline void *answer_stream(void *context)
{
	struct stream_job *job = context;
	struct sr_call *call = job->call;
	int64_t count = number_of(call, "count");
	size_t size = (size_t)number_of(call, "size");
	char *text = malloc(size + 1);
	enum sr_status status = SR_OK;

	memset(text, 'x', size);
	text[size] = 0;
	for (int64_t i = 0; status == SR_OK && i + 1 < count; i++) {
		struct sr_err err;
		json_t *one = json_pack("{s:I,s:s}", "n", (json_int_t)i, "text", text);

		status = sr_call_wait_room(call, FIXTURE_TIMEOUT_MS) ? sr_call_continue(call, one, NULL, &err)
		                                                     : sr_fail(&err, SR_BUSY, "nobody reads");
		json_decref(one);
	}
	if (status != SR_OK)
		atomic_fetch_add(&job->fixture->stream_failed, 1);
	answer_with(call, json_pack("{s:I}", "n", (json_int_t)(count - 1)));
	free(text);
	free(job);
	return NULL;
}

static inline void in_worker(struct fixture *fixture, void *(*work)(void *), void *context)
{
	if (fixture->worker_count == FIXTURE_WORKERS ||
	    pthread_create(&fixture->workers[fixture->worker_count], NULL, work, context) != 0)
		abort();
	fixture->worker_count++;
}

static inline void echo(struct sr_call *call)
{
	struct sr_descriptors back = { 0 };
	struct sr_err err;

	for (size_t i = 0; i < sr_call_descriptor_count(call); i++) {
		if (sr_descriptors_add(&back, sr_call_take_descriptor(call, i), &err) != SR_OK)
			abort();
	}
	sr_call_answer(call, sr_call_parameters(call), &back);
}

static inline void who(struct sr_call *call)
{
	const struct sr_peer *peer = sr_call_peer(call);

	answer_with(call, json_pack("{s:i,s:i,s:i,s:I,s:I}", "uid", (int)peer->uid, "pid", (int)peer->pid,
	                            "kind", (int)peer->kind, "connection", (json_int_t)peer->connection,
	                            "started", (json_int_t)peer->started));
}

static inline void fixture_handle(void *context, struct sr_call *call)
{
	struct fixture *fixture = context;
	const char *method = strrchr(sr_call_method(call), '.') + 1;
	struct sr_err err;

	atomic_fetch_add(&fixture->handled, 1);
	if (strcmp(method, "Echo") == 0) {
		echo(call);
	} else if (strcmp(method, "Later") == 0) {
		in_worker(fixture, answer_later, call);
	} else if (strcmp(method, "Stream") == 0) {
		struct stream_job *job = malloc(sizeof(*job));

		*job = (struct stream_job){ fixture, call };
		in_worker(fixture, answer_stream, job);
	} else if (strcmp(method, "Many") == 0) {
		answer_with(call, json_pack("{s:I}", "count", (json_int_t)sr_call_descriptor_count(call)));
	} else if (strcmp(method, "Who") == 0) {
		who(call);
	} else if (strcmp(method, "Refuse") == 0) {
		const char *name = sr_json_text(sr_call_parameters(call), "name");

		sr_call_refuse(call, name, sr_fail(&err, SR_DENIED, "no"), &err);
	} else if (strcmp(method, "Keep") == 0) {
		atomic_store(&fixture->kept, call);
	} else {
		sr_call_refuse(call, "org.varlink.service.MethodNotFound",
		               sr_fail(&err, SR_INVALID, "no method %s", method), &err);
	}
}

static inline size_t fixture_descriptors_max(void *context, const char *method)
{
	(void)context;
	return strcmp(method, "org.strongroom.Many") == 0 ? SR_LIMIT_FRAME_DESCRIPTORS_MANY
	                                                  : SR_LIMIT_FRAME_DESCRIPTORS;
}

static inline void fixture_gone(void *context, const struct sr_peer *peer)
{
	struct fixture *fixture = context;

	(void)peer;
	atomic_fetch_add(&fixture->gone, 1);
}

static inline struct sr_listener_config fixture_config(void)
{
	struct sr_listener_config config = sr_listener_config_usual();

	config.limits.user_connections = config.limits.connections;
	config.limits.reserve = 0;
	return config;
}

static inline void *fixture_loop(void *context)
{
	struct fixture *fixture = context;
	struct sr_err err;

	if (sr_listener_run(fixture->listener, &err) != SR_OK) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return NULL;
}

static inline struct fixture *fixture_start(struct sr_listener_config config)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct sr_err err;

	config.handlers = (struct sr_wire_handlers){ .handle = fixture_handle,
		                                     .descriptors_max = fixture_descriptors_max,
		                                     .gone = fixture_gone,
		                                     .context = fixture };
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/sr-wire-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/keeper.sock", fixture->folder);
	assert_ok(sr_listener_new(&config, &fixture->listener, &err));
	assert_ok(sr_listener_listen(fixture->listener, fixture->path, &err));
	assert_int_equal(pthread_create(&fixture->loop, NULL, fixture_loop, fixture), 0);
	fixture->running = true;
	return fixture;
}

/* Ask for the stop and wait for the loop's end; the listener is still there. */
static inline void fixture_stop(struct fixture *fixture)
{
	if (!fixture->running)
		return;
	sr_listener_stop(fixture->listener);
	assert_int_equal(pthread_join(fixture->loop, NULL), 0);
	fixture->running = false;
}

static inline void fixture_end(struct fixture *fixture)
{
	fixture_stop(fixture);
	sr_listener_free(fixture->listener);
	for (size_t i = 0; i < fixture->worker_count; i++)
		pthread_join(fixture->workers[i], NULL);
	assert_int_equal(rmdir(fixture->folder), 0);
	free(fixture);
}

static inline struct sr_wire_client *fixture_client(const struct fixture *fixture)
{
	struct sr_wire_client *client = NULL;
	struct sr_err err;

	assert_ok(sr_wire_client_connect(fixture->path, FIXTURE_TIMEOUT_MS, &client, &err));
	return client;
}

/* A bare connected socket with a receive timeout, for what a client would never send. */
static inline int fixture_socket(const struct fixture *fixture)
{
	struct sockaddr_storage storage = { .ss_family = AF_UNIX };
	struct timeval limit = { .tv_sec = FIXTURE_TIMEOUT_MS / 1000 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy((char *)&storage + sizeof(sa_family_t), fixture->path, strlen(fixture->path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&storage,
	                         (socklen_t)(sizeof(sa_family_t) + strlen(fixture->path) + 1)),
	                 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	return fd;
}

static inline void send_text(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, text, size, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the other side has had enough: what it says is read next */
		text += n;
		size -= (size_t)n;
	}
}

/* One answer up to its NUL; false at the connection's end. */
static inline bool read_text(int fd, char *out, size_t capacity)
{
	for (size_t i = 0; i < capacity; i++) {
		if (recv(fd, out + i, 1, 0) != 1)
			return false;
		if (out[i] == 0)
			return true;
	}
	return false;
}

/* A client's call; the caller disposes of the reply. */
static inline enum sr_status simple_call(struct sr_wire_client *client, const char *method,
                                         json_t *parameters, struct sr_wire_reply *reply, struct sr_err *err)
{
	struct sr_wire_request request = { .method = method,
		                           .parameters = parameters,
		                           .timeout_ms = FIXTURE_TIMEOUT_MS };
	enum sr_status status = sr_wire_client_call(client, &request, reply, err);

	json_decref(parameters);
	return status;
}

static inline size_t open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* Wait for what another thread brings about. */
#define wait_until(condition)                                                                                \
	do {                                                                                                 \
		int64_t wait_end_ = sr_wire_deadline_ns(FIXTURE_TIMEOUT_MS);                                 \
		while (!(condition) && sr_wire_now_ns() < wait_end_)                                         \
			usleep(1000);                                                                        \
		assert_true(condition);                                                                      \
	} while (0)
