/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where sealed archives lie.  A new archive is written nameless and appears under its name only when
 * it is whole and synced; a published archive is never changed.  Names are "<case id>-<part>"
 * (docs/FORMAT.md); the folder is the year of the case id, so a path follows from a name alone.
 *
 * Threads: a store is immutable after opening.  Processes: any number may hold it open.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"

#define SR_STORE_NAME 41 /* 36 characters of id, a hyphen, 3 digits, NUL */
#define SR_STORE_PATH 64 /* "2026/<name>.tar" and NUL */

struct sr_store;
struct sr_store_new; /* an archive that is being written */

/* @dir_fd is the vault's folder; borrowed, must stay open. */
SR_CHECKED enum sr_status sr_store_open(int dir_fd, struct sr_store **out, struct sr_err *err);
void sr_store_close(struct sr_store *store); /* NULL is allowed */
static inline void sr_store_closep(struct sr_store **store)
{
	sr_store_close(*store);
	*store = NULL;
}

/* Name of a part; SR_INVALID for no case id or a part outside 1 to SR_LIMIT_PARTS. */
SR_CHECKED enum sr_status sr_store_name(const char *case_id, unsigned part, char out[SR_STORE_NAME],
                                        struct sr_err *err);
/* True for a well-formed name. */
bool sr_store_name_is_valid(const char *name);
/* "YYYY/<name>.tar" of a well-formed name. */
void sr_store_path(const char *name, char out[SR_STORE_PATH]);

/* A nameless file for @name, open for reading and writing, mode 0400; nothing of it survives unless
 * published. */
SR_CHECKED enum sr_status sr_store_create(struct sr_store *store, const char *name, struct sr_store_new **out,
                                          struct sr_err *err);
int sr_store_new_fd(const struct sr_store_new *archive);
/* Give it its name and sync the folder.  SR_EXISTS when the name is taken: what is there stays. */
SR_CHECKED enum sr_status sr_store_publish(struct sr_store_new *archive, struct sr_err *err);
void sr_store_new_free(struct sr_store_new *archive); /* drops what was not published; NULL is allowed */
static inline void sr_store_new_freep(struct sr_store_new **archive)
{
	sr_store_new_free(*archive);
	*archive = NULL;
}

/* Take back what was published and is in no log; SR_NOT_FOUND.  Durable on SR_OK. */
SR_CHECKED enum sr_status sr_store_withdraw(struct sr_store *store, const char *name, struct sr_err *err);
/*
 * Put a published archive that nobody knows aside, into the folder SR_STORE_UNKNOWN of the vault, where
 * nothing reads it; what lies there under the same name keeps it.  @path receives where it is now.
 */
#define SR_STORE_UNKNOWN ".unknown"
SR_CHECKED enum sr_status sr_store_put_aside(struct sr_store *store, const char *name,
                                             char path[SR_STORE_PATH], struct sr_err *err);

/* File names of what was put aside, in order; and one of them, as sr_store_open_archive. */
SR_CHECKED enum sr_status sr_store_list_aside(struct sr_store *store,
                                              enum sr_status (*each)(void *context, const char *file,
                                                                     struct sr_err *err),
                                              void *context, struct sr_err *err);
SR_CHECKED enum sr_status sr_store_open_aside(struct sr_store *store, const char *file, int *fd,
                                              struct sr_err *err);

/* A published archive, read-only; the caller closes *fd. */
SR_CHECKED enum sr_status sr_store_open_archive(struct sr_store *store, const char *name, int *fd,
                                                struct sr_err *err);

/* Call @each for every published archive, in order of names; stops at the first failure.  Names starting with
 * a dot are left out; any other foreign file is passed with @foreign true and its path for a name. */
SR_CHECKED enum sr_status sr_store_list(struct sr_store *store,
                                        enum sr_status (*each)(void *context, const char *name, bool foreign,
                                                               struct sr_err *err),
                                        void *context, struct sr_err *err);

/* Remove what a crash left of unfinished archives where the file system knows no nameless files.  Only while
 * nobody writes. */
SR_CHECKED enum sr_status sr_store_sweep(struct sr_store *store, struct sr_err *err);
