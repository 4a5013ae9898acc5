/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <sys/wait.h>

#include "tests/unit/keeper/wire_fixture.h"

static void a_call_is_answered_with_parameters_and_descriptors(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_pack("{s:s}", "名", "现场检查");
	int ends[2];
	struct sr_err err;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	struct sr_wire_request request = { .method = "org.strongroom.Echo",
		                           .parameters = parameters,
		                           .descriptors = &ends[1],
		                           .descriptor_count = 1,
		                           .timeout_ms = FIXTURE_TIMEOUT_MS };
	assert_ok(sr_wire_client_call(client, &request, &reply, &err));
	assert_string_equal(sr_json_text(reply.message.parameters, "名"), "现场检查");
	assert_int_equal(reply.descriptors.count, 1);

	/* It is the same pipe. */
	char byte = 'x', back = 0;
	assert_int_equal(write(reply.descriptors.fd[0], &byte, 1), 1);
	assert_int_equal(read(ends[0], &back, 1), 1);
	assert_int_equal(back, 'x');
	close(ends[0]);
	close(ends[1]);
	fixture_end(fixture);
}

static void the_kernel_says_who_calls(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	uint64_t connection = 0;
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
		uint64_t value;

		assert_ok(simple_call(client, "org.strongroom.Who", NULL, &reply, &err));
		assert_ok(sr_json_need_u64(reply.message.parameters, "uid", UINT32_MAX, &value, &err));
		assert_int_equal(value, getuid());
		assert_ok(sr_json_need_u64(reply.message.parameters, "pid", UINT32_MAX, &value, &err));
		assert_int_equal(value, getpid());
		assert_ok(sr_json_need_u64(reply.message.parameters, "started", UINT64_MAX, &value, &err));
		assert_true(value > 0);
		assert_ok(sr_json_need_u64(reply.message.parameters, "kind", 9, &value, &err));
		assert_int_equal(value, SR_PEER_CALLER);
		assert_ok(sr_json_need_u64(reply.message.parameters, "connection", UINT64_MAX, &value, &err));
		assert_true(value > connection);
		connection = value;
	}
	fixture_end(fixture);
}

static void errors_come_as_names_and_statuses(void **state)
{
	static const struct {
		const char *name;
		enum sr_status want;
	} cases[] = {
		{ "org.strongroom.NotGranted", SR_DENIED },  { "org.strongroom.NotYourRole", SR_DENIED },
		{ "org.strongroom.Expired", SR_DENIED },     { "org.strongroom.OwnRequest", SR_DENIED },
		{ "org.strongroom.Held", SR_DENIED },        { "org.strongroom.NotFound", SR_NOT_FOUND },
		{ "org.strongroom.Exists", SR_EXISTS },      { "org.strongroom.Busy", SR_BUSY },
		{ "org.strongroom.Invalid", SR_INVALID },    { "org.strongroom.Corrupt", SR_CORRUPT },
		{ "org.strongroom.Tampered", SR_TAMPERED },  { "org.strongroom.Limit", SR_LIMIT },
		{ "org.strongroom.NoMemory", SR_NO_MEMORY }, { "org.strongroom.Io", SR_IO },
		{ "org.strongroom.OfTomorrow", SR_IO },
	};
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };

		assert_int_equal(simple_call(client, "org.strongroom.Refuse",
		                             json_pack("{s:s}", "name", cases[i].name), &reply, &err),
		                 cases[i].want);
		assert_string_equal(reply.error, cases[i].name);
		assert_string_equal(err.text, "no");
	}
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	assert_int_equal(simple_call(client, "org.strongroom.Nonsense", NULL, &reply, &err), SR_INVALID);
	assert_string_equal(reply.error, "org.varlink.service.MethodNotFound");
	fixture_end(fixture);
}

static void every_status_has_a_name_that_leads_back(void **state)
{
	(void)state;
	assert_null(sr_wire_error_name(SR_OK));
	for (enum sr_status status = SR_INVALID; status <= SR_IO; status++) {
		const char *name = sr_wire_error_name(status);

		assert_non_null(name);
		assert_true(sr_wire_error_is_known(name));
		assert_true(sr_message_name_is_valid(name));
		assert_int_equal(sr_wire_error_status(name), status);
	}
	assert_false(sr_wire_error_is_known("org.strongroom.OfTomorrow"));
}

static void a_thousand_pipelined_calls_are_answered_in_order(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	int fd = fixture_socket(fixture);
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		/* Some by a worker, so that the next has to wait for it. */
		assert_ok(sr_buf_printf(
			&text, &err,
			"{\"method\":\"org.strongroom.%s\",\"parameters\":{\"ms\":1,\"n\":%d}}%c",
			i % 50 == 0 ? "Later" : "Echo", i, 0));
	}
	send_text(fd, (const char *)text.data, text.size);
	for (int i = 0; i < 1000; i++) {
		char got[256], want[256];

		assert_true(read_text(fd, got, sizeof(got)));
		snprintf(want, sizeof(want), "{\"parameters\":{\"ms\":1,\"n\":%d}}", i);
		assert_string_equal(got, want);
	}
	close(fd);
	fixture_end(fixture);
}

static void a_call_is_understood_however_it_is_cut(void **state)
{
	static const char text[] = "{\"method\":\"org.strongroom.Echo\",\"parameters\":{\"n\":7}}";
	struct fixture *fixture = fixture_start(fixture_config());
	int fd = fixture_socket(fixture);
	char got[256];

	(void)state;
	for (size_t cut = 1; cut < sizeof(text); cut++) {
		send_text(fd, text, cut);
		usleep(200);
		send_text(fd, text + cut, sizeof(text) - cut);
		assert_true(read_text(fd, got, sizeof(got)));
		assert_string_equal(got, "{\"parameters\":{\"n\":7}}");
	}
	for (size_t i = 0; i < sizeof(text); i++)
		send_text(fd, text + i, 1);
	assert_true(read_text(fd, got, sizeof(got)));
	close(fd);
	fixture_end(fixture);
}

static void a_caller_who_sends_no_more_is_still_answered(void **state)
{
	static const char text[] = "{\"method\":\"org.strongroom.Later\",\"parameters\":{\"ms\":30}}\0"
				   "{\"method\":\"org.strongroom.Echo\",\"parameters\":{}}";
	struct fixture *fixture = fixture_start(fixture_config());
	int fd = fixture_socket(fixture);
	char got[256];

	(void)state;
	send_text(fd, text, sizeof(text));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_true(read_text(fd, got, sizeof(got)));
	assert_string_equal(got, "{\"parameters\":{\"ms\":30}}");
	assert_true(read_text(fd, got, sizeof(got)));
	assert_string_equal(got, "{\"parameters\":{}}");
	assert_int_equal(recv(fd, got, 1, 0), 0);
	close(fd);
	fixture_end(fixture);
}

static void a_large_call_is_parsed_and_answered(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	/* The largest that fits: {"method":"org.strongroom.Echo","parameters":{"t":"…"}} */
	size_t size = SR_LIMIT_FRAME_BYTES - strlen("{'method':'org.strongroom.Echo','parameters':{'t':''}}");
	char *text = malloc(size + 2);
	struct sr_err err;

	(void)state;
	memset(text, 'x', size + 1);
	text[size] = text[size + 1] = 0;
	for (int i = 0; i < 2; i++) {
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };

		assert_ok(simple_call(client, "org.strongroom.Echo", json_pack("{s:s}", "t", text), &reply,
		                      &err));
		assert_int_equal(strlen(sr_json_text(reply.message.parameters, "t")), size);
	}
	free(text);

	/* One over the limit is refused here and never sent. */
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };
	char *more = malloc(SR_LIMIT_FRAME_BYTES + 1);
	memset(more, 'x', SR_LIMIT_FRAME_BYTES);
	more[SR_LIMIT_FRAME_BYTES] = 0;
	assert_int_equal(
		simple_call(client, "org.strongroom.Echo", json_pack("{s:s}", "t", more), &reply, &err),
		SR_LIMIT);
	free(more);
	assert_ok(simple_call(client, "org.strongroom.Echo", NULL, &reply, &err));
	fixture_end(fixture);
}

struct later {
	struct fixture *fixture;
	int ms;
};

static void *call_later(void *context)
{
	struct later *later = context;
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(later->fixture);
	struct sr_err err;

	for (int i = 0; i < 5; i++) {
		SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply reply = { 0 };

		if (simple_call(client, "org.strongroom.Later",
		                json_pack("{s:i,s:i}", "ms", later->ms, "n", 100 * later->ms + i), &reply,
		                &err) != SR_OK ||
		    json_integer_value(json_object_get(reply.message.parameters, "n")) != 100 * later->ms + i)
			abort();
	}
	return NULL;
}

/* Whoever asked first is answered last. */
static void answers_from_workers_reach_their_callers_in_any_order(void **state)
{
	static const char first[] = "{\"method\":\"org.strongroom.Keep\"}";
	struct fixture *fixture = fixture_start(fixture_config());
	int fd = fixture_socket(fixture);
	struct later laters[16];
	pthread_t threads[16];
	char got[256];

	(void)state;
	send_text(fd, first, sizeof(first));
	wait_until(atomic_load(&fixture->kept) != NULL);
	for (int i = 0; i < 16; i++) {
		laters[i] = (struct later){ .fixture = fixture, .ms = 4 * (16 - i) };
		assert_int_equal(pthread_create(&threads[i], NULL, call_later, &laters[i]), 0);
	}
	for (int i = 0; i < 16; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(recv(fd, got, 1, MSG_DONTWAIT), -1);
	sr_call_answer(atomic_load(&fixture->kept), NULL, NULL);
	assert_true(read_text(fd, got, sizeof(got)));
	close(fd);
	fixture_end(fixture);
}

struct seen {
	int64_t next;
	size_t bytes;
};

static enum sr_status see(void *context, struct sr_wire_reply *reply, struct sr_err *err)
{
	struct seen *seen = context;
	uint64_t n;

	SR_TRY(sr_json_need_u64(reply->message.parameters, "n", INT64_MAX, &n, err));
	if ((int64_t)n != seen->next)
		return sr_fail(err, SR_CORRUPT, "answer %llu instead of %lld", (unsigned long long)n,
		               (long long)seen->next);
	const char *text = sr_json_text(reply->message.parameters, "text");
	seen->bytes += text ? strlen(text) : 0;
	seen->next++;
	return SR_OK;
}

static void a_stream_comes_whole_however_large(void **state)
{
	struct fixture *fixture = fixture_start(fixture_config());
	SR_CLEANUP(sr_wire_client_closep) struct sr_wire_client *client = fixture_client(fixture);
	SR_CLEANUP(sr_wire_reply_dispose) struct sr_wire_reply last = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_pack("{s:i,s:i}", "count", 300, "size", 100000);
	struct seen seen = { 0 };
	struct sr_err err;

	(void)state;
	struct sr_wire_request request = { .method = "org.strongroom.Stream",
		                           .parameters = parameters,
		                           .timeout_ms = FIXTURE_TIMEOUT_MS };
	assert_ok(sr_wire_client_stream(client, &request, see, &seen, &last, &err));
	assert_int_equal(seen.next, 300);
	/* Far beyond what may wait: the worker was held back. */
	assert_int_equal(seen.bytes, 299 * 100000);
	assert_int_equal(atomic_load(&fixture->stream_failed), 0);
	sr_wire_reply_dispose(&last);
	assert_ok(simple_call(client, "org.strongroom.Echo", NULL, &last, &err));

	/* Who did not ask for more gets one answer. */
	sr_wire_reply_dispose(&last);
	assert_ok(simple_call(client, "org.strongroom.Stream", json_pack("{s:i,s:i}", "count", 3, "size", 1),
	                      &last, &err));
	wait_until(atomic_load(&fixture->stream_failed) == 1);
	fixture_end(fixture);
}

/* An independent implementation of the calling end: Python's own sockets and JSON. */
static void a_python_program_can_call(void **state)
{
	static const char script[] =
		"import json, os, socket, sys\n"
		"s = socket.socket(socket.AF_UNIX)\n"
		"s.connect(sys.argv[1])\n"
		"def frame(m, p): return json.dumps({'method': 'org.strongroom.' + m, 'parameters': "
		"p}).encode() "
		"+ b'\\0'\n"
		"s.sendall(frame('Echo', {'\u540d': 1}))\n"
		"socket.send_fds(s, [frame('Many', {})], [0] * 64)\n"
		"r, w = os.pipe()\n"
		"socket.send_fds(s, [frame('Echo', {'n': 2})], [w])\n"
		"got, fds = b'', []\n"
		"while got.count(b'\\0') < 3:\n"
		"    piece, more, flags, _ = socket.recv_fds(s, 65536, 64)\n"
		"    assert piece and not flags & socket.MSG_CTRUNC\n"
		"    got, fds = got + piece, fds + more\n"
		"answers = [json.loads(a) for a in got.split(b'\\0')[:3]]\n"
		"assert answers == [{'parameters': {'\u540d': 1}}, {'parameters': {'count': 64}}, "
		"{'parameters': {'n': 2}}], answers\n"
		"assert len(fds) == 1\n"
		"os.write(fds[0], b'x')\n"
		"assert os.read(r, 1) == b'x'\n";
	struct fixture *fixture = fixture_start(fixture_config());
	int status = -1;

	(void)state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execlp("python3", "python3", "-c", script, fixture->path, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	fixture_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_answered_with_parameters_and_descriptors),
		cmocka_unit_test(the_kernel_says_who_calls),
		cmocka_unit_test(errors_come_as_names_and_statuses),
		cmocka_unit_test(every_status_has_a_name_that_leads_back),
		cmocka_unit_test(a_thousand_pipelined_calls_are_answered_in_order),
		cmocka_unit_test(a_call_is_understood_however_it_is_cut),
		cmocka_unit_test(a_caller_who_sends_no_more_is_still_answered),
		cmocka_unit_test(a_large_call_is_parsed_and_answered),
		cmocka_unit_test(answers_from_workers_reach_their_callers_in_any_order),
		cmocka_unit_test(a_stream_comes_whole_however_large),
		cmocka_unit_test(a_python_program_can_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
