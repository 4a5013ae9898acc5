/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/keeper/frame_pair.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/keeper/wire/frame.h"
#include "appliance/keeper/wire/frame_queue.h"
#include "appliance/keeper/wire/message.h"

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

static enum sr_status fill(struct sr_frame_reader *reader, int fd)
{
	enum sr_frame_fill outcome;
	struct sr_err err;

	return sr_frame_reader_fill(reader, fd, &outcome, &err);
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

static void queue_text(struct sr_frame_queue *queue, int number, bool urgent, size_t descriptors)
{
	struct sr_frame frame = { 0 };
	struct sr_err err;
	json_t *parameters = json_pack("{s:i}", "n", number);

	assert_ok(sr_message_write_answer(parameters, false, &frame, &err));
	json_decref(parameters);
	for (size_t i = 0; i < descriptors; i++)
		assert_ok(sr_descriptors_add(&frame.descriptors, open("/dev/null", O_RDONLY | O_CLOEXEC),
		                             &err));
	assert_ok(sr_frame_queue_add(queue, &frame, urgent, &err));
}

static void urgent_frames_go_first_and_order_is_kept(void **state)
{
	SR_CLEANUP(sr_frame_queue_dispose) struct sr_frame_queue queue = { 0 };
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	static const int order[] = { 3, 4, 1, 2 };
	struct pair pair = make_pair();
	size_t before = open_descriptors();
	struct sr_err err;

	(void)state;
	queue_text(&queue, 1, false, 2);
	queue_text(&queue, 2, false, 0);
	queue_text(&queue, 3, true, 0);
	queue_text(&queue, 4, true, 1);
	assert_ok(sr_frame_queue_flush(&queue, pair.near, &err));
	assert_int_equal(queue.bytes, 0);
	assert_int_equal(queue.frames, 4);
	/* Ours are closed once sent; the others are in the socket. */
	assert_int_equal(open_descriptors(), before);
	for (size_t i = 0; i < 4; i++) {
		char want[64];

		snprintf(want, sizeof(want), "{\"parameters\":{\"n\":%d}}", order[i]);
		for (int reads = 0; reads < 4; reads++)
			assert_int_equal(fill(&reader, pair.far), SR_OK);
		expect_frame(&reader, want, order[i] == 1 ? 2 : order[i] == 4 ? 1 : 0);
	}
	end_pair(pair);
}

/* A socket of records shows what one call of the kernel carried. */
static void small_frames_leave_together_and_those_with_descriptors_alone(void **state)
{
	SR_CLEANUP(sr_frame_queue_dispose) struct sr_frame_queue queue = { 0 };
	static const size_t frames[] = { 3, 1, 600, 1 }; /* in each record; a long one is cut at 16 KiB */
	char record[65536];
	struct sr_err err;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	for (int i = 0; i < 3; i++)
		queue_text(&queue, i, false, 0);
	queue_text(&queue, 3, false, 1);
	for (int i = 4; i < 604; i++)
		queue_text(&queue, i, false, 0);
	queue_text(&queue, 604, false, 1);
	assert_ok(sr_frame_queue_flush(&queue, ends[0], &err));
	assert_int_equal(queue.frames, 605);
	for (size_t i = 0; i < SR_COUNT(frames); i++) {
		size_t nuls = 0;

		while (nuls < frames[i]) {
			const ssize_t got = recv(ends[1], record, sizeof(record), 0);

			assert_in_range(got, 1, 16 << 10);
			assert_int_equal(record[got - 1], 0);
			for (ssize_t k = 0; k < got; k++)
				nuls += record[k] == 0;
		}
		assert_int_equal(nuls, frames[i]);
	}
	close(ends[0]);
	close(ends[1]);
}

static void a_full_socket_keeps_the_rest_for_later(void **state)
{
	SR_CLEANUP(sr_frame_queue_dispose) struct sr_frame_queue queue = { 0 };
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	struct pair pair = make_pair();
	size_t received = 0;
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 20000; i++)
		queue_text(&queue, i, false, 0);
	assert_ok(sr_frame_queue_flush(&queue, pair.near, &err));
	assert_true(queue.bytes > 0);
	while (received < 20000) {
		char want[64];
		size_t left = queue.bytes;

		assert_ok(sr_frame_queue_flush(&queue, pair.near, &err));
		assert_true(queue.bytes <= left);
		assert_int_equal(fill(&reader, pair.far), SR_OK);
		snprintf(want, sizeof(want), "{\"parameters\":{\"n\":%zu}}", received);
		expect_frame(&reader, want, 0);
		received++;
	}
	end_pair(pair);
}

static void a_queue_is_bounded_and_a_gone_reader_is_told(void **state)
{
	SR_CLEANUP(sr_frame_queue_dispose) struct sr_frame_queue queue = { 0 };
	struct pair pair = make_pair();
	char *text = repeat("x", 1u << 20);
	enum sr_status status = SR_OK;
	size_t added = 0;
	struct sr_err err;

	(void)state;
	json_t *parameters = json_pack("{s:s}", "t", text);
	while (status == SR_OK) {
		struct sr_frame frame = { 0 };

		assert_ok(sr_message_write_answer(parameters, false, &frame, &err));
		status = sr_frame_queue_add(&queue, &frame, false, &err);
		added += status == SR_OK;
	}
	assert_int_equal(status, SR_LIMIT);
	assert_int_equal(added, 7);
	close(pair.far);
	assert_int_equal(sr_frame_queue_flush(&queue, pair.near, &err), SR_IO);
	close(pair.near);
	json_decref(parameters);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urgent_frames_go_first_and_order_is_kept),
		cmocka_unit_test(small_frames_leave_together_and_those_with_descriptors_alone),
		cmocka_unit_test(a_full_socket_keeps_the_rest_for_later),
		cmocka_unit_test(a_queue_is_bounded_and_a_gone_reader_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
