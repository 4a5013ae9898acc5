/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying files that must survive: under a temporary name, synced, read back and compared, then named.  A
 * copy that was stopped leaves nothing under its name; ".new-…" files are nobody's.  No state; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

struct sr_durable_count {
	uint64_t files, bytes;       /* copied now */
	uint64_t present;            /* there already */
	uint64_t all, all_bytes;     /* both together */
	bool (*stop)(void *context); /* asked before each file; true is SR_BUSY; NULL: nobody asks */
	void *context;
};

/* The folder @name below @dir_fd, made where it is missing (mode 0700), opened. */
SR_CHECKED enum sr_status sr_durable_folder(int dir_fd, const char *name, int *out, struct sr_err *err);

/*
 * Copy @from below @from_fd to @to in the folder @to_fd, over what is there.  SR_CORRUPT when what was
 * written does not read back; SR_IO with ENOSPC on a full disk.
 */
SR_CHECKED enum sr_status sr_durable_copy(int from_fd, const char *from, int to_fd, const char *to,
                                          struct sr_durable_count *count, struct sr_err *err);

/*
 * Copy every regular file below @from_fd that @to_fd has not, folders too; names that begin with a dot are
 * left out.  Files never change: one that is there with another size is SR_TAMPERED.  @skip (may be NULL)
 * says which names of the uppermost folder to leave out.  A file that is gone when its turn comes is passed
 * over.
 */
SR_CHECKED enum sr_status sr_durable_copy_new(int from_fd, int to_fd, bool (*skip)(const char *name),
                                              struct sr_durable_count *count, struct sr_err *err);

/* The same with files that may change: they are copied when size or time differ. */
SR_CHECKED enum sr_status sr_durable_copy_changed(int from_fd, int to_fd, bool (*skip)(const char *name),
                                                  struct sr_durable_count *count, struct sr_err *err);

/* Remove a folder below @dir_fd with everything in it; what is not there is as good. */
SR_CHECKED enum sr_status sr_durable_remove(int dir_fd, const char *name, struct sr_err *err);
