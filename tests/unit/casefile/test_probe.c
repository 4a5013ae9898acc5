/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/casefile/samples.h"

#include <signal.h>
#include <sys/auxv.h>
#include <sys/socket.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/casefile/probe_wire.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	samples_use_probe();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static enum sr_status ask_path(struct sr_probe *probe, const char *path, bool want_recording,
                               struct sr_probe_answer *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return sr_probe_ask(probe, fd, want_recording, out, err);
}

/* The first child of this process: the helper, which runs as long as the probe is asked. */
static pid_t helper(void)
{
	char path[64];
	char text[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ssize_t got = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(got > 0);
	text[got] = 0;
	return (pid_t)strtol(text, NULL, 10);
}

static void a_recording_lasts_as_long_as_its_samples(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	struct sr_probe_answer answer;
	struct sr_err err;

	(void)state;
	samples_wav(&scratch, "90.wav", 90);
	assert_ok(sr_probe_new(&probe, &err));
	assert_ok(ask_path(probe, scratch_path(&scratch, "90.wav"), true, &answer, &err));
	assert_string_equal(answer.media_type, "audio/x-wav");
	assert_true(answer.is_recording && answer.has_audio && !answer.has_video && !answer.truncated);
	assert_int_equal(answer.duration_ms, 90000);
	assert_true(answer.start_ns == INT64_MIN);
}

/* Lengths and times are those of tests/fixtures/sources, which the files were made from. */
static void recordings_of_the_samples_say_length_and_start(void **state)
{
	static const struct {
		const char *path, *media_type, *started;
		int64_t duration_ms;
		bool video;
	} cases[] = {
		{ "sample-case/media/现场检查（执法记录仪07）.mp4", "video/mp4", "2025-03-13T09:29:30+08:00",
		  780000, true },
		{ "sample-case/media/询问录音 𠮷某 2025-03-14.ogg", "audio/ogg", "2025-03-14T14:29:40+08:00",
		  640000, false },
	};
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_probe_new(&probe, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_probe_answer answer;
		char path[SCRATCH_PATH];
		int64_t started;

		print_message("case: %s\n", cases[i].path);
		samples_fixture(cases[i].path, path);
		assert_ok(ask_path(probe, path, true, &answer, &err));
		assert_string_equal(answer.media_type, cases[i].media_type);
		assert_true(answer.is_recording && answer.has_audio && !answer.truncated);
		assert_int_equal(answer.has_video, cases[i].video);
		assert_in_range(answer.duration_ms, cases[i].duration_ms - 2000, cases[i].duration_ms + 2000);
		assert_true(sr_time_parse(cases[i].started, &started));
		assert_true(answer.start_ns == started);
	}
}

static void pictures_and_documents_are_no_recordings(void **state)
{
	static const struct {
		const char *path, *media_type;
	} cases[] = {
		{ "sample-case/media/照片02 处方登记簿（𠮷某经手）.jpg", "image/jpeg" },
		{ "defective-case/documents/003 现场照片.pdf", "image/png" },
		{ "defective-case/documents/001 立案审批表.pdf", "application/pdf" },
		{ "defective-case/explanations/现场检查.md", "text/plain" },
		{ "defective-case/documents/004 送达回证.pdf", "application/x-empty" },
	};
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_probe_new(&probe, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_probe_answer answer;
		char path[SCRATCH_PATH];

		print_message("case: %s\n", cases[i].path);
		samples_fixture(cases[i].path, path);
		assert_ok(ask_path(probe, path, true, &answer, &err));
		assert_string_equal(answer.media_type, cases[i].media_type);
		assert_false(answer.is_recording);
		assert_int_equal(answer.duration_ms, -1);
	}
}

/* A fixed sequence (xorshift64), so that a failure can be repeated. */
static void fill_random(uint8_t *out, size_t size, uint64_t seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15u + 1;

	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		out[i] = (uint8_t)(x >> 32);
	}
}

static void random_bytes_are_no_recording(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	static uint8_t bytes[200000];
	struct sr_err err;

	(void)state;
	assert_ok(sr_probe_new(&probe, &err));
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct sr_probe_answer answer;

		fill_random(bytes, sizeof(bytes), seed);
		scratch_file(&scratch, "random.mp4", bytes, sizeof(bytes));
		assert_ok(ask_path(probe, scratch_path(&scratch, "random.mp4"), true, &answer, &err));
		assert_false(answer.is_recording);
	}
}

static void copy_start(const char *fixture, const char *name, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	char path[SCRATCH_PATH];
	struct sr_err err;

	samples_fixture(fixture, path);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 64u << 20, &bytes, &err));
	assert_true(size < bytes.size);
	scratch_file(&scratch, name, bytes.data, size);
}

static void a_film_cut_off_is_no_recording_or_says_that_it_is_truncated(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_probe_new(&probe, &err));
	for (size_t size = 0; size < 7842; size += 301) {
		struct sr_probe_answer answer;

		copy_start("defective-case/media/留置送达.mp4", "cut.mp4", size);
		assert_ok(ask_path(probe, scratch_path(&scratch, "cut.mp4"), true, &answer, &err));
		print_message("case: %zu bytes: recording %d, truncated %d\n", size, answer.is_recording,
		              answer.truncated);
		assert_true(!answer.is_recording || answer.truncated);
	}
}

static void each_damaged_film_gets_an_answer(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	char path[SCRATCH_PATH];
	struct sr_err err;

	(void)state;
	samples_fixture("defective-case/media/留置送达.mp4", path);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 64u << 20, &bytes, &err));
	assert_ok(sr_probe_new(&probe, &err));
	for (size_t at = 0; at < 2048; at += 61) {
		struct sr_probe_answer answer;

		bytes.data[at] ^= 0xff;
		scratch_file(&scratch, "damaged.mp4", bytes.data, bytes.size);
		bytes.data[at] ^= 0xff;
		assert_ok(ask_path(probe, scratch_path(&scratch, "damaged.mp4"), true, &answer, &err));
	}
}

static void the_position_of_the_descriptor_is_left_alone(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sr_probe_answer answer;
	struct sr_err err;

	(void)state;
	samples_wav(&scratch, "a.wav", 1);
	fd = open(scratch_path(&scratch, "a.wav"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	assert_ok(sr_probe_new(&probe, &err));
	assert_ok(sr_probe_ask(probe, fd, true, &answer, &err));
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 7);
	assert_int_equal(answer.duration_ms, 1000);
}

static void a_helper_that_was_killed_is_started_again(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	struct sr_probe_answer answer;
	struct sr_err err;

	(void)state;
	samples_wav(&scratch, "a.wav", 5);
	assert_ok(sr_probe_new(&probe, &err));
	for (int i = 0; i < 3; i++) {
		assert_ok(ask_path(probe, scratch_path(&scratch, "a.wav"), true, &answer, &err));
		assert_int_equal(answer.duration_ms, 5000);
		assert_int_equal(kill(helper(), SIGKILL), 0);
	}
}

static void the_helper_is_locked_in(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf status = { 0 };
	struct sr_probe_answer answer;
	char path[64];
	const char *text;
	struct sr_err err;

	(void)state;
	samples_wav(&scratch, "a.wav", 1);
	assert_ok(sr_probe_new(&probe, &err));
	assert_ok(ask_path(probe, scratch_path(&scratch, "a.wav"), true, &answer, &err));
	snprintf(path, sizeof(path), "/proc/%d/status", helper());
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 65536, &status, &err));
	assert_ok(sr_buf_text(&status, &text, &err));
	assert_non_null(strstr(text, "\nSeccomp:\t2\n"));
	assert_non_null(strstr(text, "\nNoNewPrivs:\t1\n"));
	assert_non_null(strstr(text, "\nCapEff:\t0000000000000000\n"));
}

/* A pipe ends for its reader when the last writer is gone: the helper must not be one. */
static void the_helper_inherits_no_descriptor(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	struct sr_probe_answer answer;
	struct sr_err err;
	int ends[2];
	char byte;

	(void)state;
	samples_wav(&scratch, "a.wav", 1);
	assert_int_equal(pipe(ends), 0);
	assert_ok(sr_probe_new(&probe, &err));
	assert_ok(ask_path(probe, scratch_path(&scratch, "a.wav"), true, &answer, &err));
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

static void the_helper_ends_with_the_probe(void **state)
{
	struct sr_probe *probe = NULL;
	struct sr_probe_answer answer;
	struct sr_err err;

	(void)state;
	samples_wav(&scratch, "a.wav", 1);
	assert_ok(sr_probe_new(&probe, &err));
	assert_ok(ask_path(probe, scratch_path(&scratch, "a.wav"), true, &answer, &err));
	pid_t pid = helper();
	sr_probe_free(probe);
	assert_int_equal(kill(pid, 0), -1);
}

static void a_missing_helper_is_named(void **state)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	struct sr_probe_answer answer;
	struct sr_err err;

	(void)state;
	scratch_text(&scratch, "a", "1");
	assert_ok(sr_probe_new(&probe, &err));
	assert_ok(sr_probe_set_program("/nowhere/strongroom-probe", &err));
	assert_int_equal(ask_path(probe, scratch_path(&scratch, "a"), false, &answer, &err), SR_NOT_FOUND);
	assert_non_null(strstr(err.text, "/nowhere/strongroom-probe"));
	assert_ok(sr_probe_set_program(NULL, &err));
	if (access(SR_LIBEXEC "/strongroom-probe", X_OK) == 0) /* this machine has it installed */
		return;
	assert_int_equal(ask_path(probe, scratch_path(&scratch, "a"), false, &answer, &err), SR_NOT_FOUND);
	assert_non_null(strstr(err.text, SR_LIBEXEC));
}

/* --- helpers that lie: this program under another name ------------------------------------------ */

struct lie {
	const char *name;
	enum sr_status want;
	size_t size; /* of the answer */
	struct sr_probe_reply greeting;
	struct sr_probe_reply reply;
};

#define GREETING                                                                                             \
	{                                                                                                    \
		.version = SR_PROBE_VERSION                                                                  \
	}
#define WHOLE sizeof(struct sr_probe_reply)

static const struct lie lies[] = {
	{ "says nothing wrong",
	  SR_OK,
	  WHOLE,
	  GREETING,
	  { .version = SR_PROBE_VERSION, .media_type = "a/b" } },
	{ "greets with another version", SR_IO, WHOLE, { .version = 9 }, { .version = SR_PROBE_VERSION } },
	{ "greets with a refusal",
	  SR_IO,
	  WHOLE,
	  { .version = SR_PROBE_VERSION, .outcome = SR_PROBE_NO_START, .why = "no database" },
	  { .version = SR_PROBE_VERSION } },
	{ "answers in another version", SR_IO, WHOLE, GREETING, { .version = SR_PROBE_VERSION - 1 } },
	{ "answers too little", SR_IO, WHOLE - 1, GREETING, { .version = SR_PROBE_VERSION } },
	{ "answers nothing and ends", SR_IO, 0, GREETING, { .version = SR_PROBE_VERSION } },
	{ "reports a death", SR_CORRUPT, WHOLE, GREETING, { SR_PROBE_VERSION, .outcome = SR_PROBE_DIED } },
	{ "reports a time-out",
	  SR_CORRUPT,
	  WHOLE,
	  GREETING,
	  { SR_PROBE_VERSION, .outcome = SR_PROBE_TOO_LONG } },
	{ "has another outcome", SR_CORRUPT, WHOLE, GREETING, { SR_PROBE_VERSION, .outcome = 77 } },
	{ "puts a line end into a type",
	  SR_CORRUPT,
	  WHOLE,
	  GREETING,
	  { SR_PROBE_VERSION, .media_type = "a\nb" } },
	{ "lasts less than nothing", SR_CORRUPT, WHOLE, GREETING, { SR_PROBE_VERSION, .duration_ms = -2 } },
	{ "has more pages than any document",
	  SR_CORRUPT,
	  WHOLE,
	  GREETING,
	  { SR_PROBE_VERSION, .pages = 1000001, .duration_ms = -1 } },
	{ "lasts for ever", SR_CORRUPT, WHOLE, GREETING, { SR_PROBE_VERSION, .duration_ms = INT64_MAX } },
};

static int lie(const struct lie *how)
{
	struct sr_probe_question question;

	if (send(SR_PROBE_SOCKET, &how->greeting, sizeof(how->greeting), 0) < 0 ||
	    recv(SR_PROBE_SOCKET, &question, sizeof(question), 0) < 0)
		return EXIT_FAILURE;
	if (how->size > 0 && send(SR_PROBE_SOCKET, &how->reply, how->size, 0) < 0)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

static void a_helper_that_talks_nonsense_is_not_believed(void **state)
{
	char self[SCRATCH_PATH];
	char path[SCRATCH_PATH];
	struct sr_err err;

	(void)state;
	samples_above_program(1, "test_probe", self);
	scratch_text(&scratch, "a", "1");
	for (size_t i = 0; i < SR_COUNT(lies); i++) {
		SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
		struct sr_probe_answer answer;

		print_message("case: %s\n", lies[i].name);
		scratch_link(&scratch, self, lies[i].name);
		snprintf(path, sizeof(path), "%s", scratch_path(&scratch, lies[i].name));
		assert_ok(sr_probe_set_program(path, &err));
		assert_ok(sr_probe_new(&probe, &err));
		assert_int_equal(ask_path(probe, scratch_path(&scratch, "a"), true, &answer, &err),
		                 lies[i].want);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const char *name = strrchr((const char *)getauxval(AT_EXECFN), '/');
	const struct CMUnitTest tests[] = {
		TEST(a_recording_lasts_as_long_as_its_samples),
		TEST(recordings_of_the_samples_say_length_and_start),
		TEST(pictures_and_documents_are_no_recordings),
		TEST(random_bytes_are_no_recording),
		TEST(a_film_cut_off_is_no_recording_or_says_that_it_is_truncated),
		TEST(each_damaged_film_gets_an_answer),
		TEST(the_position_of_the_descriptor_is_left_alone),
		TEST(a_helper_that_was_killed_is_started_again),
		TEST(the_helper_is_locked_in),
		TEST(the_helper_inherits_no_descriptor),
		TEST(the_helper_ends_with_the_probe),
		TEST(a_missing_helper_is_named),
		TEST(a_helper_that_talks_nonsense_is_not_believed),
	};

	for (size_t i = 0; name && i < SR_COUNT(lies); i++) {
		if (strcmp(name + 1, lies[i].name) == 0)
			return lie(&lies[i]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
