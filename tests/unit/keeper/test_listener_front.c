/* SPDX-License-Identifier: Apache-2.0 */
/* Front ends on socketpairs, pushes to them, and the end of the loop. */
#include "tests/unit/unit.h"

#include <limits.h>

#include "tests/unit/keeper/wire_fixture.h"

static int adopt(struct fixture *fixture, enum sr_peer_kind kind, bool pushes)
{
	struct timeval limit = { .tv_sec = FIXTURE_TIMEOUT_MS / 1000 };
	int ends[2];
	struct sr_err err;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_ok(sr_listener_adopt(fixture->listener, ends[0], kind, pushes, &err));
	assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	return ends[1];
}

static struct sr_wire_client *front_client(struct fixture *fixture, enum sr_peer_kind kind, bool pushes)
{
	struct sr_wire_client *client = NULL;
	struct sr_err err;

	assert_ok(sr_wire_client_adopt(adopt(fixture, kind, pushes), &client, &err));
	return client;
}

static void push(struct fixture *fixture, int number)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_pack("{s:i}", "n", number);
	struct sr_err err;

	assert_ok(sr_listener_push(fixture->listener, "org.strongroom.GrantEnded", parameters, &err));
}

static void a_front_end_is_known_by_its_socketpair(void **state)
{
	static const enum sr_peer_kind kinds[] = { SR_PEER_FS, SR_PEER_API };
	struct sr_listener_config config = fixture_config();
	struct sr_err err;

	(void)state;
	/* No caller gets a place and nobody may be idle: neither is for front ends. */
	config.limits.connections = 0;
	config.timeouts.idle = 20;
	struct fixture *fixture = fixture_start(config);
	for (size_t i = 0; i < SR_COUNT(kinds); i++) {
		SR_CLEANUP(sr_wire_client_closep)
		struct sr_wire_client *client = front_client(fixture, kinds[i], false);
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };

		usleep(60000);
		assert_ok(simple_call(client, "org.strongroom.Who", NULL, &reply, &err));
		assert_int_equal(json_integer_value(json_object_get(reply.message.parameters, "kind")),
		                 kinds[i]);
	}
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	assert_int_equal(simple_call(client, "org.strongroom.Who", NULL, &reply, &err), SR_BUSY);
	assert_string_equal(reply.error, "org.strongroom.Busy");
	/* A connection that was turned away is of no more use, and says so. */
	sr_wire_reply_dispose(&reply);
	assert_int_equal(simple_call(client, "org.strongroom.Who", NULL, &reply, &err), SR_IO);
	fixture_end(fixture);
}

struct pushed {
	int count;
	int last;
};

static void on_push(void *context, const char *method, const json_t *parameters)
{
	struct pushed *pushed = context;

	assert_string_equal(method, "org.strongroom.GrantEnded");
	pushed->last = (int)json_integer_value(json_object_get(parameters, "n"));
	pushed->count++;
}

static void pushes_reach_those_who_want_them_and_nobody_else(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep)
	struct sr_wire_client *fs = front_client(fixture, SR_PEER_FS, true);
	SR_CLEANUP(sr_wire_client_closep)
	struct sr_wire_client *pool = front_client(fixture, SR_PEER_FS, false);
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *caller = fixture_client(fixture);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	struct pushed pushed = { 0 };
	struct sr_err err;

	(void)state;
	sr_wire_client_on_push(fs, on_push, &pushed);
	sr_wire_client_on_push(pool, on_push, NULL);
	for (int i = 1; i <= 3; i++) {
		push(fixture, i);
		assert_ok(sr_wire_client_wait(fs, FIXTURE_TIMEOUT_MS, &err));
		assert_int_equal(pushed.count, i);
		assert_int_equal(pushed.last, i);
	}
	assert_int_equal(sr_wire_client_wait(fs, 10, &err), SR_BUSY);

	/* They are delivered while a call waits as well. */
	push(fixture, 4);
	assert_ok(simple_call(fs, "org.strongroom.Echo", NULL, &reply, &err));
	assert_int_equal(pushed.last, 4);
	sr_wire_reply_dispose(&reply);
	assert_ok(simple_call(pool, "org.strongroom.Echo", NULL, &reply, &err));
	sr_wire_reply_dispose(&reply);
	assert_ok(simple_call(caller, "org.strongroom.Echo", NULL, &reply, &err));
	fixture_end(fixture);
}

/* How many answers of a stream that fills the socket come before a push, which is made then. */
static int answers_before_a_push(void)
{
	static const char call[] = "{\"method\":\"org.strongroom.Stream\",\"parameters\":{\"count\":40,"
				   "\"size\":100000},\"more\":true}";
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	int fd = adopt(fixture, SR_PEER_FS, true);
	int answers = 0, place = -1;
	char byte;

	send_text(fd, call, sizeof(call));
	/* The socket is full of the stream before the push is made. */
	assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
	usleep(100000);
	push(fixture, 7);
	while (answers < 40) {
		SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
		enum sr_frame_fill outcome;
		struct sr_err err;
		bool got;

		assert_ok(sr_frame_reader_fill(&reader, fd, &outcome, &err));
		assert_int_equal(outcome, SR_FRAME_GOT);
		assert_ok(sr_frame_reader_next(&reader, &got, &frame, &err));
		if (got && memmem(frame.text, frame.size, "GrantEnded", 10))
			place = answers;
		else
			answers += got;
	}
	assert_true(place >= 0);
	close(fd);
	fixture_end(fixture);
	return place;
}

/* Whether the answers waited for the socket already is the machine's to say: some attempts. */
static void a_push_overtakes_the_answers_that_wait(void **state)
{
	int place = INT_MAX;

	(void)state;
	/* Before the last of the ten that may wait, behind those that the kernel had. */
	for (int i = 0; i < 10 && place >= 9; i++)
		place = answers_before_a_push();
	assert_true(place < 9);
}

static void a_front_end_that_takes_no_pushes_is_cut_off(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	int fd = adopt(fixture, SR_PEER_FS, true);
	size_t size = 1u << 20;
	char *text = malloc(size + 1);
	struct sr_err err;

	(void)state;
	memset(text, 'x', size);
	text[size] = 0;
	json_t *parameters = json_pack("{s:s}", "t", text);
	for (int i = 0; i < 12; i++)
		assert_ok(sr_listener_push(fixture->listener, "org.strongroom.GrantEnded", parameters, &err));
	wait_until(atomic_load(&fixture->gone) == 1);
	json_decref(parameters);
	free(text);
	close(fd);
	fixture_end(fixture);
}

static void the_keeper_learns_that_a_front_end_is_gone(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	int fd = adopt(fixture, SR_PEER_API, true);

	(void)state;
	send_text(fd, "{\"method\":\"org.strongroom.Keep\"}", 33);
	wait_until(atomic_load(&fixture->kept) != NULL);
	close(fd);
	wait_until(atomic_load(&fixture->gone) == 1);
	struct sr_call *call = atomic_load(&fixture->kept);
	assert_true(sr_call_is_abandoned(call));
	sr_call_answer(call, NULL, NULL);
	fixture_end(fixture);
}

static void a_stop_answers_what_is_under_way_and_removes_the_name(void **state)
{
	struct sr_listener_config config = fixture_config();

	config.drain_ms = 60 * 1000;
	struct fixture *fixture = fixture_start(config);
	int busy = fixture_socket(fixture);
	int idle = fixture_socket(fixture);
	char got[256];

	(void)state;
	send_text(busy, "{\"method\":\"org.strongroom.Keep\"}", 33);
	wait_until(atomic_load(&fixture->kept) != NULL);
	sr_listener_stop(fixture->listener);
	wait_until(access(fixture->path, F_OK) < 0);
	assert_int_equal(recv(idle, got, 1, 0), 0);
	/* A second call of the same caller is not taken any more. */
	send_text(busy, "{\"method\":\"org.strongroom.Echo\"}", 33);
	usleep(20000);
	json_t *parameters = json_pack("{s:s}", "done", "yes");
	sr_call_answer(atomic_load(&fixture->kept), parameters, NULL);
	json_decref(parameters);
	assert_true(read_text(busy, got, sizeof(got)));
	assert_string_equal(got, "{\"parameters\":{\"done\":\"yes\"}}");
	assert_false(read_text(busy, got, sizeof(got)));
	assert_int_equal(pthread_join(fixture->loop, NULL), 0);
	fixture->running = false;
	assert_int_equal(atomic_load(&fixture->handled), 1);
	close(busy);
	close(idle);
	fixture_end(fixture);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
	struct sr_listener_config config = fixture_config();
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_pack("{s:s}", "too", "late");
	struct sr_err err;
	char byte;

	(void)state;
	config.drain_ms = 50;
	struct fixture *fixture = fixture_start(config);
	int fd = fixture_socket(fixture);
	send_text(fd, "{\"method\":\"org.strongroom.Keep\",\"more\":true}", 45);
	wait_until(atomic_load(&fixture->kept) != NULL);
	fixture_stop(fixture);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	struct sr_call *call = atomic_load(&fixture->kept);
	assert_true(sr_call_is_abandoned(call));
	assert_int_equal(sr_call_continue(call, parameters, NULL, &err), SR_IO);
	/* The listener may go before the last answer. */
	sr_listener_free(fixture->listener);
	fixture->listener = NULL;
	sr_call_answer(call, parameters, NULL);
	close(fd);
	fixture_end(fixture);
}

struct hammer {
	struct fixture *fixture;
	atomic_uint *answered;
};

static void *hammer_on(void *context)
{
	struct hammer *hammer = context;
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(hammer->fixture);
	struct sr_err err;

	for (int n = 0;; n++) {
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
		/* There are only so many workers, and each Later takes one. */
		const char *method = n % 4 == 0 && n < 1000 ? "org.strongroom.Later" : "org.strongroom.Echo";
		enum sr_status status =
			simple_call(client, method, json_pack("{s:i,s:i}", "ms", 1, "n", n), &reply, &err);

		if (status != SR_OK)
			return NULL;
		if (json_integer_value(json_object_get(reply.message.parameters, "n")) != n)
			abort();
		atomic_fetch_add(hammer->answered, 1);
	}
}

static void a_stop_under_load_answers_every_call_that_was_taken(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	atomic_uint answered = 0;
	struct hammer hammer = { fixture, &answered };
	pthread_t threads[8];

	(void)state;
	for (size_t i = 0; i < SR_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer_on, &hammer), 0);
	wait_until(atomic_load(&answered) > 500);
	fixture_stop(fixture);
	for (size_t i = 0; i < SR_COUNT(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&answered), atomic_load(&fixture->handled));
	fixture_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_front_end_is_known_by_its_socketpair),
		cmocka_unit_test(pushes_reach_those_who_want_them_and_nobody_else),
		cmocka_unit_test(a_push_overtakes_the_answers_that_wait),
		cmocka_unit_test(a_front_end_that_takes_no_pushes_is_cut_off),
		cmocka_unit_test(the_keeper_learns_that_a_front_end_is_gone),
		cmocka_unit_test(a_stop_answers_what_is_under_way_and_removes_the_name),
		cmocka_unit_test(a_stop_does_not_wait_for_ever),
		cmocka_unit_test(a_stop_under_load_answers_every_call_that_was_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
