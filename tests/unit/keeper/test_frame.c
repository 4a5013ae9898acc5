/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/keeper/frame_pair.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/keeper/wire/frame.h"

/* Send @size bytes and so many descriptors of /dev/null in one sendmsg. */
static void send_with(int fd, const void *data, size_t size, size_t count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(253 * sizeof(int))] = { 0 };
	struct iovec piece = { .iov_len = size };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	int fds[253];

	memcpy(&piece.iov_base, &data, sizeof(data));
	for (size_t i = 0; i < count; i++)
		assert_true((fds[i] = open("/dev/null", O_RDONLY)) >= 0);
	if (count > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &message, 0), size);
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/* The next frame must be @text with @count descriptors. */
static void expect_frame(struct sr_frame_reader *reader, const char *text, size_t count)
{
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
	struct sr_err err;
	bool got;

	assert_ok(sr_frame_reader_next(reader, &got, &frame, &err));
	assert_true(got);
	assert_int_equal(frame.size, strlen(text));
	assert_memory_equal(frame.text, text, frame.size);
	assert_int_equal(frame.descriptors.count, count);
}

static void expect_none(struct sr_frame_reader *reader)
{
	struct sr_frame frame = { 0 };
	struct sr_err err;
	bool got;

	assert_ok(sr_frame_reader_next(reader, &got, &frame, &err));
	assert_false(got);
}

static enum sr_status fill(struct sr_frame_reader *reader, int fd)
{
	enum sr_frame_fill outcome;
	struct sr_err err;

	return sr_frame_reader_fill(reader, fd, &outcome, &err);
}

static void three_frames_are_read_however_they_are_cut(void **state)
{
	static const char text[] = "{\"a\":1}\0{}\0[\"\\\"[\"]";
	size_t size = sizeof(text);

	(void)state;
	for (size_t cut = 0; cut <= size; cut++) {
		for (size_t second = cut; second <= size; second += 3) {
			SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
			size_t ends[] = { cut, second, size };
			struct pair pair = make_pair();
			size_t sent = 0, frames = 0;

			for (size_t i = 0; i < 3; i++) {
				if (ends[i] > sent)
					assert_int_equal(send(pair.near, text + sent, ends[i] - sent, 0),
					                 ends[i] - sent);
				sent = ends[i];
				assert_int_equal(fill(&reader, pair.far), SR_OK);
				for (bool got = true; got;) {
					static const char *const want[] = { "{\"a\":1}", "{}",
						                            "[\"\\\"[\"]" };
					SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
					struct sr_err err;

					assert_ok(sr_frame_reader_next(&reader, &got, &frame, &err));
					if (!got)
						break;
					assert_int_equal(frame.size, strlen(want[frames]));
					assert_memory_equal(frame.text, want[frames], frame.size);
					frames++;
				}
			}
			assert_int_equal(frames, 3);
			assert_false(sr_frame_reader_is_amid(&reader));
			end_pair(pair);
		}
	}
}

static void a_frame_of_single_bytes_is_read(void **state)
{
	static const char text[] = "{\"method\":\"org.strongroom.WhoAmI\"}";
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	struct pair pair = make_pair();

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		expect_none(&reader);
		send_with(pair.near, text + i, 1, i == 0 ? 3 : 0);
		assert_int_equal(fill(&reader, pair.far), SR_OK);
	}
	expect_frame(&reader, text, 3);
	end_pair(pair);
}

static void descriptors_stay_with_their_frame(void **state)
{
	static const struct {
		const char *why;
		struct {
			const char *text;
			size_t size, descriptors;
		} sends[4];
		struct {
			const char *text;
			size_t descriptors;
		} frames[4];
	} cases[] = {
		{ "one frame", { { "{}", 3, 2 } }, { { "{}", 2 } } },
		{ "behind a frame without",
		  { { "{\"a\":1}", 8, 0 }, { "{}", 3, 2 } },
		  { { "{\"a\":1}", 0 }, { "{}", 2 } } },
		{ "before a frame without",
		  { { "{\"a\":1}", 8, 1 }, { "{}", 3, 0 } },
		  { { "{\"a\":1}", 1 }, { "{}", 0 } } },
		{ "each its own",
		  { { "[1]", 4, 1 }, { "[2]", 4, 2 }, { "[3]", 4, 3 } },
		  { { "[1]", 1 }, { "[2]", 2 }, { "[3]", 3 } } },
		{ "behind a frame's end sent apart",
		  { { "[1", 2, 1 }, { "]", 2, 0 }, { "[2", 2, 5 }, { "]", 2, 0 } },
		  { { "[1]", 1 }, { "[2]", 5 } } },
		{ "behind two in one send",
		  { { "[1]\0[2]", 8, 0 }, { "[3]", 4, 8 } },
		  { { "[1]", 0 }, { "[2]", 0 }, { "[3]", 8 } } },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		/* Once all at once, once read between the sends. */
		for (int between = 0; between < 2; between++) {
			SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
			struct pair pair = make_pair();

			print_message("case: %s\n", cases[i].why);
			for (size_t s = 0; s < 4 && cases[i].sends[s].text; s++) {
				send_with(pair.near, cases[i].sends[s].text, cases[i].sends[s].size,
				          cases[i].sends[s].descriptors);
				if (between)
					assert_int_equal(fill(&reader, pair.far), SR_OK);
			}
			for (size_t f = 0; f < 4 && cases[i].frames[f].text; f++) {
				for (int reads = 0; reads < 4; reads++)
					assert_int_equal(fill(&reader, pair.far), SR_OK);
				expect_frame(&reader, cases[i].frames[f].text,
				             cases[i].frames[f].descriptors);
			}
			end_pair(pair);
		}
	}
}

static void descriptors_amid_a_frame_are_refused_and_closed(void **state)
{
	size_t before = open_descriptors();

	(void)state;
	for (int between = 0; between < 2; between++) {
		SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
		struct pair pair = make_pair();

		send_with(pair.near, "{\"a\"", 4, 0);
		assert_int_equal(fill(&reader, pair.far), SR_OK);
		send_with(pair.near, ":1}", 4, 4);
		assert_int_equal(fill(&reader, pair.far), SR_INVALID);
		end_pair(pair);
	}
	assert_int_equal(open_descriptors(), before);
}

static void sixty_four_descriptors_pass_and_sixty_five_do_not(void **state)
{
	static const struct {
		size_t count;
		enum sr_status want;
	} cases[] = { { 1, SR_OK },  { 8, SR_OK },     { 63, SR_OK },
		      { 64, SR_OK }, { 65, SR_LIMIT }, { 253, SR_LIMIT } };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		size_t before = open_descriptors();
		SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
		struct pair pair = make_pair();

		send_with(pair.near, "{}", 3, cases[i].count);
		assert_int_equal(fill(&reader, pair.far), cases[i].want);
		if (cases[i].want == SR_OK) {
			assert_int_equal(open_descriptors(), before + 2 + cases[i].count);
			expect_frame(&reader, "{}", cases[i].count);
		}
		end_pair(pair);
		assert_int_equal(open_descriptors(), before);
	}
}

static void descriptors_close_on_exec(void **state)
{
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
	struct pair pair = make_pair();
	struct sr_err err;
	bool got;

	(void)state;
	send_with(pair.near, "{}", 3, 1);
	assert_int_equal(fill(&reader, pair.far), SR_OK);
	assert_ok(sr_frame_reader_next(&reader, &got, &frame, &err));
	assert_int_equal(fcntl(frame.descriptors.fd[0], F_GETFD), FD_CLOEXEC);
	int fd = sr_descriptors_take(&frame.descriptors, 0);
	assert_true(fd >= 0);
	assert_int_equal(sr_descriptors_take(&frame.descriptors, 0), -1);
	assert_int_equal(sr_descriptors_take(&frame.descriptors, 1), -1);
	close(fd);
	end_pair(pair);
}

/* Feed bytes that come from no socket. */
static enum sr_status feed(struct sr_frame_reader *reader, const char *text, size_t size)
{
	struct sr_descriptors none = { 0 };
	struct sr_err err;

	while (size > 0) {
		uint8_t *at;
		size_t room;

		SR_TRY(sr_frame_reader_room(reader, &at, &room, &err));
		room = room < size ? room : size;
		memcpy(at, text, room);
		SR_TRY(sr_frame_reader_took(reader, room, &none, &err));
		text += room;
		size -= room;
	}
	return SR_OK;
}

static void a_frame_may_have_8_mib_and_not_a_byte_more(void **state)
{
	size_t max = SR_LIMIT_FRAME_BYTES;
	char *text = malloc(max + 2);

	(void)state;
	memset(text, ' ', max + 2);
	for (size_t over = 0; over < 2; over++) {
		SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
		SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
		struct sr_err err;
		bool got = false;

		text[max + over] = 0;
		enum sr_status status = feed(&reader, text, max + over + 1);
		assert_int_equal(status, over ? SR_LIMIT : SR_OK);
		assert_true(reader.capacity <= max + 1);
		if (!over) {
			assert_ok(sr_frame_reader_next(&reader, &got, &frame, &err));
			assert_true(got);
			assert_int_equal(frame.size, max);
			/* The buffer went with the frame. */
			assert_true(reader.capacity <= 65536);
		}
		text[max + over] = ' ';
	}
	free(text);
}

static void a_large_frame_keeps_what_comes_behind_it(void **state)
{
	size_t size = 200000;
	char *text = calloc(1, size + 16);
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
	struct pair pair = make_pair();
	struct sr_err err;
	bool got = false;

	(void)state;
	memset(text, 'a', size);
	memcpy(text + size + 1, "[1]\0[2", 6);
	send_with(pair.near, "[0]", 4, 0);
	send_with(pair.near, text, 100000, 2);
	assert_int_equal(fill(&reader, pair.far), SR_OK);
	expect_frame(&reader, "[0]", 0);
	send_with(pair.near, text + 100000, size + 7 - 100000, 0);
	for (int i = 0; i < 200 && !got; i++) {
		assert_int_equal(fill(&reader, pair.far), SR_OK);
		assert_ok(sr_frame_reader_next(&reader, &got, &frame, &err));
	}
	assert_int_equal(frame.size, size);
	assert_memory_equal(frame.text, text, size);
	assert_int_equal(frame.descriptors.count, 2);
	expect_frame(&reader, "[1]", 0);
	expect_none(&reader);
	assert_true(sr_frame_reader_is_amid(&reader));
	end_pair(pair);
	free(text);
}

static char *repeat(const char *piece, size_t times)
{
	size_t size = strlen(piece);
	char *text = malloc(times * size + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(text + i * size, piece, size);
	text[times * size] = 0;
	return text;
}

static void costly_json_is_refused_before_it_is_whole(void **state)
{
	static const struct {
		const char *why, *piece;
		size_t times;
		enum sr_status want;
	} cases[] = {
		{ "as deep as allowed", "[", SR_LIMIT_JSON_DEPTH, SR_OK },
		{ "deeper", "[", SR_LIMIT_JSON_DEPTH + 1, SR_LIMIT },
		{ "many objects", "{},", SR_LIMIT_FRAME_CONTAINERS, SR_OK },
		{ "too many objects", "{},", SR_LIMIT_FRAME_CONTAINERS + 1, SR_LIMIT },
		{ "many values", "1,", SR_LIMIT_FRAME_VALUES, SR_OK },
		{ "too many values", "1,", SR_LIMIT_FRAME_VALUES + 1, SR_LIMIT },
		{ "brackets in a string", "\"[[[[\"", 40000, SR_OK },
		{ "escaped quotes", "\"\\\"[[\\\\\"", 40000, SR_OK },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
		char *text = repeat(cases[i].piece, cases[i].times);

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(feed(&reader, text, strlen(text)), cases[i].want);
		free(text);
	}
}

static void consumed_bytes_are_wiped(void **state)
{
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };

	(void)state;
	assert_int_equal(feed(&reader, "{\"password\":\"geheim\"}\0{\"p", 25), SR_OK);
	expect_frame(&reader, "{\"password\":\"geheim\"}", 0);
	assert_null(memmem(reader.data, reader.size, "geheim", 6));
	assert_int_equal(feed(&reader, "\":1}", 5), SR_OK);
	expect_frame(&reader, "{\"p\":1}", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_frames_are_read_however_they_are_cut),
		cmocka_unit_test(a_frame_of_single_bytes_is_read),
		cmocka_unit_test(descriptors_stay_with_their_frame),
		cmocka_unit_test(descriptors_amid_a_frame_are_refused_and_closed),
		cmocka_unit_test(sixty_four_descriptors_pass_and_sixty_five_do_not),
		cmocka_unit_test(descriptors_close_on_exec),
		cmocka_unit_test(a_frame_may_have_8_mib_and_not_a_byte_more),
		cmocka_unit_test(a_large_frame_keeps_what_comes_behind_it),
		cmocka_unit_test(costly_json_is_refused_before_it_is_whole),
		cmocka_unit_test(consumed_bytes_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
