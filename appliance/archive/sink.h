/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output of the writer: bytes are gathered into aligned blocks and written around the page cache
 * (O_DIRECT) where the file system takes that.  Private to archive/.  One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

#define SR_SINK_ALIGN 4096u        /* of offsets, sizes and memory in direct writes */
#define SR_SINK_BYTES (256u << 10) /* gathered before a write */

struct sr_sink;

/* @fd is borrowed: a regular file, empty, open for writing. */
SR_CHECKED enum sr_status sr_sink_open(int fd, struct sr_sink **out, struct sr_err *err);
void sr_sink_close(struct sr_sink *sink); /* writes nothing; O_DIRECT is off afterwards; NULL is allowed */
static inline void sr_sink_closep(struct sr_sink **sink)
{
	sr_sink_close(*sink);
	*sink = NULL;
}

/* Ask for @bytes of disk at once: a disk that is too full says so now, and the file lies in one piece.
 * sr_sink_finish gives back what was too much. */
SR_CHECKED enum sr_status sr_sink_reserve(struct sr_sink *sink, uint64_t bytes, struct sr_err *err);

SR_CHECKED enum sr_status sr_sink_write(struct sr_sink *sink, const void *data, size_t size,
                                        struct sr_err *err);

/*
 * The same for bytes that the sink may write from where they are: up to SR_SINK_ALIGN - 1 bytes before
 * @data are overwritten.  Where address and offset in the file agree modulo SR_SINK_ALIGN nothing but
 * the ends is copied; otherwise all of it is, as in sr_sink_write.
 */
SR_CHECKED enum sr_status sr_sink_write_lent(struct sr_sink *sink, uint8_t *data, size_t size,
                                             struct sr_err *err);

/* Bytes written so far: the offset of the next one. */
uint64_t sr_sink_offset(const struct sr_sink *sink);

/* Write the rest, cut the file to its length and sync it.  O_DIRECT is off afterwards. */
SR_CHECKED enum sr_status sr_sink_finish(struct sr_sink *sink, struct sr_err *err);
