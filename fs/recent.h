/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of 4 KiB that were read by themselves lately.  Whoever reads one again, through the same opening or
 * a later one, is spared opening the whole chunk around it.  Locked memory, taken as it is needed and
 * bounded; the piece that was not used for long makes room.  Wiped when the grant ends.  Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs/grants.h"

#define SR_FS_PIECE_BYTES 4096u
#define SR_FS_PIECES 4096u
#define SR_FS_RECENT_READ ((size_t)4 * SR_FS_PIECE_BYTES) /* longer reads are not kept */

struct sr_fs_recent;

/* @lockable: bytes that the process may lock; no more than half of them are taken, nor more than
 * SR_FS_PIECES. */
SR_CHECKED enum sr_status sr_fs_recent_new(uint64_t lockable, struct sr_fs_recent **out, struct sr_err *err);
void sr_fs_recent_free(struct sr_fs_recent *recent); /* wipes; NULL is allowed */

/* All of @size bytes at @at (a multiple of a piece) of node @node; false where a part of them is missing. */
bool sr_fs_recent_get(struct sr_fs_recent *recent, const struct sr_fs_grant *grant, uint32_t node,
                      uint64_t at, void *out, size_t size);
/* Keep them; nothing of a grant that has ended. */
void sr_fs_recent_put(struct sr_fs_recent *recent, const struct sr_fs_grant *grant, uint32_t node,
                      uint64_t at, const void *data, size_t size);
/* Wipe what is there of a grant that has ended. */
void sr_fs_recent_drop(struct sr_fs_recent *recent, const struct sr_fs_grant *grant);
