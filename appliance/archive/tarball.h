/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tar that is being written: libarchive makes the headers, the sink takes the bytes.  Entries follow one
 * another; every header has the fixed fields of docs/FORMAT.md.  Private to archive/.  One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/sink.h"
#include "appliance/base/err.h"

struct sr_tarball;

/* @folder: the name before every entry's; @time_s: every mtime.  @sink is borrowed. */
SR_CHECKED enum sr_status sr_tarball_open(struct sr_sink *sink, const char *folder, int64_t time_s,
                                          struct sr_tarball **out, struct sr_err *err);
/* Forget it; what was not closed with sr_tarball_end stays incomplete.  NULL is allowed. */
void sr_tarball_free(struct sr_tarball *tar);
static inline void sr_tarball_freep(struct sr_tarball **tar)
{
	sr_tarball_free(*tar);
	*tar = NULL;
}

/* Begin an entry of exactly @size bytes; the one before is padded first. */
SR_CHECKED enum sr_status sr_tarball_begin(struct sr_tarball *tar, const char *name, uint64_t size,
                                           struct sr_err *err);
SR_CHECKED enum sr_status sr_tarball_add(struct sr_tarball *tar, const void *data, size_t size,
                                         struct sr_err *err);
/* As sr_sink_write_lent: bytes before @data may be overwritten. */
SR_CHECKED enum sr_status sr_tarball_add_lent(struct sr_tarball *tar, uint8_t *data, size_t size,
                                              struct sr_err *err);
/* A whole entry. */
SR_CHECKED enum sr_status sr_tarball_put(struct sr_tarball *tar, const char *name, const void *data,
                                         size_t size, struct sr_err *err);
/* Offset in the file behind the last entry and its padding; call between entries. */
SR_CHECKED enum sr_status sr_tarball_offset(struct sr_tarball *tar, uint64_t *out, struct sr_err *err);
/* Write the two zero blocks. */
SR_CHECKED enum sr_status sr_tarball_end(struct sr_tarball *tar, struct sr_err *err);
