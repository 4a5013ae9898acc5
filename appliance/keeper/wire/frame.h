/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of the keeper's wire (docs/WIRE.md): JSON text ended by a NUL byte on a Unix stream socket, with
 * file descriptors.  The reader is incremental and never blocks on a non-blocking socket; bytes are
 * untrusted.
 *
 * Descriptors belong to the last frame that begins in the bytes of one recvmsg.  The kernel hands them over
 * with the first byte of the message that carried them and ends the read with that message at the latest; a
 * sender puts no byte of another frame into that message.  So that frame is the one they were sent with.
 *
 * Not thread-safe.  All memory here is wiped when it is freed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/keeper/wire/frame_scan.h"

/* One read takes at most this many bytes, so that one caller's flood does not delay the others. */
#define SR_FRAME_CHUNK_BYTES 65536u

/* One whole frame.  A zeroed struct is none. */
struct sr_frame {
	uint8_t *memory; /* owned; @capacity bytes */
	size_t capacity;
	const uint8_t *text; /* within @memory */
	size_t size;         /* bytes of text, without the NUL */
	size_t weight;       /* bytes that its parsed JSON takes at most, beside the text */
	struct sr_descriptors descriptors;
};

void sr_frame_dispose(struct sr_frame *frame);
/* @to must hold none. */
void sr_frame_move(struct sr_frame *to, struct sr_frame *from);

/* Descriptors of a frame that begins at @at in the reader's data. */
struct sr_frame_batch {
	size_t at;
	struct sr_descriptors descriptors;
};

/* A zeroed struct is a reader that has read nothing. */
struct sr_frame_reader {
	uint8_t *data;
	size_t capacity;
	size_t size;    /* bytes received */
	size_t begin;   /* where the first frame not yet handed out begins */
	size_t scanned; /* no NUL is in begin..scanned */
	bool complete;  /* data[scanned] is that frame's NUL */
	struct sr_frame_scan scan;
	/* One for the frame under way, one for the last frame that began in the latest read. */
	struct sr_frame_batch batches[2];
};

void sr_frame_reader_dispose(struct sr_frame_reader *reader);

enum sr_frame_fill {
	SR_FRAME_GOT,     /* bytes came, or a whole frame waits to be taken */
	SR_FRAME_NOTHING, /* nothing there now */
	SR_FRAME_END,     /* the other side will send no more */
};

/*
 * One recvmsg from @fd, if no whole frame waits.  SR_LIMIT: a frame over SR_LIMIT_FRAME_BYTES, too deep, with
 * too many values or descriptors; SR_INVALID: descriptors inside a frame; SR_IO: the connection is broken.
 * After any failure the reader is of no more use.
 */
SR_CHECKED enum sr_status sr_frame_reader_fill(struct sr_frame_reader *reader, int fd,
                                               enum sr_frame_fill *outcome, struct sr_err *err);

/* The two halves of fill, for bytes that come from elsewhere: where to put them, and that they are there. */
SR_CHECKED enum sr_status sr_frame_reader_room(struct sr_frame_reader *reader, uint8_t **at, size_t *room,
                                               struct sr_err *err);
/* @descriptors came with these @size bytes and are taken. */
SR_CHECKED enum sr_status sr_frame_reader_took(struct sr_frame_reader *reader, size_t size,
                                               struct sr_descriptors *descriptors, struct sr_err *err);

/* Move the next whole frame to @out (which must hold none); *got says whether there was one. */
SR_CHECKED enum sr_status sr_frame_reader_next(struct sr_frame_reader *reader, bool *got,
                                               struct sr_frame *out, struct sr_err *err);

/* Bytes of a frame are there whose end is not. */
static inline bool sr_frame_reader_is_amid(const struct sr_frame_reader *reader)
{
	return !reader->complete && reader->size > reader->begin;
}

/* Descriptors that wait for their frame's end. */
static inline size_t sr_frame_reader_descriptors(const struct sr_frame_reader *reader)
{
	return reader->batches[0].descriptors.count + reader->batches[1].descriptors.count;
}
