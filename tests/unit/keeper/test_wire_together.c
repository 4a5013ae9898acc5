/* SPDX-License-Identifier: Apache-2.0 */
/* Several calls at once on one connection, calls that must not leave, connections that broke. */
#include "tests/unit/unit.h"

#include <sys/wait.h>

#include "appliance/base/limits.h"
#include "appliance/keeper/process/front.h"
#include "tests/unit/keeper/wire_fixture.h"

#define WHO_CALLS 2000

/* --- together -------------------------------------------------------------------------------------- */

struct together {
	size_t next;
	enum sr_status status[SR_WIRE_TOGETHER];
	char error[SR_WIRE_TOGETHER][SR_MESSAGE_NAME_BYTES];
	int64_t number[SR_WIRE_TOGETHER];
};

static void take(void *context, size_t index, enum sr_status status, struct sr_wire_reply *reply,
                 const struct sr_err *err)
{
	struct together *together = context;

	(void)err;
	assert_int_equal(index, together->next++);
	together->status[index] = status;
	snprintf(together->error[index], SR_MESSAGE_NAME_BYTES, "%s", reply->error);
	together->number[index] =
		status == SR_OK ? json_integer_value(json_object_get(reply->message.parameters, "n")) : -1;
}

/* Answered at once, by a worker, with an error, or too bad to leave: each place has its own answer. */
static void calls_that_go_out_together_are_answered_in_order(void **state)
{
	static const char *const methods[] = { "org.strongroom.Echo", "org.strongroom.Later",
		                               "org.strongroom.Refuse", "no name" };
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	struct sr_wire_request requests[SR_WIRE_TOGETHER];
	json_t *parameters[SR_WIRE_TOGETHER];
	struct together together = { 0 };

	(void)state;
	for (size_t i = 0; i < SR_WIRE_TOGETHER; i++) {
		parameters[i] =
			json_pack("{s:i,s:i,s:s}", "n", (int)i, "ms", 1, "name", "org.strongroom.NotGranted");
		requests[i] = (struct sr_wire_request){ .method = methods[i % 4],
			                                .parameters = parameters[i],
			                                .timeout_ms = FIXTURE_TIMEOUT_MS };
	}
	for (int round = 0; round < 2; round++) {
		together.next = 0;
		sr_wire_client_call_many(client, requests, SR_WIRE_TOGETHER, take, &together);
		assert_int_equal(together.next, SR_WIRE_TOGETHER);
		for (size_t i = 0; i < SR_WIRE_TOGETHER; i++) {
			assert_int_equal(together.status[i], i % 4 == 2   ? SR_DENIED
			                                     : i % 4 == 3 ? SR_INVALID
			                                                  : SR_OK);
			assert_int_equal(together.number[i], i % 4 < 2 ? (int64_t)i : -1);
			assert_string_equal(together.error[i], i % 4 == 2 ? "org.strongroom.NotGranted" : "");
		}
	}
	for (size_t i = 0; i < SR_WIRE_TOGETHER; i++)
		json_decref(parameters[i]);
	fixture_end(fixture);
}

/* False: the machine did not even bring the first answer in that time. */
static bool every_call_hears_of_it(int timeout_ms)
{
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	const struct sr_wire_request requests[] = {
		{ .method = "org.strongroom.Echo", .timeout_ms = FIXTURE_TIMEOUT_MS },
		{ .method = "org.strongroom.Keep", .timeout_ms = 100 },
		{ .method = "org.strongroom.Echo", .timeout_ms = FIXTURE_TIMEOUT_MS },
	};
	struct sr_wire_request hurried[3];
	struct together together = { 0 };

	for (size_t i = 0; i < 3; i++) {
		hurried[i] = requests[i];
		hurried[i].timeout_ms = timeout_ms;
	}
	sr_wire_client_call_many(client, hurried, 3, take, &together);
	const bool in_time = together.status[0] == SR_OK;
	assert_int_equal(together.status[1], SR_IO); /* it was kept: nobody knows what became of it */
	assert_int_equal(together.status[2], SR_IO);
	assert_true(sr_wire_client_is_broken(client));
	together.next = 0;
	sr_wire_client_call_many(client, requests, 3, take, &together);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(together.status[i], SR_IO);
	wait_until(atomic_load(&fixture->kept) != NULL);
	answer_with(atomic_load(&fixture->kept), json_object());
	fixture_end(fixture);
	return in_time;
}

static void when_the_keeper_goes_every_call_hears_of_it(void **state)
{
	(void)state;
	assert_true(every_call_hears_of_it(200) || every_call_hears_of_it(2000) ||
	            every_call_hears_of_it(FIXTURE_TIMEOUT_MS));
}

/* More answers than may wait come of one read: those behind them are not forgotten. */
static void small_calls_with_larger_answers_are_all_answered(void **state)
{
	static const char call[] = "{\"method\":\"org.strongroom.Who\"}";
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = fixture_socket(fixture);
	char *text = malloc(WHO_CALLS * sizeof(call));
	size_t answers = 0;

	(void)state;
	for (size_t i = 0; i < WHO_CALLS; i++)
		memcpy(text + i * sizeof(call), call, sizeof(call));
	send_text(fd, text, WHO_CALLS * sizeof(call));
	while (answers < WHO_CALLS) {
		SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
		enum sr_frame_fill outcome;
		struct sr_err err;
		bool got;

		assert_ok(sr_frame_reader_next(&reader, &got, &frame, &err));
		answers += got;
		if (got)
			continue;
		assert_ok(sr_frame_reader_fill(&reader, fd, &outcome, &err));
		assert_int_equal(outcome, SR_FRAME_GOT); /* within the socket's time */
	}
	free(text);
	fixture_end(fixture);
}

/* --- what must not leave --------------------------------------------------------------------------- */

static void a_call_that_the_keeper_would_not_take_does_not_leave(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	SR_CLEANUP(sr_json_decrefp) json_t *many = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *deep = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_pack("{s:O,s:O}", "many", many, "deep", deep);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i <= SR_LIMIT_FRAME_VALUES; i++)
		assert_int_equal(json_array_append_new(many, json_integer(1)), 0);
	assert_int_equal(simple_call(client, "org.strongroom.Echo", json_incref(parameters), &reply, &err),
	                 SR_LIMIT);
	assert_string_equal(reply.error, "");
	assert_int_equal(json_array_clear(many), 0);
	json_t *inner = deep;
	for (unsigned i = 0; i < SR_LIMIT_JSON_DEPTH; i++) {
		assert_int_equal(json_array_append_new(inner, json_array()), 0);
		inner = json_array_get(inner, 0);
	}
	assert_int_equal(simple_call(client, "org.strongroom.Echo", json_incref(parameters), &reply, &err),
	                 SR_LIMIT);
	/* Who called so goes on calling. */
	assert_false(sr_wire_client_is_broken(client));
	assert_ok(simple_call(client, "org.strongroom.Echo", NULL, &reply, &err));
	fixture_end(fixture);
}

/* --- a front end's connections --------------------------------------------------------------------- */

/* Answers every call with {} until the other side goes. */
static void *answer_all(void *context)
{
	static const char answer[] = "{\"parameters\":{}}";
	const int fd = *(int *)context;
	char text[4096];

	while (recv(fd, text, sizeof(text), 0) > 0)
		if (send(fd, answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	return NULL;
}

/* What a supervisor leaves: options, a socket for pushes, two for calls, of which @broken is cut. */
static void become_front(int broken, int far[2])
{
	static const char options[] = "{\"front\":\"api\",\"calls\":2}";
	int pairs[3][2], words[2];

	for (int i = 0; i < 3; i++)
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]) < 0)
			_exit(10);
	if (pipe(words) < 0 || write(words[1], options, sizeof(options) - 1) < 0)
		_exit(11);
	close(words[1]);
	const int from[4] = { words[0], pairs[0][0], pairs[1][0], pairs[2][0] };
	int high[4];
	for (int i = 0; i < 4; i++)
		high[i] = fcntl(from[i], F_DUPFD, 60);
	for (int i = 0; i < 2; i++)
		far[i] = fcntl(pairs[i + 1][1], F_DUPFD, 60);
	for (int fd = 3; fd < 60; fd++)
		if (fd != pairs[0][1])
			close(fd);
	for (int i = 0; i < 4; i++)
		if (dup2(high[i], 3 + i) < 0 || close(high[i]) < 0)
			_exit(12);
	close(far[broken]);
}

/* Both: every call fails and none waits for ever, and whoever listens hears of it. */
static void front_with_nothing_left(void)
{
	const struct sr_client_request request = { .method = "Echo" };
	struct sr_front *front = NULL;
	int far[2], failed = 0;
	struct sr_err err;

	become_front(0, far);
	close(far[1]);
	if (sr_front_open(&front, &err) != SR_OK)
		_exit(13);
	for (int i = 0; i < 10; i++)
		failed += sr_front_ask(front, &request, NULL, NULL, NULL, &err) == SR_IO;
	failed += sr_front_listen(front, NULL, NULL, &err) == SR_IO;
	_exit(failed);
}

static void front_with_a_broken_connection(int broken)
{
	const struct sr_client_request request = { .method = "Echo" };
	struct sr_front *front = NULL;
	char refusal[SR_MESSAGE_NAME_BYTES];
	int far[2], good = 0;
	struct sr_err err;
	pthread_t thread;

	become_front(broken, far);
	if (sr_front_open(&front, &err) != SR_OK ||
	    pthread_create(&thread, NULL, answer_all, &far[1 - broken]) != 0)
		_exit(13);
	for (int i = 0; i < 10; i++)
		good += sr_front_ask(front, &request, NULL, NULL, refusal, &err) == SR_OK;
	_exit(good);
}

/* It would be the next one that is idle, again and again. */
static void a_connection_that_broke_is_not_taken_again(void **state)
{
	(void)state;
	for (int broken = 0; broken < 2; broken++) {
		int status;
		const pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			front_with_a_broken_connection(broken);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		/* At most the call that met it fails. */
		assert_in_range(WEXITSTATUS(status), 9, 10);
	}
}

static void a_front_end_without_connections_ends(void **state)
{
	int status;
	const pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		alarm(20);
		front_with_nothing_left();
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_that_go_out_together_are_answered_in_order),
		cmocka_unit_test(when_the_keeper_goes_every_call_hears_of_it),
		cmocka_unit_test(small_calls_with_larger_answers_are_all_answered),
		cmocka_unit_test(a_call_that_the_keeper_would_not_take_does_not_leave),
		cmocka_unit_test(a_connection_that_broke_is_not_taken_again),
		cmocka_unit_test(a_front_end_without_connections_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
