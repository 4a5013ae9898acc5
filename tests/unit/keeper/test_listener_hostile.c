/* SPDX-License-Identifier: Apache-2.0 */
/* Callers who break the rules: each hurts nobody but itself. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/wire_fixture.h"

/* What an honest caller sees meanwhile. */
static void assert_served(const struct fixture *fixture)
{
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	struct sr_err err;

	assert_ok(simple_call(client, "org.strongroom.Echo", NULL, &reply, &err));
}

#define CALL(rest) "{\"method\":\"org.strongroom.Echo\"" rest "}"
#define DEEP "[[[[[[[[[[[[[[[["

static void a_frame_that_is_no_call_is_answered_with_an_error_and_the_end(void **state)
{
	static const struct {
		const char *why, *text, *error;
	} cases[] = {
		{ "no JSON", "hello", "Invalid" },
		{ "empty", "", "Invalid" },
		{ "cut JSON", "{\"method\":\"org.strongroom.Echo\"", "Invalid" },
		{ "two values", CALL("") "{}", "Invalid" },
		{ "a list", "[]", "Invalid" },
		{ "a text", "\"org.strongroom.Echo\"", "Invalid" },
		{ "a number", "7", "Invalid" },
		{ "null", "null", "Invalid" },
		{ "no method", "{\"parameters\":{}}", "Invalid" },
		{ "method twice", CALL(",\"method\":\"org.strongroom.Who\""), "Invalid" },
		{ "parameters twice", CALL(",\"parameters\":{},\"parameters\":{}"), "Invalid" },
		{ "a doubled key within", CALL(",\"parameters\":{\"a\":1,\"a\":2}"), "Invalid" },
		{ "method is a number", "{\"method\":7}", "Invalid" },
		{ "method without a dot", "{\"method\":\"Echo\"}", "Invalid" },
		{ "method without a capital", "{\"method\":\"org.strongroom.echo\"}", "Invalid" },
		{ "method with a quote", "{\"method\":\"org.strong\\\"room.Echo\"}", "Invalid" },
		{ "parameters a list", CALL(",\"parameters\":[]"), "Invalid" },
		{ "parameters null", CALL(",\"parameters\":null"), "Invalid" },
		{ "oneway", CALL(",\"oneway\":true"), "Invalid" },
		{ "upgrade", CALL(",\"upgrade\":true"), "Invalid" },
		{ "more is a number", CALL(",\"more\":1"), "Invalid" },
		{ "unknown key", CALL(",\"extra\":1"), "Invalid" },
		{ "a NUL in a string", CALL(",\"parameters\":{\"a\":\"\\u0000\"}"), "Invalid" },
		{ "not UTF-8", CALL(",\"parameters\":{\"a\":\"\xff\"}"), "Invalid" },
		{ "too deep", CALL(",\"parameters\":" DEEP DEEP DEEP), "Limit" },
	};
	struct fixture *fixture = fixture_start(fixture_config());

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		int fd = fixture_socket(fixture);
		char got[1024], want[128];

		print_message("case: %s\n", cases[i].why);
		send_text(fd, cases[i].text, strlen(cases[i].text) + 1);
		assert_true(read_text(fd, got, sizeof(got)));
		snprintf(want, sizeof(want),
		         "{\"error\":\"org.strongroom.%s\",\"parameters\":{\"message\":", cases[i].error);
		assert_memory_equal(got, want, strlen(want));
		assert_false(read_text(fd, got, sizeof(got)));
		close(fd);
	}
	assert_int_equal(atomic_load(&fixture->handled), 0);
	assert_served(fixture);
	fixture_end(fixture);
}

static void a_frame_of_8_mib_and_one_byte_is_refused(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	size_t size = SR_LIMIT_FRAME_BYTES + 1;
	char *text = malloc(size);
	int fd = fixture_socket(fixture);
	char got[1024];

	(void)state;
	memset(text, ' ', size);
	send_text(fd, text, size);
	assert_true(read_text(fd, got, sizeof(got)));
	assert_non_null(strstr(got, "\"error\":\"org.strongroom.Limit\""));
	assert_false(read_text(fd, got, sizeof(got)));
	close(fd);
	free(text);
	fixture_end(fixture);
}

static enum sr_status call_with(struct sr_wire_client *client, const char *method, const int *descriptors,
                                size_t count, struct sr_wire_reply *reply, struct sr_err *err)
{
	struct sr_wire_request request = { .method = method,
		                           .descriptors = descriptors,
		                           .descriptor_count = count,
		                           .timeout_ms = FIXTURE_TIMEOUT_MS };

	return sr_wire_client_call(client, &request, reply, err);
}

static void each_method_takes_its_number_of_descriptors_and_none_leaks(void **state)
{
	static const struct {
		const char *why, *method;
		size_t count;
		enum sr_status want;
	} cases[] = {
		{ "eight", "org.strongroom.Echo", 8, SR_OK },
		{ "nine", "org.strongroom.Echo", 9, SR_LIMIT },
		{ "nine of a method for many", "org.strongroom.Many", 9, SR_OK },
		{ "64", "org.strongroom.Many", 64, SR_OK },
		{ "64 of a method for eight", "org.strongroom.Echo", 64, SR_LIMIT },
		{ "65, which no client sends", "org.strongroom.Many", 65, SR_LIMIT },
		{ "an unknown method", "org.strongroom.Nonsense", 8, SR_INVALID },
	};
	struct fixture *fixture = fixture_start(fixture_config());
	struct sr_wire_client *client = fixture_client(fixture);
	int descriptors[65];
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < 65; i++)
		descriptors[i] = STDERR_FILENO;
	/* Once it is answered the other end is open. */
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply first = { 0 };
	assert_ok(simple_call(client, "org.strongroom.Echo", NULL, &first, &err));
	size_t before = open_descriptors();
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(
			call_with(client, cases[i].method, descriptors, cases[i].count, &reply, &err),
			cases[i].want);
	}
	/* The same connection is still good. */
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	assert_ok(simple_call(client, "org.strongroom.Echo", NULL, &reply, &err));
	wait_until(open_descriptors() == before);
	sr_wire_client_close(client);
	fixture_end(fixture);
}

/* Sent by hand, since the client does not. */
static void sixty_five_descriptors_end_the_connection_and_none_leaks(void **state)
{
	static const char text[] = "{\"method\":\"org.strongroom.Many\"}";
	struct fixture *fixture = fixture_start(fixture_config());
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(65 * sizeof(int))] = { 0 };
	char copy[sizeof(text)], got[1024];
	struct iovec piece = { .iov_base = copy, .iov_len = sizeof(text) };
	struct msghdr message = {
		.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	size_t before = open_descriptors();
	int fd = fixture_socket(fixture);

	(void)state;
	memcpy(copy, text, sizeof(text));
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(65 * sizeof(int));
	for (size_t i = 0; i < 65; i++) {
		int one = STDERR_FILENO;

		memcpy(CMSG_DATA(head) + i * sizeof(one), &one, sizeof(one));
	}
	assert_int_equal(sendmsg(fd, &message, 0), sizeof(text));
	assert_true(read_text(fd, got, sizeof(got)));
	assert_non_null(strstr(got, "\"error\":\"org.strongroom.Limit\""));
	assert_false(read_text(fd, got, sizeof(got)));
	close(fd);
	wait_until(open_descriptors() == before);
	fixture_end(fixture);
}

static void half_frames_end_at_the_deadline_however_they_drip(void **state)
{
	struct sr_listener_config config = fixture_config();
	char got[1024];

	(void)state;
	config.timeouts.frame = 150;
	struct fixture *fixture = fixture_start(config);
	int fd = fixture_socket(fixture);
	int quiet = fixture_socket(fixture);
	int64_t begun = sr_wire_now_ns();
	send_text(quiet, "{\"method\"", 9);
	/* A byte every 20 ms does not prolong it: it ends while they come. */
	while (send(fd, "{", 1, MSG_NOSIGNAL) == 1) {
		assert_true(sr_wire_now_ns() - begun < FIXTURE_TIMEOUT_MS * SR_WIRE_MS_NS);
		usleep(20000);
	}
	for (int i = 0; i < 2; i++) {
		int one = i == 0 ? fd : quiet;

		assert_true(read_text(one, got, sizeof(got)));
		assert_non_null(strstr(got, "not finished within 150 ms"));
		assert_false(read_text(one, got, sizeof(got)));
		close(one);
	}
	assert_served(fixture);
	fixture_end(fixture);
}

static void an_idle_caller_is_let_go_and_a_waiting_one_is_not(void **state)
{
	struct sr_listener_config config = fixture_config();
	enum sr_status status = SR_IO;
	struct sr_err err;
	char byte;

	(void)state;
	config.timeouts.idle = 100;
	struct fixture *fixture = fixture_start(config);
	int idle = fixture_socket(fixture);
	/* Its call takes three times as long as a caller may be idle.  Once more where the machine brought it
	 * too late. */
	while (atomic_load(&fixture->handled) == 0) {
		SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };

		status = simple_call(client, "org.strongroom.Later", json_pack("{s:i}", "ms", 300), &reply,
		                     &err);
	}
	assert_int_equal(status, SR_OK);
	assert_int_equal(recv(idle, &byte, 1, 0), 0);
	close(idle);
	fixture_end(fixture);
}

static void eleven_hundred_callers_get_1024_places(void **state)
{
	enum { CALLERS = 1100, PLACES = 1024 };
	struct rlimit limit;
	int sockets[CALLERS];
	size_t places = 0, refused = 0;
	char got[1024];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	struct fixture *fixture = fixture_start(fixture_config());
	for (size_t i = 0; i < CALLERS; i++) {
		sockets[i] = fixture_socket(fixture);
		send_text(sockets[i], CALL(""), sizeof(CALL("")));
	}
	for (size_t i = 0; i < CALLERS; i++) {
		assert_true(read_text(sockets[i], got, sizeof(got)));
		places += strcmp(got, "{\"parameters\":{}}") == 0;
		refused += strstr(got, "\"error\":\"org.strongroom.Busy\"") != NULL;
	}
	assert_int_equal(places, PLACES);
	assert_int_equal(refused, CALLERS - PLACES);
	for (size_t i = 0; i < CALLERS; i++)
		close(sockets[i]);
	wait_until(atomic_load(&fixture->gone) == PLACES);
	assert_served(fixture);
	fixture_end(fixture);
}

static void one_user_has_a_share_and_the_privileged_a_reserve(void **state)
{
	const uid_t me = getuid();
	char got[1024];

	(void)state;
	for (int privileged = 0; privileged < 2; privileged++) {
		struct sr_listener_config config = fixture_config();
		size_t served = 0;
		int sockets[10];

		config.limits.connections = 8;
		config.limits.reserve = 2;
		config.limits.user_connections = 5;
		config.privileged = &me;
		config.privileged_count = (size_t)privileged;
		struct fixture *fixture = fixture_start(config);
		for (size_t i = 0; i < 10; i++) {
			sockets[i] = fixture_socket(fixture);
			send_text(sockets[i], CALL(""), sizeof(CALL("")));
			assert_true(read_text(sockets[i], got, sizeof(got)));
			served += strcmp(got, "{\"parameters\":{}}") == 0;
		}
		assert_int_equal(served, privileged ? 8 : 5);
		for (size_t i = 0; i < 10; i++)
			close(sockets[i]);
		fixture_end(fixture);
	}
}

/* Memory that callers hold with frames they do not finish is bounded by the user's share. */
static void large_frames_of_one_user_end_at_the_share(void **state)
{
	struct sr_listener_config config = fixture_config();
	char *text = malloc(1u << 20);
	size_t busy = 0;
	int sockets[8];

	(void)state;
	memset(text, ' ', 1u << 20);
	config.limits.user_bytes = 4u << 20;
	struct fixture *fixture = fixture_start(config);
	for (size_t i = 0; i < 8; i++) {
		sockets[i] = fixture_socket(fixture);
		send_text(sockets[i], text, 1u << 20);
	}
	wait_until(atomic_load(&fixture->gone) >= 4);
	for (size_t i = 0; i < 8; i++) {
		struct timeval soon = { .tv_usec = 300000 };
		char got[1024];

		setsockopt(sockets[i], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
		busy += read_text(sockets[i], got, sizeof(got)) &&
		        strstr(got, "\"error\":\"org.strongroom.Busy\"") != NULL;
	}
	assert_true(busy >= 4 && busy < 8);
	for (size_t i = 0; i < 8; i++)
		close(sockets[i]);
	wait_until(atomic_load(&fixture->gone) == 8);
	assert_served(fixture);
	fixture_end(fixture);
	free(text);
}

/* Whether others were served while somebody did not read, before the listener gave that one up. */
static bool serves_beside_a_stopped_reader(void)
{
	static const char call[] = "{\"method\":\"org.strongroom.Stream\",\"parameters\":{\"count\":100,"
				   "\"size\":1000000},\"more\":true}";
	struct sr_listener_config config = fixture_config();
	char byte;

	config.timeouts.output = 300;
	struct fixture *fixture = fixture_start(config);
	int fd = fixture_socket(fixture);
	send_text(fd, call, sizeof(call));
	/* An answer is larger than what the socket takes: from here on the rest waits. */
	assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
	for (int i = 0; i < 20; i++)
		assert_served(fixture);
	const bool beside = atomic_load(&fixture->stream_failed) == 0;
	/* The worker learns it and ends. */
	wait_until(atomic_load(&fixture->stream_failed) == 1);
	close(fd);
	fixture_end(fixture);
	return beside;
}

/* Whether it came in time is the machine's to say: some attempts. */
static void a_reader_who_stops_is_dropped_and_delays_nobody(void **state)
{
	bool beside = false;

	(void)state;
	for (int i = 0; i < 20 && !beside; i++)
		beside = serves_beside_a_stopped_reader();
	assert_true(beside);
}

static void a_caller_who_hangs_up_leaves_nothing(void **state)
{
	static const char call[] = "{\"method\":\"org.strongroom.Stream\",\"parameters\":{\"count\":50,"
				   "\"size\":100000},\"more\":true}";
	struct fixture *fixture = fixture_start(fixture_config());
	size_t before = open_descriptors();
	char some[1000];

	(void)state;
	for (int i = 0; i < 20; i++) {
		int fd = fixture_socket(fixture);

		send_text(fd, call, sizeof(call));
		assert_true(recv(fd, some, sizeof(some), 0) > 0);
		close(fd);
	}
	for (int i = 0; i < 20; i++) {
		int fd = fixture_socket(fixture);

		send_text(fd, call, 40);
		close(fd);
	}
	wait_until(atomic_load(&fixture->gone) == 40);
	wait_until(atomic_load(&fixture->stream_failed) == 20);
	wait_until(open_descriptors() == before);
	assert_served(fixture);
	fixture_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_that_is_no_call_is_answered_with_an_error_and_the_end),
		cmocka_unit_test(a_frame_of_8_mib_and_one_byte_is_refused),
		cmocka_unit_test(each_method_takes_its_number_of_descriptors_and_none_leaks),
		cmocka_unit_test(sixty_five_descriptors_end_the_connection_and_none_leaks),
		cmocka_unit_test(half_frames_end_at_the_deadline_however_they_drip),
		cmocka_unit_test(an_idle_caller_is_let_go_and_a_waiting_one_is_not),
		cmocka_unit_test(eleven_hundred_callers_get_1024_places),
		cmocka_unit_test(one_user_has_a_share_and_the_privileged_a_reserve),
		cmocka_unit_test(large_frames_of_one_user_end_at_the_share),
		cmocka_unit_test(a_reader_who_stops_is_dropped_and_delays_nobody),
		cmocka_unit_test(a_caller_who_hangs_up_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
