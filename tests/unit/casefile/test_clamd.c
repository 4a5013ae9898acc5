/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/casefile/samples.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/casefile/clamd.h"

/* A clamd that takes one stream and says @says. */
struct clamd {
	int fd;
	const char *says;
	size_t say_bytes;
	size_t hang_up_after; /* bytes taken; 0: never */
	size_t got;
	bool ended; /* by a piece of no bytes */
	char first, last;
};

static bool take(int fd, void *data, size_t size)
{
	return recv(fd, data, size, MSG_WAITALL) == (ssize_t)size;
}

static void *serve(void *context)
{
	struct clamd *clamd = context;
	int fd = accept(clamd->fd, NULL, NULL);
	char command[10], piece[4096];
	uint32_t size;

	assert_true(take(fd, command, sizeof(command)));
	assert_memory_equal(command, "zINSTREAM", 10);
	while (take(fd, &size, sizeof(size))) {
		size = ntohl(size);
		if ((clamd->ended = size == 0))
			break;
		while (size > 0) {
			size_t step = size < sizeof(piece) ? size : sizeof(piece);

			assert_true(take(fd, piece, step));
			if (clamd->got == 0)
				clamd->first = piece[0];
			clamd->last = piece[step - 1];
			clamd->got += step;
			size -= (uint32_t)step;
		}
		if (clamd->hang_up_after && clamd->got >= clamd->hang_up_after)
			break;
	}
	if (clamd->say_bytes > 0)
		assert_int_equal(send(fd, clamd->says, clamd->say_bytes, 0), (ssize_t)clamd->say_bytes);
	close(fd);
	return NULL;
}

static struct scratch scratch;
static char socket_path[SCRATCH_PATH + 16];

static int listen_there(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(socket_path, sizeof(socket_path), "%s/clamd", scratch.root);
	assert_true(strlen(socket_path) < sizeof(address.sun_path));
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	unlink(socket_path);
	assert_return_code(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_return_code(listen(fd, 1), 0);
	return fd;
}

static enum sr_status ask(struct clamd *clamd, size_t bytes, struct sr_clamd_answer *answer,
                          struct sr_err *err)
{
	char path[SCRATCH_PATH + 16];
	pthread_t thread;

	snprintf(path, sizeof(path), "%s/file", scratch.root);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_return_code(ftruncate(fd, (off_t)bytes), 0);
	assert_int_equal(pwrite(fd, "a", 1, 0), 1);
	assert_int_equal(pwrite(fd, "z", 1, (off_t)bytes - 1), 1);
	clamd->fd = listen_there();
	assert_int_equal(pthread_create(&thread, NULL, serve, clamd), 0);
	enum sr_status status = sr_clamd_ask(socket_path, fd, answer, err);
	pthread_join(thread, NULL);
	close(clamd->fd);
	close(fd);
	return status;
}

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static void every_answer_is_understood(void **state)
{
	static const struct {
		const char *says;
		size_t bytes;
		enum sr_status status;
		enum sr_clamd_word word;
		const char *name;
	} cases[] = {
		{ "stream: OK", 11, SR_OK, SR_CLAMD_CLEAN, "" },
		{ "stream: OK\n", 11, SR_OK, SR_CLAMD_CLEAN, "" },
		{ "stream: Eicar-Signature FOUND", 30, SR_OK, SR_CLAMD_FOUND, "Eicar-Signature" },
		{ "INSTREAM size limit exceeded. ERROR", 36, SR_OK, SR_CLAMD_TOO_LARGE, "" },
		{ "stream: OK, really", 19, SR_IO, 0, NULL },
		{ "UNKNOWN COMMAND", 16, SR_IO, 0, NULL },
		{ "", 1, SR_IO, 0, NULL },
		{ "", 0, SR_IO, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct clamd clamd = { .says = cases[i].says, .say_bytes = cases[i].bytes };
		struct sr_clamd_answer answer;
		struct sr_err err;

		print_message("%s\n", cases[i].says);
		assert_int_equal(ask(&clamd, 10, &answer, &err), cases[i].status);
		if (cases[i].status == SR_OK) {
			assert_int_equal(answer.word, cases[i].word);
			assert_string_equal(answer.name, cases[i].name);
		}
	}
}

static void the_whole_file_arrives_in_pieces(void **state)
{
	struct clamd clamd = { .says = "stream: OK", .say_bytes = 11 };
	struct sr_clamd_answer answer;
	struct sr_err err;

	(void)state;
	assert_ok(ask(&clamd, 3000001, &answer, &err));
	assert_int_equal(clamd.got, 3000001);
	assert_true(clamd.ended);
	assert_int_equal(clamd.first, 'a');
	assert_int_equal(clamd.last, 'z');
}

static void a_clamd_that_hangs_up_says_why(void **state)
{
	struct clamd clamd = { .says = "INSTREAM size limit exceeded. ERROR",
		               .say_bytes = 36,
		               .hang_up_after = 1 };
	struct sr_clamd_answer answer;
	struct sr_err err;

	(void)state;
	/* One piece only, so that the answer is not lost with what was not read. */
	assert_ok(ask(&clamd, 1000, &answer, &err));
	assert_int_equal(answer.word, SR_CLAMD_TOO_LARGE);
}

static void nobody_at_the_socket_is_a_failure(void **state)
{
	struct sr_clamd_answer answer;
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_clamd_ask("/nonexistent/clamd", STDIN_FILENO, &answer, &err), SR_IO);
	assert_non_null(strstr(err.text, "/nonexistent/clamd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_understood),
		cmocka_unit_test(the_whole_file_arrives_in_pieces),
		cmocka_unit_test(a_clamd_that_hangs_up_says_why),
		cmocka_unit_test(nobody_at_the_socket_is_a_failure),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
