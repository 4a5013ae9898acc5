/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/frame_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "appliance/base/limits.h"
#include "appliance/keeper/wire/wire_memory.h"

#define FLUSH_BYTES (256u << 10)   /* one turn of a connection */
#define TOGETHER_BYTES (16u << 10) /* small frames that leave with one call of the kernel */

struct sr_frame_item {
	struct sr_frame_item *next;
	bool urgent;
	struct sr_frame frame; /* or several, one behind the other, each with its NUL */
	uint64_t frames;
};

static void item_free(struct sr_frame_item *item)
{
	if (!item)
		return;
	sr_frame_dispose(&item->frame);
	free(item);
}

static struct sr_frame_item *pop(struct sr_frame_list *list)
{
	struct sr_frame_item *item = list->first;

	if (item)
		list->first = item->next;
	if (!list->first)
		list->last = NULL;
	if (item)
		item->next = NULL;
	return item;
}

static void push(struct sr_frame_list *list, struct sr_frame_item *item)
{
	if (list->last)
		list->last->next = item;
	else
		list->first = item;
	list->last = item;
}

void sr_frame_queue_dispose(struct sr_frame_queue *queue)
{
	item_free(queue->current);
	while (queue->urgent.first)
		item_free(pop(&queue->urgent));
	while (queue->usual.first)
		item_free(pop(&queue->usual));
	*queue = (struct sr_frame_queue){ 0 };
}

/* Room for @more bytes behind the item's last NUL; no unwiped copy stays behind.  False: no memory. */
static bool make_room(struct sr_frame *frame, size_t more)
{
	const size_t need = frame->size + 1 + more;
	size_t capacity = frame->capacity;
	struct sr_err ignored;
	uint8_t *memory;

	if (need <= capacity)
		return true;
	while (capacity < need)
		capacity *= 2;
	if (sr_wire_memory_new(capacity, &memory, &ignored) != SR_OK)
		return false;
	memcpy(memory, frame->memory, frame->size + 1);
	sr_wire_memory_free(frame->memory, frame->capacity);
	frame->memory = memory;
	frame->text = memory;
	frame->capacity = capacity;
	return true;
}

/* Put a small frame behind the last one that waits, if neither has descriptors. */
static bool join_last(struct sr_frame_queue *queue, const struct sr_frame *frame, bool urgent)
{
	struct sr_frame_item *last = urgent ? queue->urgent.last : queue->usual.last;
	const size_t size = frame->size + 1;

	if (!last || last->frame.descriptors.count > 0 || frame->descriptors.count > 0 ||
	    last->frame.size + 1 + size > TOGETHER_BYTES || !make_room(&last->frame, size))
		return false;
	memcpy(last->frame.memory + last->frame.size + 1, frame->memory, size);
	last->frame.size += size;
	last->frames++;
	return true;
}

enum sr_status sr_frame_queue_add(struct sr_frame_queue *queue, struct sr_frame *frame, bool urgent,
                                  struct sr_err *err)
{
	size_t size = frame->size + 1;

	if (queue->bytes > 0 && queue->bytes + size > SR_LIMIT_WIRE_OUTPUT_BYTES) {
		sr_frame_dispose(frame);
		return sr_fail(err, SR_LIMIT, "over %u bytes of answers wait for a caller who does not read",
		               SR_LIMIT_WIRE_OUTPUT_BYTES);
	}
	if (join_last(queue, frame, urgent)) {
		queue->bytes += size;
		sr_frame_dispose(frame);
		return SR_OK;
	}
	struct sr_frame_item *item = calloc(1, sizeof(*item));
	if (!item) {
		sr_frame_dispose(frame);
		return sr_fail(err, SR_NO_MEMORY, "no memory for an answer");
	}
	sr_frame_move(&item->frame, frame);
	item->urgent = urgent;
	item->frames = 1;
	push(urgent ? &queue->urgent : &queue->usual, item);
	queue->bytes += size;
	return SR_OK;
}

static void attach_descriptors(struct msghdr *message, struct cmsghdr *head,
                               const struct sr_descriptors *descriptors)
{
	size_t bytes = descriptors->count * sizeof(int);

	memset(head, 0, CMSG_SPACE(bytes));
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(head), descriptors->fd, bytes);
	message->msg_control = head;
	message->msg_controllen = CMSG_SPACE(bytes);
}

/* One sendmsg of the current frame; *sent 0 when the socket is full. */
static enum sr_status send_some(struct sr_frame_queue *queue, int fd, size_t *sent, struct sr_err *err)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(SR_LIMIT_FRAME_DESCRIPTORS_MANY * sizeof(int))];
	} control;
	struct sr_frame *frame = &queue->current->frame;
	/* The frame's memory has room for its NUL: sr_message_write_* put it there. */
	struct iovec piece = { .iov_base = frame->memory + queue->sent,
		               .iov_len = frame->size + 1 - queue->sent };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	ssize_t n;

	if (queue->sent == 0 && frame->descriptors.count > 0)
		attach_descriptors(&message, &control.head, &frame->descriptors);
	do {
		n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
		return sr_fail_errno(err, "write to the connection");
	*sent = n < 0 ? 0 : (size_t)n;
	if (*sent > 0)
		sr_descriptors_dispose(&frame->descriptors);
	return SR_OK;
}

/* A frame of which nothing was sent goes back, so that an urgent one may still come before it. */
static enum sr_status unchoose(struct sr_frame_queue *queue)
{
	struct sr_frame_item *item = queue->current;

	if (queue->sent > 0)
		return SR_OK;
	struct sr_frame_list *list = item->urgent ? &queue->urgent : &queue->usual;
	item->next = list->first;
	list->first = item;
	if (!list->last)
		list->last = item;
	queue->current = NULL;
	return SR_OK;
}

enum sr_status sr_frame_queue_flush(struct sr_frame_queue *queue, int fd, struct sr_err *err)
{
	size_t budget = FLUSH_BYTES;

	while (queue->bytes > 0 && budget > 0) {
		size_t sent = 0;

		if (!queue->current)
			queue->current = queue->urgent.first ? pop(&queue->urgent) : pop(&queue->usual);
		SR_TRY(send_some(queue, fd, &sent, err));
		if (sent == 0)
			return unchoose(queue);
		queue->sent += sent;
		queue->bytes -= sent;
		budget -= sent < budget ? sent : budget;
		if (queue->sent == queue->current->frame.size + 1) {
			queue->frames += queue->current->frames;
			item_free(queue->current);
			queue->current = NULL;
			queue->sent = 0;
		}
	}
	return SR_OK;
}
