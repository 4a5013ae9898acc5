/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "appliance/base/limits.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/wire/wire_memory.h"

#define SMALLEST_BYTES 4096u /* a quiet connection's buffer */
#define BUFFER_MAX (SR_LIMIT_FRAME_BYTES + 1u)
#define CONTROL_BYTES CMSG_SPACE(SR_LIMIT_FRAME_DESCRIPTORS_MANY * sizeof(int))

void sr_frame_dispose(struct sr_frame *frame)
{
	sr_wire_memory_free(frame->memory, frame->capacity);
	sr_descriptors_dispose(&frame->descriptors);
	frame->memory = NULL;
	frame->text = NULL;
	frame->capacity = frame->size = frame->weight = 0;
}

void sr_frame_move(struct sr_frame *to, struct sr_frame *from)
{
	*to = *from;
	*from = (struct sr_frame){ 0 };
}

void sr_frame_reader_dispose(struct sr_frame_reader *reader)
{
	sr_wire_memory_free(reader->data, reader->capacity);
	for (size_t i = 0; i < 2; i++)
		sr_descriptors_dispose(&reader->batches[i].descriptors);
	*reader = (struct sr_frame_reader){ 0 };
}

/* The data from @from on becomes the beginning of the buffer. */
static void shift(struct sr_frame_reader *reader, size_t from)
{
	reader->size -= from;
	reader->begin -= from;
	reader->scanned -= from;
	for (size_t i = 0; i < 2; i++) {
		if (reader->batches[i].descriptors.count > 0)
			reader->batches[i].at -= from;
	}
}

/* Own growth instead of realloc, which would leave an unwiped copy behind. */
static enum sr_status resize(struct sr_frame_reader *reader, size_t capacity, struct sr_err *err)
{
	uint8_t *data;

	SR_TRY(sr_wire_memory_new(capacity, &data, err));
	if (reader->size > 0)
		memcpy(data, reader->data, reader->size);
	sr_wire_memory_free(reader->data, reader->capacity);
	reader->data = data;
	reader->capacity = capacity;
	return SR_OK;
}

enum sr_status sr_frame_reader_room(struct sr_frame_reader *reader, uint8_t **at, size_t *room,
                                    struct sr_err *err)
{
	if (reader->begin > 0) {
		size_t old = reader->size;

		memmove(reader->data, reader->data + reader->begin, reader->size - reader->begin);
		shift(reader, reader->begin);
		sr_wipe(reader->data + reader->size, old - reader->size);
	}
	if (reader->size == 0 && reader->capacity > SR_FRAME_CHUNK_BYTES) {
		sr_wire_memory_free(reader->data, reader->capacity);
		reader->data = NULL;
		reader->capacity = 0;
	}
	if (reader->capacity == reader->size) {
		size_t want = reader->capacity == 0 ? SMALLEST_BYTES : 2 * reader->capacity;

		SR_TRY(resize(reader, want < BUFFER_MAX ? want : BUFFER_MAX, err));
	}
	*at = reader->data + reader->size;
	*room = reader->capacity - reader->size;
	if (*room > SR_FRAME_CHUNK_BYTES)
		*room = SR_FRAME_CHUNK_BYTES;
	return SR_OK;
}

/* Look for the end of the frame under way in what was not yet looked at. */
static enum sr_status search(struct sr_frame_reader *reader, struct sr_err *err)
{
	size_t left = reader->size - reader->scanned;

	if (reader->complete || left == 0)
		return SR_OK;
	const uint8_t *from = reader->data + reader->scanned;
	const uint8_t *end = memchr(from, 0, left);
	size_t size = end ? (size_t)(end - from) : left;

	SR_TRY(sr_frame_scan_add(&reader->scan, from, size, err));
	reader->scanned += size;
	reader->complete = end != NULL;
	if (reader->scanned - reader->begin > SR_LIMIT_FRAME_BYTES)
		return sr_fail(err, SR_LIMIT, "a frame of over %u bytes", SR_LIMIT_FRAME_BYTES);
	return SR_OK;
}

/* Find the last frame that begins among the last @size bytes received. */
static bool last_beginning(const struct sr_frame_reader *reader, size_t size, size_t *at)
{
	size_t old = reader->size - size;
	const uint8_t *end = size > 1 ? memrchr(reader->data + old, 0, size - 1) : NULL;

	*at = end ? (size_t)(end - reader->data) + 1 : old;
	return end || old == reader->begin;
}

static enum sr_status attach(struct sr_frame_reader *reader, size_t size, struct sr_descriptors *descriptors,
                             struct sr_err *err)
{
	size_t at;

	if (size == 0 || !last_beginning(reader, size, &at)) {
		sr_descriptors_dispose(descriptors);
		return sr_fail(err, SR_INVALID, "descriptors must come with the first byte of a frame");
	}
	for (size_t i = 0; i < 2; i++) {
		if (reader->batches[i].descriptors.count > 0)
			continue;
		reader->batches[i].at = at;
		sr_descriptors_move(&reader->batches[i].descriptors, descriptors);
		return SR_OK;
	}
	sr_descriptors_dispose(descriptors);
	return sr_fail(err, SR_INVALID, "descriptors come twice with a frame");
}

enum sr_status sr_frame_reader_took(struct sr_frame_reader *reader, size_t size,
                                    struct sr_descriptors *descriptors, struct sr_err *err)
{
	reader->size += size;
	if (descriptors->count > 0)
		SR_TRY(attach(reader, size, descriptors, err));
	return search(reader, err);
}

enum sr_status sr_frame_reader_fill(struct sr_frame_reader *reader, int fd, enum sr_frame_fill *outcome,
                                    struct sr_err *err)
{
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES];
	struct iovec piece = { 0 };
	struct sr_descriptors descriptors = { 0 };
	uint8_t *at;
	ssize_t got;

	*outcome = SR_FRAME_GOT;
	SR_TRY(search(reader, err));
	if (reader->complete)
		return SR_OK;
	SR_TRY(sr_frame_reader_room(reader, &at, &piece.iov_len, err));
	piece.iov_base = at;
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control };
	do {
		message.msg_controllen = sizeof(control);
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		*outcome = SR_FRAME_NOTHING;
		return SR_OK;
	}
	if (got < 0)
		return sr_fail_errno(err, "read from the connection");
	SR_TRY(sr_descriptors_receive(&descriptors, &message, err));
	if (got == 0)
		*outcome = SR_FRAME_END;
	return sr_frame_reader_took(reader, (size_t)got, &descriptors, err);
}

/* A small frame is copied. */
static enum sr_status copy_out(const struct sr_frame_reader *reader, size_t size, struct sr_frame *out,
                               struct sr_err *err)
{
	SR_TRY(sr_wire_memory_new(size, &out->memory, err));
	out->capacity = size;
	if (size > 0)
		memcpy(out->memory, reader->data + reader->begin, size);
	out->text = out->memory;
	return SR_OK;
}

/* A large one keeps the buffer; the little behind it (less than one read) gets a new one. */
static enum sr_status hand_over(struct sr_frame_reader *reader, struct sr_frame *out, struct sr_err *err)
{
	size_t end = reader->scanned + 1;
	size_t tail = reader->size - end;
	size_t capacity = tail > SMALLEST_BYTES ? tail : SMALLEST_BYTES;
	uint8_t *data;

	SR_TRY(sr_wire_memory_new(capacity, &data, err));
	memcpy(data, reader->data + end, tail);
	out->memory = reader->data;
	out->capacity = reader->capacity;
	out->text = reader->data + reader->begin;
	reader->data = data;
	reader->capacity = capacity;
	return SR_OK;
}

static void take_batch(struct sr_frame_reader *reader, struct sr_frame *out)
{
	for (size_t i = 0; i < 2; i++) {
		if (reader->batches[i].descriptors.count > 0 && reader->batches[i].at == reader->begin)
			sr_descriptors_move(&out->descriptors, &reader->batches[i].descriptors);
	}
}

enum sr_status sr_frame_reader_next(struct sr_frame_reader *reader, bool *got, struct sr_frame *out,
                                    struct sr_err *err)
{
	*got = false;
	SR_TRY(search(reader, err));
	if (!reader->complete)
		return SR_OK;

	size_t size = reader->scanned - reader->begin;
	size_t end = reader->scanned + 1;
	bool large = size >= SR_FRAME_CHUNK_BYTES;
	SR_TRY(large ? hand_over(reader, out, err) : copy_out(reader, size, out, err));
	out->size = size;
	out->weight = sr_frame_scan_weight(&reader->scan);
	take_batch(reader, out);
	if (!large)
		sr_wipe(reader->data + reader->begin, size);
	reader->begin = reader->scanned = end;
	if (large)
		shift(reader, end);
	reader->complete = false;
	reader->scan = (struct sr_frame_scan){ 0 };
	*got = true;
	return SR_OK;
}
