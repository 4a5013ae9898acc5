/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on their way out of one connection: ordinary ones in order, urgent ones before them, never inside
 * another.  A frame with descriptors is its own sendmsg, with them at its first byte; small ones without
 * leave together.  Not thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/frame.h"

struct sr_frame_item;

struct sr_frame_list {
	struct sr_frame_item *first, *last;
};

/* A zeroed struct is an empty queue. */
struct sr_frame_queue {
	struct sr_frame_item *current; /* begun and not at its end */
	size_t sent;                   /* bytes of it */
	struct sr_frame_list urgent, usual;
	size_t bytes;    /* not yet sent, NULs counted */
	uint64_t frames; /* sent whole, ever */
};

void sr_frame_queue_dispose(struct sr_frame_queue *queue);

/*
 * Takes @frame, as sr_message_write_* made it, in every case.  SR_LIMIT when more than
 * SR_LIMIT_WIRE_OUTPUT_BYTES would wait; one frame may always wait alone.
 */
SR_CHECKED enum sr_status sr_frame_queue_add(struct sr_frame_queue *queue, struct sr_frame *frame,
                                             bool urgent, struct sr_err *err);

/*
 * Send what the non-blocking socket takes, some hundred KiB a call; queue->bytes says what is left.
 * SR_IO: the other side is gone.
 */
SR_CHECKED enum sr_status sr_frame_queue_flush(struct sr_frame_queue *queue, int fd, struct sr_err *err);
